// RNN, LSTM and GRU language models: the character LSTMs against outputs computed elsewhere, and small models of each kind for
// what cannot be: chunks, steps, sites, broken files.
#include <fstream>

#include <nlohmann/json.hpp>

#include "core/bundled.h"
#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

namespace {

double apart(const RowVector& got, const nlohmann::json& want) {
    REQUIRE(static_cast<std::size_t>(got.size()) == want.size());
    double worst = 0;
    for (std::size_t i = 0; i < want.size(); ++i)
        widen(worst, std::abs(static_cast<double>(got(static_cast<Eigen::Index>(i))) - want[i].get<double>()));
    return worst;
}

}  // namespace

TEST_CASE("the character LSTMs: ids, logits and states equal the reference") {
    for (const auto& [name, golden] :
         {std::pair{"lstm-shakespeare", "lstm-shakespeare"}, {"lstm-bronte", "lstm-charlotte_bronte"}}) {
        CAPTURE(name);
        const auto loaded = openModel((resourcesFolder() / "models" / name).string());
        CHECK(loaded->warnings.empty());
        std::ifstream file(std::string(LAYERWALK_TEST_DATA) + "/golden/" + golden + ".json");
        const nlohmann::json want = nlohmann::json::parse(file);
        REQUIRE(loaded->tokenizer);
        const auto encoded = loaded->tokenizer->encode(want["text"].get<std::string>());
        REQUIRE(encoded);
        const std::vector<TokenId> ids = want["ids"].get<std::vector<TokenId>>();
        CHECK(encoded->ids() == ids);
        const RunResult result = runAll(*loaded, ids);
        const Trace& trace = *result.trace;
        const Position last(trace.length() - 1);
        // The reference is written with six digits.
        CHECK(apart(trace.row(SiteId::Logits, Layer(0), last), want["logits_last"]) < 2e-5);
        for (int l = 0; l < 2; ++l) {
            CHECK(apart(trace.row(SiteId::CellH, Layer(l), last), want["h"][static_cast<std::size_t>(l)]) < 5e-6);
            CHECK(apart(trace.row(SiteId::CellC, Layer(l), last), want["c"][static_cast<std::size_t>(l)]) < 1e-5);
        }
        // c = kept + written at every position.
        for (int t = 0; t < trace.length(); ++t) {
            const RowVector sum =
                trace.row(SiteId::CellKept, Layer(1), Position(t)) + trace.row(SiteId::CellWritten, Layer(1), Position(t));
            CHECK(sum == trace.row(SiteId::CellC, Layer(1), Position(t)));
        }
        // Any chunks give the same as the whole, and the state does not grow.
        const RunResult parts = runAll(*loaded, ids, 5);
        const Matrix whole = trace.matrix(SiteId::Logits), chunked = parts.trace->matrix(SiteId::Logits);
        CHECK((whole - chunked).cwiseAbs().maxCoeff() < 1e-5 * whole.cwiseAbs().maxCoeff());
        CHECK(parts.state->bytes() == 2 * 2 * 128 * 4);
    }
}

TEST_CASE("a model without a residual stream has none of its sites") {
    const auto loaded = openModel((resourcesFolder() / "models" / "lstm-shakespeare").string());
    const ModelInfo& info = loaded->model->info();
    for (const SiteId site : {SiteId::ResidPre, SiteId::ResidMid, SiteId::ResidPost, SiteId::AttnOut, SiteId::MlpOut,
                              SiteId::FinalScale, SiteId::Ln1Scale, SiteId::Pattern, SiteId::CellR})
        CHECK_FALSE(info.has(site));
    for (const SiteId site : {SiteId::CellI, SiteId::CellF, SiteId::CellG, SiteId::CellO, SiteId::CellC, SiteId::CellH,
                              SiteId::MixerIn, SiteId::MixerOut, SiteId::Embed, SiteId::Logits})
        CHECK(info.has(site));
    CHECK(info.block(Layer(0)).mixer.stateFloats() == 256);
}
