#include "core/tensor/diagonal_ssm.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/base/parallel.h"

namespace lw {

namespace {

using Complex = std::complex<double>;

// The channel's numbers; the imaginary parts are zeros for real systems, so that one loop serves both.
struct Channel {
    std::vector<float> keep, keepImag, write, writeImag, read, readImag;

    Channel(const DiagonalSsm& ssm, int e) {
        const auto part = [&](const float* all) {
            const auto n = static_cast<std::size_t>(ssm.N);
            if (!all) return std::vector<float>(n, 0.0f);
            return std::vector<float>(all + std::int64_t{1} * e * ssm.N, all + std::int64_t{1} * (e + 1) * ssm.N);
        };
        keep = part(ssm.keep), keepImag = part(ssm.keepImag);
        write = part(ssm.write), writeImag = part(ssm.writeImag);
        read = part(ssm.read), readImag = part(ssm.readImag);
    }
};

}  // namespace

DiscretePole discretise(double step, Complex a, Discretisation rule) {
    const Complex z = step * a;
    if (rule == Discretisation::Bilinear) return {(1.0 + z / 2.0) / (1.0 - z / 2.0), step / (1.0 - z / 2.0)};
    const Complex keep = std::exp(z);
    // (e^z − 1) / z loses its digits where z is small.
    const Complex ratio = std::abs(z) < 1e-4 ? 1.0 + z / 2.0 + z * z / 6.0 : (keep - 1.0) / z;
    return {keep, step * ratio};
}

void runDiagonalSsm(const DiagonalSsm& ssm, int T, const float* u, float* x, float* y, float* history) {
    const int N = ssm.N, E = ssm.E, S = ssm.stateSize();
    parallelFor(E, 8, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> re(static_cast<std::size_t>(N)), im(static_cast<std::size_t>(N));
        for (auto e = static_cast<int>(begin); e < static_cast<int>(end); ++e) {
            const Channel c(ssm, e);
            float* state = x + std::int64_t{1} * e * S;
            std::copy_n(state, N, re.begin());
            if (ssm.complex()) std::copy_n(state + N, N, im.begin());
            for (int t = 0; t < T; ++t) {
                const float input = u[std::int64_t{1} * t * E + e];
                float sum = 0;
                for (std::size_t n = 0; n < re.size(); ++n) {
                    const float r = c.keep[n] * re[n] - c.keepImag[n] * im[n] + c.write[n] * input;
                    const float i = c.keep[n] * im[n] + c.keepImag[n] * re[n] + c.writeImag[n] * input;
                    re[n] = r;
                    im[n] = i;
                    sum += c.read[n] * r - c.readImag[n] * i;
                }
                if (y) y[std::int64_t{1} * t * E + e] = ssm.factor() * sum;
                if (history) {
                    float* row = history + (std::int64_t{1} * e * T + t) * S;
                    std::copy_n(re.begin(), N, row);
                    if (ssm.complex()) std::copy_n(im.begin(), N, row + N);
                }
            }
            std::copy_n(re.begin(), N, state);
            if (ssm.complex())
                std::copy_n(im.begin(), N, state + N);
            else
                std::ranges::fill(im, 0.0f);
        }
    });
}

void diagonalSsmBackward(const DiagonalSsm& ssm, int T, const float* u, const float* before, const float* history,
                         const float* dy, const DiagonalSsmGradients& gradients, double* squares) {
    const int N = ssm.N, E = ssm.E, S = ssm.stateSize();
    const auto channels = [&](std::int64_t begin, std::int64_t end) {
        const auto n_ = static_cast<std::size_t>(N);
        std::vector<float> gr(n_), gi(n_), zeros(n_);
        std::vector<double> dkr(n_), dki(n_), dwr(n_), dwi(n_), drr(n_), dri(n_);
        for (auto e = static_cast<int>(begin); e < static_cast<int>(end); ++e) {
            const Channel c(ssm, e);
            for (auto* v : {&gr, &gi}) std::ranges::fill(*v, 0.0f);
            for (auto* v : {&dkr, &dki, &dwr, &dwi, &drr, &dri}) std::ranges::fill(*v, 0.0);
            for (int t = T - 1; t >= 0; --t) {
                const std::int64_t at = std::int64_t{1} * t * E + e;
                const float* now = history + (std::int64_t{1} * e * T + t) * S;
                const float* past = t > 0 ? now - S : before + std::int64_t{1} * e * S;
                const float* nowImag = ssm.complex() ? now + N : zeros.data();
                const float* pastImag = ssm.complex() ? past + N : zeros.data();
                const float d = ssm.factor() * dy[at], input = u[at];
                float du = 0;
                double square = 0;
                for (std::size_t n = 0; n < n_; ++n) {
                    gr[n] += c.read[n] * d;
                    gi[n] -= c.readImag[n] * d;
                    drr[n] += static_cast<double>(now[n] * d);
                    dri[n] -= static_cast<double>(nowImag[n] * d);
                    du += c.write[n] * gr[n] + c.writeImag[n] * gi[n];
                    dwr[n] += static_cast<double>(input * gr[n]);
                    dwi[n] += static_cast<double>(input * gi[n]);
                    dkr[n] += static_cast<double>(past[n] * gr[n] + pastImag[n] * gi[n]);
                    dki[n] += static_cast<double>(past[n] * gi[n] - pastImag[n] * gr[n]);
                    square += static_cast<double>(gr[n] * gr[n] + gi[n] * gi[n]);
                    const float r = c.keep[n] * gr[n] + c.keepImag[n] * gi[n];
                    const float i = c.keep[n] * gi[n] - c.keepImag[n] * gr[n];
                    gr[n] = r;
                    gi[n] = i;
                }
                gradients.u[at] = du;
                if (squares) squares[t] += square;
            }
            const auto add = [&](double* to, const std::vector<double>& from) {
                if (!to) return;
                for (int n = 0; n < N; ++n) to[std::int64_t{1} * e * N + n] += from[static_cast<std::size_t>(n)];
            };
            add(gradients.keep, dkr);
            add(gradients.keepImag, dki);
            add(gradients.write, dwr);
            add(gradients.writeImag, dwi);
            add(gradients.read, drr);
            add(gradients.readImag, dri);
        }
    };
    if (squares)
        channels(0, E);
    else
        parallelFor(E, 8, channels);
}

std::vector<double> diagonalSsmKernel(const DiagonalSsm& ssm, int channel, int length) {
    const Channel c(ssm, channel);
    std::vector<double> kernel(static_cast<std::size_t>(length), 0.0);
    for (std::size_t n = 0; n < c.keep.size(); ++n) {
        const Complex keep(c.keep[n], c.keepImag[n]);
        Complex power = Complex(c.read[n], c.readImag[n]) * Complex(c.write[n], c.writeImag[n]);
        for (double& k : kernel) {
            k += static_cast<double>(ssm.factor()) * power.real();
            power *= keep;
        }
    }
    return kernel;
}

std::vector<double> convolve(const std::vector<double>& kernel, const std::vector<double>& u) {
    assert(kernel.size() >= u.size());
    std::vector<double> y(u.size(), 0.0);
    for (std::size_t t = 0; t < u.size(); ++t) {
        for (std::size_t l = 0; l <= t; ++l) y[t] += kernel[l] * u[t - l];
    }
    return y;
}

}  // namespace lw
