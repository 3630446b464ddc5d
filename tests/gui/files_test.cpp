// Opening what is broken, foreign or missing: one sentence, and the old state stays.
#include <QDragEnterEvent>
#include <QFile>
#include <QMimeData>
#include <QTemporaryDir>

#include "core/bundled.h"
#include "tests/gui/program.h"

using namespace lw;

namespace {

QByteArray bundledBytes() {
    QFile file(QString::fromStdString((resourcesFolder() / "models/stories260K.gguf").string()));
    REQUIRE(file.open(QIODevice::ReadOnly));
    return file.readAll();
}

}  // namespace

TEST_CASE("what cannot be opened leaves the old model open", "[files]") {
    QTemporaryDir folder;
    Program program;
    const auto model = program.workspace().model();
    const ShownPtr shown = program.workspace().shown();
    const QByteArray whole = bundledBytes();
    const QStringList paths{QStringLiteral("/no/such/model.gguf"),
                            written(folder, "half.gguf", whole.left(whole.size() / 2)),
                            written(folder, "nonsense.gguf", "GGUFnonsense"),
                            written(folder, "lying.safetensors", QByteArray(8, '\x7f')),
                            written(folder, "bytes.dat", QByteArray("ab\xff\xfe", 4)),
                            written(folder, "cut.walk", "{\"format\": \"layerwalk-ses"),
                            written(folder, "foreign.walk", "{\"a\": 1}"),
                            written(folder, "list.walk", "[1, 2]"),
                            folder.path()};
    const int which = GENERATE(range(0, 9));
    const QString path = paths[which];
    INFO(path.toStdString());
    program.window().openPath(path);
    REQUIRE(eventually([&] { return !program.problem().isEmpty(); }));
    WARN(program.problem().toStdString());
    CHECK(program.problem().endsWith('.'));
    CHECK_FALSE(program.problem().contains('\n'));
    CHECK(program.workspace().model() == model);
    CHECK(program.workspace().shown() == shown);
    CHECK_FALSE(program.workspace().stale());
    program.step(StepKind::Greedy);  // and it still works
}

TEST_CASE("a text file, a model file and a folder are opened by what they are", "[files]") {
    QTemporaryDir folder;
    Program program;
    program.window().openPath(written(folder, "text.txt", "Tom had a dog"));
    program.waitUntilComplete();
    CHECK(program.workspace().text() == "Tom had a dog");
    program.window().openPath(written(folder, "own.gguf", bundledBytes()));
    REQUIRE(eventually(
        [&] { return program.workspace().model()->name == "own" && program.workspace().shown()->modelName == "own"; }));
    program.waitUntilComplete();
    CHECK(program.workspace().text() == "Tom had a dog");  // a person's text stays
    program.window().openPath(QString::fromStdString((resourcesFolder() / "models/gpt-nano-sort").string()));
    REQUIRE(eventually([&] { return program.workspace().model()->model->info().layers() == 3; }));
}

TEST_CASE("drag and drop of a file and of a text", "[files]") {
    QTemporaryDir folder;
    Program program;
    const auto drop = [&](QMimeData& data) {
        // As from a file manager: over the stage first, which lets the window take it.
        QDragEnterEvent enter(QPoint(700, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(program.window().stage(), &enter);
        CHECK(enter.isAccepted());
        QDropEvent event(QPointF(700, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&program.window(), &event);
        program.waitUntilComplete();
    };
    QMimeData text;
    text.setText("Lily and Tom");
    drop(text);
    CHECK(program.workspace().text() == "Lily and Tom");
    CHECK(program.prompt().text() == "Lily and Tom");
    QMimeData file;
    file.setUrls({QUrl::fromLocalFile(written(folder, "dropped.txt", "A dropped text"))});
    drop(file);
    CHECK(program.workspace().text() == "A dropped text");
}

TEST_CASE("the newest of several openings wins", "[files]") {
    Program program;
    program.workspace().openModel("gpt-nano-sort");
    program.workspace().openModel("stories260K");
    program.workspace().openModel("gpt-nano-sort");
    REQUIRE(eventually([&] { return !program.workspace().busy() && program.workspace().shown()->modelName == "gpt-nano-sort"; }));
}

TEST_CASE("a text the new model cannot read is a sentence, and the last picture stays", "[files]") {
    Program program("Tom ran home");
    program.workspace().openModel("gpt-nano-sort");
    REQUIRE(eventually([&] { return !program.workspace().busy(); }));
    QTest::qWait(50);
    REQUIRE(program.workspace().shown());
    for (const ViewRow& row : viewRows()) program.window().stage()->showView(QLatin1String(row.id));
    Q_EMIT program.workspace().intents()->setPrompt("CBABBC");
    REQUIRE(
        eventually([&] { return program.workspace().shown()->modelName == "gpt-nano-sort" && !program.workspace().stale(); }));
}
