#include "widgets/tokens/token_surprise.h"

#include <algorithm>

#include "core/analysis/softmax_stats.h"

namespace lw {

TokenSurprise reuse(std::shared_ptr<const Trace> trace, const TokenSurprise& before) {
    TokenSurprise result{std::move(trace), {}};
    const auto length = static_cast<std::size_t>(result.trace->length());
    result.logProbability.resize(length);
    if (!before.trace) return result;
    const auto& blocks = result.trace->blocks();
    const auto& known = before.trace->blocks();
    std::size_t shared = 0;
    for (std::size_t i = 0; i < std::min(blocks.size(), known.size()) && blocks[i] == known[i]; ++i)
        shared += static_cast<std::size_t>(blocks[i]->rows());
    std::copy_n(before.logProbability.begin(), std::min(shared, before.logProbability.size()), result.logProbability.begin());
    return result;
}

std::int64_t missingWork(const TokenSurprise& surprise) {
    std::int64_t positions = 0;
    for (std::size_t i = 1; i < surprise.logProbability.size(); ++i) positions += !surprise.logProbability[i];
    return positions * (surprise.trace ? surprise.trace->model().vocabulary : 0);
}

Result<TokenSurprise> complete(TokenSurprise surprise, const Job& job) {
    const auto ids = surprise.trace->ids();
    for (std::size_t i = 1; i < ids.size(); ++i) {
        if (surprise.logProbability[i]) continue;
        if (job.cancelled()) return cancelledError();
        const ConstRow logits = surprise.trace->logits(Position(static_cast<int>(i) - 1));
        surprise.logProbability[i] = -lw::surprisal(std::span(logits.data(), static_cast<std::size_t>(logits.size())), ids[i]);
    }
    return surprise;
}

}  // namespace lw
