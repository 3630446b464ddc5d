// The lens pictures as numbers: cells against softmax(readOut) written out, rows that fit, the staircase, differences.
#include <algorithm>
#include <cmath>
#include <set>

#include "tests/core/models/zoo.h"
#include "tests/worst.h"
#include "widgets/logit_lens/lens_cell_picture.h"
#include "widgets/logit_lens/lens_table_picture.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Opened {
    std::shared_ptr<const LoadedModel> loaded;
    std::shared_ptr<const Trace> trace;
    std::vector<std::string> pieces;
    std::vector<LensRow> rows;
    std::vector<LensColumn> columns;
    std::vector<int> shownRows;
};

Opened open(const char* name, bool withMid, const char* ids = "0.input_ids") {
    Opened o;
    o.loaded = openModel(zooPath(name));
    o.trace = runAll(*o.loaded, Reference(zooPath(name) + "/expected.safetensors").ids(ids)).trace;
    o.rows = lensRowsShown(o.loaded->model->info(), withMid);
    for (int p = 0; p < o.trace->length(); ++p) {
        o.pieces.push_back("p" + std::to_string(p));
        auto column = lensColumn(*o.trace, *o.loaded->model, p, withMid);
        REQUIRE(column);
        o.columns.push_back(std::move(*column));
    }
    for (int r = static_cast<int>(o.rows.size()) - 1; r >= 0; --r) o.shownRows.push_back(r);
    return o;
}

LensTableInput inputOf(const Opened& o) {
    LensTableInput in;
    in.rows = o.rows;
    in.shownRows = o.shownRows;
    in.positions = o.trace->length();
    in.pieces = o.pieces;
    in.column = [&o](int p) { return &o.columns[static_cast<std::size_t>(p)]; };
    in.piece = [](TokenId id) { return "#" + std::to_string(id); };
    in.vocabulary = o.loaded->model->info().vocabulary;
    in.selectedRow = static_cast<int>(o.rows.size()) - 1;
    in.selectedPosition = 3;
    in.promptLength = o.trace->length();
    in.width = 1200;
    in.height = 500;
    return in;
}

std::vector<double> readOut(const Opened& o, const LensRow& row, int position) {
    Matrix stream = o.trace->row(row.site, row.layer, Position(position));
    const Matrix logits = o.loaded->model->readOut(stream);
    std::vector<double> p(static_cast<std::size_t>(logits.cols()));
    double sum = 0, largest = logits.maxCoeff();
    for (Eigen::Index i = 0; i < logits.cols(); ++i)
        sum += p[static_cast<std::size_t>(i)] = std::exp(double(logits(0, i)) - largest);
    for (double& x : p) x /= sum;
    return p;
}

const Spot* cellSpot(const Picture& picture, const LensRow& row, int position) {
    const auto at = std::find_if(picture.spots.begin(), picture.spots.end(), [&](const Spot& s) {
        Locus state = lensPlace(row, position);
        state.unit2 = s.place.unit2;  // the token read there is another matter
        return s.place == state && !s.says.empty();
    });
    return at == picture.spots.end() ? nullptr : &*at;
}

}  // namespace

TEST_CASE("A cell's probability is softmax of the read-out state, its word the most probable token") {
    for (const char* name : {"gpt2", "llama"}) {
        const Opened o = open(name, true);
        const Picture picture = lensTablePicture(inputOf(o));
        double worst = 0;
        for (std::size_t r = 0; r < o.rows.size(); ++r) {
            for (int p = 0; p < o.trace->length(); ++p) {
                const Spot* spot = cellSpot(picture, o.rows[r], p);
                REQUIRE(spot);
                REQUIRE(spot->value);
                const std::vector<double> expected = readOut(o, o.rows[r], p);
                const auto best = std::max_element(expected.begin(), expected.end());
                widen(worst, std::abs(*spot->value - *best));
                CHECK(spot->says.find("#" + std::to_string(best - expected.begin())) != std::string::npos);
            }
        }
        CAPTURE(name, worst);
        CHECK(worst < 1e-5);
        CHECK(o.rows.front().name == "0_pre");
        CHECK(o.rows.back().name == "final_post");
        const auto texts = picture.texts();
        CHECK(std::count(texts.begin(), texts.end(), "1_mid") == 1);
    }
}

TEST_CASE("A followed token has its probability and rank in every cell") {
    const Opened o = open("gpt2", false, "1.input_ids");
    const TokenId token = 17;
    std::vector<FollowedColumn> followed;
    for (int p = 0; p < o.trace->length(); ++p) {
        auto path = followToken(*o.trace, *o.loaded->model, token, p, false);
        REQUIRE(path);
        followed.push_back(std::move(*path));
    }
    LensTableInput in = inputOf(o);
    in.followed = [&](int p) { return &followed[static_cast<std::size_t>(p)]; };
    in.token = token;
    in.show = LensShow::Rank;
    in.selectedPosition = 0;
    const Picture ranks = lensTablePicture(in);
    in.show = LensShow::Probability;
    const Picture probabilities = lensTablePicture(in);
    for (std::size_t r = 0; r < o.rows.size(); ++r) {
        for (int p = 0; p < o.trace->length(); ++p) {
            const std::vector<double> expected = readOut(o, o.rows[r], p);
            const int rank =
                1 + static_cast<int>(std::count_if(expected.begin(), expected.end(), [&](double x) { return x > expected[17]; }));
            CAPTURE(r, p);
            CHECK(cellSpot(ranks, o.rows[r], p)->value == rank);
            CHECK(*cellSpot(probabilities, o.rows[r], p)->value == Approx(expected[17]).epsilon(0).margin(1e-6));
        }
    }
}

TEST_CASE("The staircase runs under the rows in which the output's token stays first") {
    const Opened o = open("gpt2", true);
    const Picture picture = lensTablePicture(inputOf(o));
    const Stroke* stairs = nullptr;
    for (const PictureItem& item : picture.items) {
        const auto* stroke = std::get_if<Stroke>(&item);
        if (stroke && stroke->colour.ink == Ink::Accent &&
            stroke->points.size() == 2u * static_cast<std::size_t>(o.trace->length()))
            stairs = stroke;
    }
    REQUIRE(stairs);
    for (int p = 0; p < o.trace->length(); ++p) {
        const LensColumn& column = o.columns[static_cast<std::size_t>(p)];
        const TokenId last = column.cells.back().top.front().id;
        for (std::size_t r = 0; r < o.rows.size(); ++r) {
            const Rect cell = cellSpot(picture, o.rows[r], p)->rect;
            const bool above = cell.bottom() <= stairs->points[2u * static_cast<std::size_t>(p)].y + 0.01;
            bool stays = true;
            for (std::size_t s = r; s < o.rows.size(); ++s) stays = stays && column.cells[s].top.front().id == last;
            CAPTURE(p, r);
            CHECK(above == stays);
        }
    }
    const auto word = [](TokenId id) { return "#" + std::to_string(id); };
    CHECK(stableSentence(o.rows, o.columns[0], word, sayEnglish).find(word(o.columns[0].output.token)) != std::string::npos);
}

TEST_CASE("B − A is the difference of the probabilities of B's token; other lengths leave cells empty") {
    const Opened b = open("gpt2", false), a = open("gpt2", false, "1.input_ids");
    std::vector<LensDifference> differences;
    for (const LensColumn& column : b.columns) {
        auto difference = lensDifference(*a.trace, *a.loaded->model, b.rows, column);
        REQUIRE(difference);
        differences.push_back(std::move(*difference));
    }
    LensTableInput in = inputOf(b);
    in.minus = [&](int p) { return &differences[static_cast<std::size_t>(p)]; };
    const Picture picture = lensTablePicture(in);
    for (std::size_t r = 0; r < b.rows.size(); ++r) {
        for (int p = 0; p < b.trace->length(); ++p) {
            const Spot* spot = cellSpot(picture, b.rows[r], p);
            REQUIRE(spot);
            CAPTURE(r, p);
            if (p >= a.trace->length()) {
                CHECK_FALSE(spot->value);
                continue;
            }
            const auto id = static_cast<std::size_t>(b.columns[static_cast<std::size_t>(p)].cells[r].top.front().id);
            CHECK(*spot->value == Approx(readOut(b, b.rows[r], p)[id] - readOut(a, a.rows[r], p)[id]).epsilon(0).margin(1e-5));
        }
    }
    // Against itself there is none.
    auto none = lensDifference(*b.trace, *b.loaded->model, b.rows, b.columns[2]);
    REQUIRE(none);
    for (const double value : none->values) CHECK(std::abs(value) < 1e-6);
}

TEST_CASE("Cells that are not read out yet say so") {
    const Opened o = open("llama", false);
    LensTableInput in = inputOf(o);
    in.column = [&](int p) { return p == 0 ? &o.columns[0] : nullptr; };
    const Picture picture = lensTablePicture(in);
    CHECK(cellSpot(picture, o.rows[1], 0)->value);
    CHECK_FALSE(cellSpot(picture, o.rows[1], 5)->value);
    CHECK(cellSpot(picture, o.rows[1], 5)->says == "being read out");
}

TEST_CASE("Rows that fit keep the output, the first state and the selected one") {
    CHECK(lensRowsThatFit(7, 400, 3).size() == 7);
    CHECK(lensRowsThatFit(7, 400, 3).front() == 6);
    const std::vector<int> thinned = lensRowsThatFit(61, 400, 17);
    CHECK(static_cast<int>(thinned.size()) <= lensRowsCapacity(400));
    CHECK(thinned.front() == 60);
    CHECK(thinned.back() == 0);
    CHECK(std::count(thinned.begin(), thinned.end(), 17) == 1);
    CHECK(std::is_sorted(thinned.rbegin(), thinned.rend()));
    const std::vector<int> all = lensRowsThatFit(61, 400, 17, true, 5);
    CHECK(all.front() == 55);
    CHECK(static_cast<int>(all.size()) == lensRowsCapacity(400));
}

TEST_CASE("A place finds its row") {
    const Opened o = open("gpt2", true, "2.input_ids");
    for (std::size_t r = 0; r < o.rows.size(); ++r) CHECK(lensRowOf(o.rows, lensPlace(o.rows[r], 0)) == static_cast<int>(r));
    Locus place;
    CHECK(lensRowOf(o.rows, place) == static_cast<int>(o.rows.size()) - 1);
    place.layer = Layer(0);
    place.site = SiteId::Pattern;
    CHECK(o.rows[static_cast<std::size_t>(lensRowOf(o.rows, place))].name == "1_pre");
}

TEST_CASE("The cell's panel shows its tokens, entropy and divergence in the chosen unit") {
    const Opened o = open("gpt2", true);
    LensCellInput in;
    in.row = &o.rows[2];
    in.cell = &o.columns[4].cells[2];
    in.position = 4;
    in.piece = "p4";
    in.word = [](TokenId id) { return "#" + std::to_string(id); };
    in.width = 214;
    in.mostTokens = 6;
    const Picture nats = lensCellPicture(in);
    in.unit = InformationUnit::Bits;
    const Picture bits = lensCellPicture(in);
    REQUIRE(nats.spots[0].value);
    double entropy = 0;
    for (const double p : readOut(o, o.rows[2], 4)) entropy -= p > 0 ? p * std::log(p) : 0;
    CHECK(*nats.spots[0].value == Approx(entropy).epsilon(1e-5));
    CHECK(*bits.spots[0].value == Approx(entropy / std::log(2.0)).epsilon(1e-5));
    std::set<std::string> actions;
    for (const Spot& spot : nats.spots) actions.insert(spot.action);
    CHECK(actions.contains("follow:" + std::to_string(in.cell->top[0].id)));
    CHECK(actions.size() == 7);  // six tokens, and the two facts that have none
}
