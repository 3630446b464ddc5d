// Whole models of each mixer: the gradient of every parameter against finite differences of the loss, and what the options that
// change a mixer's rule do.
#include "tests/core/models/model_gradients.h"
#include "tests/core/models/small_configs.h"

using namespace lw;
using namespace lw::test;

namespace {

const std::vector<TokenId> ids{3, 1, 4, 1, 5, 9, 2, 6};

std::shared_ptr<const Trace> traceOf(const Model& model) {
    const auto result = run(model, ids, CaptureSpec::all(model.info()));
    if (!result) FAIL(result.error().message);
    return result->trace;
}

MatrixD headOf(const Trace& trace, SiteId site, int head, int width) {
    return trace.matrix(site, Layer(0)).middleCols(head * width, width).cast<double>();
}

double apart(const MatrixD& a, const MatrixD& b) { return (a - b).cwiseAbs().maxCoeff() / b.cwiseAbs().maxCoeff(); }

}  // namespace

TEST_CASE("matrix memories: gradients of every parameter by finite differences") {
    for (const char* type : {"linear_attention", "retnet", "gla", "delta_net", "gated_delta_net"}) {
        CAPTURE(type);
        checkModelGradients(memoryConfig(type), ids);
    }
}

TEST_CASE("matrix memories: gradients with the options that change the rule") {
    checkModelGradients(with(memoryConfig("linear_attention"), "normalize", false), ids);
    for (const char* type : {"delta_net", "gated_delta_net"}) {
        CAPTURE(type);
        checkModelGradients(with(memoryConfig(type), "allow_neg_eigval", true), ids);
    }
}

TEST_CASE("Mamba and Mamba-2: gradients of every parameter by finite differences") {
    checkModelGradients(mambaConfig(), ids);
    checkModelGradients(mamba2Config(), ids);
}

TEST_CASE("cells: gradients of every parameter by finite differences, with a residual stream and without") {
    for (const char* type : {"rnn", "lstm", "gru"}) {
        for (const bool residual : {false, true}) {
            CAPTURE(type, residual);
            checkModelGradients(with(cellConfig(type), "residual", residual), ids);
        }
    }
}

TEST_CASE("linear attention: normalize decides whether what is read is divided by the sum of the weights") {
    // Katharopoulos et al. 2020: o_t = Σ_{j<=t} (φ(q_t)·φ(k_j)) v_j, with normaliser / Σ_{j<=t} φ(q_t)·φ(k_j); here in a loop.
    for (const bool normalised : {true, false}) {
        CAPTURE(normalised);
        const auto model = makeModel(with(memoryConfig("linear_attention"), "normalize", normalised));
        const auto trace = traceOf(*model);
        for (const int head : {0, 1}) {
            const MatrixD q = headOf(*trace, SiteId::MixerQ, head, 4), k = headOf(*trace, SiteId::MixerK, head, 4),
                          v = headOf(*trace, SiteId::MixerV, head, 4);
            CHECK((q.minCoeff() > 0) == normalised);  // φ = elu + 1; without the normaliser q and k are as projected
            MatrixD want = MatrixD::Zero(q.rows(), 4);
            for (Eigen::Index t = 0; t < q.rows(); ++t) {
                double sum = 0;
                for (Eigen::Index j = 0; j <= t; ++j) {
                    const double weight = q.row(t).dot(k.row(j)) / 2;  // √4
                    want.row(t) += weight * v.row(j);
                    sum += weight;
                }
                if (normalised) want.row(t) /= sum;
            }
            CHECK(apart(headOf(*trace, SiteId::MixerRecurrenceOut, head, 4), want) < 1e-6);
        }
    }
}

TEST_CASE("DeltaNet: allow_neg_eigval lets the writing strength reach 2, where a step turns its key's content round") {
    for (const char* type : {"delta_net", "gated_delta_net"}) {
        for (const bool negative : {false, true}) {
            CAPTURE(type, negative);
            const auto model = makeModel(with(memoryConfig(type), "allow_neg_eigval", negative));
            const auto trace = traceOf(*model);
            const Matrix beta = trace->matrix(SiteId::MixerBeta, Layer(0)),
                         logit = trace->matrix(SiteId::MixerBetaLogit, Layer(0));
            const MatrixD want = (negative ? 2 : 1) / (1 + (-logit.cast<double>().array()).exp());
            CHECK(apart(beta.cast<double>(), want) < 1e-6);
            // The eigenvalue of I − β kᵀk for a unit key is 1 − β.
            CHECK((1 - beta.maxCoeff() < 0) == negative);
            // What was read is that of the recurrence with this β.
            const MatrixD q = headOf(*trace, SiteId::MixerQ, 0, 4), k = headOf(*trace, SiteId::MixerK, 0, 4),
                          v = headOf(*trace, SiteId::MixerV, 0, 4);
            MatrixD S = MatrixD::Zero(4, 4), read(q.rows(), 4);
            for (Eigen::Index t = 0; t < q.rows(); ++t) {
                if (trace->has(SiteId::MixerLogDecay, Layer(0)))
                    S *= std::exp(static_cast<double>(trace->matrix(SiteId::MixerLogDecay, Layer(0))(t, 0)));
                S += want(t, 0) * k.row(t).transpose() * (v.row(t) - k.row(t) * S);
                read.row(t) = q.row(t) * S / 2;
            }
            CHECK(apart(headOf(*trace, SiteId::MixerRecurrenceOut, 0, 4), read) < 1e-6);
        }
    }
}

TEST_CASE("cells: residual lets each layer add to a stream instead of replacing it") {
    for (const char* type : {"rnn", "lstm", "gru"}) {
        CAPTURE(type);
        const auto replacing = makeModel(cellConfig(type)), adding = makeModel(with(cellConfig(type), "residual", true));
        const auto plain = traceOf(*replacing), stream = traceOf(*adding);
        // The same weights: the first layer reads and gives the same.
        CHECK(plain->matrix(SiteId::CellH, Layer(0)) == stream->matrix(SiteId::CellH, Layer(0)));
        CHECK(plain->matrix(SiteId::MixerIn, Layer(1)) == plain->matrix(SiteId::CellH, Layer(0)));
        MatrixD sum = stream->matrix(SiteId::Embed).cast<double>();
        for (const int layer : {0, 1}) {
            CHECK(apart(stream->matrix(SiteId::MixerIn, Layer(layer)).cast<double>(), sum) < 1e-7);
            sum += stream->matrix(SiteId::CellH, Layer(layer)).cast<double>();
        }
        const MatrixD unembed = adding->weight(WeightId::Unembed).toMatrix().cast<double>();
        const MatrixD logits =
            (sum * unembed.transpose()).rowwise() + adding->weight(WeightId::BiasUnembed).row(0).cast<double>();
        CHECK(apart(stream->matrix(SiteId::Logits).cast<double>(), logits) < 1e-6);
        CHECK(apart(plain->matrix(SiteId::Logits).cast<double>(), logits) > 1e-2);
    }
}
