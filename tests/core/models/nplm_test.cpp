// The feed-forward language model: a forward pass written out, gradients, chunks, and what it shows of itself.
#include "core/models/nplm.h"
#include "core/analysis/attribution.h"
#include "core/analysis/check.h"
#include "core/analysis/explain.h"
#include "tests/core/models/model_gradients.h"

using namespace lw;
using namespace lw::test;
using nlohmann::json;

namespace {

json configOf(bool direct, bool tied) {
    return {{"model_type", "nplm"},
            {"vocab_size", 11},
            {"hidden_size", 6},
            {"window", 3},
            {"intermediate_size", 8},
            {"direct", direct},
            {"tie_word_embeddings", tied},
            {"initializer_range", 0.4}};
}
const std::vector<TokenId> ids{3, 1, 4, 1, 5, 9, 2, 6};

RowVectorD row(const Weight& w, Eigen::Index r) { return w.row(r).cast<double>(); }

// The equations, one number at a time.
MatrixD writtenOut(const Model& model, const std::vector<TokenId>& tokens) {
    const auto w = [&](WeightId id, Eigen::Index r) { return row(model.weight(id, Layer(0)), r); };
    const Weight& direct = dynamic_cast<const Nplm&>(model).direct();
    MatrixD logits(static_cast<Eigen::Index>(tokens.size()), 11);
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        RowVectorD x = RowVectorD::Zero(18);
        for (int i = 0; i < 3; ++i) {
            const auto from = static_cast<int>(t) - 2 + i;
            if (from >= 0) x.segment(6 * i, 6) = w(WeightId::Embed, tokens[static_cast<std::size_t>(from)]);
        }
        RowVectorD hidden(8), out(6);
        for (int m = 0; m < 8; ++m) hidden(m) = std::tanh(x.dot(w(WeightId::In, m)) + w(WeightId::BiasIn, 0)(m));
        for (int d = 0; d < 6; ++d) {
            out(d) = hidden.dot(w(WeightId::Out, d));
            if (direct.defined()) out(d) += x.dot(row(direct, d));
        }
        for (int v = 0; v < 11; ++v)
            logits(static_cast<Eigen::Index>(t), v) = out.dot(w(WeightId::Unembed, v)) + w(WeightId::BiasUnembed, 0)(v);
    }
    return logits;
}

}  // namespace

TEST_CASE("feed-forward LM: logits equal the equations, one number at a time") {
    for (const bool direct : {false, true}) {
        const auto model = makeModel(configOf(direct, direct));
        const auto* nplm = dynamic_cast<const Nplm*>(model.get());
        REQUIRE(nplm);
        CHECK(nplm->direct().defined() == direct);
        const auto result = run(*model, ids, CaptureSpec::all(model->info()));
        REQUIRE(result);
        const MatrixD want = writtenOut(*model, ids);
        for (std::size_t t = 0; t < ids.size(); ++t)
            for (int v = 0; v < 11; ++v)
                CHECK(static_cast<double>(result->trace->logits(Position(static_cast<int>(t)))(v)) ==
                      Approx(want(static_cast<Eigen::Index>(t), v)).epsilon(0).margin(1e-6));
        checkChunks(*model, ids, 1e-6);
        CHECK(result->state->bytes() == 2 * 4);  // two ids
    }
}

TEST_CASE("feed-forward LM: nothing older than the window reaches it") {
    const auto model = makeModel(configOf(true, true));
    std::vector<TokenId> other = ids;
    other[2] = 7;
    const auto a = run(*model, ids, CaptureSpec::none()), b = run(*model, other, CaptureSpec::none());
    REQUIRE(a);
    REQUIRE(b);
    for (const int t : {0, 1, 5, 6, 7}) CHECK(a->trace->logits(Position(t)) == b->trace->logits(Position(t)));
    for (const int t : {2, 3, 4}) CHECK(a->trace->logits(Position(t)) != b->trace->logits(Position(t)));
}

TEST_CASE("feed-forward LM: gradients of every parameter by finite differences") {
    checkModelGradients(configOf(true, true), ids, 3e-5, writtenOut);
    checkModelGradients(configOf(false, false), ids, 3e-5, writtenOut);
}

TEST_CASE("feed-forward LM: its sites, and where each number comes from") {
    const auto model = makeModel(configOf(true, true));
    const ModelInfo& info = model->info();
    for (const SiteId site : {SiteId::Embed, SiteId::MlpPre, SiteId::MlpPost, SiteId::MlpOut, SiteId::Logits})
        CHECK(info.has(site));
    for (const SiteId site : {SiteId::ResidPre, SiteId::ResidMid, SiteId::ResidPost, SiteId::MlpIn, SiteId::FinalScale,
                              SiteId::MixerIn, SiteId::Ln2Scale})
        CHECK_FALSE(info.has(site));
    const auto result = run(*model, ids, CaptureSpec::all(info));
    REQUIRE(result);
    const Trace& trace = *result->trace;
    for (const SiteId site : {SiteId::Embed, SiteId::MlpPre, SiteId::MlpPost, SiteId::MlpOut, SiteId::Logits}) {
        for (const int t : {0, 1, 7}) {
            Locus place{.position = Position(t), .unit = Unit(4), .site = site};
            if (siteOf(site).perLayer) place.layer = Layer(0);
            CAPTURE(print(place));
            const auto check = checkValue(trace, *model, place, CheckPath::FromOperands);
            if (!check) FAIL(check.error().message);
            CHECK(check->relative < 1e-5);
            CHECK(explain(trace, *model, place)->formula.size() > 1);
        }
    }
    const Locus logit{.position = Position(1), .unit = Unit(4), .site = SiteId::Logits};
    CHECK_FALSE(checkValue(trace, *model, logit, CheckPath::WholeRun));
    CHECK_FALSE(attribute(trace, *model, Position(1), 4, {}));
}
