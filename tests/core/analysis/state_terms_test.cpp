// The step of a state as an equation, effective attention, survival: against what the model itself gave, and worked numbers.
#include "core/analysis/state_terms.h"

#include <cmath>
#include <complex>

#include "tests/core/models/model_gradients.h"
#include "tests/core/models/small_configs.h"
#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Ran {
    std::shared_ptr<const LoadedModel> loaded;
    std::shared_ptr<const Trace> trace;
};

Ran ran(const std::string& name) {
    Ran r;
    r.loaded = openModel(zooPath(name));
    r.trace = runAll(*r.loaded, Reference(zooPath(name) + "/expected.safetensors").ids("0.input_ids")).trace;
    return r;
}

double apart(const Matrix& a, const Matrix& b) {
    REQUIRE((a.rows() == b.rows() && a.cols() == b.cols()));
    return (a - b).cwiseAbs().maxCoeff() / std::max(1e-6f, b.cwiseAbs().maxCoeff());
}

// What a state holds of one position's write alone, after that position and every later one: the recurrence `next(t, S, write)`
// run in double with that write and once more without it. (Every such step is linear in the state: what is left of one write
// does not depend on the others.)
template <class State, class Next>
std::vector<State> heldOf(int position, int T, const State& zero, const Next& next) {
    std::vector<State> held;
    State with = zero, without = zero;
    for (int t = 0; t < T; ++t) {
        with = next(t, with, true);
        without = next(t, without, t != position);
        if (t >= position) held.push_back(with - without);
    }
    return held;
}

template <class State, class Read>
std::vector<double> sharesOf(const std::vector<State>& held, const Read& read) {
    std::vector<double> shares;
    for (const State& state : held) shares.push_back(read(state) / read(held.front()));
    return shares;
}

// The same for each of many, and their mean.
template <class State, class Read>
std::vector<double> meanShares(const std::vector<State>& held, int count, const Read& read) {
    std::vector<double> mean(held.size(), 0.0);
    for (int i = 0; i < count; ++i) {
        const std::vector<double> own = sharesOf(held, [&](const State& state) { return read(state, i); });
        for (std::size_t t = 0; t < own.size(); ++t) mean[t] += own[t] / count;
    }
    return mean;
}

void checkSurvival(const Trace& trace, const Model& model, Layer layer, Head head, int position, const std::vector<double>& want,
                   double tolerance) {
    CAPTURE(layer.value, head.value, position);
    const auto share = survival(trace, model, layer, head, Position(position));
    REQUIRE(share);
    REQUIRE(share->size() == static_cast<std::size_t>(trace.length() - position));
    REQUIRE(want.size() == share->size());
    CHECK(share->front() == 1);
    double worst = 0;
    for (std::size_t t = 0; t < want.size(); ++t) widen(worst, std::abs((*share)[t] - want[t]));
    INFO("largest difference " << worst);
    CHECK(worst < tolerance);
    CHECK(std::abs(want.back() - 1) > 100 * tolerance);  // or all would pass that do nothing
}

std::shared_ptr<const Trace> traceOf(const Model& model) {
    const auto result = run(model, {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3}, CaptureSpec::all(model.info()));
    if (!result) FAIL(result.error().message);
    return result->trace;
}

MatrixD valuesOf(const Trace& trace, SiteId site, Layer layer) { return trace.matrix(site, layer).cast<double>(); }

constexpr int lookedAt[] = {0, 3, 9};

}  // namespace

TEST_CASE("state: kept − erased + written is the state after, and reading it gives what the model read") {
    for (const auto& [name, layer] : {std::pair{"mamba", 1}, {"mamba2", 1}, {"jamba", 2}, {"qwen3_next", 1}}) {
        const Ran r = ran(name);
        const MixerInfo& m = r.trace->model().block(Layer(layer)).mixer;
        const SiteId readSite = m.isMatrixMemory() ? SiteId::MixerRecurrenceOut : SiteId::SsmY;
        const int heads = m.hasMatrixState() ? m.heads : 1;
        for (int h = 0; h < heads; ++h) {
            for (const int t : {0, 1, 7, 16}) {
                CAPTURE(name, h, t);
                const auto terms = stateTerms(*r.trace, *r.loaded->model, Layer(layer), Head(h), Position(t));
                REQUIRE(terms);
                Matrix sum = terms->kept + terms->written;
                if (m.erases()) sum -= terms->erased;
                CHECK((terms->erased.size() > 0) == m.erases());
                CHECK(apart(sum, terms->after) < 1e-6);
                if (t == 0) CHECK(terms->before.isZero());
                const RowVector row = r.trace->row(readSite, Layer(layer), Position(t));
                const Eigen::Index width = row.size() / heads;
                CHECK(apart(terms->read, row.segment(h * width, width)) < 1e-6);
                if (t > 0) {
                    const auto earlier = stateTerms(*r.trace, *r.loaded->model, Layer(layer), Head(h), Position(t - 1));
                    REQUIRE(earlier);
                    CHECK(earlier->after == terms->before);
                }
            }
        }
    }
}

TEST_CASE("effective attention: weights times values is what the recurrence read") {
    for (const auto& [name, layer] : {std::pair{"mamba", 0}, {"mamba2", 0}, {"jamba", 0}, {"qwen3_next", 2}}) {
        const Ran r = ran(name);
        const Trace& trace = *r.trace;
        const MixerInfo& m = trace.model().block(Layer(layer)).mixer;
        for (const int head : {0, 1, m.hasMatrixState() ? m.heads - 1 : m.inner - 1}) {
            for (const int i : {0, 5, 16}) {
                CAPTURE(name, head, i);
                const auto row = effectiveRow(trace, *r.loaded->model, Layer(layer), Head(head), Position(i));
                REQUIRE(row);
                for (int j = i + 1; j < trace.length(); ++j) CHECK((*row)(j) == 0);
                if (m.hasMatrixState()) {
                    const auto operands = memoryOperands(trace, Layer(layer), Head(head));
                    REQUIRE(operands);
                    const RowVector read = *row * operands->v;
                    const SiteId site = m.isMatrixMemory() ? SiteId::MixerRecurrenceOut : SiteId::SsmY;
                    const RowVector want = trace.row(site, Layer(layer), Position(i)).segment(head * m.valueWidth, m.valueWidth);
                    CHECK(apart(read, want) < 1e-5);
                } else {
                    const float read = row->dot(trace.matrix(SiteId::SsmInput, Layer(layer)).col(head));
                    const RowVector all = trace.row(SiteId::SsmY, Layer(layer), Position(i));
                    CHECK(std::abs(read - all(head)) < 1e-5 * all.cwiseAbs().maxCoeff());
                }
            }
        }
    }
}

TEST_CASE("survival starts at 1 and follows the gates") {
    const Ran r = ran("mamba2");
    const Trace& trace = *r.trace;
    const auto share = survival(trace, *r.loaded->model, Layer(0), Head(2), Position(4));
    REQUIRE(share);
    REQUIRE(share->size() == 13);
    CHECK(share->front() == 1);
    // Mamba-2 only fades: the product of the decays since.
    double product = 1;
    for (int t = 5; t < 17; ++t) {
        product *= std::exp(static_cast<double>(trace.row(SiteId::MixerLogDecay, Layer(0), Position(t))(2)));
        CHECK((*share)[static_cast<std::size_t>(t - 4)] == Approx(product).epsilon(1e-5));
    }
    const Ran delta = ran("qwen3_next");
    const auto erased = survival(*delta.trace, *delta.loaded->model, Layer(0), Head(0), Position(3));
    REQUIRE(erased);
    CHECK(erased->front() == 1);
    CHECK(std::abs(erased->back()) < 1);
}

TEST_CASE("survival of an LSTM and a GRU: their own gates, run with and without one token's write") {
    for (const char* type : {"lstm", "gru"}) {
        CAPTURE(type);
        const auto model = makeModel(cellConfig(type));
        const auto trace = traceOf(*model);
        const bool lstm = trace->model().block(Layer(0)).mixer.kind == MixerKind::Lstm;
        for (const int layer : {0, 1}) {
            // LSTM: c = f ⊙ c' + i ⊙ g. GRU: h = z ⊙ h' + (1 − z) ⊙ n. The gates as captured.
            const MatrixD keep = valuesOf(*trace, lstm ? SiteId::CellF : SiteId::CellZ, Layer(layer)),
                          write = lstm ? MatrixD(valuesOf(*trace, SiteId::CellI, Layer(layer))
                                                     .cwiseProduct(valuesOf(*trace, SiteId::CellG, Layer(layer))))
                                       : MatrixD((1 - keep.array()) * valuesOf(*trace, SiteId::CellN, Layer(layer)).array());
            const auto next = [&](int t, const RowVectorD& c, bool writes) -> RowVectorD {
                return keep.row(t).cwiseProduct(c) + (writes ? 1 : 0) * write.row(t);
            };
            for (const int j : lookedAt) {
                const auto held = heldOf<RowVectorD>(j, trace->length(), RowVectorD::Zero(keep.cols()), next);
                const auto want =
                    meanShares(held, static_cast<int>(keep.cols()), [](const RowVectorD& c, int unit) { return c(unit); });
                checkSurvival(*trace, *model, Layer(layer), Head(0), j, want, 1e-12);
            }
        }
    }
    const auto rnn = makeModel(cellConfig("rnn"));  // its tanh keeps no share of anything
    CHECK_FALSE(survival(*traceOf(*rnn), *rnn, Layer(0), Head(0), Position(2)));
}

TEST_CASE("survival in a Mamba: the scan run with and without one token's write, read back along its B") {
    const auto model = makeModel(mambaConfig());
    const auto trace = traceOf(*model);
    for (const int layer : {0, 1}) {
        const MatrixD delta = valuesOf(*trace, SiteId::SsmDelta, Layer(layer)), B = valuesOf(*trace, SiteId::SsmB, Layer(layer)),
                      x = valuesOf(*trace, SiteId::SsmInput, Layer(layer)),
                      A = -model->weight(WeightId::MixerALog, Layer(layer)).toMatrix().cast<double>().array().exp().matrix();
        const auto next = [&](int t, const MatrixD& h, bool writes) -> MatrixD {
            const MatrixD keep = (delta.row(t).transpose().asDiagonal() * A).array().exp().matrix();
            return keep.cwiseProduct(h) + (writes ? 1 : 0) * delta.row(t).cwiseProduct(x.row(t)).transpose() * B.row(t);
        };
        for (const int j : lookedAt) {
            const auto held = heldOf<MatrixD>(j, trace->length(), MatrixD::Zero(A.rows(), A.cols()), next);
            const auto want = meanShares(held, static_cast<int>(A.rows()),
                                         [&](const MatrixD& h, int channel) { return h.row(channel).dot(B.row(j)); });
            checkSurvival(*trace, *model, Layer(layer), Head(0), j, want, 1e-6);
        }
    }
}

TEST_CASE("survival in S4D: made discrete in double, run with and without one token's write, read back along its input") {
    for (const bool complex : {true, false}) {
        for (const char* rule : {"zoh", "bilinear"}) {
            CAPTURE(complex, rule);
            const auto model = makeModel(with(s4dConfig(complex), "discretization", rule));
            const auto trace = traceOf(*model);
            const MatrixD u = valuesOf(*trace, SiteId::SsmInput, Layer(1));
            const auto weight = [&](WeightId id) { return MatrixD(model->weight(id, Layer(1)).toMatrix().cast<double>()); };
            Eigen::MatrixXcd A = -weight(WeightId::MixerALog).array().exp().matrix().cast<std::complex<double>>();
            if (complex) A += std::complex<double>(0, 1) * weight(WeightId::MixerAImag).cast<std::complex<double>>();
            Eigen::MatrixXcd keep = A, write = A;
            for (Eigen::Index e = 0; e < A.rows(); ++e) {
                const double step = std::exp(weight(WeightId::MixerLogStep)(0, e));
                for (Eigen::Index n = 0; n < A.cols(); ++n) {
                    const std::complex<double> a = A(e, n), half = step * a / 2.0;
                    const bool hold = std::string(rule) == "zoh";
                    keep(e, n) = hold ? std::exp(step * a) : (1.0 + half) / (1.0 - half);
                    write(e, n) = hold ? (std::exp(step * a) - 1.0) / a : step / (1.0 - half);
                }
            }
            const auto next = [&](int t, const Eigen::MatrixXcd& h, bool writes) -> Eigen::MatrixXcd {
                return keep.cwiseProduct(h) + (writes ? 1.0 : 0.0) * Eigen::MatrixXcd(u.row(t).asDiagonal() * write);
            };
            for (const int j : lookedAt) {
                const auto held = heldOf<Eigen::MatrixXcd>(j, trace->length(), Eigen::MatrixXcd::Zero(A.rows(), A.cols()), next);
                const auto want = meanShares(held, static_cast<int>(A.rows()), [&](const Eigen::MatrixXcd& h, int channel) {
                    return (h.row(channel).array() * write.row(channel).conjugate().array()).sum().real();
                });
                checkSurvival(*trace, *model, Layer(1), Head(0), j, want, 1e-6);
            }
        }
    }
}

TEST_CASE("survival in a matrix memory: its own operands run with and without one token's write, read back with its key") {
    const nlohmann::json configs[] = {memoryConfig("retnet"),          memoryConfig("gla"),
                                      memoryConfig("delta_net"),       with(memoryConfig("delta_net"), "allow_neg_eigval", true),
                                      memoryConfig("gated_delta_net"), rwkv7Config()};
    for (const nlohmann::json& config : configs) {
        CAPTURE(config.dump());
        const auto model = makeModel(config);
        const auto trace = traceOf(*model);
        const MixerInfo& m = trace->model().block(Layer(1)).mixer;
        for (const int head : {0, 1}) {
            const auto part = [&](SiteId site, int width) -> MatrixD {
                return valuesOf(*trace, site, Layer(1)).middleCols(head * width, width);
            };
            const int K = m.keyWidth;
            const MatrixD k = part(SiteId::MixerK, K), v = part(SiteId::MixerV, m.valueWidth);
            MatrixD keep = MatrixD::Ones(k.rows(), K), rate = MatrixD::Ones(k.rows(), K), removal = MatrixD::Zero(k.rows(), K),
                    beta = MatrixD::Ones(k.rows(), 1);
            if (m.decays()) {
                const MatrixD log = part(SiteId::MixerLogDecay, m.decaysPerKey() ? K : 1);
                for (int i = 0; i < K; ++i) keep.col(i) = log.col(m.decaysPerKey() ? i : 0).array().exp().matrix();
            }
            if (m.kind == MixerKind::Rwkv7) {
                removal = part(SiteId::MixerRemovalKey, K);
                rate = part(SiteId::MixerInContextRate, K);
            } else if (m.erases()) {
                beta = part(SiteId::MixerBeta, 1);
            }
            const auto next = [&](int t, const MatrixD& S, bool writes) -> MatrixD {
                const MatrixD faded = keep.row(t).transpose().asDiagonal() * S;
                MatrixD after = faded + (writes ? beta(t, 0) : 0) * k.row(t).transpose() * v.row(t);
                // RWKV-7 erases under a key of its own, of the memory before it fades; the delta rule under k, of the faded one.
                if (m.kind == MixerKind::Rwkv7)
                    after -= rate.row(t).cwiseProduct(removal.row(t)).transpose() * (removal.row(t) * S);
                else if (m.erases())
                    after -= beta(t, 0) * k.row(t).transpose() * (k.row(t) * faded);
                return after;
            };
            for (const int j : lookedAt) {
                const auto held = heldOf<MatrixD>(j, trace->length(), MatrixD::Zero(K, v.cols()), next);
                const auto want = sharesOf(held, [&](const MatrixD& S) { return (k.row(j) * S).dot(v.row(j)); });
                checkSurvival(*trace, *model, Layer(1), Head(head), j, want, 1e-6);
            }
        }
    }
    // Linear attention and a memory that is only added to keep all of it.
    const auto linear = makeModel(memoryConfig("linear_attention"));
    const auto share = survival(*traceOf(*linear), *linear, Layer(0), Head(1), Position(3));
    REQUIRE(share);
    for (const double one : *share) CHECK(one == 1);
}

TEST_CASE("what carries no such state says what it has instead") {
    const Ran attention = ran("jamba");
    const auto none = stateTerms(*attention.trace, *attention.loaded->model, Layer(1), Head(0), Position(2));
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("keeps every key and value") != std::string::npos);
    CHECK_FALSE(memoryOperands(*attention.trace, Layer(0), Head(0)));
    CHECK_FALSE(stateTerms(*attention.trace, *attention.loaded->model, Layer(0), Head(0), Position(99)));
    // Operands that were not captured are named.
    const auto loaded = openModel(zooPath("mamba2"));
    const auto few = run(*loaded->model, {3, 4, 5}, CaptureSpec::none());
    REQUIRE(few);
    const auto missing = stateTerms(*few->trace, *loaded->model, Layer(0), Head(0), Position(1));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message.find("blocks.0.mixer.hook_ssm_input") != std::string::npos);
}
