// Files of word vectors and of tokenizers, opened by themselves and through their dialogs: what is broken is a sentence that says
// what and where, and what was there stays.
#include "app/vector_files.h"

#include <QFile>
#include <QFileDialog>
#include <QSignalSpy>
#include <QTemporaryDir>

#include "tests/gui/program.h"

using namespace lw;

namespace {

std::vector<std::string> names(const WordVectors* facts) {
    std::vector<std::string> all;
    for (const VectorTable& table : facts->tables()) all.push_back(table.name);
    return all;
}

QFileDialog* openDialog() {
    QFileDialog* found = nullptr;
    REQUIRE(eventually([&] {
        for (QWidget* widget : QApplication::topLevelWidgets()) {
            if (auto* dialog = qobject_cast<QFileDialog*>(widget); dialog && dialog->isVisible()) found = dialog;
        }
        return found != nullptr;
    }));
    return found;
}

void chooseFile(const QString& path) {
    QFileDialog* dialog = openDialog();
    Q_EMIT dialog->fileSelected(path);
    dialog->close();
    REQUIRE(eventually([] {
        for (QWidget* widget : QApplication::topLevelWidgets())
            if (qobject_cast<QFileDialog*>(widget)) return false;
        return true;
    }));
}

constexpr const char* good = "cat 1 0\ndog 0.9 0.1\ncar 0 1\n";
constexpr const char* broken = "cat 1 0\ndog 0.9\ncar 0 1\n";

}  // namespace

TEST_CASE("word vectors that come with the program are read when they are first asked for", "[vectors]") {
    VectorFiles files;
    CHECK(files.facts()->tables().empty());
    files.want();
    REQUIRE(files.facts()->tables().size() == 1);
    CHECK_FALSE(files.facts()->tables().front().words);  // not yet
    REQUIRE(eventually([&] { return files.facts()->complete(); }));
    const VectorTable& table = files.facts()->tables().front();
    CHECK(table.problem.empty());
    REQUIRE(table.words);
    CHECK(table.rows.rows() == static_cast<Eigen::Index>(table.words->size()));
    CHECK(table.rows.cols() == 25);
    QSignalSpy changed(files.facts(), &WordVectors::changed);
    files.want();  // known
    QTest::qWait(30);
    CHECK(changed.isEmpty());
}

TEST_CASE("an opened file stands first; opened again it replaces itself; a broken one leaves what was there", "[vectors]") {
    QTemporaryDir folder;
    VectorFiles files;
    QSignalSpy failed(&files, &VectorFiles::failed);
    files.open(written(folder, "own.txt", good));
    REQUIRE(eventually([&] { return files.facts()->complete() && files.facts()->tables().size() == 2; }));
    CHECK(names(files.facts()) == std::vector<std::string>{"own.txt", "GloVe (Twitter, 25 numbers)"});
    const auto words = files.facts()->tables().front().words;
    REQUIRE(words);
    CHECK(*words == std::vector<std::string>{"cat", "dog", "car"});
    CHECK(RowVector(files.facts()->tables().front().rows.row(1)) == (RowVector(2) << 0.9f, 0.1f).finished());

    const QString bad = written(folder, "own.txt", broken);  // the same name
    files.open(bad);
    REQUIRE(eventually([&] { return failed.size() == 1; }));
    const std::string sentence = failed.front().front().value<Error>().message;
    INFO(sentence);
    CHECK(contains(sentence, "own.txt"));
    CHECK(contains(sentence, "line 2"));
    CHECK(sentence.ends_with("."));
    CHECK(files.facts()->tables().front().words == words);  // the old ones stay
    files.open(folder.filePath("none.txt"));
    REQUIRE(eventually([&] { return failed.size() == 2; }));
    CHECK(contains(failed.back().front().value<Error>().message, "none.txt"));
    CHECK(files.facts()->tables().size() == 2);

    files.open(written(folder, "own.txt", "one 1 2 3\n"));
    REQUIRE(eventually([&] { return files.facts()->tables().front().words != words; }));
    CHECK(names(files.facts()) == std::vector<std::string>{"own.txt", "GloVe (Twitter, 25 numbers)"});
    CHECK(files.facts()->tables().front().rows.cols() == 3);
}

TEST_CASE("of two files that are opened the newer wins, and an end in the middle of reading is no trouble", "[vectors]") {
    QTemporaryDir folder;
    QByteArray large;
    for (int i = 0; i < 60'000; ++i) large += "word" + QByteArray::number(i) + " 0.25 0.5 0.75 1 2 3 4 5\n";
    const QString slow = written(folder, "slow.txt", large);
    VectorFiles files;
    QSignalSpy failed(&files, &VectorFiles::failed);
    files.open(slow);
    files.open(written(folder, "quick.txt", good));
    REQUIRE(eventually([&] { return files.facts()->complete() && files.facts()->tables().size() == 2; }));
    QTest::qWait(300);
    CHECK(names(files.facts()) == std::vector<std::string>{"quick.txt", "GloVe (Twitter, 25 numbers)"});
    CHECK(failed.isEmpty());  // cancelled is no failure
    files.open(slow);
}

TEST_CASE("word vectors through the dialog: good, broken, and the dialog closed", "[vectors]") {
    QTemporaryDir folder;
    Program program;
    program.showView("embeddings");
    Intents& intents = *program.workspace().intents();
    const WordVectors* facts = program.workspace().vectors()->facts();
    Q_EMIT intents.openVectors();
    chooseFile(written(folder, "pets.txt", good));
    REQUIRE(eventually([&] { return facts->complete() && facts->tables().size() == 2; }));
    CHECK(facts->tables().front().name == "pets.txt");
    CHECK(program.problem().isEmpty());
    Q_EMIT intents.openVectors();
    chooseFile(written(folder, "broken.vec", broken));
    REQUIRE(eventually([&] { return !program.problem().isEmpty(); }));
    INFO(program.problem().toStdString());
    CHECK(program.problem().contains("broken.vec"));
    CHECK(program.problem().contains("line 2"));
    CHECK(facts->tables().size() == 2);
    CHECK(facts->tables().front().name == "pets.txt");
    Q_EMIT intents.openVectors();
    openDialog()->reject();
    QTest::qWait(50);
    CHECK(facts->tables().size() == 2);
    program.step(StepKind::Greedy);  // and the program goes on
}

TEST_CASE("a tokenizer through the dialog: good, broken in several ways, and the dialog closed", "[vectors]") {
    QTemporaryDir folder;
    Program program;
    program.showView("tokenizer");
    const TokenizerShelf* shelf = program.workspace().tokenizers()->shelf();
    REQUIRE(eventually([&] { return shelf->complete(); }, 60000));
    const std::size_t before = shelf->rows().size();
    const QByteArray json = R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}})";
    Intents& intents = *program.workspace().intents();
    Q_EMIT intents.openTokenizer();
    chooseFile(written(folder, "small.json", json));
    REQUIRE(eventually([&] { return shelf->rows().size() == before + 1; }));
    CHECK(shelf->rows().front().name == "small.json");
    struct Broken {
        QByteArray bytes;
        std::vector<const char*> words;
    };
    const std::vector<Broken> all{
        {json.left(40), {"byte"}},
        {QByteArray(json).replace("\"ab\":2", "\"ab\":\"two\""), {"model.vocab[\"ab\"]"}},
        {QByteArray(json).replace("BPE", "Riddle"), {"of the kind Riddle", "BPE"}},
        {QByteArray(json).replace("a b\"]", "a c\"]"), {"Merge 0", "\"c\""}},
        {"", {"small"}},
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
        program.window().messages()->remove(QStringLiteral("problem"));
        const QByteArray name = "small" + QByteArray::number(static_cast<int>(i)) + ".json";
        Q_EMIT intents.openTokenizer();
        chooseFile(written(folder, name, all[i].bytes));
        REQUIRE(eventually([&] { return !program.problem().isEmpty(); }));
        const std::string sentence = program.problem().toStdString();
        CAPTURE(sentence);
        CHECK(contains(sentence, name.toStdString()));
        for (const char* word : all[i].words) CHECK(contains(sentence, word));
        CHECK(sentence.ends_with("."));
        CHECK(shelf->rows().size() == before + 1);
    }
    Q_EMIT intents.openTokenizer();
    openDialog()->reject();
    QTest::qWait(50);
    CHECK(shelf->rows().size() == before + 1);
}
