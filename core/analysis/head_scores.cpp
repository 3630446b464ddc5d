#include "core/analysis/head_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/base/parallel.h"
#include "core/base/pcg32.h"

namespace lw {

namespace {

// Sums over queries; divided by their counts at the end.
HeadScores scoresOf(const Trace& trace, Layer layer, Head head) {
    HeadScores s{layer, head};
    const int T = trace.length();
    const std::span<const TokenId> ids = trace.ids();
    int repeated = 0;
    for (int q = 1; q < T; ++q) {
        const RowVector row = trace.patternRow(layer, head, Position(q));
        s.previousToken += row(q - 1);
        s.firstToken += row(0);
        s.selfToken += row(q);
        double same = 0, after = 0, entropy = 0;
        bool earlier = false;
        for (int k = 0; k <= q; ++k) {
            const double p = row(k);
            if (p > 0) entropy -= p * std::log(p);
            if (k < q && ids[static_cast<std::size_t>(k)] == ids[static_cast<std::size_t>(q)]) {
                earlier = true;
                same += p;
                after += row(k + 1);
            }
        }
        s.entropy += entropy;
        if (earlier) {
            ++repeated;
            s.sameToken += same;
            s.induction += after;
        }
    }
    const double queries = std::max(1, T - 1), repeats = std::max(1, repeated);
    for (double* mean : {&s.previousToken, &s.firstToken, &s.selfToken, &s.entropy}) *mean /= queries;
    for (double* mean : {&s.sameToken, &s.induction}) *mean /= repeats;
    return s;
}

}  // namespace

Result<std::vector<HeadScores>> headScores(const Trace& trace, const Job& job) {
    const ModelInfo& info = trace.model();
    std::vector<HeadScores> result;
    for (int l = 0; l < info.layers(); ++l) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(l) / info.layers(), "head scores");
        const Layer layer(l);
        if (!info.block(layer).hasAttention()) continue;
        if (!trace.has(SiteId::Pattern, layer)) {
            return fail(
                ErrorKind::NotFound,
                fmt::format("The scores of heads need {}, which this run did not capture.", siteName(SiteId::Pattern, layer)),
                siteName(SiteId::Pattern, layer));
        }
        const int heads = info.block(layer).attention.heads;
        const std::size_t first = result.size();
        result.resize(first + static_cast<std::size_t>(heads));
        parallelFor(heads, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t h = begin; h < end; ++h) {
                result[first + static_cast<std::size_t>(h)] = scoresOf(trace, layer, Head(static_cast<int>(h)));
            }
        });
    }
    job.progress(1, "head scores");
    return result;
}

std::vector<TokenId> repeatedRandomTokens(const ModelInfo& model, int period, std::uint64_t seed, TokenId bos) {
    const int front = bos >= 0 ? 1 : 0;
    if (model.context > 0) period = std::min(period, (model.context - front) / 2);
    std::vector<TokenId> pool(static_cast<std::size_t>(model.vocabulary));
    std::iota(pool.begin(), pool.end(), 0);
    std::erase(pool, bos);
    period = std::max(0, std::min(period, static_cast<int>(pool.size())));
    // The first steps of a shuffle: `period` different ids.
    Pcg32 random(seed);
    for (int i = 0; i < period; ++i) {
        const auto from = static_cast<std::size_t>(i);
        const std::size_t to = from + static_cast<std::size_t>(random.uniform() * static_cast<double>(pool.size() - from));
        std::swap(pool[from], pool[to]);
    }
    std::vector<TokenId> ids;
    if (front) ids.push_back(bos);
    for (int twice = 0; twice < 2; ++twice) ids.insert(ids.end(), pool.begin(), pool.begin() + period);
    return ids;
}

}  // namespace lw
