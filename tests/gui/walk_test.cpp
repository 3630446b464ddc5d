// What a person does in passing: guess, point with the spotlight, read the help, change the unit, find a model again, paste.
#include <QClipboard>
#include <QDialog>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTextBrowser>

#include <cmath>

#include "app/window/model_menu.h"
#include "app/window/spotlight.h"
#include "core/bundled.h"
#include "tests/gui/program.h"

using namespace lw;

namespace {

constexpr const char* text = "Once upon a time, there was a little girl named Lily. She";

// An environment variable for as long as it lives.
class Environment {
public:
    Environment(const char* name, const QString& value)
        : m_name(name), m_before(qgetenv(name)), m_was(qEnvironmentVariableIsSet(name)) {
        qputenv(name, value.toUtf8());
    }
    ~Environment() {
        if (m_was) {
            qputenv(m_name, m_before);
        } else {
            qunsetenv(m_name);
        }
    }

private:
    const char* m_name;
    QByteArray m_before;
    bool m_was;
};

PictureWidget* pictureNamed(const QWidget* in, const QString& name) {
    for (PictureWidget* picture : in->findChildren<PictureWidget*>()) {
        if (picture->accessibleName() == name) return picture;
    }
    return nullptr;
}

const Spot* firstNumber(const PictureWidget& picture) {
    for (const Spot& spot : picture.picture().spots) {
        const bool onTop = picture.picture().at(spot.rect.x + spot.rect.w / 2, spot.rect.y + spot.rect.h / 2) == &spot;
        if (spot.value && !spot.raster && !spot.says.empty() && onTop) return &spot;
    }
    return nullptr;
}

std::string saysIn(const QWidget* widget) {
    std::string all;
    for (const PictureWidget* picture : widget->findChildren<PictureWidget*>()) {
        for (const Spot& spot : picture->picture().spots) all += spot.says + "\n";
    }
    return all;
}

}  // namespace

TEST_CASE("a number is covered, guessed and uncovered with the distance, in every view", "[guess]") {
    Program program(text);
    for (const ViewRow& row : viewRows()) {
        if (!program.workspace().shown()->trace->model().has(row.needs)) continue;  // a sentence stands there
        program.showView(row.id);
        INFO(row.id);
        PictureWidget* picture = nullptr;
        for (PictureWidget* candidate : program.window().stage()->activeView()->findChildren<PictureWidget*>()) {
            if (!picture && candidate->isVisible() && firstNumber(*candidate)) picture = candidate;
        }
        if (!picture) {
            // Their pictures are of words: nodes of the tree before a step was taken, merges.
            const std::string id = row.id;
            CHECK((id == "generation" || id == "tokenizer"));
            continue;
        }
        const Spot spot = *firstNumber(*picture);
        picture->ensureVisible(spot.rect);
        const QPoint at = picture->toWidget(spot.rect.x + spot.rect.w / 2, spot.rect.y + spot.rect.h / 2);
        picture->cover(spot);
        CHECK(picture->isCovered(spot));
        const Locus before = program.place();
        QTest::mouseClick(picture->viewport(), Qt::LeftButton, {}, at);
        CHECK(program.place() == before);  // a covered number does not give itself away
        auto* field = picture->viewport()->findChild<QLineEdit*>();
        REQUIRE(field);
        QTest::keyClicks(field, "0.5");
        QTest::keyClick(field, Qt::Key_Return);
        CHECK_FALSE(picture->isCovered(spot));
        INFO(picture->lastJudgement().toStdString());
        CHECK(picture->lastJudgement().contains(QString::fromStdString(printNumber(*spot.value))));
    }
}

TEST_CASE("the spotlight follows the pointer and lets clicks through", "[projector]") {
    Program program(text);
    auto* spotlight = program.window().findChild<Spotlight*>();
    REQUIRE(spotlight);
    CHECK_FALSE(spotlight->isVisible());
    program.leaveText();
    program.key(Qt::Key_P);
    REQUIRE(spotlight->isVisible());
    CHECK(spotlight->geometry() == program.window().rect());
    program.window().resize(1500, 950);
    REQUIRE(eventually([&] { return spotlight->geometry() == program.window().rect(); }));
    CHECK(spotlight->testAttribute(Qt::WA_TransparentForMouseEvents));
    program.waitUntilComplete();
    REQUIRE(clickSpot(program.window().strip(), [](const Spot& s) { return s.place.position == Position(4); }));
    CHECK(program.place().position == Position(4));
    program.key(Qt::Key_P);
    CHECK_FALSE(spotlight->isVisible());
}

TEST_CASE("help names the view, the keys and the parts of a place; a sample is traced by a click", "[help]") {
    Program program;
    program.leaveText();
    program.key(Qt::Key_F1);
    auto* help = program.window().findChild<QDialog*>(QStringLiteral("help"));
    REQUIRE(help);
    REQUIRE(help->isVisible());
    const auto pages = help->findChildren<QTextBrowser*>();
    REQUIRE(pages.size() == 3);
    auto* tabs = help->findChild<QTabWidget*>();
    REQUIRE(tabs);
    for (const ViewRow& row : viewRows()) {
        program.showView(row.id);
        auto* page = qobject_cast<QTextBrowser*>(tabs->widget(0));
        REQUIRE(page);
        INFO(row.id);
        CHECK(page->toPlainText().contains(QString::fromUtf8(row.title)));
        CHECK(page->toPlainText().size() > 150);
        CHECK(page->toHtml().contains(QStringLiteral("sample:")));
    }
    auto* keys = qobject_cast<QTextBrowser*>(tabs->widget(1));
    REQUIRE(keys);
    CHECK(keys->toPlainText().contains(QStringLiteral("Roll the dice")));
    const QString before = program.workspace().text();
    auto* page = qobject_cast<QTextBrowser*>(tabs->widget(0));
    Q_EMIT page->anchorClicked(QUrl(QStringLiteral("sample:Tom%20%26%20Lily")));
    REQUIRE(eventually([&] { return program.workspace().text() != before; }));
    CHECK(program.workspace().text() == QStringLiteral("Tom & Lily"));
    program.waitUntilComplete();
    help->close();
}

TEST_CASE("nats and bits", "[settings]") {
    Program program(text);
    program.showView("logit-lens");
    CHECK(contains(saysIn(program.window().strip()), " nats"));
    CHECK(contains(textsIn(program.window().stage()->activeView()), " nats"));
    const Spot* entropy = nullptr;
    PictureWidget* cell =
        pictureNamed(program.window().stage()->activeView(), QStringLiteral("One cell: its most probable tokens"));
    REQUIRE(cell);
    entropy = firstNumber(*cell);
    REQUIRE(entropy);
    const double nats = *entropy->value;
    program.workspace().setUnit(InformationUnit::Bits);
    program.waitUntilComplete();
    CHECK(contains(saysIn(program.window().strip()), " bits"));
    CHECK_FALSE(contains(saysIn(program.window().strip()), " nats"));
    CHECK(contains(textsIn(program.window().stage()->activeView()), " bits"));
    CHECK(*firstNumber(*cell)->value == Approx(nats / std::log(2.0)));
}

TEST_CASE("the models menu: bundled, recent, the models folder and its path", "[files]") {
    QTemporaryDir folder;
    const Environment config("LAYERWALK_CONFIG", folder.filePath("config"));
    const Environment models("LAYERWALK_MODELS", folder.filePath("models"));
    REQUIRE(QDir().mkpath(folder.filePath("models")));
    const QString source = QStringLiteral(LAYERWALK_TEST_DATA "/stories260K/stories260K-Q8_0.gguf");
    REQUIRE(QFile::copy(source, folder.filePath("models/little one.gguf")));
    REQUIRE(QFile::copy(source, folder.filePath("elsewhere.gguf")));
    Program program(text, {}, true);
    ModelMenu* menu = program.window().topBar()->modelMenu();
    const auto actionWith = [&](const QString& label) -> QAction* {
        Q_EMIT menu->aboutToShow();
        for (QAction* action : menu->actions()) {
            if (action->text().contains(label)) return action;
        }
        return nullptr;
    };
    CHECK(actionWith("stories260K"));
    CHECK(actionWith("gpt-nano-sort"));
    CHECK(actionWith(folder.filePath("models")));  // the path itself is shown
    CHECK_FALSE(actionWith("elsewhere.gguf"));
    program.window().openPath(folder.filePath("elsewhere.gguf"));
    REQUIRE(eventually([&] { return program.workspace().model()->path == folder.filePath("elsewhere.gguf").toStdString(); }));
    program.waitUntilComplete();
    REQUIRE(actionWith("elsewhere.gguf"));
    CHECK(actionWith("elsewhere.gguf")->isChecked());
    REQUIRE(actionWith("little one.gguf"));
    actionWith("little one.gguf")->trigger();
    REQUIRE(
        eventually([&] { return program.workspace().model()->path == folder.filePath("models/little one.gguf").toStdString(); }));
    program.waitUntilComplete();
    CHECK(program.window().settings().recentModels.size() == 2);
    // What is gone is not offered.
    REQUIRE(QFile::remove(folder.filePath("elsewhere.gguf")));
    CHECK_FALSE(actionWith("elsewhere.gguf"));
}

TEST_CASE("10,000 characters pasted: all of them kept, the excess greyed, both numbers and three choices", "[context]") {
    Program program;
    QString pasted;
    while (pasted.size() < 10000) pasted += QStringLiteral("Once upon a time, there was a little girl named Lily. 小貓🙂\n");
    pasted = pasted.left(10000);
    QApplication::clipboard()->setText(pasted);
    program.prompt().setFocus();
    program.prompt().selectAll();
    program.key(Qt::Key_V, Qt::ControlModifier);
    REQUIRE(eventually([&] { return program.workspace().text() == pasted; }));
    program.waitUntilComplete();
    CHECK(program.prompt().text() == pasted);
    const PromptFit& fit = program.workspace().branches()->fit();
    REQUIRE(fit.over());
    CHECK(program.tokens() == 512);
    const std::string strip = textsIn(program.window().strip());
    CHECK(contains(strip, std::to_string(fit.cutEnd.size()) + " tokens beyond the context of 512: not run"));
    for (int i = 0; i < 3; ++i) CHECK(program.window().messages()->button("context", i));
    CHECK_FALSE(program.window().messages()->button("context", 3));
    // Undo in the text brings the old text back, and with it the old run.
    program.key(Qt::Key_Z, Qt::ControlModifier);
    REQUIRE(eventually([&] { return program.workspace().text() != pasted; }));
    program.waitUntilComplete();
    CHECK_FALSE(program.window().messages()->has("context"));
}

TEST_CASE("a script the model hardly knows: a larger model is offered, with the steps and the folder", "[prompt]") {
    Program program(QString::fromUtf8("床前明月光，疑是地上霜。"));
    REQUIRE(program.window().messages()->has("script"));
    auto* button = qobject_cast<QPushButton*>(program.window().messages()->button("script", 0));
    REQUIRE(button);
    QTest::mouseClick(button, Qt::LeftButton);
    REQUIRE(eventually([&] { return program.window().findChild<QDialog*>(QStringLiteral("largerModel")) != nullptr; }));
    auto* dialog = program.window().findChild<QDialog*>(QStringLiteral("largerModel"));
    QString steps;
    for (const QLabel* label : dialog->findChildren<QLabel*>()) steps += label->text();
    CHECK(steps.contains("SmolLM2"));
    CHECK(steps.contains(QString::fromStdString(modelsFolder().string())));
    dialog->close();
}

TEST_CASE("a model that has learned a task is not sent away for its questions' surprise", "[prompt]") {
    Program program("Once upon a time");
    program.workspace().openModel("layerwalk-selective-copy-mamba");
    REQUIRE(eventually([&] { return program.workspace().model()->name == "layerwalk-selective-copy-mamba"; }));
    Q_EMIT program.workspace().intents()->setPrompt("b.....g......d.f|bgd");
    REQUIRE(eventually([&] { return program.tokens() == 20 && !program.workspace().busy(); }));
    program.waitUntilComplete();
    CHECK_FALSE(program.window().messages()->has("script"));
    program.workspace().openModel("rwkv7-reverse");  // of twelve signs
    REQUIRE(eventually([&] { return program.workspace().model()->name == "rwkv7-reverse"; }));
    Q_EMIT program.workspace().intents()->setPrompt("31415926535897932384,");
    REQUIRE(eventually([&] { return program.tokens() == 21 && !program.workspace().busy(); }));
    program.waitUntilComplete();
    CHECK_FALSE(program.window().messages()->has("script"));
}

TEST_CASE("right-to-left text, combining characters and emoji sequences stay whole", "[prompt]") {
    Program program;
    const QString typed = QString::fromUtf8("שלום e\u0301 👩‍👩‍👧 नमस्ते");
    Q_EMIT program.workspace().intents()->setPrompt(typed);
    REQUIRE(eventually([&] { return program.workspace().text() == typed && !program.workspace().busy(); }));
    program.waitUntilComplete();
    CHECK(program.prompt().text() == typed);
    const std::string strip = textsIn(program.window().strip());
    INFO(strip);
    for (const char* whole : {"ש", "ם", "👩", "न"}) CHECK(contains(strip, whole));
    // Tokens go from left to right whatever the script, and no chip is blank.
    double last = -1;
    for (const Spot& spot : program.window().strip()->pictureWidget()->picture().spots) {
        if (!spot.place.position) continue;
        CHECK(spot.rect.x > last);
        last = spot.rect.x;
    }
    for (const std::string& piece : program.workspace().shown()->pieces) CHECK_FALSE(piece.empty());
}

TEST_CASE("the view's picture goes to the clipboard", "[export]") {
    Program program(text);
    QApplication::clipboard()->clear();
    program.leaveText();
    program.key(Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
    CHECK_FALSE(QApplication::clipboard()->image().isNull());
}
