#include "core/generate/loops.h"

#include <cassert>

namespace lw {

std::optional<TokenLoop> loopAtEnd(std::span<const TokenId> ids, int least, int leastTokens) {
    assert(least >= 2);
    const int T = static_cast<int>(ids.size());
    for (int period = 1; period * least <= T; ++period) {
        int same = 0;  // tokens from the end that equal the one a period before
        while (same + period < T &&
               ids[static_cast<std::size_t>(T - 1 - same)] == ids[static_cast<std::size_t>(T - 1 - same - period)])
            ++same;
        const int repeats = same / period + 1;
        if (repeats >= least && repeats * period >= leastTokens) return TokenLoop{period, repeats, T - repeats * period};
    }
    return std::nullopt;
}

}  // namespace lw
