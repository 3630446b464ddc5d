// The logit lens: its last row is the model's output, its rows are norm and unembedding in double precision.
#include "core/analysis/logit_lens.h"
#include "core/analysis/double_run.h"
#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

namespace {

// softmax(Norm_final(x) W_U) in double, written out.
std::vector<double> readOutDouble(const Model& model, const RowVectorD& x) {
    const ModelInfo& info = model.info();
    RowVectorD y = x;
    if (info.norm == NormKind::LayerNorm) y.array() -= y.mean();
    y /= std::sqrt(y.squaredNorm() / static_cast<double>(y.size()) + info.normEps);
    y = y.cwiseProduct(model.weight(WeightId::FinalGain).row(0).cast<double>());
    if (model.weight(WeightId::FinalBias).defined()) y += model.weight(WeightId::FinalBias).row(0).cast<double>();
    RowVectorD logits = y * model.weight(WeightId::Unembed).toMatrix().cast<double>().transpose();
    logits = (logits.array() - logits.maxCoeff()).exp().matrix();
    logits /= logits.sum();
    return {logits.data(), logits.data() + logits.size()};
}

}  // namespace

TEST_CASE("Every cell is the final norm and unembedding of its state") {
    for (const char* name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const Model& model = *loaded->model;
        const Reference expected(zooPath(name) + "/expected.safetensors");
        const auto trace = runAll(*loaded, expected.ids("0.input_ids")).trace;
        const TokenId follow = 42;
        const auto table = logitLens(*trace, model, {.topK = 7, .follow = follow});
        REQUIRE(table);
        REQUIRE(table->rows.size() == 7);
        CHECK(table->rows[0].name == "0_pre");
        CHECK(table->rows[1].name == "0_mid");
        CHECK(table->rows[6].name == "final_post");
        REQUIRE(table->positions.size() == 17);
        double worst = 0;
        for (std::size_t c = 0; c < 17; ++c) {
            const Position position(static_cast<int>(c));
            const auto final = softmax({trace->logits(position).data(), 97});
            for (std::size_t r = 0; r < table->rows.size(); ++r) {
                const LensRow& row = table->rows[r];
                const auto p = readOutDouble(model, trace->row(row.site, row.layer, position).cast<double>());
                const LensCell& cell = table->cells[r][c];
                double entropy = 0, kl = 0;
                int rank = 1;
                for (std::size_t i = 0; i < p.size(); ++i) {
                    entropy -= p[i] * std::log(p[i]);
                    kl += final[i] * std::log(final[i] / p[i]);
                    rank += p[i] > p[static_cast<std::size_t>(follow)];
                }
                REQUIRE(cell.top.size() == 7);
                for (const TokenProbability& t : cell.top)
                    widen(worst, std::abs(t.probability - p[static_cast<std::size_t>(t.id)]));
                widen(worst, std::abs(cell.entropy - entropy));
                widen(worst, std::abs(cell.klToFinal - kl));
                widen(worst, std::abs(cell.probability - p[static_cast<std::size_t>(follow)]));
                CHECK(cell.rank == rank);
            }
            // The last row is the model's own.
            const LensCell& last = table->cells.back()[c];
            CHECK(last.klToFinal == 0);
            for (const TokenProbability& t : last.top)
                CHECK(t.probability == Approx(final[static_cast<std::size_t>(t.id)]).epsilon(1e-12));
            CHECK(table->firstStable(static_cast<int>(c)) >= 0);
        }
        CAPTURE(name, worst);
        CHECK(worst < 2e-5);

        // What readOut gives of the last stream are the logits.
        const Matrix logits = model.readOut(trace->matrix(SiteId::ResidPost, Layer(2)));
        double off = 0;
        for (int t = 0; t < 17; ++t)
            off = std::max<double>(off, (logits.row(t) - trace->logits(Position(t))).cwiseAbs().maxCoeff());
        CAPTURE(off);
        CHECK(off < 1e-5);
    }
}

TEST_CASE("The lens can look at some positions and rows only") {
    const auto loaded = openModel(zooPath("llama"));
    const auto trace = runAll(*loaded, {3, 17, 5, 9}).trace;
    const auto all = logitLens(*trace, *loaded->model, {.topK = 3});
    const auto some = logitLens(*trace, *loaded->model, {.positions = {3, 1}, .topK = 3, .withMid = false});
    REQUIRE((all && some));
    REQUIRE(some->rows.size() == 4);
    CHECK(some->rows[1].name == "1_pre");
    CHECK(some->positions == std::vector<int>{3, 1});
    CHECK(some->cells[2][0].top[0].id == all->cells[4][3].top[0].id);
    CHECK(some->cells[2][1].entropy == Approx(all->cells[4][1].entropy).epsilon(1e-5));
}

TEST_CASE("firstStable is the first row from which the answer stays") {
    LensTable table;
    for (const int id : {4, 9, 4, 4, 9, 9}) table.cells.push_back({LensCell{.top = {{.id = id}}}});
    CHECK(table.firstStable(0) == 4);
    table.cells.erase(table.cells.begin() + 2, table.cells.begin() + 4);  // 4, 9, 9, 9
    CHECK(table.firstStable(0) == 1);
    table.cells.erase(table.cells.begin());
    CHECK(table.firstStable(0) == 0);
}

TEST_CASE("What the lens cannot do it says") {
    const auto loaded = openModel(zooPath("llama"));
    const auto bare = run(*loaded->model, {3, 4}, CaptureSpec::none());
    REQUIRE(bare);
    const auto missing = logitLens(*bare->trace, *loaded->model, {});
    REQUIRE(!missing);
    CHECK(missing.error().message.find("blocks.0.hook_resid_pre") != std::string::npos);
    const auto trace = runAll(*loaded, {3, 4}).trace;
    CHECK(!logitLens(*trace, *loaded->model, {.positions = {2}}));
    CHECK(!logitLens(*trace, *loaded->model, {.follow = 97}));
    std::stop_source stop;
    stop.request_stop();
    CHECK(logitLens(*trace, *loaded->model, {}, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
}
