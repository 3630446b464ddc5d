// The map: principal components of the whole table, layouts that settle, sums of vectors with an honest ranking.
#include <cmath>
#include <random>

#include "core/formats/word_vectors.h"
#include "core/load.h"
#include "tests/widgets/embeddings/tables.h"
#include "widgets/embeddings/map_picture.h"

using namespace lw;
using namespace lw::test;

namespace {

TokenTable glove() {
    auto read = readWordVectors(std::string(LAYERWALK_TEST_DATA) + "/../../resources/vectors/glove-twitter-25d.bin");
    if (!read) FAIL(read.error().message);
    return tableOf(std::move(read->words), std::move(read->vectors));
}

}  // namespace

TEST_CASE("terms of a sum") {
    const auto terms = parseTerms("  king − man + woman - boy –  girl");
    REQUIRE(terms.size() == 5);
    const double signs[] = {1, -1, 1, -1, -1};
    for (std::size_t i = 0; i < 5; ++i) CHECK(terms[i].sign == signs[i]);
    CHECK(terms[2].word == "woman");
    CHECK(parseTerms("well-known").front().word == "well-known");
    CHECK(parseTerms(" + ").empty());
}

TEST_CASE("a sum by hand, the inputs marked; a word that is no row is named") {
    // Rows of length 1 are added: (.6, .8, 0) − (1, 0, 0) + (0, 0, 1) = (−.4, .8, 1), whatever the rows' own lengths are.
    Matrix rows(5, 3);
    rows << 3, 4, 0, 2, 0, 0, 0, 0, 3, -2, 4, 5, -1, -1, -1;
    const auto map = tableMap(tableOf({"king", "man", "woman", "queen", "other"}, rows));
    REQUIRE(map);
    const auto sum = arithmetic(**map, "king − man + woman", 5);
    REQUIRE(sum);
    REQUIRE(sum->ranking.size() == 5);
    CHECK(sum->ranking[0].piece == "queen");
    CHECK(sum->ranking[0].near.cosine == Approx(1));
    CHECK_FALSE(sum->ranking[0].input);
    CHECK(sum->ranking[1].piece == "woman");
    CHECK(sum->ranking[1].input);
    CHECK(sum->ranking[1].near.cosine == Approx(1 / std::sqrt(1.8)));
    CHECK(sum->ranking[2].piece == "king");
    CHECK(sum->ranking[2].near.cosine == Approx(0.4 / std::sqrt(1.8)));
    CHECK(arithmetic(**map, "king − prince", 5)->problem == "prince");
    CHECK(arithmetic(**map, "", 5)->ranking.empty());
}

TEST_CASE("GloVe's sample: what king − man + woman is near to, honestly") {
    const auto map = tableMap(glove());
    REQUIRE(map);
    CHECK((*map)->points.rows() == 11'925);
    const auto sum = arithmetic(**map, "king − man + woman", 12);
    REQUIRE(sum);
    // Counted with all words, the inputs among them, prince is 4th and queen 5th; the inputs left out, 2nd and 3rd.
    std::string ranking;
    for (const RankedToken& one : sum->ranking) ranking += one.piece + (one.input ? "* " : " ");
    CAPTURE(ranking);
    CHECK(ranking.starts_with("meets woman* king* prince queen "));
    // Against the definition, over all words.
    const Matrix rows = (*map)->table.rows.toMatrix();
    const auto id = [&](const char* word) { return *(*map)->index->find(word); };
    const auto unit = [&](const char* word) { return Eigen::RowVectorXd(rows.row(id(word)).cast<double>().normalized()); };
    const Eigen::RowVectorXd wanted = unit("king") - unit("man") + unit("woman");
    const auto alike = [&](TokenId other) {
        const Eigen::RowVectorXd row = rows.row(other).cast<double>();
        return row.dot(wanted) / row.norm() / wanted.norm();
    };
    int nearer = 0;
    for (TokenId other = 0; other < rows.rows(); ++other) nearer += alike(other) > alike(id("queen"));
    int above = 0;
    while (sum->ranking[static_cast<std::size_t>(above)].piece != "queen") ++above;
    CHECK(nearer == above);
}

TEST_CASE("the map shows every listed word with its mark, and says what is not in the table") {
    const auto map = tableMap(glove());
    REQUIRE(map);
    const MatchedLists lists = matchLists(parseWordLists("animals: cat, dog, zzzyx\nnumbers: one, two, three"), *(*map)->index);
    const Picture picture = mapPicture({.map = map->get(), .lists = &lists, .width = 700, .height = 400});
    for (const ListedWord& word : lists.found) {
        const Spot* spot = spotOf(picture, "token:" + std::to_string(word.id));
        REQUIRE(spot);
        CHECK(spot->rect.x >= 0);
        CHECK(spot->rect.right() <= 700 - 206);
    }
    CHECK(says(picture, "2/3"));
    CHECK(says(picture, "11925 rows"));
    REQUIRE(picture.tables.front().name == "pca");
    CHECK(picture.tables.front().textRows.size() == 5);
    // Where a point stands is its coordinate, linearly: two points give the scale, a third must agree.
    const auto centre = [&](TokenId id) {
        const Rect r = spotOf(picture, "token:" + std::to_string(id))->rect;
        return Point{r.x + r.w / 2, r.y + r.h / 2};
    };
    const auto x = [&](std::size_t i) { return (*map)->points(lists.found[i].id, 0); };
    const double scale = (centre(lists.found[1].id).x - centre(lists.found[0].id).x) / (x(1) - x(0));
    CHECK(centre(lists.found[2].id).x == Approx(centre(lists.found[0].id).x + scale * (x(2) - x(0))).epsilon(0).margin(1e-6));
}

TEST_CASE("words settle step by step; stopped and carried on gives the same layout") {
    const auto loaded = loadModel("layerwalk-transformer");
    REQUIRE(loaded);
    const auto map = tableMap(tablesOf((*loaded)->model, (*loaded)->tokenizer).front());
    REQUIRE(map);
    const MatchedLists lists = matchLists(parseWordLists(defaultWordLists()), *(*map)->index);
    CHECK(lists.found.size() > 20);
    auto words = beginLayout(**map, lists, 100, 3);
    REQUIRE(words);
    CHECK(words->ids.size() == 100);
    CHECK(words->ids.front() == lists.found.front().id);
    CHECK(words->perplexity == Approx(30).epsilon(0.01));
    const double before = words->divergence;
    WordLayout parts = *words;
    while (parts.layout.steps < settledAfter) parts = *carryOn(std::move(parts), 0.01);
    CHECK(parts.layout.steps == settledAfter);
    CHECK(parts.divergence < before);
    const auto whole = carryOn(*words, 1e9);
    REQUIRE(whole);
    CHECK(whole->layout.points == parts.layout.points);
    const Picture picture = mapPicture({.map = map->get(), .lists = &lists, .words = &*whole, .width = 640, .height = 400});
    CHECK(says(picture, "step 1000 of 1000"));
    std::stop_source stop;
    stop.request_stop();
    CHECK(carryOn(*words, 1, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
}

TEST_CASE("a table of three rows has a map too") {
    const auto map = tableMap(tableOf({"a", "b", "c"}, Matrix::Identity(3, 3)));
    REQUIRE(map);
    const MatchedLists none;
    const Picture picture = mapPicture({.map = map->get(), .lists = &none, .width = 600, .height = 300});
    for (const char* word : {"a", "b", "c"}) CHECK(says(picture, word));
    auto words = beginLayout(**map, none, 100, 1);
    REQUIRE(words);
    CHECK(carryOn(*words, 1e9)->layout.points.allFinite());
    const auto two = tableMap(tableOf({"a", "b"}, Matrix::Identity(2, 3)));
    CHECK_FALSE(beginLayout(**two, none, 100, 1));
}
