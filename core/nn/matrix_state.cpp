#include "core/nn/matrix_state.h"

#include <cassert>
#include <cmath>
#include <utility>

#include "core/base/parallel.h"

namespace lw::nn {

namespace {

// The inputs of one head as the array function wants them.
MatrixStateRun runOf(const MatrixStateInputs& in, const MatrixStateShape& shape, int h) {
    const std::int64_t K = shape.keyWidth, V = shape.valueWidth;
    const auto column = [h](const Tensor& x, std::int64_t width) -> MatrixStateRun::Column {
        if (!x.defined()) return {};
        return {x.value().data() + h * width, x.value().cols()};
    };
    MatrixStateRun run;
    run.T = static_cast<int>(in.query.rows());
    run.K = shape.keyWidth;
    run.V = shape.valueWidth;
    run.q = column(in.query, K);
    run.w = column(in.write, K);
    run.v = column(in.value, V);
    run.decayPerKey = in.decay.defined() && in.decay.cols() != shape.heads;
    run.d = column(in.decay, run.decayPerKey ? K : 1);
    run.e = column(in.erase, K);
    run.r = column(in.eraseRead, K);
    return run;
}

void backward(const MatrixStateInputs& in, const MatrixStateShape& shape, const Matrix& before, const Matrix& history,
              const Matrix& dOut, const StateGradientNorms& norms) {
    const int H = shape.heads;
    const std::int64_t T = in.query.rows(), K = shape.keyWidth, V = shape.valueWidth, size = K * V;
    const auto room = [](const Tensor& x) { return x.defined() ? Matrix(x.rows(), x.cols()) : Matrix(); };
    Matrix dq = room(in.query), dw = room(in.write), dv = room(in.value), dd = room(in.decay), de = room(in.erase),
           dr = room(in.eraseRead);
    Matrix headNorms = norms ? Matrix(H, T) : Matrix();
    parallelFor(H, 1, [&](std::int64_t first, std::int64_t last) {
        std::vector<float> dS(static_cast<std::size_t>(size));
        std::vector<double> ofHead(static_cast<std::size_t>(T));
        for (auto h = static_cast<int>(first); h < last; ++h) {
            const MatrixStateRun run = runOf(in, shape, h);
            const auto at = [h](Matrix& m, std::int64_t width) { return m.size() > 0 ? m.data() + h * width : nullptr; };
            std::fill(dS.begin(), dS.end(), 0.0f);
            matrixStateBackward(run, before.data() + h * size, history.data() + h * T * size, dOut.data() + h * V, dOut.cols(),
                                dS.data(),
                                {at(dq, K), at(dw, K), at(dv, V), at(dd, run.decayPerKey ? K : 1), at(de, K), at(dr, K)},
                                norms ? ofHead.data() : nullptr);
            for (std::int64_t t = 0; norms && t < T; ++t)
                headNorms(h, t) = static_cast<float>(ofHead[static_cast<std::size_t>(t)]);
        }
    });
    if (norms) {
        norms->resize(static_cast<std::size_t>(T));
        for (std::int64_t t = 0; t < T; ++t) (*norms)[static_cast<std::size_t>(t)] = headNorms.col(t).cast<double>().norm();
    }
    const auto give = [](const Tensor& to, Matrix& d) {
        if (to.defined() && to.requiresGrad()) to.accumulateGrad(std::move(d));
    };
    give(in.query, dq);
    give(in.write, dw);
    give(in.value, dv);
    give(in.decay, dd);
    give(in.erase, de);
    give(in.eraseRead, dr);
}

}  // namespace

Tensor matrixState(const MatrixStateInputs& in, const MatrixStateShape& shape, Matrix& state, StateGradientNorms norms) {
    const int H = shape.heads;
    const std::int64_t T = in.query.rows(), K = shape.keyWidth, V = shape.valueWidth, size = K * V;
    assert(in.query.cols() == H * K && in.write.cols() == H * K && in.value.cols() == H * V);
    assert(state.rows() == H * K && state.cols() == V && in.erase.defined() == in.eraseRead.defined());
    bool history = false;
    for (const Tensor* x : {&in.query, &in.write, &in.value, &in.decay, &in.erase, &in.eraseRead})
        history = history || (x->defined() && x->requiresGrad());
    Matrix out(T, H * V);
    const Matrix before = history ? state : Matrix();
    Matrix states(history ? H * T : 0, size);  // of each head the state after each token
    const std::int64_t grain = std::max<std::int64_t>(1, 20000 / (T * size));
    parallelFor(H, grain, [&](std::int64_t first, std::int64_t last) {
        for (auto h = static_cast<int>(first); h < last; ++h) {
            runMatrixState(runOf(in, shape, h), state.data() + h * size, out.data() + h * V, H * V,
                           history ? states.data() + h * T * size : nullptr);
        }
    });
    if (!history) return Tensor(std::move(out));
    return Tensor::result(std::move(out), {in.query, in.write, in.value, in.decay, in.erase, in.eraseRead},
                          [in, shape, before, states = std::move(states), norms = std::move(norms)](const Matrix& dOut) {
                              backward(in, shape, before, states, dOut, norms);
                          });
}

}  // namespace lw::nn
