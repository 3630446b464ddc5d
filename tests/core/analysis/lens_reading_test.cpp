// A reading of the logit lens as a place: its value is the table's, its figures give it again, and both checks agree.
#include "core/analysis/check.h"
#include "core/analysis/explain.h"
#include "core/analysis/logit_lens.h"
#include "tests/core/analysis/formula_reader.h"
#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

namespace {

Locus reading(const LensRow& row, int position, TokenId token) {
    return {.layer = row.layer, .position = Position(position), .unit2 = Unit(token), .site = row.site};
}

}  // namespace

TEST_CASE("Every reading of the lens can be explained and checked") {
    for (const std::string& path :
         {zooPath("gpt2"), zooPath("llama"), std::string(LAYERWALK_TEST_DATA) + "/variants/gpt2-own-head-inner-f16",
          std::string(LAYERWALK_TEST_DATA) + "/stories260K/stories260K-Q8_0.gguf"}) {
        const auto loaded = openModel(path);
        const Model& model = *loaded->model;
        const auto trace = runAll(*loaded, {3, 17, 5, 22, 9, 40}).trace;
        const TokenId followed = 42;
        const auto table = logitLens(*trace, model, {.topK = 2, .follow = followed});
        REQUIRE(table);
        double worst = 0, worstFigure = 0, worstCheck[2] = {0, 0};
        for (std::size_t r = 0; r < table->rows.size(); ++r) {
            for (const int q : {0, 3, 5}) {
                const LensCell& cell = table->cells[r][static_cast<std::size_t>(q)];
                for (const auto& [token, probability] :
                     {std::pair(cell.top[0].id, cell.top[0].probability), std::pair(cell.top[1].id, cell.top[1].probability),
                      std::pair(followed, cell.probability)}) {
                    const Locus place = reading(table->rows[r], q, token);
                    const auto e = explain(*trace, model, place);
                    CAPTURE(path, print(place));
                    REQUIRE(e);
                    CHECK(e->place == place);
                    CHECK(e->unit == "probability");
                    widen(worst, std::abs(e->value - probability));
                    for (const double figure : FormulaReader::figures(*e))
                        worstFigure = std::max(worstFigure, std::abs(figure - e->value));
                    REQUIRE(e->operands.size() >= 2);
                    for (const Locus& operand : e->operands) CHECK(explain(*trace, model, operand));
                    // The operands: channels of this very state, and the token that is first here, unless it is this one.
                    CHECK(e->operands.front().site == place.site);
                    CHECK(e->operands.front().unit);
                    CHECK((e->operands.back().unit2 == Unit(cell.top[0].id)) == (token != cell.top[0].id));
                    for (const CheckPath way : {CheckPath::FromOperands, CheckPath::WholeRun}) {
                        const auto check = checkValue(*trace, model, place, way);
                        REQUIRE(check);
                        double& largest = worstCheck[static_cast<std::size_t>(way)];
                        largest = std::max(largest, check->relative);
                    }
                }
            }
        }
        CAPTURE(path, worst, worstFigure, worstCheck[0], worstCheck[1]);
        CHECK(worst < 1e-6);
        CHECK(worstFigure < 1e-5);
        CHECK(worstCheck[0] < 1e-5);
        CHECK(worstCheck[1] < 1e-4);
    }
}

TEST_CASE("The logit of a reading is the sum of what the state's channels push") {
    const auto loaded = openModel(zooPath("gpt2"));
    const Model& model = *loaded->model;
    const auto trace = runAll(*loaded, {3, 17, 5, 22}).trace;
    const auto e = explain(*trace, model, parseLocus("q2 m11 blocks.1.hook_resid_mid").value());
    REQUIRE(e);
    // Layer norm and unembedding once more, by hand.
    const RowVectorD x = trace->row(SiteId::ResidMid, Layer(1), Position(2)).cast<double>();
    double mean = 0, variance = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i) mean += x(i) / static_cast<double>(x.size());
    for (Eigen::Index i = 0; i < x.size(); ++i) variance += (x(i) - mean) * (x(i) - mean) / static_cast<double>(x.size());
    const double scale = std::sqrt(variance + model.info().normEps);
    double logit = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i) {
        const double y =
            (x(i) - mean) / scale * model.weight(WeightId::FinalGain).row(0)(i) + model.weight(WeightId::FinalBias).row(0)(i);
        logit += y * model.weight(WeightId::Unembed).row(11)(i);
    }
    REQUIRE(e->contributions);
    CHECK(e->contributions->sum == Approx(logit).epsilon(1e-9));
    CHECK(e->contributions->values.size() == static_cast<std::size_t>(x.size()));
}

TEST_CASE("A reading needs a token of the vocabulary, and a channel beside it does not count") {
    const auto loaded = openModel(zooPath("llama"));
    const auto trace = runAll(*loaded, {3, 17, 5}).trace;
    const auto none = explain(*trace, *loaded->model, parseLocus("q2 m97 blocks.1.hook_resid_pre").value());
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("97") != std::string::npos);
    const auto both = explain(*trace, *loaded->model, parseLocus("q2 n3 m5 blocks.1.hook_resid_pre").value());
    REQUIRE(both);
    CHECK(print(both->place) == "L1 q2 m5 blocks.1.hook_resid_pre");
}
