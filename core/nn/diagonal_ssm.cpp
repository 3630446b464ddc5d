#include "core/nn/diagonal_ssm.h"

#include <cassert>
#include <cmath>
#include <utility>

namespace lw::nn {

namespace {

using Complex = std::complex<double>;

Complex poleOf(const Matrix& aLog, const Matrix& aImag, Eigen::Index i) {
    return {-std::exp(static_cast<double>(aLog.data()[i])), aImag.size() > 0 ? static_cast<double>(aImag.data()[i]) : 0.0};
}

// d Ā / d a, d Ā / d Δ, d B̄ / d a, d B̄ / d Δ.
struct Slopes {
    Complex keepByA, keepByStep, writeByA, writeByStep;
};

Slopes slopesOf(double step, Complex a, Discretisation rule) {
    const DiscretePole pole = discretise(step, a, rule);
    if (rule == Discretisation::ZeroOrderHold) {
        const Complex z = step * a;
        // (Δ Ā − B̄) / a
        const Complex writeByA =
            std::abs(z) < 1e-3 ? step * step * (0.5 + z / 3.0 + z * z / 8.0) : (step * pole.keep - pole.write) / a;
        return {step * pole.keep, a * pole.keep, writeByA, pole.keep};
    }
    const Complex square = (1.0 - step * a / 2.0) * (1.0 - step * a / 2.0);
    return {step / square, a / square, step * step / (2.0 * square), 1.0 / square};
}

}  // namespace

DiagonalSsm DiscreteSsm::view() const {
    const bool complex = keepImag.size() > 0;
    return {static_cast<int>(keep.rows()),
            static_cast<int>(keep.cols()),
            keep.data(),
            complex ? keepImag.data() : nullptr,
            write.data(),
            complex ? writeImag.data() : nullptr,
            read.data(),
            complex ? readImag.data() : nullptr};
}

DiscreteSsm discretised(const DiagonalSsmWeights& weights, Discretisation rule) {
    const Matrix aLog = weights.aLog.toMatrix(), step = weights.logStep.toMatrix();
    const bool complex = weights.aImag.defined();
    const Matrix aImag = complex ? weights.aImag.toMatrix() : Matrix();
    DiscreteSsm d;
    d.keep = d.write = Matrix(aLog.rows(), aLog.cols());
    if (complex) d.keepImag = d.writeImag = d.keep;
    for (Eigen::Index e = 0; e < aLog.rows(); ++e) {
        for (Eigen::Index n = 0; n < aLog.cols(); ++n) {
            const DiscretePole pole =
                discretise(std::exp(static_cast<double>(step(0, e))), poleOf(aLog, aImag, e * aLog.cols() + n), rule);
            d.keep(e, n) = static_cast<float>(pole.keep.real());
            d.write(e, n) = static_cast<float>(pole.write.real());
            if (!complex) continue;
            d.keepImag(e, n) = static_cast<float>(pole.keep.imag());
            d.writeImag(e, n) = static_cast<float>(pole.write.imag());
        }
    }
    d.read = weights.read.toMatrix();
    if (complex) d.readImag = weights.readImag.toMatrix();
    return d;
}

Tensor diagonalSsm(const Tensor& u, const DiagonalSsmWeights& weights, Discretisation rule, Matrix& state,
                   StateGradientNorms norms) {
    const auto T = static_cast<int>(u.rows()), E = static_cast<int>(u.cols());
    assert(weights.aLog.rows() == E && weights.logStep.cols() == E);
    const auto ssm = weights.discrete ? weights.discrete : std::make_shared<const DiscreteSsm>(discretised(weights, rule));
    assert(state.rows() == E && state.cols() == ssm->view().stateSize());
    Matrix y(T, E);
    const bool history = u.requiresGrad() || weights.aLog.isTrainable();
    if (!history) {
        runDiagonalSsm(ssm->view(), T, u.value().data(), state.data(), y.data(), nullptr);
        return Tensor(std::move(y));
    }
    const Matrix before = state;
    std::vector<float> states(static_cast<std::size_t>(T) * static_cast<std::size_t>(state.size()));
    runDiagonalSsm(ssm->view(), T, u.value().data(), state.data(), y.data(), states.data());
    return Tensor::result(
        std::move(y),
        {u, weights.logStep.leaf(), weights.aLog.leaf(), weights.aImag.leaf(), weights.read.leaf(), weights.readImag.leaf()},
        [=, states = std::move(states), norms = std::move(norms)](const Matrix& dy) {
            const bool complex = weights.aImag.defined();
            const Eigen::Index N = weights.aLog.cols();
            const MatrixD zero = MatrixD::Zero(E, N), none = complex ? zero : MatrixD();
            MatrixD keep = zero, write = zero, read = zero, keepImag = none, writeImag = none, readImag = none;
            const auto imaginary = [&](MatrixD& m) { return complex ? m.data() : nullptr; };
            Matrix du(T, E);
            std::vector<double> squares(norms ? static_cast<std::size_t>(T) : 0);
            diagonalSsmBackward(ssm->view(), T, u.value().data(), before.data(), states.data(), dy.data(),
                                {keep.data(), imaginary(keepImag), write.data(), imaginary(writeImag), read.data(),
                                 imaginary(readImag), du.data()},
                                norms ? squares.data() : nullptr);
            if (norms) {
                for (double& square : squares) square = std::sqrt(square);
                *norms = std::move(squares);
            }
            if (u.requiresGrad()) u.accumulateGrad(std::move(du));
            if (!weights.aLog.isTrainable()) return;
            const Matrix aLog = weights.aLog.toMatrix(), logStep = weights.logStep.toMatrix(),
                         aImag = complex ? weights.aImag.toMatrix() : Matrix();
            Matrix dStep = Matrix::Zero(1, E), dLog(E, N), dImag(E, complex ? N : 0);
            for (Eigen::Index e = 0; e < E; ++e) {
                const double step = std::exp(static_cast<double>(logStep(0, e)));
                double sum = 0;
                for (Eigen::Index n = 0; n < N; ++n) {
                    const Complex a = poleOf(aLog, aImag, e * N + n);
                    const Slopes s = slopesOf(step, a, rule);
                    const Complex dKeep(keep(e, n), complex ? keepImag(e, n) : 0),
                        dWrite(write(e, n), complex ? writeImag(e, n) : 0);
                    const Complex da = std::conj(s.keepByA) * dKeep + std::conj(s.writeByA) * dWrite;
                    sum += (std::conj(s.keepByStep) * dKeep + std::conj(s.writeByStep) * dWrite).real();
                    dLog(e, n) = static_cast<float>(da.real() * a.real());
                    if (complex) dImag(e, n) = static_cast<float>(da.imag());
                }
                dStep(0, e) = static_cast<float>(sum * step);
            }
            weights.logStep.leaf().accumulateGrad(std::move(dStep));
            weights.aLog.leaf().accumulateGrad(std::move(dLog));
            weights.read.leaf().accumulateGrad(Matrix(read.cast<float>()));
            if (!complex) return;
            weights.aImag.leaf().accumulateGrad(std::move(dImag));
            weights.readImag.leaf().accumulateGrad(Matrix(readImag.cast<float>()));
        });
}

}  // namespace lw::nn
