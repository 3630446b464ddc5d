#include "core/nn/selective_scan.h"

#include <cassert>
#include <cmath>
#include <utility>

#include "core/tensor/selective_scan.h"

namespace lw::nn {

Tensor selectiveScan(const Tensor& x, const Tensor& delta, const Tensor& A, const Tensor& B, const Tensor& C, Matrix& state,
                     StateGradientNorms norms) {
    const auto T = static_cast<int>(x.rows()), E = static_cast<int>(x.cols()), N = static_cast<int>(A.cols());
    assert(delta.rows() == T && delta.cols() == E && A.rows() == E && B.cols() == N && C.cols() == N && B.rows() == T &&
           C.rows() == T);
    assert(state.rows() == E && state.cols() == N);
    const auto run = [=] {
        return SelectiveScanRun{
            T, E, N, x.value().data(), delta.value().data(), A.value().data(), B.value().data(), C.value().data()};
    };
    const bool history = x.requiresGrad() || delta.requiresGrad() || A.requiresGrad() || B.requiresGrad() || C.requiresGrad();
    Matrix y(T, E);
    if (!history) {
        runSelectiveScan(run(), state.data(), y.data(), nullptr);
        return Tensor(std::move(y));
    }
    const Matrix before = state;
    std::vector<float> states(static_cast<std::size_t>(T) * static_cast<std::size_t>(E) * static_cast<std::size_t>(N));
    runSelectiveScan(run(), state.data(), y.data(), states.data());
    return Tensor::result(
        std::move(y), {x, delta, A, B, C}, [=, states = std::move(states), norms = std::move(norms)](const Matrix& dy) {
            Matrix dx(T, E), dDelta(T, E), dA = Matrix::Zero(E, N), dB = Matrix::Zero(T, N), dC = Matrix::Zero(T, N);
            Matrix dh = Matrix::Zero(E, N);
            std::vector<double> squares(norms ? static_cast<std::size_t>(T) : 0);
            selectiveScanBackward(run(), before.data(), states.data(), dy.data(), dh.data(),
                                  {dx.data(), dDelta.data(), dA.data(), dB.data(), dC.data()}, norms ? squares.data() : nullptr);
            if (norms) {
                for (double& square : squares) square = std::sqrt(square);
                *norms = std::move(squares);
            }
            if (x.requiresGrad()) x.accumulateGrad(std::move(dx));
            if (delta.requiresGrad()) delta.accumulateGrad(std::move(dDelta));
            if (A.requiresGrad()) A.accumulateGrad(std::move(dA));
            if (B.requiresGrad()) B.accumulateGrad(std::move(dB));
            if (C.requiresGrad()) C.accumulateGrad(std::move(dC));
        });
}

}  // namespace lw::nn
