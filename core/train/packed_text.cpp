#include "core/train/packed_text.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace lw::train {

namespace {

constexpr std::uint64_t orderPurpose = 1;

}  // namespace

std::vector<TokenId> packDocuments(const std::vector<std::vector<TokenId>>& documents, TokenId end) {
    std::vector<TokenId> ids;
    for (const auto& document : documents) {
        if (end >= 0 && (document.empty() || document.front() != end)) ids.push_back(end);
        ids.insert(ids.end(), document.begin(), document.end());
    }
    if (end >= 0) ids.push_back(end);
    return ids;
}

PackedSequences::PackedSequences(std::vector<PackedText> texts, int context, std::uint64_t seed)
    : m_texts(std::move(texts)), m_context(context), m_seed(seed), m_passes(m_texts.size()), m_taken(m_texts.size(), 0) {
    double sum = 0;
    for (const PackedText& text : m_texts) sum += text.weight;
    for (PackedText& text : m_texts) text.weight /= sum;
    assert(std::ranges::all_of(m_texts, [&](const PackedText& t) { return static_cast<int>(t.ids.size()) > context; }));
}

std::int64_t PackedSequences::windowsPerPass(std::size_t text) const {
    // As many as fit whatever the phase, so that passes are equally long.
    const std::int64_t predicted = static_cast<std::int64_t>(m_texts[text].ids.size()) - 1;
    return std::max<std::int64_t>(1, (predicted - (m_context - 1)) / m_context);
}

Sequence PackedSequences::sequence(std::int64_t number) {
    assert(number >= 0);
    if (number < m_next) {
        std::ranges::fill(m_taken, 0);
        m_next = 0;
    }
    while (true) {
        std::size_t behind = 0;
        double most = -1;
        for (std::size_t i = 0; i < m_texts.size(); ++i) {
            const double lag = m_texts[i].weight * static_cast<double>(m_next + 1) - static_cast<double>(m_taken[i]);
            if (i == 0 || lag > most) {
                most = lag;
                behind = i;
            }
        }
        const std::int64_t taken = m_taken[behind]++;
        if (m_next++ == number) return window(behind, taken);
    }
}

Sequence PackedSequences::window(std::size_t text, std::int64_t taken) {
    const std::int64_t windows = windowsPerPass(text), pass = taken / windows;
    Pass& current = m_passes[text];
    if (current.number != pass) {
        Pcg32 random =
            randomFor(m_seed, orderPurpose + (static_cast<std::uint64_t>(text) << 8), static_cast<std::uint64_t>(pass));
        const std::int64_t spare = static_cast<std::int64_t>(m_texts[text].ids.size()) - 1 - windows * m_context;
        current.number = pass;
        current.phase = below(random, std::min<std::int64_t>(spare + 1, m_context));
        current.order.resize(static_cast<std::size_t>(windows));
        std::iota(current.order.begin(), current.order.end(), 0);
        shuffle(current.order, random);
    }
    const std::int64_t first = current.phase + std::int64_t{m_context} * current.order[static_cast<std::size_t>(taken % windows)];
    const auto at = m_texts[text].ids.begin() + first;
    return {{at, at + m_context}, {at + 1, at + m_context + 1}};
}

std::vector<Sequence> evaluationWindows(const std::vector<TokenId>& document, int context, int stride) {
    assert(context >= 1 && stride >= 1 && stride <= context);
    std::vector<Sequence> windows;
    const std::int64_t last = static_cast<std::int64_t>(document.size()) - 1;  // tokens that have a next one
    std::int64_t predicted = 0;                                                // targets 1 … predicted are done
    for (std::int64_t first = 0; predicted < last; first += stride) {
        const std::int64_t end = std::min(first + context, last);
        Sequence window{{document.begin() + first, document.begin() + end},
                        {document.begin() + first + 1, document.begin() + end + 1}};
        for (std::int64_t t = first; t < predicted; ++t) window.targets[static_cast<std::size_t>(t - first)] = -1;
        predicted = end;
        windows.push_back(std::move(window));
    }
    return windows;
}

}  // namespace lw::train
