#include "core/analysis/tsne.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>

#include "core/base/parallel.h"
#include "core/base/pcg32.h"
#include "core/tensor/kernels/plane_repulsion.h"

namespace lw {

namespace {

constexpr int exaggeratedSteps = 250;
constexpr double exaggerationAtFirst = 12;
constexpr double firstMomentum = 0.5, lastMomentum = 0.8, leastGain = 0.01;

// Weights of the neighbours at these squared distances, for the β at which 2^H is the perplexity; the perplexity reached.
double weightsFor(const std::vector<double>& squares, double perplexity, std::vector<double>& weights) {
    const double least = *std::ranges::min_element(squares);
    double low = 0, high = 0, reached = 0;
    // On the scale of the distances, so that the search begins near whatever the units are.
    double mean = 0;
    for (const double s : squares) mean += s - least;
    mean /= static_cast<double>(squares.size());
    double beta = mean > 0 ? 1 / mean : 1;
    for (int round = 0; round < 200; ++round) {
        double sum = 0, moment = 0;
        for (std::size_t i = 0; i < squares.size(); ++i) {
            weights[i] = std::exp(-beta * (squares[i] - least));
            sum += weights[i];
            moment += weights[i] * (squares[i] - least);
        }
        const double entropy = std::log(sum) + beta * moment / sum;
        for (double& w : weights) w /= sum;
        reached = std::exp(entropy);
        if (std::abs(reached - perplexity) < 1e-6 * perplexity) break;
        if (reached > perplexity) {
            low = beta;
            beta = high > 0 ? (low + high) / 2 : beta * 2;
        } else {
            high = beta;
            beta = (low + high) / 2;
        }
        if (!std::isfinite(beta) || beta > 1e300) break;
    }
    return reached;
}

// Σ of q's numerators over all ordered pairs, and for each point Σ num² (y_i − y_j): push [n, 2].
double repulsion(const MatrixD& layout, MatrixD& push) {
    const Eigen::Index n = layout.rows();
    const Eigen::ArrayXd x = layout.col(0), y = layout.col(1);
    push.resize(n, 2);
    Eigen::ArrayXd sums(n);
    parallelFor(n, 16, [&](std::int64_t begin, std::int64_t end) {
        Eigen::ArrayXd dx(n), dy(n), num(n);
        for (std::int64_t i = begin; i < end; ++i) {
            dx = x(i) - x;
            dy = y(i) - y;
            num = 1 / (1 + dx.square() + dy.square());
            sums(i) = num.sum() - 1;  // without itself
            num = num.square();
            push(i, 0) = (num * dx).sum();
            push(i, 1) = (num * dy).sum();
        }
    });
    return sums.sum();
}

// The same in float sums.
double fastRepulsion(const MatrixD& layout, MatrixD& push) {
    const Eigen::Index n = layout.rows();
    const kernels::PlanePoints points(layout.data(), n);
    push.resize(n, 2);
    Eigen::ArrayXd sums(n);
    parallelFor(n, 16, [&](std::int64_t begin, std::int64_t end) {
        std::vector<kernels::PlanePush> pushes(static_cast<std::size_t>(end - begin));
        kernels::pushApart(points, begin, end, pushes.data());
        for (std::int64_t i = begin; i < end; ++i) {
            const kernels::PlanePush& one = pushes[static_cast<std::size_t>(i - begin)];
            sums(i) = one.weights;
            push(i, 0) = one.x;
            push(i, 1) = one.y;
        }
    });
    return sums.sum();
}

double gaussian(Pcg32& random) {
    const double a = 1 - random.uniform(), b = random.uniform();  // Box–Muller; a > 0
    return std::sqrt(-2 * std::log(a)) * std::cos(2 * std::numbers::pi * b);
}

}  // namespace

Result<Nearnesses> nearnesses(const MatrixD& rows, double perplexity, const Job& job) {
    const auto n = static_cast<int>(rows.rows());
    assert(n >= 2 && perplexity >= 1);
    perplexity = std::max(1.0, std::min(perplexity, (n - 1) / 3.0));
    const int count = std::min(n - 1, std::max(1, static_cast<int>(std::ceil(3 * perplexity))));
    Nearnesses near;
    near.points = n;
    near.perplexities.resize(static_cast<std::size_t>(n));
    const Eigen::VectorXd lengths = rows.rowwise().squaredNorm();
    std::vector<std::vector<int>> others(static_cast<std::size_t>(n));
    std::vector<std::vector<double>> weights(static_cast<std::size_t>(n));
    parallelFor(n, 8, [&](std::int64_t begin, std::int64_t end) {
        std::vector<int> order(static_cast<std::size_t>(n));
        for (std::int64_t i = begin; i < end; ++i) {
            if (job.cancelled()) return;
            const Eigen::VectorXd products = rows * rows.row(i).transpose();
            const auto square = [&](int j) { return std::max(0.0, lengths(i) + lengths(j) - 2 * products(j)); };
            std::iota(order.begin(), order.end(), 0);
            order.erase(order.begin() + i);
            const auto last = order.begin() + count;
            std::ranges::nth_element(order, last - 1, [&](int a, int b) {
                const double u = square(a), v = square(b);
                return u != v ? u < v : a < b;
            });
            const auto at = static_cast<std::size_t>(i);
            others[at].assign(order.begin(), last);
            std::ranges::sort(others[at]);
            std::vector<double> squares;
            for (const int j : others[at]) squares.push_back(square(j));
            weights[at].resize(squares.size());
            near.perplexities[at] = weightsFor(squares, perplexity, weights[at]);
            order.resize(static_cast<std::size_t>(n));
        }
    });
    if (job.cancelled()) return cancelledError();
    std::vector<std::map<int, double>> both(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) {
        const auto at = static_cast<std::size_t>(i);
        for (std::size_t k = 0; k < others[at].size(); ++k) {
            const double half = weights[at][k] / (2.0 * n);
            both[at][others[at][k]] += half;
            both[static_cast<std::size_t>(others[at][k])][i] += half;
        }
    }
    for (const auto& row : both) {
        near.begin.push_back(static_cast<std::int64_t>(near.p.size()));
        for (const auto& [j, p] : row) {
            near.other.push_back(j);
            near.p.push_back(p);
        }
    }
    near.begin.push_back(static_cast<std::int64_t>(near.p.size()));
    return near;
}

namespace {

// Given the sum over all pairs.
double divergenceOf(const Nearnesses& near, const MatrixD& layout, double total) {
    Eigen::ArrayXd sums(near.points);
    parallelFor(near.points, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            double sum = 0;
            for (auto k = near.begin[static_cast<std::size_t>(i)]; k < near.begin[static_cast<std::size_t>(i) + 1]; ++k) {
                const double p = near.p[static_cast<std::size_t>(k)];
                const auto j = near.other[static_cast<std::size_t>(k)];
                const double num = 1 / (1 + (layout.row(i) - layout.row(j)).squaredNorm());
                if (p > 0) sum += p * std::log(p * total / num);
            }
            sums(i) = sum;
        }
    });
    return sums.sum();
}

// Given what pushes the points apart.
MatrixD gradientOf(const Nearnesses& near, const MatrixD& layout, double exaggeration, double total, const MatrixD& push) {
    MatrixD gradient(near.points, 2);
    parallelFor(near.points, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            double px = 0, py = 0;
            for (auto k = near.begin[static_cast<std::size_t>(i)]; k < near.begin[static_cast<std::size_t>(i) + 1]; ++k) {
                const auto j = near.other[static_cast<std::size_t>(k)];
                const double dx = layout(i, 0) - layout(j, 0), dy = layout(i, 1) - layout(j, 1);
                const double weight = near.p[static_cast<std::size_t>(k)] / (1 + dx * dx + dy * dy);
                px += weight * dx;
                py += weight * dy;
            }
            gradient(i, 0) = 4 * (exaggeration * px - push(i, 0) / total);
            gradient(i, 1) = 4 * (exaggeration * py - push(i, 1) / total);
        }
    });
    return gradient;
}

}  // namespace

double divergence(const Nearnesses& near, const MatrixD& layout) {
    MatrixD push;
    return divergenceOf(near, layout, repulsion(layout, push));
}

MatrixD divergenceGradient(const Nearnesses& near, const MatrixD& layout, double exaggeration) {
    MatrixD push;
    const double total = repulsion(layout, push);
    return gradientOf(near, layout, exaggeration, total, push);
}

double fastDivergence(const Nearnesses& near, const MatrixD& layout) {
    MatrixD push;
    return divergenceOf(near, layout, fastRepulsion(layout, push));
}

MatrixD fastGradient(const Nearnesses& near, const MatrixD& layout, double exaggeration) {
    MatrixD push;
    const double total = fastRepulsion(layout, push);
    return gradientOf(near, layout, exaggeration, total, push);
}

TsneLayout tsneStart(int points, std::uint64_t seed) {
    Pcg32 random(seed);
    TsneLayout layout;
    layout.points.resize(points, 2);
    for (Eigen::Index i = 0; i < layout.points.size(); ++i) layout.points.data()[i] = 1e-4 * gaussian(random);
    layout.velocity = MatrixD::Zero(points, 2);
    layout.gains = MatrixD::Ones(points, 2);
    return layout;
}

void tsneStep(const Nearnesses& near, TsneLayout& layout) {
    const bool early = layout.steps < exaggeratedSteps;
    const double rate = std::max(near.points / exaggerationAtFirst, 50.0), momentum = early ? firstMomentum : lastMomentum;
    const MatrixD gradient = fastGradient(near, layout.points, early ? exaggerationAtFirst : 1);
    for (Eigen::Index i = 0; i < gradient.size(); ++i) {
        const double g = gradient.data()[i];
        double &velocity = layout.velocity.data()[i], &gain = layout.gains.data()[i];
        gain = std::max(leastGain, (g > 0) != (velocity > 0) ? gain + 0.2 : gain * 0.8);
        velocity = momentum * velocity - rate * gain * g;
        layout.points.data()[i] += velocity;
    }
    const Eigen::RowVectorXd centre = layout.points.colwise().mean();
    layout.points.rowwise() -= centre;
    ++layout.steps;
}

}  // namespace lw
