#include "core/analysis/softmax_stats.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include <Eigen/Core>

namespace lw {

namespace {

using Array = Eigen::Map<const Eigen::ArrayXf>;
Array arrayOf(std::span<const float> logits) { return {logits.data(), static_cast<Eigen::Index>(logits.size())}; }

}  // namespace

double logSumExp(std::span<const float> logits) {
    if (logits.empty()) return -std::numeric_limits<double>::infinity();
    const double largest = arrayOf(logits).maxCoeff<Eigen::PropagateNaN>();
    if (!std::isfinite(largest)) return largest;
    return largest + std::log((arrayOf(logits).cast<double>() - largest).exp().sum());
}

std::vector<double> softmax(std::span<const float> logits) {
    const double normaliser = logSumExp(logits);
    std::vector<double> p(logits.size());
    Eigen::Map<Eigen::ArrayXd>(p.data(), static_cast<Eigen::Index>(p.size())) =
        (arrayOf(logits).cast<double>() - normaliser).exp();
    return p;
}

std::vector<TokenProbability> topTokens(std::span<const float> logits, int k) {
    const double normaliser = logSumExp(logits);
    std::vector<TokenId> ids(logits.size());
    std::iota(ids.begin(), ids.end(), 0);
    const auto count = static_cast<std::ptrdiff_t>(std::min(ids.size(), static_cast<std::size_t>(std::max(0, k))));
    // NaN ranks last, so that a damaged model cannot break the order.
    const auto at = [&](TokenId id) {
        const float x = logits[static_cast<std::size_t>(id)];
        return std::isnan(x) ? -std::numeric_limits<float>::infinity() : x;
    };
    std::partial_sort(ids.begin(), ids.begin() + count, ids.end(), [&](TokenId a, TokenId b) {
        const float x = at(a), y = at(b);
        return x != y ? x > y : a < b;
    });
    std::vector<TokenProbability> top;
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        const TokenId id = ids[static_cast<std::size_t>(i)];
        const float logit = logits[static_cast<std::size_t>(id)];
        top.push_back({id, logit, std::exp(logit - normaliser)});
    }
    return top;
}

double surprisal(std::span<const float> logits, TokenId id) {
    assert(id >= 0 && static_cast<std::size_t>(id) < logits.size());
    return logSumExp(logits) - logits[static_cast<std::size_t>(id)];
}

double entropy(std::span<const float> logits) {
    const double normaliser = logSumExp(logits);
    double sum = 0;
    for (const float logit : logits) {
        const double p = std::exp(logit - normaliser);
        if (!(p <= 0)) sum -= p * (logit - normaliser);  // what is no number stays none
    }
    return sum;
}

double klDivergence(std::span<const float> p, std::span<const float> q) {
    assert(p.size() == q.size());
    const double pNormaliser = logSumExp(p), qNormaliser = logSumExp(q);
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double lp = p[i] - pNormaliser, weight = std::exp(lp);
        if (!(weight <= 0)) sum += weight * (lp - (q[i] - qNormaliser));
    }
    return sum < 0 ? 0.0 : sum;  // it is never negative but for rounding
}

int rankOf(std::span<const float> logits, TokenId id) {
    assert(id >= 0 && static_cast<std::size_t>(id) < logits.size());
    const float own = logits[static_cast<std::size_t>(id)];
    return 1 + static_cast<int>(std::count_if(logits.begin(), logits.end(), [own](float x) { return x > own; }));
}

}  // namespace lw
