// Mamba's hidden attention: one matrix from what the input projection gives to what the mixer adds, built here from the run in
// double; and its worked example, through what is derived from a trace made by hand.
// Source: Ali et al. 2024, "The Hidden Attention of Mamba Models", with the step size that its matrix leaves out.
#include <cmath>
#include <map>

#include "core/analysis/double_run.h"
#include "core/analysis/forms.h"
#include "core/analysis/state_terms.h"
#include "tests/core/models/model_gradients.h"
#include "tests/core/models/small_configs.h"

using namespace lw;
using namespace lw::test;

namespace {

const std::vector<TokenId> ids{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};

std::map<SiteId, MatrixD> doubleSites(const Model& model, Layer layer) {
    std::map<SiteId, MatrixD> sites;
    DoubleRunRequest request;
    request.ids = ids;
    request.see = [&](const DoubleSite& site) {
        if (site.layer == layer) sites[site.site] = site.value;
        return true;
    };
    REQUIRE(doubleRun(model, request));
    return sites;
}

MatrixD weightOf(const Model& model, WeightId id, Layer layer) { return model.weight(id, layer).toMatrix().cast<double>(); }

Eigen::ArrayXd sigmoid(const Eigen::VectorXd& x) { return 1 / (1 + (-x.array()).exp()); }

// α_ij = Σ_n C_i[n] exp(A[n] Σ_{j<k<=i} Δ_k) Δ_j B_j[n] of one channel, from one running sum of Δ.
MatrixD hiddenAttention(const Eigen::VectorXd& delta, const RowVectorD& A, const MatrixD& B, const MatrixD& C) {
    const Eigen::Index T = delta.size();
    Eigen::VectorXd passed(T);
    for (Eigen::Index t = 0; t < T; ++t) passed(t) = delta(t) + (t > 0 ? passed(t - 1) : 0);
    MatrixD alpha = MatrixD::Zero(T, T);
    for (Eigen::Index i = 0; i < T; ++i) {
        for (Eigen::Index j = 0; j <= i; ++j)
            alpha(i, j) = delta(j) * (C.row(i).array() * (A.array() * (passed(i) - passed(j))).exp() * B.row(j).array()).sum();
    }
    return alpha;
}

// M_conv x = the causal convolution of x with these taps, the last of them on the token itself.
MatrixD bandOf(const RowVectorD& taps, Eigen::Index T) {
    MatrixD band = MatrixD::Zero(T, T);
    for (Eigen::Index t = 0; t < T; ++t) {
        for (Eigen::Index back = 0; back < taps.size() && back <= t; ++back) band(t, t - back) = taps(taps.size() - 1 - back);
    }
    return band;
}

// What is not random in a new model: the convolution's bias (0) and the direct path (1).
void disturb(const Model& model, WeightId id, Layer layer) {
    Matrix& values = model.weight(id, layer).leaf().leafValue();
    Pcg32 random(9);
    for (Eigen::Index i = 0; i < values.size(); ++i) values.data()[i] += static_cast<float>(random.uniform() - .5);
}

std::shared_ptr<const Trace> traceOf(const Model& model, const std::vector<std::pair<SiteId, Matrix>>& values) {
    auto block = std::make_shared<TraceBlock>();
    block->ids.assign(static_cast<std::size_t>(values.front().second.rows()), 0);
    block->values.resize(static_cast<std::size_t>(model.info().layers()));
    for (const auto& [site, value] : values) block->values[0][static_cast<std::size_t>(site)] = Tensor(value);
    return std::make_shared<Trace>(model.sharedInfo(), CaptureSpec::all(model.info()),
                                   std::vector<std::shared_ptr<const TraceBlock>>{block});
}

}  // namespace

TEST_CASE("hidden attention: diag(silu z) (α + D) diag(σ(c)) M_conv is the mixer, to 1e-15") {
    const auto model = makeModel(mambaConfig(), true);
    for (const Layer layer : {Layer(0), Layer(1)}) {
        disturb(*model, WeightId::MixerConvBias, layer);
        disturb(*model, WeightId::MixerSkip, layer);
    }
    for (const Layer layer : {Layer(0), Layer(1)}) {
        CAPTURE(layer.value);
        const std::map<SiteId, MatrixD> at = doubleSites(*model, layer);
        const MatrixD &projected = at.at(SiteId::MixerInProj), &conv = at.at(SiteId::MixerConv);
        const Eigen::Index T = projected.rows(), E = conv.cols();
        const MatrixD A = -weightOf(*model, WeightId::MixerALog, layer).array().exp().matrix(),
                      taps = weightOf(*model, WeightId::MixerConv, layer),
                      bias = weightOf(*model, WeightId::MixerConvBias, layer),
                      skip = weightOf(*model, WeightId::MixerSkip, layer);
        const auto floats = run(*model, ids, CaptureSpec::all(model->info()));
        REQUIRE(floats);
        MatrixD gated(T, E);
        for (Eigen::Index e = 0; e < E; ++e) {
            const MatrixD alpha =
                hiddenAttention(at.at(SiteId::SsmDelta).col(e), A.row(e), at.at(SiteId::SsmB), at.at(SiteId::SsmC));
            const Eigen::VectorXd z = projected.col(E + e), c = conv.col(e);
            const MatrixD mixing = (z.array() * sigmoid(z)).matrix().asDiagonal() *
                                   (alpha + skip(0, e) * MatrixD::Identity(T, T)) * sigmoid(c).matrix().asDiagonal();
            const MatrixD matrix = mixing * bandOf(taps.row(e), T);
            gated.col(e) = matrix * projected.col(e) + mixing * Eigen::VectorXd::Constant(T, bias(0, e));
            // The library's weights, in float, are this α.
            for (Eigen::Index i = 0; i < T; ++i) {
                const auto row =
                    effectiveRow(*floats->trace, *model, layer, Head(static_cast<int>(e)), Position(static_cast<int>(i)));
                REQUIRE(row);
                CHECK((row->cast<double>() - alpha.row(i)).cwiseAbs().maxCoeff() < 1e-6 * alpha.cwiseAbs().maxCoeff());
            }
        }
        const MatrixD added = gated * weightOf(*model, WeightId::MixerOutProj, layer).transpose();
        const MatrixD& want = at.at(SiteId::MixerOut);
        const double apart = (added - want).cwiseAbs().maxCoeff(), size = want.cwiseAbs().maxCoeff();
        INFO("largest difference " << apart << " of values up to " << size);
        CHECK(size > .01);
        CHECK(apart < 1e-15);
    }
}

TEST_CASE("hidden attention: the worked example, E = N = 1, Δ = ln 2, A = −1") {
    // u = 1, 0, 0, 2: h and what is read are .693147, .346574, .173287, 1.472938; α = ln 2 · [1; .5 1; .25 .5 1; .125 .25 .5 1].
    Matrix u(4, 1);
    u << 1, 0, 0, 2;
    const Matrix one = Matrix::Ones(4, 1), step = Matrix::Constant(4, 1, std::log(2.0f));
    const double h[] = {.693147, .346574, .173287, 1.472938};
    const auto mamba = makeModel({{"model_type", "mamba"},
                                  {"vocab_size", 2},
                                  {"hidden_size", 1},
                                  {"expand", 1},
                                  {"state_size", 1},
                                  {"num_hidden_layers", 1}});
    CHECK(mamba->weight(WeightId::MixerALog).toMatrix()(0, 0) == 0);  // A = −e^0
    CHECK(mamba->weight(WeightId::MixerSkip).toMatrix()(0, 0) == 1);
    const auto mamba2 = makeModel({{"model_type", "mamba2"},
                                   {"vocab_size", 2},
                                   {"hidden_size", 1},
                                   {"expand", 1},
                                   {"num_heads", 1},
                                   {"head_dim", 1},
                                   {"n_groups", 1},
                                   {"state_size", 1},
                                   {"num_hidden_layers", 1}});
    for (const auto& model : {mamba, mamba2}) {
        CAPTURE(model->info().architecture);
        const auto trace = traceOf(*model, {{SiteId::SsmInput, u},
                                            {SiteId::SsmDelta, step},
                                            {SiteId::SsmB, one},
                                            {SiteId::SsmC, one},
                                            {SiteId::MixerLogDecay, -step}});
        for (const Form form : formsOf(model->info().block(Layer(0)).mixer)) {
            CAPTURE(formName(form));
            const auto read = readBy(form, *trace, *model, Layer(0), Head(0), 2);
            REQUIRE(read);
            for (int t = 0; t < 4; ++t) {
                CHECK((*read)(t, 0) == Approx(h[t]).epsilon(0).margin(6e-7));
            }
        }
        for (int i = 0; i < 4; ++i) {
            const auto row = effectiveRow(*trace, *model, Layer(0), Head(0), Position(i));
            const auto terms = stateTerms(*trace, *model, Layer(0), Head(0), Position(i));
            REQUIRE(row);
            REQUIRE(terms);
            CHECK(terms->after(0, 0) == Approx(h[i]).epsilon(0).margin(6e-7));
            // Of Mamba-2 the weights are of the values Δ x.
            const double weight = model == mamba ? std::log(2.0) : 1;
            for (int j = 0; j < 4; ++j)
                CHECK((*row)(j) == Approx(j <= i ? weight * std::exp2(j - i) : 0).epsilon(0).margin(1e-7));
        }
    }
}
