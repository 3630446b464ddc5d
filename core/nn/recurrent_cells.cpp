#include "core/nn/recurrent_cells.h"

#include <cassert>
#include <functional>
#include <utility>

#include "core/nn/linear.h"
#include "core/tensor/elementwise.h"
#include "core/tensor/products.h"

namespace lw::nn {

namespace {

using Row = Eigen::Map<RowVector>;

// h U + b' of one token: [1, G·H].
RowVector recurrentPart(const RowVector& h, const CellWeights& w) {
    Matrix y(1, w.recurrent.rows());
    multiplyByTransposed(h, w.recurrent, y);
    RowVector out = y;
    if (w.recurrentBias.defined()) out += w.recurrentBias.row(0);
    return out;
}

// What the backward passes of all cells share: going back token by token, then one product for the recurrent weights.
// step(t, dh, dPre, dRec): from d loss / d h_t to the gradients before the activations, of the input part and of the recurrent
// part, and to what reaches h_{t−1} past the recurrent weights (left in dh).
void backThroughTime(
    const CellWeights& w, const Tensor& pre, const Matrix& before, const Matrix& h, const Matrix& dy,
    const StateGradientNorms& norms,
    const std::function<void(Eigen::Index, RowVector& dh, Eigen::Ref<RowVector> dPre, Eigen::Ref<RowVector> dRec)>& step) {
    const Eigen::Index T = dy.rows(), H = dy.cols();
    Matrix dPre(T, pre.cols()), dRec(T, pre.cols());
    const Matrix U = w.recurrent.toMatrix();
    RowVector dh = RowVector::Zero(H);
    if (norms) norms->resize(static_cast<std::size_t>(T));
    for (Eigen::Index t = T - 1; t >= 0; --t) {
        dh += dy.row(t);
        if (norms) (*norms)[static_cast<std::size_t>(t)] = dh.cast<double>().norm();
        step(t, dh, dPre.row(t), dRec.row(t));
        dh.noalias() += dRec.row(t) * U;
    }
    pre.accumulateGrad(std::move(dPre));
    if (w.recurrentBias.isTrainable()) w.recurrentBias.leaf().accumulateGrad(Matrix(dRec.colwise().sum()));
    if (w.recurrent.isTrainable()) {
        Matrix previous(T, H);
        previous.row(0) = before.row(0);
        if (T > 1) previous.bottomRows(T - 1) = h.topRows(T - 1);
        w.recurrent.leaf().accumulateGrad(Matrix(dRec.transpose() * previous));
    }
}

bool remembers(const Tensor& pre, const CellWeights& w) {
    return pre.requiresGrad() || w.recurrent.isTrainable() || w.recurrentBias.isTrainable();
}

}  // namespace

CellValues rnn(const Tensor& x, const CellWeights& w, Matrix& h, StateGradientNorms norms) {
    const Tensor pre = linear(x, w.input, w.inputBias);
    const Eigen::Index T = x.rows(), H = w.recurrent.cols();
    assert(h.rows() == 1 && h.cols() == H && w.recurrent.rows() == H);
    const Matrix before = h;
    Matrix all(T, H), kept(T, H);
    for (Eigen::Index t = 0; t < T; ++t) {
        kept.row(t) = recurrentPart(h.row(0), w);
        all.row(t) = pre.value().row(t) + kept.row(t);
        lw::tanh(all.row(t).data(), all.row(t).data(), H);
        h.row(0) = all.row(t);
    }
    CellValues values;
    values.kept = Tensor(std::move(kept));
    values.written = Tensor(pre.value());
    if (!remembers(pre, w)) {
        values.h = Tensor(std::move(all));
        return values;
    }
    const Matrix out = all;
    values.h = Tensor::result(std::move(all), {pre, w.recurrent.leaf(), w.recurrentBias.leaf()}, [=](const Matrix& dy) {
        backThroughTime(w, pre, before, out, dy, norms,
                        [&](Eigen::Index t, RowVector& dh, Eigen::Ref<RowVector> dPre, Eigen::Ref<RowVector> dRec) {
                            dPre = dh.array() * (1 - out.row(t).array().square());
                            dRec = dPre;
                            dh.setZero();
                        });
    });
    return values;
}

CellValues lstm(const Tensor& x, const CellWeights& w, Matrix& h, Matrix& c, StateGradientNorms norms) {
    const Tensor pre = linear(x, w.input, w.inputBias);
    const Eigen::Index T = x.rows(), H = w.recurrent.cols();
    assert(h.cols() == H && c.cols() == H && w.recurrent.rows() == 4 * H);
    const Matrix before = h, cellBefore = c;
    Matrix gates(T, 4 * H), cells(T, H), shown(T, H), all(T, H);  // i, f, g, o; c; tanh c; h
    Matrix kept(T, H), written(T, H);
    for (Eigen::Index t = 0; t < T; ++t) {
        gates.row(t) = pre.value().row(t) + recurrentPart(h.row(0), w);
        float* g = gates.row(t).data();
        lw::sigmoid(g, g, 2 * H);
        lw::tanh(g + 2 * H, g + 2 * H, H);
        lw::sigmoid(g + 3 * H, g + 3 * H, H);
        const Row i(g, H), f(g + H, H), candidate(g + 2 * H, H), o(g + 3 * H, H);
        kept.row(t) = f.cwiseProduct(c.row(0));
        written.row(t) = i.cwiseProduct(candidate);
        cells.row(t) = kept.row(t) + written.row(t);
        lw::tanh(cells.row(t).data(), shown.row(t).data(), H);
        all.row(t) = o.cwiseProduct(shown.row(t));
        c.row(0) = cells.row(t);
        h.row(0) = all.row(t);
    }
    CellValues values;
    const auto gate = [&](Eigen::Index at) { return Tensor(Matrix(gates.middleCols(at * H, H))); };
    values.i = gate(0);
    values.f = gate(1);
    values.g = gate(2);
    values.o = gate(3);
    values.c = Tensor(cells);
    values.kept = Tensor(std::move(kept));
    values.written = Tensor(std::move(written));
    if (!remembers(pre, w)) {
        values.h = Tensor(std::move(all));
        return values;
    }
    const Matrix out = all;
    values.h = Tensor::result(
        std::move(all), {pre, w.recurrent.leaf(), w.recurrentBias.leaf()},
        [=, gates = std::move(gates), cells = std::move(cells), shown = std::move(shown)](const Matrix& dy) {
            RowVector dc = RowVector::Zero(H);
            backThroughTime(w, pre, before, out, dy, norms,
                            [&](Eigen::Index t, RowVector& dh, Eigen::Ref<RowVector> dPre, Eigen::Ref<RowVector> dRec) {
                                const auto gateOf = [&](Eigen::Index at) { return gates.row(t).segment(at * H, H).array(); };
                                const auto i = gateOf(0), f = gateOf(1), g = gateOf(2), o = gateOf(3);
                                const RowVector previous = t > 0 ? RowVector(cells.row(t - 1)) : RowVector(cellBefore.row(0));
                                const auto s = shown.row(t).array();
                                dc.array() += dh.array() * o * (1 - s.square());
                                dPre.segment(0, H) = dc.array() * g * i * (1 - i);
                                dPre.segment(H, H) = dc.array() * previous.array() * f * (1 - f);
                                dPre.segment(2 * H, H) = dc.array() * i * (1 - g.square());
                                dPre.segment(3 * H, H) = dh.array() * s * o * (1 - o);
                                dc.array() *= f;
                                dRec = dPre;
                                dh.setZero();
                            });
        });
    return values;
}

CellValues gru(const Tensor& x, const CellWeights& w, Matrix& h, StateGradientNorms norms) {
    const Tensor pre = linear(x, w.input, w.inputBias);
    const Eigen::Index T = x.rows(), H = w.recurrent.cols();
    assert(h.cols() == H && w.recurrent.rows() == 3 * H);
    const Matrix before = h;
    Matrix gates(T, 3 * H), hidden(T, H), all(T, H), kept(T, H), written(T, H);  // r, z, n; h' U_n + b'
    for (Eigen::Index t = 0; t < T; ++t) {
        const RowVector recurrent = recurrentPart(h.row(0), w);
        float* g = gates.row(t).data();
        gates.row(t).head(2 * H) = pre.value().row(t).head(2 * H) + recurrent.head(2 * H);
        lw::sigmoid(g, g, 2 * H);
        hidden.row(t) = recurrent.tail(H);
        const Row r(g, H), z(g + H, H);
        Row n(g + 2 * H, H);
        n = pre.value().row(t).tail(H) + r.cwiseProduct(hidden.row(t));
        lw::tanh(n.data(), n.data(), H);
        kept.row(t) = z.cwiseProduct(h.row(0));
        written.row(t) = (1 - z.array()) * n.array();
        all.row(t) = kept.row(t) + written.row(t);
        h.row(0) = all.row(t);
    }
    CellValues values;
    const auto gate = [&](Eigen::Index at) { return Tensor(Matrix(gates.middleCols(at * H, H))); };
    values.r = gate(0);
    values.z = gate(1);
    values.n = gate(2);
    values.kept = Tensor(std::move(kept));
    values.written = Tensor(std::move(written));
    if (!remembers(pre, w)) {
        values.h = Tensor(std::move(all));
        return values;
    }
    const Matrix out = all;
    values.h = Tensor::result(
        std::move(all), {pre, w.recurrent.leaf(), w.recurrentBias.leaf()},
        [=, gates = std::move(gates), hidden = std::move(hidden)](const Matrix& dy) {
            backThroughTime(w, pre, before, out, dy, norms,
                            [&](Eigen::Index t, RowVector& dh, Eigen::Ref<RowVector> dPre, Eigen::Ref<RowVector> dRec) {
                                const auto gateOf = [&](Eigen::Index at) { return gates.row(t).segment(at * H, H).array(); };
                                const auto r = gateOf(0), z = gateOf(1), n = gateOf(2);
                                const RowVector previous = t > 0 ? RowVector(out.row(t - 1)) : RowVector(before.row(0));
                                const RowVector dn = dh.array() * (1 - z) * (1 - n.square());
                                dPre.segment(0, H) = dn.array() * hidden.row(t).array() * r * (1 - r);
                                dPre.segment(H, H) = dh.array() * (previous.array() - n) * z * (1 - z);
                                dPre.segment(2 * H, H) = dn;
                                dRec = dPre;
                                dRec.segment(2 * H, H) = dn.array() * r;
                                dh.array() *= z;
                            });
        });
    return values;
}

}  // namespace lw::nn
