// The token ids by falling logit, ties to the lower id, sorted only as far as somebody looks.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "core/base/index.h"

namespace lw {

class Ranking {
public:
    /// The logits must outlive the ranking and hold no NaN.
    explicit Ranking(std::span<const float> logits) : m_logits(logits), m_ids(logits.size()) {
        std::iota(m_ids.begin(), m_ids.end(), 0);
    }

    std::size_t size() const { return m_ids.size(); }

    /// The id at a rank. The first call for a rank sorts up to at least there, in steps that double.
    TokenId operator[](std::size_t rank) {
        if (rank >= m_sorted) sortUpTo(rank + 1);
        return m_ids[rank];
    }

    void sortUpTo(std::size_t count) {
        if (count <= m_sorted) return;
        const std::size_t end = std::min(m_ids.size(), std::max({count, 2 * m_sorted, std::size_t{64}}));
        const auto before = [this](TokenId a, TokenId b) {
            const float x = m_logits[static_cast<std::size_t>(a)], y = m_logits[static_cast<std::size_t>(b)];
            return x != y ? x > y : a < b;
        };
        const auto first = m_ids.begin() + static_cast<std::ptrdiff_t>(m_sorted),
                   last = m_ids.begin() + static_cast<std::ptrdiff_t>(end);
        if (m_sorted == 0 && end <= 256) {  // few of many: one scan with a heap
            std::partial_sort(first, last, m_ids.end(), before);
        } else {
            if (last != m_ids.end()) std::nth_element(first, last, m_ids.end(), before);
            std::sort(first, last, before);
        }
        m_sorted = end;
    }

private:
    std::span<const float> m_logits;
    std::vector<TokenId> m_ids;
    std::size_t m_sorted = 0;
};

}  // namespace lw
