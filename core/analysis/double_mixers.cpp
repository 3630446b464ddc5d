#include "core/analysis/double_mixers.h"

#include <algorithm>
#include <cmath>
#include <complex>

#include "core/analysis/double_activation.h"
#include "core/analysis/double_linear.h"

namespace lw {

namespace {

using Function = double (*)(double);
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double silu(double x) { return x * sigmoid(x); }
double softplus(double x) { return x > 20 ? x : std::log1p(std::exp(x)); }
MatrixD each(const MatrixD& x, Function f) { return x.unaryExpr(f); }

// One head of a matrix memory. d [T, 1], [T, K] or empty; e and r [T, K] or empty.
struct Memory {
    MatrixD q, w, v, d, e, r;
    bool normalised = false;
};

class Mix {
public:
    Mix(const Model& model, std::optional<Position> stateOf, MatrixD& firstValue, const MatrixD& x, Layer layer,
        const DoubleMixers::Show& show)
        : m_model(model),
          m(model.info().block(layer).mixer),
          m_stateOf(stateOf),
          m_firstValue(firstValue),
          m_x(x),
          m_layer(layer),
          m_show(show) {}

    MatrixD run() {
        if (m.isCell()) return cell();
        if (m.kind == MixerKind::S4d) return s4d();
        if (m.kind == MixerKind::Mamba) return mamba();
        if (m.kind == MixerKind::Mamba2) return mamba2();
        if (m.kind == MixerKind::Rwkv7) return rwkv();
        return family();
    }

private:
    Eigen::Index T() const { return m_x.rows(); }
    const Weight& w(WeightId id) const { return m_model.weight(id, m_layer); }
    MatrixD dense(WeightId id) const { return w(id).toMatrix().cast<double>(); }
    RowVectorD row(WeightId id) const { return w(id).row(0).cast<double>(); }
    void show(SiteId site, const MatrixD& value, int head = -1) const { m_show(site, value, head); }
    bool isShown(Eigen::Index t) const { return m_stateOf && m_stateOf->value == t; }

    // Each channel over the last tokens, zeros before the text.
    MatrixD convolved(const MatrixD& x, const MatrixD& taps, const RowVectorD& bias) const {
        MatrixD y = MatrixD::Zero(x.rows(), x.cols());
        for (Eigen::Index t = 0; t < x.rows(); ++t) {
            for (Eigen::Index back = 0; back < taps.cols() && back <= t; ++back)
                y.row(t) += x.row(t - back).cwiseProduct(taps.col(taps.cols() - 1 - back).transpose());
            if (bias.size() > 0) y.row(t) += bias;
        }
        return y;
    }

    // S ← d ⊙ S − e ⊗ (r S) + w ⊗ v, read with q.
    MatrixD step(const Memory& o, int head) const {
        MatrixD S = MatrixD::Zero(o.w.cols(), o.v.cols()), out(T(), o.v.cols());
        RowVectorD z = RowVectorD::Zero(o.w.cols());
        for (Eigen::Index t = 0; t < T(); ++t) {
            MatrixD kept = S, erased = MatrixD::Zero(S.rows(), S.cols());
            if (o.d.cols() == 1) kept *= o.d(t, 0);
            if (o.d.cols() > 1) kept = o.d.row(t).transpose().asDiagonal() * S;
            if (o.e.size() > 0) erased = o.e.row(t).transpose() * (o.r.row(t) * S);
            const MatrixD written = o.w.row(t).transpose() * o.v.row(t);
            S = kept - erased + written;
            z += o.w.row(t);
            out.row(t) = o.q.row(t) * S;
            if (o.normalised) out.row(t) /= o.q.row(t).dot(z) + 1e-10;
            if (!isShown(t)) continue;
            show(SiteId::MixerKept, kept, head);
            if (m.erases()) show(SiteId::MixerErased, erased, head);
            show(SiteId::MixerWritten, written, head);
            show(SiteId::MixerS, S, head);
            show(SiteId::MixerRead, out.row(t), head);
        }
        return out;
    }

    // x / √(mean x² + ε) of every group of columns, times gain (shared by the groups, or one for each column).
    MatrixD rms(const MatrixD& x, int groups, double eps, const RowVectorD& gain) const {
        MatrixD y = x;
        const Eigen::Index width = x.cols() / groups;
        for (Eigen::Index t = 0; t < x.rows(); ++t) {
            for (Eigen::Index g = 0; g < groups; ++g) {
                const RowVectorD part = x.row(t).segment(g * width, width);
                const RowVectorD by = gain.size() == width ? gain : RowVectorD(gain.segment(g * width, width));
                y.row(t).segment(g * width, width) =
                    part.cwiseProduct(by) / std::sqrt(part.squaredNorm() / static_cast<double>(width) + eps);
            }
        }
        return y;
    }

    MatrixD out(const MatrixD& o) const { return doubleLinear(o, w(WeightId::MixerOutProj), w(WeightId::MixerOutBias)); }

    // RNN, LSTM, GRU as torch.nn has them.
    MatrixD cell() const {
        const Eigen::Index H = m.inner;
        const auto bias = [&](WeightId id) { return w(id).defined() ? row(id) : RowVectorD(); };
        MatrixD in = doubleLinear(m_x, w(WeightId::CellInput), w(WeightId::CellInputBias));
        const MatrixD U = dense(WeightId::CellRecurrent).transpose();
        const RowVectorD ub = bias(WeightId::CellRecurrentBias);
        MatrixD h(T(), H), kept(T(), H), written(T(), H), cells(T(), H), gates(T(), in.cols());
        RowVectorD before = RowVectorD::Zero(H), c = RowVectorD::Zero(H);
        for (Eigen::Index t = 0; t < T(); ++t) {
            RowVectorD from = before * U;
            if (ub.size() > 0) from += ub;
            const auto part = [&](const RowVectorD& v, int i) { return RowVectorD(v.segment(i * H, H)); };
            const RowVectorD x = in.row(t), both = x + from;
            const auto gate = [&](int i, Function f) {
                gates.row(t).segment(i * H, H) = part(both, i).unaryExpr(f);
                return RowVectorD(gates.row(t).segment(i * H, H));
            };
            if (m.kind == MixerKind::Rnn) {
                kept.row(t) = from;
                written.row(t) = x;
                before = both.array().tanh().matrix();
            } else if (m.kind == MixerKind::Lstm) {
                const RowVectorD i = gate(0, sigmoid), f = gate(1, sigmoid), g = gate(2, [](double v) { return std::tanh(v); }),
                                 o = gate(3, sigmoid);
                kept.row(t) = f.cwiseProduct(c);
                written.row(t) = i.cwiseProduct(g);
                c = kept.row(t) + written.row(t);
                before = o.cwiseProduct(c.array().tanh().matrix());
            } else {
                const RowVectorD r = gate(0, sigmoid), z = gate(1, sigmoid);
                const RowVectorD n = (part(x, 2) + r.cwiseProduct(part(from, 2))).array().tanh().matrix();
                gates.row(t).segment(2 * H, H) = n;
                kept.row(t) = z.cwiseProduct(before);
                written.row(t) = (1 - z.array()).matrix().cwiseProduct(n);
                before = kept.row(t) + written.row(t);
            }
            cells.row(t) = c;
            h.row(t) = before;
        }
        const auto columns = [&](int i) { return MatrixD(gates.middleCols(i * H, H)); };
        if (m.kind == MixerKind::Lstm) {
            show(SiteId::CellI, columns(0));
            show(SiteId::CellF, columns(1));
            show(SiteId::CellG, columns(2));
            show(SiteId::CellO, columns(3));
            show(SiteId::CellC, cells);
        } else if (m.kind == MixerKind::Gru) {
            show(SiteId::CellR, columns(0));
            show(SiteId::CellZ, columns(1));
            show(SiteId::CellN, columns(2));
        }
        show(SiteId::CellKept, kept);
        show(SiteId::CellWritten, written);
        show(SiteId::CellH, h);
        return h;
    }

    // What comes after a scan: the direct path, the gate and the last projection.
    MatrixD afterScan(const MatrixD& y, const MatrixD& x, const MatrixD& gate, const RowVectorD& skip,
                      Activation activation) const {
        const MatrixD output = y + x * skip.asDiagonal();
        show(SiteId::SsmY, y);
        show(SiteId::SsmSkip, gate);
        show(SiteId::SsmOutput, output);
        return output.cwiseProduct(gate.unaryExpr([activation](double v) { return activateDouble(activation, v); }));
    }

    // h[e] ← keep(t, e) ⊙ h[e] + write(t, e); y = h · C, all real.
    template <class Keep, class Write>
    MatrixD scanned(Eigen::Index E, Eigen::Index N, const Keep& keep, const Write& write, const MatrixD& C) const {
        MatrixD h = MatrixD::Zero(E, N), y(T(), E);
        for (Eigen::Index t = 0; t < T(); ++t) {
            const MatrixD kept = keep(t).cwiseProduct(h), written = write(t);
            h = kept + written;
            y.row(t) = (h * C.row(t).transpose()).transpose();
            if (!isShown(t)) continue;
            show(SiteId::MixerKept, kept, 0);
            show(SiteId::MixerWritten, written, 0);
            show(SiteId::SsmH, h, 0);
            show(SiteId::MixerRead, y.row(t), 0);
        }
        return y;
    }

    MatrixD mamba() const {
        const Eigen::Index E = m.inner, N = m.stateSize, R = m.xProjected - 2 * N;
        const MatrixD projected = doubleLinear(m_x, w(WeightId::MixerInProj), w(WeightId::MixerInBias));
        const MatrixD conv = convolved(projected.leftCols(E), dense(WeightId::MixerConv),
                                       w(WeightId::MixerConvBias).defined() ? row(WeightId::MixerConvBias) : RowVectorD());
        const MatrixD x = conv.unaryExpr([this](double v) { return activateDouble(m.activation, v); });
        const MatrixD asked = doubleLinear(x, w(WeightId::MixerXProj));
        const auto part = [&](Eigen::Index first, Eigen::Index count, WeightId gain) {
            const MatrixD columns = asked.middleCols(first, count);
            return w(gain).defined() ? rms(columns, 1, m.innerNormEps, row(gain)) : columns;
        };
        const MatrixD before =
            doubleLinear(part(0, R, WeightId::MixerDtNorm), w(WeightId::MixerDtProj), w(WeightId::MixerDtBias));
        const MatrixD delta = each(before, softplus), B = part(R, N, WeightId::MixerBNorm),
                      C = part(R + N, N, WeightId::MixerCNorm);
        const MatrixD A = -dense(WeightId::MixerALog).array().exp().matrix();
        show(SiteId::MixerInProj, projected);
        show(SiteId::MixerConv, conv);
        show(SiteId::SsmInput, x);
        show(SiteId::MixerXProj, asked);
        show(SiteId::MixerDtProj, before);
        show(SiteId::SsmDelta, delta);
        show(SiteId::SsmB, B);
        show(SiteId::SsmC, C);
        const auto keep = [&](Eigen::Index t) -> MatrixD {
            return (delta.row(t).transpose().asDiagonal() * A).array().exp().matrix();
        };
        const auto write = [&](Eigen::Index t) -> MatrixD { return delta.row(t).cwiseProduct(x.row(t)).transpose() * B.row(t); };
        const MatrixD y = scanned(E, N, keep, write, C);
        return out(afterScan(y, x, projected.rightCols(E), row(WeightId::MixerSkip), m.activation));
    }

    MatrixD mamba2() const {
        const Eigen::Index I = m.inner, N = m.stateSize, V = m.valueWidth;
        const MatrixD projected = doubleLinear(m_x, w(WeightId::MixerInProj), w(WeightId::MixerInBias));
        const MatrixD conv = convolved(projected.middleCols(I, m.convChannels), dense(WeightId::MixerConv),
                                       w(WeightId::MixerConvBias).defined() ? row(WeightId::MixerConvBias) : RowVectorD());
        const MatrixD mixed = conv.unaryExpr([this](double v) { return activateDouble(m.activation, v); });
        const MatrixD x = mixed.leftCols(I), B = mixed.middleCols(I, m.groups * N), C = mixed.rightCols(m.groups * N);
        MatrixD delta = projected.rightCols(m.heads);
        delta.rowwise() += row(WeightId::MixerDtBias);
        delta = delta.unaryExpr([this](double v) { return std::clamp(softplus(v), m.leastStep, m.mostStep); });
        const RowVectorD A = -row(WeightId::MixerALog).array().exp().matrix();
        const MatrixD logDecay = delta * A.asDiagonal();
        show(SiteId::MixerInProj, projected);
        show(SiteId::MixerConv, conv);
        show(SiteId::SsmInput, x);
        show(SiteId::SsmDelta, delta);
        show(SiteId::MixerLogDecay, logDecay);
        show(SiteId::SsmB, B);
        show(SiteId::SsmC, C);
        MatrixD y(T(), I);
        RowVectorD skip(I);
        for (int h = 0; h < m.heads; ++h) {
            const Eigen::Index group = h / (m.heads / m.groups);
            Memory o;
            o.q = C.middleCols(group * N, N);
            o.w = B.middleCols(group * N, N);
            o.v = delta.col(h).asDiagonal() * MatrixD(x.middleCols(h * V, V));
            o.d = logDecay.col(h).array().exp().matrix();
            y.middleCols(h * V, V) = step(o, h);
            skip.segment(h * V, V).setConstant(row(WeightId::MixerSkip)(h));
        }
        const MatrixD gated = afterScan(y, x, projected.leftCols(I), skip, Activation::Silu);
        const MatrixD normed = rms(gated, m.groups, m.innerNormEps, row(WeightId::MixerNormGain));
        show(SiteId::MixerInnerNorm, normed);
        return out(normed);
    }

    MatrixD s4d() const {
        using Complex = std::complex<double>;
        const Eigen::Index E = m.inner, N = m.complexState ? m.stateSize / 2 : m.stateSize;
        const MatrixD projected = doubleLinear(m_x, w(WeightId::MixerInProj));
        const MatrixD u = projected.leftCols(E), aLog = dense(WeightId::MixerALog), read = dense(WeightId::MixerRead);
        const MatrixD none = MatrixD::Zero(E, N), aImag = m.complexState ? dense(WeightId::MixerAImag) : none,
                      readImag = m.complexState ? dense(WeightId::MixerReadImag) : none;
        const RowVectorD delta = row(WeightId::MixerLogStep).array().exp().matrix();
        Eigen::MatrixXcd keep(E, N), write(E, N), C(E, N), h = Eigen::MatrixXcd::Zero(E, N);
        for (Eigen::Index e = 0; e < E; ++e) {
            for (Eigen::Index n = 0; n < N; ++n) {
                const Complex a(-std::exp(aLog(e, n)), aImag(e, n)), z = delta(e) * a;
                keep(e, n) = m.bilinear ? (1.0 + z / 2.0) / (1.0 - z / 2.0) : std::exp(z);
                write(e, n) = m.bilinear ? delta(e) / (1.0 - z / 2.0) : (keep(e, n) - 1.0) / a;
                C(e, n) = Complex(read(e, n), readImag(e, n));
            }
        }
        show(SiteId::MixerInProj, projected);
        show(SiteId::SsmInput, u);
        show(SiteId::SsmDelta, delta.replicate(T(), 1));
        const auto flat = [&](const Eigen::MatrixXcd& x) {
            MatrixD both(E, m.stateSize);
            both.leftCols(N) = x.real();
            if (m.complexState) both.rightCols(N) = x.imag();
            return both;
        };
        MatrixD y(T(), E);
        for (Eigen::Index t = 0; t < T(); ++t) {
            const Eigen::MatrixXcd kept = keep.cwiseProduct(h), written = u.row(t).transpose().asDiagonal() * write;
            h = kept + written;
            y.row(t) = (m.complexState ? 2.0 : 1.0) * C.cwiseProduct(h).rowwise().sum().real().transpose();
            if (!isShown(t)) continue;
            show(SiteId::MixerKept, flat(kept), 0);
            show(SiteId::MixerWritten, flat(written), 0);
            show(SiteId::SsmH, flat(h), 0);
            show(SiteId::MixerRead, y.row(t), 0);
        }
        return out(afterScan(y, u, projected.rightCols(E), row(WeightId::MixerSkip), Activation::Silu));
    }

    // Pairs (i, i + F) of every head turned by position · frequency.
    MatrixD turned(const MatrixD& x) const {
        MatrixD y = x;
        const auto F = static_cast<Eigen::Index>(m.frequencies.size());
        for (Eigen::Index t = 0; t < x.rows(); ++t) {
            for (Eigen::Index first = 0; first < x.cols(); first += m.keyWidth) {
                for (Eigen::Index i = 0; i < F; ++i) {
                    const std::complex<double> by =
                        std::polar(1.0, static_cast<double>(t) * m.frequencies[static_cast<std::size_t>(i)]);
                    const std::complex<double> pair = std::complex<double>(x(t, first + i), x(t, first + F + i)) * by;
                    y(t, first + i) = pair.real();
                    y(t, first + F + i) = pair.imag();
                }
            }
        }
        return y;
    }

    // Linear attention, RetNet, GLA, DeltaNet, Gated DeltaNet (both layouts).
    MatrixD family() const {
        const Eigen::Index H = m.heads, K = m.keyWidth, V = m.valueWidth;
        const bool delta = m.kind == MixerKind::DeltaNet || m.kind == MixerKind::GatedDeltaNet;
        MatrixD q, k, v, gate, betaLogit, decayInput;
        if (w(WeightId::MixerRates).defined()) {
            ungroup(q, k, v, gate, betaLogit, decayInput);
        } else {
            q = alone(WeightId::Q, WeightId::MixerQConv, SiteId::MixerQPreConv);
            k = alone(WeightId::K, WeightId::MixerKConv, SiteId::MixerKPreConv);
            v = alone(WeightId::V, WeightId::MixerVConv, SiteId::MixerVPreConv);
            if (w(WeightId::MixerGate).defined()) gate = doubleLinear(m_x, w(WeightId::MixerGate));
            if (w(WeightId::MixerBeta).defined()) betaLogit = doubleLinear(m_x, w(WeightId::MixerBeta));
            if (m.kind == MixerKind::GatedDeltaNet) decayInput = doubleLinear(m_x, w(WeightId::MixerDecay));
        }
        if (delta) {
            unit(q);
            unit(k);
        } else if (m.normalised) {
            const Function phi = [](double x) { return x > 0 ? x + 1 : std::exp(x); };
            q = each(q, phi);
            k = each(k, phi);
        }
        if (!m.frequencies.empty()) {
            q = turned(q);
            k = turned(k);
        }
        MatrixD beta, logDecay;
        if (betaLogit.size() > 0) {
            beta = static_cast<double>(m.mostBeta) * each(betaLogit, sigmoid);
            show(SiteId::MixerBetaLogit, betaLogit);
            show(SiteId::MixerBeta, beta);
        }
        if (m.kind == MixerKind::RetNet) {
            logDecay.resize(T(), H);
            for (Eigen::Index h = 0; h < H; ++h)
                logDecay.col(h).setConstant(std::log(1 - std::pow(2.0, -5.0 - static_cast<double>(h))));
        } else if (m.kind == MixerKind::Gla) {
            const MatrixD logit =
                doubleLinear(doubleLinear(m_x, w(WeightId::MixerDecay)), w(WeightId::MixerDecayUp), w(WeightId::MixerDecayBias));
            logDecay =
                logit.unaryExpr([this](double x) { return std::log(sigmoid(x)) / static_cast<double>(m.decayTemperature); });
        } else if (m.kind == MixerKind::GatedDeltaNet) {
            decayInput.rowwise() += row(WeightId::MixerDtBias);
            logDecay = each(decayInput, softplus) * (-row(WeightId::MixerALog).array().exp()).matrix().asDiagonal();
        }
        show(SiteId::MixerQ, q);
        show(SiteId::MixerK, k);
        show(SiteId::MixerV, v);
        if (logDecay.size() > 0) show(SiteId::MixerLogDecay, logDecay);
        if (gate.size() > 0) show(SiteId::MixerGateInput, gate);
        MatrixD read(T(), H * V);
        for (Eigen::Index h = 0; h < H; ++h) {
            Memory o;
            o.q = q.middleCols(h * K, K) / std::sqrt(static_cast<double>(K));
            o.w = k.middleCols(h * K, K);
            o.v = v.middleCols(h * V, V);
            o.normalised = m.normalised;
            if (logDecay.size() > 0) {
                const Eigen::Index n = logDecay.cols() / H;
                o.d = logDecay.middleCols(h * n, n).array().exp().matrix();
            }
            if (beta.size() > 0) {
                o.r = o.w;
                if (o.d.size() > 0) o.r = o.d.col(0).asDiagonal() * o.r;
                o.w = beta.col(h).asDiagonal() * o.w;
                o.e = o.w;
            }
            read.middleCols(h * V, V) = step(o, static_cast<int>(h));
        }
        show(SiteId::MixerRecurrenceOut, read);
        MatrixD normed = rms(read, m.heads, m.innerNormEps, row(WeightId::MixerNormGain));
        if (gate.size() > 0) normed = normed.cwiseProduct(each(gate, silu));
        return out(normed);
    }

    MatrixD alone(WeightId weight, WeightId taps, SiteId before) const {
        const MatrixD x = doubleLinear(m_x, w(weight));
        if (!w(taps).defined()) return x;
        show(before, x);
        return each(convolved(x, dense(taps), {}), silu);
    }

    void unit(MatrixD& x) const {
        for (Eigen::Index t = 0; t < x.rows(); ++t) {
            for (Eigen::Index first = 0; first < x.cols(); first += m.keyWidth) {
                auto part = x.row(t).segment(first, m.keyWidth);
                part /= std::sqrt(part.squaredNorm() + 1e-6);
            }
        }
    }

    // Qwen3-Next's layout: by key head its query, its key, its group's values and gates.
    void ungroup(MatrixD& q, MatrixD& k, MatrixD& v, MatrixD& gate, MatrixD& betaLogit, MatrixD& decayInput) const {
        const Eigen::Index G = m.groups, n = m.heads / G, K = m.keyWidth, V = m.valueWidth, all = 2 * K + 2 * n * V;
        const MatrixD projected = doubleLinear(m_x, w(WeightId::MixerInProj)), rates = doubleLinear(m_x, w(WeightId::MixerRates));
        MatrixD together(T(), 2 * G * K + m.heads * V);
        q.resize(T(), m.heads * K);
        k = q;
        gate.resize(T(), m.heads * V);
        betaLogit.resize(T(), m.heads);
        decayInput = betaLogit;
        const auto repeated = [&](const MatrixD& x, Eigen::Index first) {  // each key head's columns for all its value heads
            MatrixD y(T(), m.heads * K);
            for (Eigen::Index h = 0; h < m.heads; ++h) y.middleCols(h * K, K) = x.middleCols(first + h / n * K, K);
            return y;
        };
        for (Eigen::Index g = 0; g < G; ++g) {
            together.middleCols(g * K, K) = projected.middleCols(g * all, K);
            together.middleCols(G * K + g * K, K) = projected.middleCols(g * all + K, K);
            together.middleCols(2 * G * K + g * n * V, n * V) = projected.middleCols(g * all + 2 * K, n * V);
            gate.middleCols(g * n * V, n * V) = projected.middleCols(g * all + 2 * K + n * V, n * V);
            betaLogit.middleCols(g * n, n) = rates.middleCols(g * 2 * n, n);
            decayInput.middleCols(g * n, n) = rates.middleCols(g * 2 * n + n, n);
        }
        show(SiteId::MixerQPreConv, repeated(together, 0));
        show(SiteId::MixerKPreConv, repeated(together, G * K));
        show(SiteId::MixerVPreConv, together.rightCols(m.heads * V));
        const MatrixD mixed = each(convolved(together, dense(WeightId::MixerConv), {}), silu);
        q = repeated(mixed, 0);
        k = repeated(mixed, G * K);
        v = mixed.rightCols(m.heads * V);
    }

    MatrixD rwkv() {
        const Eigen::Index H = m.heads, K = m.keyWidth, D = H * K;
        MatrixD before = MatrixD::Zero(T(), m_x.cols());
        before.bottomRows(T() - 1) = m_x.topRows(T() - 1);
        const auto shifted = [&](WeightId mix) -> MatrixD { return m_x + (before - m_x) * row(mix).asDiagonal(); };
        const auto narrow = [&](const MatrixD& x, WeightId down, WeightId up, std::optional<WeightId> bias, Function between) {
            MatrixD inside = doubleLinear(x, w(down));
            if (between) inside = each(inside, between);
            return doubleLinear(inside, w(up), bias ? w(*bias) : Weight());
        };
        const MatrixD r = doubleLinear(shifted(WeightId::ShiftR), w(WeightId::Q)),
                      key = doubleLinear(shifted(WeightId::ShiftK), w(WeightId::K));
        const MatrixD logDecay = -std::exp(-0.5) * each(narrow(shifted(WeightId::ShiftW), WeightId::DecayDown, WeightId::DecayUp,
                                                               WeightId::DecayBias, [](double x) { return std::tanh(x); }),
                                                        sigmoid);
        const MatrixD forValue = shifted(WeightId::ShiftV);
        MatrixD v = doubleLinear(forValue, w(WeightId::V));
        if (m_layer.value == 0) {
            m_firstValue = v;
        } else {
            const MatrixD share =
                each(narrow(forValue, WeightId::ValueDown, WeightId::ValueUp, WeightId::ValueBias, nullptr), sigmoid);
            v += (m_firstValue - v).cwiseProduct(share);
        }
        const MatrixD a =
            each(narrow(shifted(WeightId::ShiftA), WeightId::RateDown, WeightId::RateUp, WeightId::RateBias, nullptr), sigmoid);
        const MatrixD gate = narrow(shifted(WeightId::ShiftG), WeightId::GateDown, WeightId::GateUp, std::nullopt, sigmoid);
        MatrixD removal = key * row(WeightId::RemovalScale).asDiagonal();
        const RowVectorD rateOfKey = row(WeightId::RateOfKey);
        MatrixD k = key;
        for (Eigen::Index t = 0; t < T(); ++t) {
            for (Eigen::Index h = 0; h < H; ++h)
                removal.row(t).segment(h * K, K) /= std::sqrt(removal.row(t).segment(h * K, K).squaredNorm() + 1e-24);
            k.row(t).array() *= 1 + (a.row(t).array() - 1) * rateOfKey.array();
        }
        MatrixD read(T(), D), o(T(), D);
        const MatrixD bonus = dense(WeightId::Bonus);
        const RowVectorD gain = row(WeightId::MixerNormGain), shift = row(WeightId::MixerNormBias);
        show(SiteId::MixerQ, r);
        show(SiteId::MixerK, k);
        show(SiteId::MixerV, v);
        show(SiteId::MixerLogDecay, logDecay);
        show(SiteId::MixerRemovalKey, removal);
        show(SiteId::MixerInContextRate, a);
        show(SiteId::MixerGate, gate);
        for (Eigen::Index h = 0; h < H; ++h) {
            const auto part = [&](const MatrixD& x) { return MatrixD(x.middleCols(h * K, K)); };
            Memory memory{
                part(r),       part(k), part(v), part(logDecay).array().exp().matrix(), part(a).cwiseProduct(part(removal)),
                part(removal), false};
            const MatrixD out = step(memory, static_cast<int>(h));
            read.middleCols(h * K, K) = out;
            for (Eigen::Index t = 0; t < T(); ++t) {
                const double mean = out.row(t).mean(),
                             deviation = std::sqrt((out.row(t).array() - mean).square().mean() + m.innerNormEps);
                const double now = memory.q.row(t).cwiseProduct(memory.w.row(t)).dot(bonus.row(h));
                o.row(t).segment(h * K, K) =
                    ((out.row(t).array() - mean) / deviation).matrix().cwiseProduct(gain.segment(h * K, K)) +
                    shift.segment(h * K, K) + now * memory.v.row(t);
            }
        }
        show(SiteId::MixerRecurrenceOut, read);
        return out(o.cwiseProduct(gate));
    }

    const Model& m_model;
    const MixerInfo& m;
    std::optional<Position> m_stateOf;
    MatrixD& m_firstValue;
    const MatrixD& m_x;
    Layer m_layer;
    const DoubleMixers::Show& m_show;
};

}  // namespace

MatrixD DoubleMixers::mix(const MatrixD& x, Layer layer, const Show& show) {
    return Mix(m_model, m_stateOf, m_firstValue, x, layer, show).run();
}

}  // namespace lw
