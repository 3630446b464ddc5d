#include "widgets/tokens/token_strip.h"

#include <QElapsedTimer>
#include <QMenu>
#include <QScrollBar>
#include <QSignalSpy>

#include "tests/widgets/view_facts.h"

using namespace lw;
using namespace lw::test;

namespace {

std::shared_ptr<Shown> storiesShown(const std::string& text, int steps = 0) {
    const auto loaded = openModel("stories260K");
    const CaptureSpec spec = CaptureSpec::all(loaded->model->info());
    auto ids = loaded->tokenizer->encode(text);
    if (!ids) FAIL(ids.error().message);
    auto node = root(*loaded->model, ids->ids(), spec, 0, 0, false);
    if (!node) FAIL(node.error().message);
    auto shown = std::make_shared<Shown>();
    shown->root = *node;
    for (int i = 0; i < steps; ++i) {
        node = step(*loaded->model, *node, spec, {.settings = {.greedy = true}, .forced = {}});
        if (!node) FAIL(node.error().message);
    }
    shown->model = loaded->model;
    shown->tokenizer = loaded->tokenizer;
    shown->node = *node;
    shown->trace = traceTo(*node, loaded->model->sharedInfo(), spec);
    shown->promptLength = static_cast<int>(ids->tokens.size());
    for (const TokenId id : shown->trace->ids()) shown->pieces.push_back(shown->piece(id));
    return shown;
}

struct Window {
    Stage stage;
    TokenStrip strip{stage.services()};
    Window() {
        strip.resize(900, strip.sizeHint().height());
        strip.show();
        REQUIRE(QTest::qWaitForWindowExposed(&strip));
    }
    QPoint chip(int position) {
        const Spot& spot = strip.picture().spots[static_cast<std::size_t>(position)];
        return strip.pictureWidget()->toWidget(spot.rect.x + spot.rect.w / 2, spot.rect.y + spot.rect.h / 2);
    }
};

}  // namespace

TEST_CASE("A click sets the position, Shift and a click the key") {
    Window w;
    w.strip.setShown(storiesShown("Once upon a time, there was"));
    QTest::mouseClick(w.strip.pictureWidget()->viewport(), Qt::LeftButton, {}, w.chip(4));
    CHECK(print(w.stage.selection.current()) == "q4");
    QTest::mouseClick(w.strip.pictureWidget()->viewport(), Qt::LeftButton, Qt::ShiftModifier, w.chip(2));
    CHECK(print(w.stage.selection.current()) == "q4 k2");
}

TEST_CASE("A ghost forces its token") {
    Window w;
    w.strip.setShown(storiesShown("Once upon a"));
    QSignalSpy forced(&w.stage.intents, &Intents::forceToken);
    const Spot* ghost = findSpot(*w.strip.pictureWidget(), [](const Spot& spot) { return spot.action.starts_with("force:"); });
    REQUIRE(ghost);
    const int id = std::stoi(ghost->action.substr(6));
    clickSpot(*w.strip.pictureWidget(), *ghost);
    REQUIRE(forced.count() == 1);
    CHECK(forced[0][0].toInt() == id);
}

TEST_CASE("Generated tokens follow each step and the strip scrolls to the newest") {
    Window w;
    w.strip.setShown(storiesShown("Once upon a time, there was a little girl"));
    const std::size_t before = w.strip.picture().spots.size();
    w.strip.setShown(storiesShown("Once upon a time, there was a little girl", 12));
    CHECK(w.strip.picture().spots.size() == before + 12);
    CHECK(saysAnywhere(w.strip.picture(), "generated"));
    CHECK(w.strip.pictureWidget()->horizontalScrollBar()->value() > 0);
}

TEST_CASE("The bytes of a character that the vocabulary lacks stand under one bracket") {
    Window w;
    w.strip.setShown(storiesShown("你"));
    CHECK(saysAnywhere(w.strip.picture(), "你"));
    CHECK(saysAnywhere(w.strip.picture(), "\\xE4"));
}

TEST_CASE("The context menu offers the token's row, occurrences and copies") {
    Window w;
    w.strip.setShown(storiesShown("a dog and a cat and a dog"));
    QMenu menu;
    const Spot spot = w.strip.picture().spots[1];
    QSignalSpy embedding(&w.strip, &TokenStrip::embeddingRequested);
    Q_EMIT w.strip.pictureWidget()->contextMenuAboutToShow(&menu, &spot);
    QStringList texts;
    for (QAction* action : menu.actions()) {
        texts << action->text();
        if (action->text() == "Its embedding row") action->trigger();
    }
    CHECK(texts.join('|').contains("Copy its id"));
    CHECK(embedding.count() == 1);
    CHECK(print(w.stage.selection.current()) == "q1 n0 hook_embed");
}

TEST_CASE("A token's nearest neighbours in the embedding table are listed, a click marks them in the text") {
    Window w;
    const auto shown = storiesShown("a dog and a cat and a dog");
    w.strip.setShown(shown);
    QMenu menu;
    const Spot spot = w.strip.picture().spots[1];
    Q_EMIT w.strip.pictureWidget()->contextMenuAboutToShow(&menu, &spot);
    for (QAction* action : menu.actions()) {
        if (action->text().startsWith("Its nearest neighbours")) action->trigger();
    }
    QMenu* list = nullptr;
    REQUIRE(QTest::qWaitFor([&] { return (list = w.strip.findChild<QMenu*>("neighbours")) != nullptr; }, 5000));
    const auto near = neighboursOf(shown->model->weight(WeightId::Embed), shown->trace->ids()[1], 12, Nearness::Cosine);
    REQUIRE(near);
    REQUIRE(list->actions().size() == 13);
    CHECK(list->actions()[0]->text().contains(QString::fromStdString(shown->pieces[1])));
    for (int i = 0; i < 12; ++i) {
        const NearRow& one = (*near)[static_cast<std::size_t>(i)];
        CHECK(list->actions()[i + 1]->text().contains("id " + QString::number(one.id)));
        CHECK(list->actions()[i + 1]->text().contains(QString::fromStdString(printNumber(one.cosine, 3))));
    }
    list->actions()[1]->trigger();
    list->close();
}

TEST_CASE("Two thousand tokens stay fluent") {
    Window w;
    auto shown = storiesShown("Once upon a time, there was a little girl named Lily. She loved to play outside in the park.");
    // The same text many times over as greyed tokens: no model of this size has so long a context.
    std::vector<TokenId> many;
    while (many.size() < 2500) many.insert(many.end(), shown->trace->ids().begin(), shown->trace->ids().end());
    QElapsedTimer timer;
    w.strip.setShown(shown);
    timer.start();
    w.strip.setBeyond(many);
    const double layOut = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    timer.start();
    w.stage.selection.select(*parseLocus("q3"));
    const double select = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    timer.start();
    for (int i = 0; i < 20; ++i) {
        w.strip.pictureWidget()->horizontalScrollBar()->setValue(i * 997);
        w.strip.pictureWidget()->grab();
    }
    const double scroll = static_cast<double>(timer.nsecsElapsed()) / 1e6 / 20;
    WARN("2,500 tokens: lay out " << layOut << " ms, select " << select << " ms, scroll and paint " << scroll << " ms");
    CHECK(w.strip.picture().spots.size() >= 2500);
    CHECK(saysAnywhere(w.strip.picture(), "beyond the context of 512"));
}

TEST_CASE("With no run there is nothing, and nothing breaks") {
    Window w;
    w.strip.setShown(nullptr);
    w.stage.selection.select(*parseLocus("q3"));
    CHECK(w.strip.picture().spots.empty());
}
