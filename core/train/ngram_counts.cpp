#include "core/train/ngram_counts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

namespace lw::train {

namespace {

constexpr TokenId beginning = -1;  // stands before a sequence: before any id

// All sequences behind one another.
struct Stream {
    std::vector<TokenId> tokens;          // beginning, ids, the last token that is only predicted, beginning, …
    std::vector<std::uint8_t> counted;    // is the token predicted?
    std::vector<std::uint8_t> available;  // tokens from its sequence's beginning to it, itself included; at most `order`
};

Stream streamOf(const std::vector<Sequence>& sequences, int order) {
    Stream stream;
    const auto put = [&](TokenId token, bool counted, std::size_t place) {
        stream.tokens.push_back(token);
        stream.counted.push_back(counted);
        stream.available.push_back(static_cast<std::uint8_t>(std::min<std::size_t>(place, static_cast<std::size_t>(order))));
    };
    for (const Sequence& s : sequences) {
        put(beginning, false, 0);
        for (std::size_t t = 0; t < s.ids.size(); ++t) put(s.ids[t], t > 0 && s.targets[t - 1] >= 0, t + 1);
        if (!s.targets.empty() && s.targets.back() >= 0) put(s.targets.back(), true, s.ids.size() + 1);
    }
    return stream;
}

// The runs of k tokens, each once, in the order of their tokens.
struct Runs {
    std::vector<std::uint32_t> end;  // where one of them ends in the stream
    std::vector<std::uint32_t> counts;
};

Runs runsOf(const Stream& stream, int k, bool highest) {
    const TokenId* tokens = stream.tokens.data();
    std::vector<std::uint32_t> ends;
    for (std::size_t i = 0; i < stream.tokens.size(); ++i) {
        if (stream.available[i] >= k) ends.push_back(static_cast<std::uint32_t>(i));
    }
    // By the run; runs alike by the token before them, so that different ones can be told apart.
    const auto compare = [&](std::uint32_t a, std::uint32_t b, int from) {
        const TokenId *x = tokens + a - k + 1, *y = tokens + b - k + 1;
        for (int i = from; i < k; ++i) {
            if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
        }
        return 0;
    };
    std::ranges::sort(ends, [&](std::uint32_t a, std::uint32_t b) {
        const int order = compare(a, b, 0);
        return order != 0 ? order < 0 : tokens[a - static_cast<std::uint32_t>(k)] < tokens[b - static_cast<std::uint32_t>(k)];
    });
    Runs runs;
    std::int64_t before = -2;  // the token before the last run that was counted
    for (const std::uint32_t end : ends) {
        if (runs.end.empty() || compare(runs.end.back(), end, 0) != 0) {
            runs.end.push_back(end);
            runs.counts.push_back(0);
            before = -2;
        }
        const TokenId predecessor = tokens[end - static_cast<std::uint32_t>(k)];
        if (stream.counted[end] == 0 || (!highest && predecessor == before)) continue;
        ++runs.counts.back();
        before = predecessor;
    }
    return runs;
}

std::array<double, 3> discountsOf(const std::vector<std::uint32_t>& counts, bool three) {
    std::array<double, 5> n{};
    for (const std::uint32_t count : counts) {
        if (count >= 1 && count <= 4) ++n[count];
    }
    if (n[1] == 0) return {0.5, 0.5, 0.5};
    const double y = n[1] / (n[1] + 2 * n[2]);
    const double one = n[2] > 0 ? y : 0.5;
    if (!three || n[2] == 0 || n[3] == 0) return {one, one, one};
    std::array<double, 3> d{};
    for (std::size_t i = 1; i <= 3; ++i) d[i - 1] = static_cast<double>(i) - static_cast<double>(i + 1) * y * n[i + 1] / n[i];
    const bool sound = d[0] > 0 && d[1] > 0 && d[2] > 0;  // few or odd counts may give others
    return sound ? d : std::array<double, 3>{one, one, one};
}

}  // namespace

Result<NgramTable> countNgrams(const std::vector<Sequence>& sequences, const NgramSettings& settings,
                               const std::function<void(std::string_view)>& note, const Job& job) {
    const int n = settings.order;
    const Stream stream = streamOf(sequences, n);
    if (stream.tokens.size() > std::numeric_limits<std::uint32_t>::max())
        return fail(ErrorKind::BadInput, fmt::format("{} tokens are more than can be counted.", stream.tokens.size()));
    if (std::ranges::find(stream.counted, 1) == stream.counted.end())
        return fail(ErrorKind::BadInput, "There is no token to count.");

    NgramTable table;
    table.orders.resize(static_cast<std::size_t>(n));
    std::vector<Runs> runs;
    for (int k = 1; k <= n; ++k) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(k - 1) / n, "counting");
        runs.push_back(runsOf(stream, k, k == n));
        table.orders[static_cast<std::size_t>(k) - 1].discounts = discountsOf(runs.back().counts, settings.threeDiscounts);
        if (note) note(fmt::format("Order {} of {}: {} different runs.", k, n, runs.back().end.size()));
    }

    // From the longest down: a run stays if it was seen often enough, or if one that stays begins with it.
    const auto least = [&](int k) {
        const auto i = static_cast<std::size_t>(k) - 2;
        return i < settings.least.size() ? static_cast<std::uint32_t>(std::max(1, settings.least[i])) : 1u;
    };
    std::vector<std::vector<std::uint8_t>> stays(runs.size());
    for (int k = n; k >= 2; --k) {
        const Runs& here = runs[static_cast<std::size_t>(k) - 1];
        auto& keep = stays[static_cast<std::size_t>(k) - 1];
        keep.resize(here.end.size());
        for (std::size_t i = 0; i < keep.size(); ++i) keep[i] |= here.counts[i] >= least(k);
        if (k == 2) break;
        // Beginnings lie in the same order as the runs, so one walk finds them all.
        const Runs& shorter = runs[static_cast<std::size_t>(k) - 2];
        auto& parent = stays[static_cast<std::size_t>(k) - 2];
        parent.resize(shorter.end.size());
        std::size_t p = 0;
        for (std::size_t i = 0; i < keep.size(); ++i) {
            const TokenId* begin = stream.tokens.data() + here.end[i] - k + 1;
            while (!std::equal(begin, begin + k - 1, stream.tokens.data() + shorter.end[p] - k + 2)) ++p;
            parent[p] |= keep[i];
        }
    }

    NgramOrder& first = table.orders.front();
    first.counts.assign(static_cast<std::size_t>(settings.vocabulary), 0);
    for (std::size_t i = 0; i < runs.front().end.size(); ++i)
        first.counts[static_cast<std::size_t>(stream.tokens[runs.front().end[i]])] = runs.front().counts[i];
    std::vector<std::uint32_t> place(first.counts.size());  // of each run of the order before in the table
    std::iota(place.begin(), place.end(), 0u);
    for (int k = 2; k <= n; ++k) {
        if (job.cancelled()) return cancelledError();
        const Runs& here = runs[static_cast<std::size_t>(k) - 1];
        const Runs& shorter = runs[static_cast<std::size_t>(k) - 2];
        const auto& keep = stays[static_cast<std::size_t>(k) - 1];
        NgramOrder& order = table.orders[static_cast<std::size_t>(k) - 1];
        const std::size_t parents = table.orders[static_cast<std::size_t>(k) - 2].counts.size();
        std::vector<std::uint32_t> children(parents, 0), own(here.end.size(), 0);
        order.totals.assign(parents, 0);
        std::size_t p = 0;
        for (std::size_t i = 0; i < here.end.size(); ++i) {
            const TokenId* begin = stream.tokens.data() + here.end[i] - k + 1;
            std::size_t parent = static_cast<std::size_t>(begin[0]);
            if (k > 2) {
                while (!std::equal(begin, begin + k - 1, stream.tokens.data() + shorter.end[p] - k + 2)) ++p;
                if (stays[static_cast<std::size_t>(k) - 2][p] == 0) continue;
                parent = place[p];
            }
            order.totals[parent] += here.counts[i];
            if (keep[i] == 0) continue;
            ++children[parent];
            own[i] = static_cast<std::uint32_t>(order.ids.size());
            order.ids.push_back(static_cast<std::uint32_t>(begin[k - 1]));
            order.counts.push_back(here.counts[i]);
        }
        order.first.assign(parents + 1, 0);
        std::partial_sum(children.begin(), children.end(), order.first.begin() + 1);
        place = std::move(own);
    }
    return table;
}

}  // namespace lw::train
