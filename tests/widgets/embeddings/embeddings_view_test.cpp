// The Embeddings view with clicks: its pages, a neighbour's neighbours, word vectors, a second text.
#include "widgets/embeddings/embeddings_view.h"

#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalSpy>

#include "core/load.h"
#include "tests/widgets/view_facts.h"
#include "widgets/embeddings/contexts_page.h"
#include "widgets/embeddings/map_page.h"
#include "widgets/embeddings/positions_page.h"
#include "widgets/embeddings/row_page.h"
#include "widgets/second_text.h"
#include "widgets/word_vectors.h"

using namespace lw;
using namespace lw::test;

namespace {

std::shared_ptr<Shown> shownOf(const std::shared_ptr<const LoadedModel>& loaded, const std::string& text) {
    auto shown = std::make_shared<Shown>();
    const auto encoded = loaded->tokenizer->encode(text);
    if (!encoded) FAIL(encoded.error().message);
    const CaptureSpec spec = CaptureSpec::all(loaded->model->info());
    auto node = root(*loaded->model, encoded->ids(), spec, 0, 0, false);
    if (!node) FAIL(node.error().message);
    shown->root = shown->node = *node;
    shown->leaves = {*node};
    shown->model = loaded->model;
    shown->tokenizer = loaded->tokenizer;
    shown->modelName = loaded->name;
    shown->text = text;
    shown->trace = traceTo(*node, loaded->model->sharedInfo(), spec);
    shown->promptLength = shown->trace->length();
    for (const TokenId id : shown->trace->ids()) shown->pieces.push_back(shown->piece(id));
    return shown;
}

struct Open {
    Stage stage;
    WordVectors vectors;
    SecondText second;
    QSignalSpy wanted{&stage.intents, &Intents::wantVectors}, asked{&stage.intents, &Intents::readSecond};
    std::shared_ptr<const LoadedModel> loaded;
    EmbeddingsView view{
        {.selection = &stage.selection, .intents = &stage.intents, .look = &stage.look, .vectors = &vectors, .second = &second},
        nullptr};

    explicit Open(const std::string& model = "layerwalk-transformer", const std::string& text = "The cat was there") {
        auto opened = loadModel(model);
        if (!opened) FAIL(opened.error().message);
        loaded = *opened;
        view.resize(760, 520);
        view.show();
        view.setShown(shownOf(loaded, text));
        REQUIRE(waitComplete(view));
    }
    void press(PictureWidget& widget, const std::string& action) {
        const Spot* pill = findSpot(widget, [&](const Spot& s) { return s.action == action; });
        INFO(action);
        REQUIRE(pill);
        widget.ensureVisible(pill->rect);
        clickSpot(widget, *pill);
        REQUIRE(waitComplete(view));
    }
    const Picture& picture() const { return view.current()->picture()->picture(); }
    void giveVectors() {
        Matrix rows(4, 3);
        rows << 1, 0, 0, 0.9f, 0.1f, 0, 0, 1, 0, 0, 0, 1;
        vectors.set(
            {{.name = "hand",
              .what = "",
              .words = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"cat", "dog", "sat", "one"}),
              .rows = Weight::fromMatrix(rows)}},
            true);
    }
};

}  // namespace

TEST_CASE("row: the selected token's; a neighbour's neighbours; back; another place") {
    Open open;
    auto* page = open.view.pageOf<RowPage>();
    REQUIRE(page->facts());
    const TokenId last = open.view.shown()->trace->ids().back();
    CHECK(page->facts()->row.id == last);
    CHECK(saysAnywhere(open.view.heading()->picture(), "“·there”"));
    const TokenId near = page->facts()->cosine.front().near.id;
    open.press(*page->picture(), "token:" + std::to_string(near));
    CHECK(page->facts()->row.id == near);
    open.press(*page->picture(), "token:-1");
    CHECK(page->facts()->row.id == last);
    open.press(*page->picture(), "token:" + std::to_string(near));
    Locus place;
    place.position = Position(2);
    open.stage.selection.select(place);
    REQUIRE(waitComplete(open.view));
    CHECK(page->facts()->row.id == open.view.shown()->trace->ids()[2]);
    // A number of the row is asked of the inspector.
    const Spot* number = findSpot(*page->picture(), [](const Spot& s) { return s.place.site == SiteId::Embed; });
    REQUIRE(number);
    page->picture()->ensureVisible(number->rect);
    const Spot wanted = *number;
    clickSpot(*page->picture(), wanted);
    CHECK(open.stage.selection.current().site == SiteId::Embed);
    CHECK(open.stage.selection.current().unit == wanted.place.unit);
}

TEST_CASE("map: components, lists, a sum, a token's way to its row") {
    Open open;
    open.press(*open.view.heading(), "map");
    auto* page = open.view.pageOf<MapPage>();
    CHECK(open.view.current() == page);
    REQUIRE(page->map());
    CHECK(saysAnywhere(open.picture(), "of the variance"));
    page->listsField()->setPlainText("pets: cat, dog, qqqqq");
    CHECK(saysAnywhere(open.picture(), "pets"));
    CHECK(saysAnywhere(open.picture(), "2/3"));
    page->sumField()->setText("cat + dog");
    QTest::keyClick(page->sumField(), Qt::Key_Return);
    REQUIRE(waitComplete(open.view));
    REQUIRE(page->sum());
    CHECK(page->sum()->ranking.size() == 10);
    CHECK(saysAnywhere(open.picture(), "input"));
    page->sumField()->setText("cat + qqqqq");
    QTest::keyClick(page->sumField(), Qt::Key_Return);
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.picture(), "“qqqqq” is no row"));
    const TokenId cat = *page->map()->index->find("cat");
    const Spot* spot = findSpot(*page->picture(), [&](const Spot& s) { return s.action == "token:" + std::to_string(cat); });
    REQUIRE(spot);
    Q_EMIT page->picture()->actionRequested(QString::fromStdString(spot->action));
    REQUIRE(waitComplete(open.view));
    CHECK(open.view.page() == EmbeddingsView::Page::Row);
    CHECK(open.view.pageOf<RowPage>()->facts()->row.id == cat);
}

TEST_CASE("map: t-SNE is seen on its way, stopped, carried on") {
    Open open;
    open.view.restoreState({{"page", "map"}, {"map", QJsonObject{{"tsne", true}, {"count", 200}}}});
    auto* page = open.view.pageOf<MapPage>();
    REQUIRE(QTest::qWaitFor([&] { return page->layout() && page->layout()->layout.steps > 0; }, 20000));
    const int early = page->layout()->layout.steps;
    if (early < settledAfter) {
        const Spot* stop = findSpot(*page->picture(), [](const Spot& s) { return s.action == "stop"; });
        REQUIRE(stop);
        clickSpot(*page->picture(), *stop);
        REQUIRE(waitComplete(open.view));
        const int stopped = page->layout()->layout.steps;
        CHECK(stopped < settledAfter);
        CHECK(stopped >= early);
        const Spot* on = findSpot(*page->picture(), [](const Spot& s) { return s.action == "on"; });
        REQUIRE(on);
        clickSpot(*page->picture(), *on);
    }
    REQUIRE(QTest::qWaitFor([&] { return page->layout()->layout.steps == settledAfter; }, 60000));
    REQUIRE(waitComplete(open.view));
    CHECK(saysAnywhere(open.picture(), "step 1000 of 1000"));
    CHECK(open.view.saveState()["map"].toObject()["count"].toInt() == 200);
}

TEST_CASE("word vectors beside the model's own table") {
    Open open;
    open.view.setPage(EmbeddingsView::Page::Map);
    auto* page = open.view.pageOf<MapPage>();
    page->setTable("vectors:hand");
    CHECK(open.wanted.size() >= 1);
    CHECK_FALSE(open.view.complete());
    open.giveVectors();
    REQUIRE(waitComplete(open.view));
    REQUIRE(page->map());
    CHECK(page->map()->table.rows.rows() == 4);
    open.view.setPage(EmbeddingsView::Page::Row);
    auto* row = open.view.pageOf<RowPage>();
    open.press(*row->picture(), "table:vectors:hand");
    CHECK(saysAnywhere(open.picture(), "“·there” is not among these words"));
    Locus place;
    for (int i = 0; i < open.view.shown()->trace->length(); ++i)
        if (open.view.shown()->pieces[static_cast<std::size_t>(i)] == "·cat") place.position = Position(i);
    REQUIRE(place.position);
    open.stage.selection.select(place);
    REQUIRE(waitComplete(open.view));
    REQUIRE(row->facts());
    CHECK(row->facts()->row.piece == "cat");
    CHECK(row->facts()->cosine.front().piece == "dog");
}

TEST_CASE("positions: the model's way first, sinusoidal to compare") {
    Open open("stories260K", "Once upon a time");
    open.press(*open.view.heading(), "positions");
    auto* page = open.view.pageOf<PositionsPage>();
    CHECK(page->kind() == PositionKind::Rotary);
    CHECK(saysAnywhere(open.picture(), "planes of a head"));
    open.press(*page->picture(), "sinusoidal");
    CHECK(saysAnywhere(open.picture(), "computed"));
    Open sorted("gpt-nano-sort", "CBABBC");
    sorted.view.setPage(EmbeddingsView::Page::Positions);
    REQUIRE(waitComplete(sorted.view));
    CHECK(sorted.view.pageOf<PositionsPage>()->kind() == PositionKind::Learned);
    CHECK(saysAnywhere(sorted.picture(), "= resid_pre"));
}

TEST_CASE("contexts: asks for a second text, compares, takes another token") {
    Open open;
    open.press(*open.view.heading(), "contexts");
    auto* page = open.view.pageOf<ContextsPage>();
    CHECK(saysAnywhere(open.picture(), "Write a second text"));
    page->field()->setFocus();
    page->field()->setText("A dog was there again");
    QTest::keyClick(page->field(), Qt::Key_Return);
    REQUIRE(open.asked.size() == 1);
    CHECK(open.asked.front().front().toString() == page->field()->text());
    open.second.set(page->field()->text().toStdString(), nullptr, {}, false);
    CHECK_FALSE(open.view.complete());
    open.second.set(open.second.text(), shownOf(open.loaded, open.second.text()), {}, true);
    REQUIRE(page->facts());
    CHECK(page->facts()->states.front().cosine == Approx(1));
    CHECK(page->facts()->states.back().cosine < 1);
    open.press(*page->picture(), "second:1");
    CHECK(page->facts()->b == Position(1));
    CHECK(saysAnywhere(open.picture(), "These are two tokens"));
    open.second.set(open.second.text(), nullptr, "It cannot be read.", true);
    CHECK(saysAnywhere(open.picture(), "It cannot be read."));
    // The examples ask for both texts.
    QSignalSpy prompts(&open.stage.intents, &Intents::setPrompt);
    page->showExample(1);
    CHECK(prompts.size() == 1);
    CHECK(page->field()->text().contains(QStringLiteral("果")));
}

TEST_CASE("the state of all pages comes back") {
    Open open;
    open.giveVectors();
    const QJsonObject state{
        {"page", "positions"},
        {"row", QJsonObject{{"table", "vectors:hand"}}},
        {"map",
         QJsonObject{{"table", "embed"}, {"tsne", false}, {"count", 500}, {"seed", 4}, {"sum", "a + b"}, {"lists", "x: y"}}},
        {"positions", QJsonObject{{"kind", "sinusoidal"}}},
        {"contexts", QJsonObject{{"second", "the end"}, {"chosen", 1}}}};
    open.view.restoreState(state);
    CHECK(open.view.saveState() == state);
    CHECK(open.view.page() == EmbeddingsView::Page::Positions);
}
