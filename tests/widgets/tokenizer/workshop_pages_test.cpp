// The pages of the workshop with clicks: what they ask for, what they show of the facts, and the vocabulary's search.
#include <QLineEdit>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryFile>
#include <QUrl>

#include <QDragEnterEvent>

#include "core/load.h"
#include "tests/widgets/view_facts.h"
#include "widgets/tokenizer/tokenizer_view.h"
#include "widgets/tokenizer_shelf.h"
#include "widgets/workshop.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Open {
    Stage stage;
    TokenizerShelf shelf;
    Workshop workshop;
    ViewServices services{.selection = &stage.selection,
                          .intents = &stage.intents,
                          .look = &stage.look,
                          .readings = nullptr,
                          .tokenizers = &shelf,
                          .workshop = &workshop};
    TokenizerView view{services, nullptr};
    std::shared_ptr<Shown> shown = zooShown("llama");

    Open() {
        shown->tokenizer = *loadTokenizer("gpt2");
        shown->modelName = "open";
        shown->text = "the cat 床前";
        shelf.set({{.name = "bytes", .what = "", .tokenizer = *loadTokenizer("bytes")}}, true);
        view.resize(900, 560);
        view.show();
        view.setShown(shown);
        REQUIRE(waitComplete(view));
    }
    void press(PictureWidget* widget, const std::string& action) {
        CAPTURE(action);
        const Spot* pill = findSpot(*widget, [&](const Spot& s) { return s.action == action; });
        REQUIRE(pill);
        clickSpot(*widget, *pill);
        REQUIRE(waitComplete(view));
    }
};

bool has(const PictureWidget& widget, const std::string& action) {
    return findSpot(widget, [&](const Spot& s) { return s.action == action; }) != nullptr;
}

}  // namespace

TEST_CASE("Learning is asked for: from the shown text, from one's own, from a file; paused, stepped, stopped, saved") {
    Open open;
    open.press(open.view.heading(), "learn");
    LearnPage& page = *open.view.learnPage();
    CHECK(saysAnywhere(page.picture()->picture(), "choose a text and a size"));
    QSignalSpy learn(&open.stage.intents, &Intents::learnTokenizer), file(&open.stage.intents, &Intents::learnTokenizerFromFile),
        pause(&open.stage.intents, &Intents::pauseLearning), step(&open.stage.intents, &Intents::stepLearning),
        stop(&open.stage.intents, &Intents::stopLearning), save(&open.stage.intents, &Intents::saveLearned);
    page.size()->setValue(400);
    open.press(page.bar(), "start");
    REQUIRE(learn.size() == 1);
    CHECK(learn[0][0].toString() == QStringLiteral("the cat 床前"));
    CHECK(learn[0][1].toInt() == 400);
    open.press(page.bar(), "own");
    CHECK(page.edit()->isVisible());
    page.edit()->setPlainText("ab ab ab");
    open.press(page.bar(), "start");
    REQUIRE(learn.size() == 2);
    CHECK(learn[1][0].toString() == "ab ab ab");
    open.press(page.bar(), "file");
    REQUIRE(file.size() == 1);
    CHECK(file[0][0].toInt() == 400);

    CHECK_FALSE(has(*page.bar(), "pause"));
    LearningFacts facts;
    facts.state = LearningState::Running;
    facts.vocabulary = 256;
    facts.goal = 400;
    open.workshop.setLearning(facts);
    CHECK_FALSE(open.view.complete());
    const Spot* pill = findSpot(*page.bar(), [](const Spot& s) { return s.action == "pause"; });
    REQUIRE(pill);
    clickSpot(*page.bar(), *pill);
    REQUIRE(pause.size() == 1);
    CHECK(pause[0][0].toBool());
    CHECK_FALSE(has(*page.bar(), "step"));
    QSignalSpy completed(&open.view, &View::completed);
    facts.state = LearningState::Paused;
    open.workshop.setLearning(facts);
    CHECK(completed.size() == 1);
    open.press(page.bar(), "step");
    CHECK(step.size() == 1);
    open.press(page.bar(), "go");
    CHECK_FALSE(pause[1][0].toBool());
    open.press(page.bar(), "stop");
    CHECK(stop.size() == 1);
    CHECK_FALSE(has(*page.bar(), "save"));
    facts.state = LearningState::Stopped;
    facts.shelved = "learned (300)";
    open.workshop.setLearning(facts);
    CHECK(saysAnywhere(page.picture()->picture(), "“learned (300)”"));
    CHECK_FALSE(has(*page.bar(), "stop"));
    open.press(page.bar(), "save");
    CHECK(save.size() == 1);
    CHECK_FALSE(open.view.exportPicture().tables.empty());
    TokenizerView again(open.services, nullptr);
    again.restoreState(open.view.saveState());
    CHECK(again.page() == TokenizerPage::Learn);
    CHECK(again.saveState() == open.view.saveState());
}

TEST_CASE("The vocabulary: searched by text, bytes and expression, sorted, filtered, an entry chosen") {
    Open open;
    open.press(open.view.heading(), "vocabulary");
    VocabularyPage& page = *open.view.vocabularyPage();
    CHECK(page.matches() == 50257);
    CHECK(saysAnywhere(page.picture()->picture(), "50,257 of 50,257 entries"));
    CHECK(saysAnywhere(page.picture()->picture(), "49,957 more"));
    open.press(page.picture(), "entry:5");
    CHECK(saysAnywhere(page.picture()->picture(), "id 5 · “&”"));
    page.field()->setText("tokenizer");
    REQUIRE(waitComplete(open.view));
    CHECK(page.matches() == 0);
    CHECK(saysAnywhere(page.picture()->picture(), "No entry fits"));
    open.press(page.bar(), "kind:bytes");
    CHECK(saysAnywhere(page.picture()->picture(), "two hexadecimal digits"));
    page.field()->setText("e4 bd");
    REQUIRE(waitComplete(open.view));
    CHECK(page.matches() > 0);
    CHECK(page.matches() < 20);
    open.press(page.bar(), "kind:expression");
    page.field()->setText("(a");
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(page.picture()->picture(), "\"(a\""));
    page.field()->setText("^ca");
    REQUIRE(waitComplete(open.view));
    const std::size_t begun = page.matches();
    CHECK(begun > 10);
    page.field()->clear();
    REQUIRE(waitComplete(open.view));
    open.press(page.bar(), "order:most-bytes");
    const Spot* first = findSpot(*page.picture(), [](const Spot& s) { return s.action.starts_with("entry:"); });
    REQUIRE(first);
    CHECK(first->says.find("128 bytes") != std::string::npos);
    open.press(page.bar(), "chinese");
    CHECK(page.matches() > 20);
    CHECK(page.matches() < 1000);
    open.press(page.bar(), "chinese");
    // Of the present text's tokens none is left.
    const std::size_t used = [&] {
        std::vector<TokenId> ids = open.shown->tokenizer->encode(open.shown->text)->ids();
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        return ids.size();
    }();
    open.press(page.bar(), "unseen");
    CHECK(page.matches() == 50257 - used);
    CHECK_FALSE(has(*page.bar(), "untrained"));
    const QJsonObject state = open.view.saveState();
    TokenizerView again(open.services, nullptr);
    again.resize(900, 500);
    again.setShown(open.shown);
    again.restoreState(state);
    REQUIRE(waitComplete(again));
    CHECK(again.vocabularyPage()->matches() == 50257 - used);
    CHECK(again.saveState() == state);
    // Another's vocabulary.
    open.press(page.bar(), "unseen");
    open.view.setWatched("bytes");
    REQUIRE(waitComplete(open.view));
    CHECK(page.matches() == 256);
    open.view.setWatched("nobody's");
    CHECK(saysAnywhere(page.picture()->picture(), "“nobody's” is not here"));
}

TEST_CASE("What the training text does not use can be asked of what was learned here") {
    Open open;
    open.shelf.set({{.name = "learned (256)", .what = "", .tokenizer = *loadTokenizer("bytes")}}, true);
    LearningFacts facts;
    facts.state = LearningState::Finished;
    facts.vocabulary = facts.goal = 256;
    facts.shelved = "learned (256)";
    auto occurrences = std::make_shared<std::vector<std::int64_t>>(256, 0);
    (*occurrences)['a'] = 3;
    facts.occurrences = occurrences;
    open.workshop.setLearning(facts);
    open.view.setWatched("learned (256)");
    open.press(open.view.heading(), "vocabulary");
    VocabularyPage& page = *open.view.vocabularyPage();
    open.press(page.bar(), "untrained");
    CHECK(page.matches() == 255);
    open.press(page.bar(), "untrained");
    open.press(page.picture(), "entry:97");
    CHECK(saysAnywhere(page.picture()->picture(), "3 times in the training text"));
}

TEST_CASE("A file that is dropped on the side by side page is counted; a model is left to the window") {
    Open open;
    QTemporaryFile file("XXXXXX.txt");
    REQUIRE(file.open());
    QSignalSpy count(&open.stage.intents, &Intents::countFile), text(&open.stage.intents, &Intents::setPrompt),
        stop(&open.stage.intents, &Intents::stopCounting);
    const auto drop = [&](const QString& path) {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter(QPoint(100, 200), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&open.view, &enter);
        if (!enter.isAccepted()) return false;
        QDropEvent event(QPointF(100, 200), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&open.view, &event);
        return true;
    };
    CHECK_FALSE(drop(file.fileName()));  // step by step: it becomes the text, as anywhere
    open.press(open.view.heading(), "beside");
    CHECK(saysAnywhere(open.view.picture()->picture(), "Drop a text file here"));
    CHECK_FALSE(drop("/tmp/some.gguf"));
    CHECK_FALSE(drop("/tmp"));
    CHECK(drop(file.fileName()));
    REQUIRE(count.size() == 1);
    CHECK(count[0][0].toString() == QFileInfo(file.fileName()).filePath());

    FileCountFacts facts;
    facts.path = "/tmp/a.txt";
    facts.name = "a.txt";
    facts.running = true;
    facts.bytes = 10;
    facts.characters = 10;
    facts.beginning = "ab cd";
    facts.rows = {{.name = "bytes", .kind = "bytes", .vocabulary = 256, .tokens = 10, .pieces = 1}};
    open.view.setPage(TokenizerPage::Steps);
    open.workshop.setCount(facts);  // wherever one is: it is shown
    CHECK(open.view.page() == TokenizerPage::Beside);
    CHECK(saysAnywhere(open.view.picture()->picture(), "a.txt"));
    CHECK_FALSE(open.view.complete());
    facts.running = false;
    open.workshop.setCount(facts);
    REQUIRE(waitComplete(open.view));
    open.press(open.view.picture(), "count-text");
    CHECK(text[0][0].toString() == "ab cd");
    open.press(open.view.picture(), "count-close");
    CHECK_FALSE(saysAnywhere(open.view.picture()->picture(), "a.txt"));
    open.workshop.setCount(facts);
    CHECK_FALSE(saysAnywhere(open.view.picture()->picture(), "a.txt"));
}

TEST_CASE("Sessions of before know the side by side page") {
    Open open;
    open.view.restoreState({{"beside", true}, {"watched", ""}});
    CHECK(open.view.page() == TokenizerPage::Beside);
}
