// The attention pictures as numbers: what stands in a cell, where it leads, what is marked.
#include "tests/catch.h"
#include "tests/widgets/attention/hand_trace.h"
#include "widgets/attention/attention_controls.h"
#include "widgets/attention/head_grid_picture.h"
#include "widgets/attention/head_matrix_picture.h"
#include "widgets/attention/row_arithmetic_picture.h"
#include "widgets/attention/shaded_text_picture.h"

#include <algorithm>

using namespace lw;
using namespace lw::test;

namespace {

struct Drawn {
    std::shared_ptr<const Trace> trace;
    HeadTile tile;
    std::vector<std::string> pieces;
    HeadMatrixInput input;
};

Drawn draw(const std::vector<int>& blocks, int firstQuery = 0, int firstKey = 0, int side = 1000, int pool = 1) {
    Drawn d;
    d.trace = handTrace(blocks);
    auto tile = headTile(*d.trace, {.place = {Layer(0), Head(0)},
                                    .firstQuery = firstQuery,
                                    .queries = side,
                                    .firstKey = firstKey,
                                    .keys = side,
                                    .pool = pool});
    REQUIRE(tile);
    d.tile = std::move(*tile);
    d.pieces = handPieces(d.trace->length());
    d.input.width = 520;
    d.input.height = 520;
    return d;
}

Picture matrix(Drawn& d) {
    d.input.tile = &d.tile;
    d.input.pieces = d.pieces;
    return headMatrixPicture(d.input);
}

const Spot* spotOf(const Picture& picture, int query, int key) {
    const auto at = std::find_if(picture.spots.begin(), picture.spots.end(), [&](const Spot& s) {
        return s.place.position == Position(query) && s.place.key == Position(key);
    });
    return at == picture.spots.end() ? nullptr : &*at;
}

bool says(const Picture& picture, const std::string& text) {
    const auto texts = picture.texts();
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& t) { return t.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("A cell's spot holds the pattern's number and its place") {
    Drawn d = draw({9});
    const Picture picture = matrix(d);
    const Spot* spot = spotOf(picture, 7, 2);
    REQUIRE(spot);
    REQUIRE(spot->value);
    CHECK(*spot->value == static_cast<double>(d.trace->patternRow(Layer(0), Head(0), Position(7))(2)));
    CHECK(spot->place.layer == Layer(0));
    CHECK(spot->place.head == Head(0));
    CHECK(spot->place.site == SiteId::Pattern);
    CHECK(spot->says.find("query 7 “t7” reads key 2 “t2”") != std::string::npos);
    const Rect r = spot->rect;
    const Spot* hit = picture.at(r.x + r.w / 2, r.y + r.h / 2);
    REQUIRE(hit);
    CHECK(hit->place == spot->place);
    const Spot* masked = spotOf(picture, 2, 7);
    REQUIRE(masked);
    CHECK_FALSE(masked->value);
    CHECK(masked->says.find("masked") != std::string::npos);
}

TEST_CASE("The selected row has the amber frame, the key the blue one") {
    Drawn d = draw({9});
    d.input.query = 7;
    d.input.key = 2;
    const Picture picture = matrix(d);
    const MatrixGeometry g = matrixGeometry(d.input);
    const Rect row = g.rowRect(7), cell = g.cellRect(7, 2);
    int amber = 0, blue = 0;
    for (const PictureItem& item : picture.items) {
        const auto* box = std::get_if<Box>(&item);
        if (!box || box->fill.ink != Ink::None) continue;
        if (box->frame.ink == Ink::SelectedFrame) {
            ++amber;
            CHECK(std::abs(box->rect.y - row.y) < 3);
            CHECK(box->rect.w >= row.w);
        }
        if (box->frame.ink == Ink::Accent) {
            ++blue;
            CHECK(std::abs(box->rect.x - cell.x) < 2);
            CHECK(std::abs(box->rect.y - cell.y) < 2);
        }
    }
    CHECK(amber == 1);
    CHECK(blue == 1);
}

TEST_CASE("The rows and keys of the chosen step are marked, those before it as from the cache") {
    Drawn d = draw({6, 1, 2, 1});  // rows 0–5, 6, 7–8, 9
    // Which rows (right of the matrix) and which keys (under it) a mark of this colour covers.
    const auto marked = [&](const Picture& picture, Ink ink) {
        const MatrixGeometry g = matrixGeometry(d.input);
        std::pair<std::vector<int>, std::vector<int>> found;
        for (const PictureItem& item : picture.items) {
            const auto* box = std::get_if<Box>(&item);
            if (!box || box->fill.ink != ink) continue;
            for (int p = 0; p < 10; ++p) {
                const double x = g.left + g.cell * (p + 0.5), y = g.top + g.cell * (p + 0.5);
                const Rect& r = box->rect;
                if (r.x > g.right() && y > r.y && y < r.bottom()) found.first.push_back(p);
                if (r.y > g.bottom() && r.bottom() < g.bottom() + 12 && x > r.x && x < r.right()) found.second.push_back(p);
            }
        }
        return found;
    };
    const auto range = [](int from, int to) {
        std::vector<int> all;
        for (int p = from; p < to; ++p) all.push_back(p);
        return all;
    };
    const std::vector<std::pair<int, int>> steps = {{0, 6}, {6, 7}, {7, 9}, {9, 10}};
    for (int s = 0; s < 4; ++s) {
        CAPTURE(s);
        d.input.step = rowsOfStep(*d.trace, Step(s));
        REQUIRE(d.input.step);
        const auto [from, to] = steps[static_cast<std::size_t>(s)];
        CHECK(*d.input.step == StepRows{s, from, to});
        const Picture picture = matrix(d);
        CHECK(marked(picture, Ink::New) == std::pair{range(from, to), range(from, to)});
        CHECK(marked(picture, Ink::Faint) == std::pair{range(0, from), range(0, from)});
        CHECK(says(picture, "row and key new at step " + std::to_string(s)));
        CHECK(says(picture, "from the cache") == (s > 0));
        CHECK(picture.height <= d.input.height);
    }
    CHECK(rowsOfStep(*d.trace, std::nullopt) == rowsOfStep(*d.trace, Step(3)));  // the last
    CHECK_FALSE(rowsOfStep(*d.trace, Step(4)));
    Drawn prompt = draw({8});
    CHECK_FALSE(rowsOfStep(*prompt.trace, std::nullopt));
    CHECK_FALSE(says(matrix(prompt), "new at step"));
}

TEST_CASE("A large matrix is one raster, and the cell under a point is found") {
    Drawn d = draw({150});
    d.input.width = 2000;
    d.input.height = 2000;
    const Picture picture = matrix(d);
    REQUIRE(std::count_if(picture.items.begin(), picture.items.end(), [](const PictureItem& i) {
                const auto* raster = std::get_if<Raster>(&i);
                return raster && raster->rows == 150;
            }) == 1);
    const auto spot = std::find_if(picture.spots.begin(), picture.spots.end(), [](const Spot& s) { return s.raster; });
    REQUIRE(spot != picture.spots.end());
    const MatrixGeometry g = matrixGeometry(d.input);
    const Rect cell = g.cellRect(97, 41);
    const auto at = g.at(cell.x + cell.w / 2, cell.y + cell.h / 2);
    REQUIRE(at);
    CHECK(at->first == 97);
    CHECK(at->second == 41);
    CHECK_FALSE(g.at(g.left - 1, g.top + 1));
    Drawn pooled = draw({150}, 0, 0, 1000, 2);
    CHECK(says(matrix(pooled), "the largest of 2 × 2"));
}

TEST_CASE("Lines lead from the row to the keys it reads, heaviest first") {
    Drawn d = draw({9});
    d.input.hoverQuery = 7;
    Picture picture = matrix(d);
    const std::size_t before = picture.items.size();
    const RowVector row = d.trace->patternRow(Layer(0), Head(0), Position(7));
    addReadingLines(picture, d.input, {row.data(), static_cast<std::size_t>(row.size())});
    const MatrixGeometry g = matrixGeometry(d.input);
    int lines = 0;
    double width = 1e9;
    for (std::size_t i = before; i < picture.items.size(); ++i) {
        const auto* stroke = std::get_if<Stroke>(&picture.items[i]);
        if (!stroke) continue;
        ++lines;
        CHECK(stroke->width <= width);
        width = stroke->width;
        const int key = static_cast<int>((stroke->points.back().x - g.left) / g.cell);
        CHECK(row(key) >= 0.02f);
        CHECK(stroke->width == Approx(0.75 + 3 * row(key)));
    }
    CHECK(lines == (row.array() >= 0.02f).count());
}

TEST_CASE("The printed weights of a row and its rest make 1") {
    const auto trace = handTrace({12});
    const RowArithmetic row = rowArithmetic(*trace, {Layer(0), Head(0)}, 11);
    const auto pieces = handPieces(12);
    RowArithmeticInput in;
    in.row = &row;
    in.pieces = pieces;
    in.width = 300;
    in.mostTerms = 5;
    const Picture picture = rowArithmeticPicture(in);
    CHECK(says(picture, "q·k × 0.5"));  // 1/√2 is not this model's scale
    CHECK(says(picture, "… 7 more"));
    CHECK(says(picture, "1.000"));
    double sum = 0;
    int weights = 0;
    for (const Spot& spot : picture.spots) {
        if (!spot.value || spot.says.find(": weight ") == std::string::npos || spot.says.find("|v|") != std::string::npos)
            continue;
        CHECK(spot.place.site == SiteId::Pattern);
        CHECK(*spot.value == static_cast<double>(trace->patternRow(Layer(0), Head(0), Position(11))(spot.place.key->value)));
        sum += *spot.value;
        ++weights;
    }
    CHECK(weights == 5);
    double rest = 0;
    for (std::size_t i = 5; i < row.terms.size(); ++i) rest += row.terms[i].weight;
    char printed[16];
    std::snprintf(printed, sizeof printed, "%.3f", rest);
    CHECK(says(picture, printed));
    CHECK(sum + rest == Approx(1).epsilon(0).margin(1e-5));
}

TEST_CASE("The selected key stands in the arithmetic even where it is light") {
    const auto trace = handTrace({12});
    const RowArithmetic row = rowArithmetic(*trace, {Layer(0), Head(0)}, 11);
    const auto pieces = handPieces(12);
    RowArithmeticInput in;
    in.row = &row;
    in.pieces = pieces;
    in.width = 300;
    in.mostTerms = 3;
    in.key = row.terms.back().key;
    CHECK(says(rowArithmeticPicture(in), "t" + std::to_string(*in.key)));
}

TEST_CASE("Unfolded values show each contribution and z") {
    const auto trace = handTrace({4});
    const RowArithmetic row = rowArithmetic(*trace, {Layer(0), Head(0)}, 3);
    const ValueSum values = valueSum(*trace, row);
    const auto pieces = handPieces(4);
    RowArithmeticInput in;
    in.row = &row;
    in.values = &values;
    in.pieces = pieces;
    in.width = 300;
    in.mostTerms = 8;
    const Picture picture = rowArithmeticPicture(in);
    double first = 0;
    for (const Spot& spot : picture.spots) {
        if (spot.value && spot.says.find("in dimension 0") != std::string::npos && spot.says.find("weight") == 0)
            first += *spot.value;
    }
    CHECK(first == Approx(values.parts.col(0).sum()).epsilon(0).margin(1e-6));
    CHECK(picture.height <= rowArithmeticHeight(4, true));
}

TEST_CASE("The grid has every head, and sorts by a stated score") {
    const auto info = handInfo();
    const auto trace = handTrace({6});
    const auto thumbs = headThumbs(*trace, Layer(0), 32);
    REQUIRE(thumbs);
    HeadGridInput in;
    in.model = info.get();
    in.thumb = [&](HeadPlace p) { return &(*thumbs)[static_cast<std::size_t>(p.head.value)]; };
    in.selected = HeadPlace{Layer(0), Head(1)};
    in.width = 200;
    in.height = 100;
    const Picture byLayer = headGridPicture(in);
    CHECK(byLayer.spots.size() == 2);
    CHECK(thumbRect(byLayer, {Layer(0), Head(1)}));
    in.width = in.height = 0;  // not laid out yet: still two heads and their numbers
    CHECK(headGridPicture(in).spots.size() == 2);
    Picture numbers;
    addHeadNumbers(numbers, in, 0, 0);
    CHECK(numbers.texts().size() >= 1);
    in.width = 200;
    in.height = 100;
    std::vector<HeadScores> scores(2);
    scores[0] = {Layer(0), Head(0), 0.1, 0.2, 0, 0.3, 1.5};
    scores[1] = {Layer(0), Head(1), 0.8, 0.1, 0, 0.2, 0.5};
    in.scores = scores;
    in.order = HeadOrder::PreviousToken;
    const Picture sorted = headGridPicture(in);
    REQUIRE(sorted.spots.size() == 2);
    CHECK(sorted.spots[0].place.head == Head(1));
    CHECK(sorted.spots[0].value == 0.8);
    CHECK(sorted.spots[0].says.find("previous token") != std::string::npos);
    in.order = HeadOrder::Entropy;
    CHECK(headGridPicture(in).spots[0].place.head == Head(1));  // the sharpest first
    CHECK(headSentence(scores[1], InformationUnit::Nats, sayEnglish).find("0.8") != std::string::npos);
    // e^1.5 = 4.4817, 1.5 nats = 2.164 bits: no pattern takes a third of its attention.
    CHECK(headSentence(scores[0], InformationUnit::Bits, sayEnglish).find("4.5 tokens a row: entropy 2.16 bits") !=
          std::string::npos);
    for (HeadOrder order : allHeadOrders) CHECK(orderFromId(headOrderId(order)) == order);
}

TEST_CASE("A layer of a hybrid without heads says in the grid what it has instead") {
    const auto info = handInfo();
    const auto thumbs = headThumbs(*handTrace({6}), Layer(0), 32);
    REQUIRE(thumbs);
    ModelInfo hybrid = *info;
    BlockInfo mixed;
    mixed.mixer.kind = MixerKind::GatedDeltaNet;
    hybrid.blocks.push_back(mixed);
    HeadGridInput in;
    in.model = &hybrid;
    in.thumb = [&](HeadPlace p) { return &(*thumbs)[static_cast<std::size_t>(p.head.value)]; };
    in.width = 200;
    in.height = 100;
    const Picture picture = headGridPicture(in);
    CHECK(std::ranges::count(picture.texts(), std::string("Gated DeltaNet")) == 1);
    CHECK(picture.spots.size() == 2);  // the heads of the other layer
}

TEST_CASE("The shaded text carries the row's weights") {
    const auto trace = handTrace({5});
    const auto pieces = handPieces(5);
    const RowArithmetic row = rowArithmetic(*trace, {Layer(0), Head(0)}, 3);
    std::vector<double> weights(5, std::nan(""));
    for (const RowTerm& t : row.terms) weights[static_cast<std::size_t>(t.key)] = t.weight;
    ShadedTextInput in{.place = {Layer(0), Head(0)}, .pieces = pieces, .weights = weights, .query = 3, .key = 1, .width = 120};
    const Picture reads = shadedTextPicture(in);
    REQUIRE(reads.spots.size() == 5);
    CHECK(reads.spots[2].value == weights[2]);
    CHECK(reads.spots[2].place.key == Position(2));
    CHECK_FALSE(reads.spots[4].value);
    in.shade = TextShade::ReadBy;
    CHECK(shadedTextPicture(in).spots[2].place.position == Position(2));
}

TEST_CASE("Positions that fit: all of a short text, a legible window of a long one") {
    CHECK(positionsThatFit(500, 500, 11) == 11);
    CHECK(positionsThatFit(500, 500, 2000) < 40);
    CHECK(positionsThatFit(500, 500, 2000) > 10);
    CHECK(positionsThatFit(10, 10, 3) >= 1);
}
