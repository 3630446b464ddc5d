#include "core/generate/sampler.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <Eigen/Core>

#include "core/generate/ranking.h"

namespace lw {

namespace {

constexpr double edge = 1e-5;

struct Extremes {
    float largest = -std::numeric_limits<float>::infinity();
    bool usable = false;  // a distribution: no NaN, no +∞, something finite
};

Extremes extremesOf(std::span<const float> logits) {
    Extremes result;
    for (const float logit : logits) {
        if (std::isnan(logit)) return {};
        result.largest = std::max(result.largest, logit);
    }
    result.usable = std::isfinite(result.largest);
    return result;
}

double partition(std::span<const float> logits, double largest, double temperature) {
    const Eigen::Map<const Eigen::ArrayXf> values(logits.data(), static_cast<Eigen::Index>(logits.size()));
    return ((values.cast<double>() - largest) / temperature).exp().sum();
}

// The distribution under temperature and filters, by rank. The filters keep a prefix: all of them strike from the end.
// Probabilities after temperature alone are kept as they are; `mass` is what the kept ones add up to.
class Filtered {
public:
    Filtered(std::span<const float> logits, const SamplingSettings& settings, const Extremes& extremes)
        : m_logits(logits), m_ranking(logits), m_largest(extremes.largest) {
        m_temperature = settings.temperature > 0 ? settings.temperature : 1.0;
        m_rawSum = partition(logits, m_largest, 1.0);
        m_sum = m_temperature == 1.0 ? m_rawSum : partition(logits, m_largest, m_temperature);
        const std::size_t V = logits.size();
        m_byTopK = settings.topK > 0 ? std::min(V, static_cast<std::size_t>(settings.topK)) : V;
        double mass = m_byTopK < V ? upTo(m_byTopK) : 1.0;
        m_byTopP = m_least = m_most = m_byTopK;
        if (settings.topP < 1) {
            m_byTopP = keptByTopP(settings.topP * mass, m_byTopK);
            m_least = keptByTopP((settings.topP - edge) * mass, m_byTopK);
            m_most = keptByTopP((settings.topP + edge) * mass, m_byTopK);
            mass = upTo(m_byTopP);
        }
        m_kept = m_byTopP;
        if (settings.minP > 0) {
            const double limit = settings.minP * tempered(0);
            m_kept = keptByMinP(limit, m_byTopP);
            m_least = keptByMinP(limit + edge * mass, m_least);
            m_most = keptByMinP(limit - edge * mass, m_most);
            mass = upTo(m_kept);
        }
        m_mass = mass;
    }

    TokenId id(std::size_t rank) { return m_ranking[rank]; }
    float logit(std::size_t rank) { return m_logits[static_cast<std::size_t>(id(rank))]; }
    double raw(float logit) const { return std::exp(static_cast<double>(logit) - m_largest) / m_rawSum; }
    double temperedOf(float logit) const { return std::exp((static_cast<double>(logit) - m_largest) / m_temperature) / m_sum; }
    double tempered(std::size_t rank) { return temperedOf(logit(rank)); }

    /// Sum of the first `count` probabilities after temperature alone.
    double upTo(std::size_t count) {
        while (m_upTo.size() <= count) m_upTo.push_back(m_upTo.back() + tempered(m_upTo.size() - 1));
        return m_upTo[count];
    }

    std::size_t kept() const { return m_kept; }
    double mass() const { return m_mass; }
    const char* struckBy(std::size_t rank) const {
        if (rank < m_kept) return nullptr;
        return rank >= m_byTopK ? "top-k" : rank >= m_byTopP ? "top-p" : "min-p";
    }

    /// The rank of the bin that holds u ∈ [0, 1).
    std::size_t at(double u) { return find(u * m_mass, m_kept); }

    bool nearEdge(double u, std::size_t rank) {
        const double least = m_least == m_kept ? m_mass : upTo(m_least), most = m_most == m_kept ? m_mass : upTo(m_most);
        if (find((u - edge) * least, m_least) != rank || find((u + edge) * most, m_most) != rank) return true;
        const double p = tempered(rank), near = edge * m_mass;
        return (rank > 0 && tempered(rank - 1) - p <= near) || (rank + 1 < m_ranking.size() && p - tempered(rank + 1) <= near);
    }

    void sortAll() { m_ranking.sortUpTo(m_ranking.size()); }

private:
    // Bins are kept while the sum before them is below the target; the first always.
    std::size_t keptByTopP(double target, std::size_t count) {
        std::size_t n = 1;
        while (n < count && upTo(n) < target) ++n;
        return n;
    }
    std::size_t keptByMinP(double limit, std::size_t count) {
        if (limit <= 0) return count;
        std::size_t n = 1;
        while (n < count && tempered(n) >= limit) ++n;
        return n;
    }
    // First bin whose end lies above the target, the last kept one with any probability at the latest.
    std::size_t find(double target, std::size_t count) {
        std::size_t rank = 0;
        while (rank + 1 < count && upTo(rank + 1) <= target && tempered(rank + 1) > 0) ++rank;
        return rank;
    }

    std::span<const float> m_logits;
    Ranking m_ranking;
    double m_largest, m_temperature = 1, m_rawSum = 1, m_sum = 1, m_mass = 1;
    std::size_t m_byTopK = 0, m_byTopP = 0, m_kept = 0;  // what is left after each filter
    std::size_t m_least = 0, m_most = 0;                 // kept, if every uncertain decision fell one way or the other
    std::vector<double> m_upTo{0.0};
};

Unexpected outside(const char* option, double value, const char* range) {
    return fail(ErrorKind::BadInput, fmt::format("{} is {}; it must be {}.", option, value, range), option);
}

}  // namespace

Result<void> check(const SamplingSettings& s) {
    if (!s.greedy && !(s.temperature > 0 && std::isfinite(s.temperature)))
        return outside("--temperature", s.temperature, "above 0");
    if (s.topK < 0) return outside("--top-k", s.topK, "at least 1 (or left out)");
    if (!(s.topP > 0 && s.topP <= 1)) return outside("--top-p", s.topP, "above 0 and at most 1");
    if (!(s.minP >= 0 && s.minP < 1)) return outside("--min-p", s.minP, "at least 0 and below 1");
    return {};
}

std::vector<Bin> distribution(std::span<const float> logits, const SamplingSettings& settings, int most) {
    const Extremes extremes = extremesOf(logits);
    if (!extremes.usable) return {};
    Filtered filtered(logits, settings, extremes);
    const std::size_t count = most > 0 ? std::min(logits.size(), static_cast<std::size_t>(most)) : logits.size();
    if (count == logits.size()) filtered.sortAll();
    std::vector<Bin> bins(count);
    for (std::size_t i = 0; i < count; ++i) {
        Bin& bin = bins[i];
        bin.id = filtered.id(i);
        bin.logit = filtered.logit(i);
        bin.rawProbability = filtered.raw(bin.logit);
        bin.tempered = filtered.temperedOf(bin.logit);
        if (settings.greedy) {
            bin.probability = i == 0 ? 1 : 0;
            bin.upTo = 1;
            bin.struckBy = i == 0 ? nullptr : "greedy";
            continue;
        }
        bin.struckBy = filtered.struckBy(i);
        bin.probability = bin.struckBy ? 0 : bin.tempered / filtered.mass();
        bin.upTo = filtered.upTo(std::min(i + 1, filtered.kept())) / filtered.mass();
    }
    return bins;
}

Choice choose(std::span<const float> logits, const SamplingSettings& settings, Pcg32& random) {
    const Extremes extremes = extremesOf(logits);
    Choice choice;
    if (!extremes.usable) return choice;
    Filtered filtered(logits, settings, extremes);
    std::size_t rank = 0;
    if (settings.greedy) {
        const double first = filtered.logit(0);
        choice.nearEdge = logits.size() > 1 && first - filtered.logit(1) <= edge * std::max(1.0, std::abs(first));
    } else {
        choice.draw = random.uniform();
        rank = filtered.at(*choice.draw);
        choice.nearEdge = filtered.nearEdge(*choice.draw, rank);
    }
    choice.id = filtered.id(rank);
    choice.logit = filtered.logit(rank);
    choice.rawProbability = filtered.raw(choice.logit);
    choice.probability = filtered.temperedOf(choice.logit) / filtered.mass();
    return choice;
}

Choice force(std::span<const float> logits, const SamplingSettings& settings, TokenId id) {
    assert(id >= 0 && static_cast<std::size_t>(id) < logits.size());
    Choice choice;
    choice.id = id;
    choice.logit = logits[static_cast<std::size_t>(id)];
    choice.forced = true;
    const Extremes extremes = extremesOf(logits);
    if (!extremes.usable) return choice;
    Filtered filtered(logits, settings, extremes);
    std::size_t rank = 0;
    for (std::size_t i = 0; i < logits.size(); ++i)
        rank += logits[i] > choice.logit || (logits[i] == choice.logit && i < static_cast<std::size_t>(id));
    choice.rawProbability = filtered.raw(choice.logit);
    choice.probability = rank < filtered.kept() ? filtered.temperedOf(choice.logit) / filtered.mass() : 0;
    return choice;
}

}  // namespace lw
