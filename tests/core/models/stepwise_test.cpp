// Taking a text in at once, token by token or in uneven chunks is one computation in every architecture; so is it with and
// without captures.
#include "core/analysis/double_run.h"
#include "tests/core/models/model_gradients.h"
#include "tests/core/models/small_configs.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Named {
    std::string name;
    std::shared_ptr<const Model> model;
    std::vector<TokenId> ids;
};

std::vector<Named> everyModel() {
    std::vector<Named> all;
    for (const char* family : {"gpt2", "llama", "mamba", "mamba2", "jamba", "qwen3_next"}) {
        const auto loaded = openModel(zooPath(family));
        all.push_back({family, loaded->model, Reference(zooPath(family) + "/expected.safetensors").ids("0.input_ids")});
    }
    for (const nlohmann::json& config :
         {memoryConfig("linear_attention"), with(memoryConfig("linear_attention"), "normalize", false), memoryConfig("retnet"),
          memoryConfig("gla"), memoryConfig("delta_net"), memoryConfig("gated_delta_net"), mambaConfig(), mamba2Config(),
          s4dConfig(true), s4dConfig(false), cellConfig("rnn"), cellConfig("lstm"), cellConfig("gru"), rwkv7Config(),
          nplmConfig()})
        all.push_back({config.dump(), makeModel(config), {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4}});
    return all;
}

// Logits of every position, the text taken in by chunks of these lengths.
Matrix logitsOf(const Model& model, std::span<const TokenId> ids, const std::vector<std::size_t>& chunks) {
    const auto state = model.start();
    Matrix all(static_cast<Eigen::Index>(ids.size()), model.info().vocabulary);
    std::size_t first = 0;
    for (const std::size_t count : chunks) {
        const auto logits = model.forward(ids.subspan(first, count), *state, Tap(), {}, LogitRows::All);
        REQUIRE(logits);
        all.middleRows(static_cast<Eigen::Index>(first), static_cast<Eigen::Index>(count)) = logits->value();
        first += count;
        CHECK(state->length() == static_cast<int>(first));
    }
    REQUIRE(first == ids.size());
    return all;
}

}  // namespace

TEST_CASE("every architecture: a text at once, token by token and in uneven chunks gives the same logits") {
    for (const auto& [name, model, ids] : everyModel()) {
        CAPTURE(name);
        // By code of its own, which knows all but the feed-forward model.
        const MatrixD exact = model->info().architecture == "nplm" ? MatrixD() : logitsInDouble(*model, ids);
        const Matrix whole = logitsOf(*model, ids, {ids.size()});
        const double largest = whole.cwiseAbs().maxCoeff();
        CHECK(largest > 0.01);
        // Two ways of summing may lie on either side of the exact number. That happens in one model, whose random weights enlarge
        // float's rounding (the reference test allows it as much): there the ways are 1.4e-5 apart, each within 1e-5 of the
        // exact.
        const double limit = name == "mamba" ? 2e-5 : 1e-5;
        const std::vector<std::size_t> single(ids.size(), 1), uneven{ids.size() - 6, 6};
        for (const auto& chunks : {std::vector{ids.size()}, single, uneven}) {
            const Matrix parts = logitsOf(*model, ids, chunks);
            const double apart = (parts - whole).cwiseAbs().maxCoeff() / largest;
            INFO(chunks.size() << " chunks: " << apart << " of the largest logit");
            CHECK(apart <= limit);
            if (exact.size() > 0) CHECK((parts.cast<double>() - exact).cwiseAbs().maxCoeff() / largest <= 1e-5);
        }
    }
}

TEST_CASE("every architecture: capturing everything or nothing gives the same logits, bit for bit") {
    for (const auto& [name, model, ids] : everyModel()) {
        CAPTURE(name);
        const auto none = run(*model, ids, CaptureSpec::none()), all = run(*model, ids, CaptureSpec::all(model->info()));
        REQUIRE(none);
        REQUIRE(all);
        CHECK(all->trace->bytes() > none->trace->bytes());
        CHECK(all->trace->matrix(SiteId::Logits) == none->trace->matrix(SiteId::Logits));
    }
}
