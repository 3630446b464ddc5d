#include "core/text/unigram_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text/utf8.h"

namespace lw {

Result<std::unique_ptr<const WordModel>> UnigramModel::make(const Vocabulary& vocabulary, std::vector<double> scores,
                                                            const std::vector<bool>& usable, const UnigramOptions& options,
                                                            std::string_view where) {
    const auto size = static_cast<std::size_t>(vocabulary.size());
    if (scores.size() != size || usable.size() != size) {
        return fail(ErrorKind::BadFormat, fmt::format("{} has {} scores for {} tokens.", where, scores.size(), size),
                    std::string(where));
    }
    std::vector<PrefixTrie::Entry> entries;
    for (std::size_t id = 0; id < size; ++id) {
        if (!std::isfinite(scores[id])) {
            return fail(ErrorKind::BadFormat, fmt::format("The score of token {} in {} is not a number.", id, where),
                        std::string(where));
        }
        if (usable[id] && vocabulary.has(static_cast<TokenId>(id)))
            entries.emplace_back(vocabulary.entry(static_cast<TokenId>(id)), static_cast<std::int32_t>(id));
    }
    std::unique_ptr<UnigramModel> made(new UnigramModel(options));
    made->m_scores = std::move(scores);
    made->m_entries = PrefixTrie(std::move(entries));
    return std::unique_ptr<const WordModel>(std::move(made));
}

double UnigramModel::sum(double a, double b) const {
    return m_options.singlePrecision ? static_cast<double>(static_cast<float>(a + b)) : a + b;
}

template <class Edge>
void UnigramModel::edgesAt(std::string_view word, std::uint32_t from, Edge edge) const {
    const auto character = from + static_cast<std::uint32_t>(utf8::decode(word, from).bytes);
    bool known = false;
    m_entries.prefixes(word.substr(from), [&](std::size_t bytes, std::int32_t id) {
        const auto to = from + static_cast<std::uint32_t>(bytes);
        known = known || to == character;
        edge(from, to, id, m_scores[static_cast<std::size_t>(id)]);
    });
    if (!known) edge(from, character, -1, m_options.unknownScore);
}

Result<void> UnigramModel::cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const {
    constexpr std::uint32_t Nowhere = 0xFFFFFFFF;
    struct Arrival {  // the best path that ends at a place
        double score = 0;
        std::uint32_t from = Nowhere;
        TokenId id = -1;
    };
    std::vector<Arrival> best(word.size() + 1);
    Lattice lattice;
    bool room = true;
    for (std::uint32_t from = 0; from < word.size(); from += static_cast<std::uint32_t>(utf8::decode(word, from).bytes)) {
        edgesAt(word, from, [&](std::uint32_t begin, std::uint32_t to, TokenId id, double score) {
            const double path = sum(score, best[begin].score);
            Arrival& arrival = best[to];
            if (arrival.from == Nowhere || path > arrival.score) arrival = {path, begin, id};
            if (log && (room = room && log->count(1)))
                lattice.edges.push_back({begin, to, id < 0 ? m_options.unknown : id, score, path, false});
        });
    }
    if (!room) return tooManySteps();

    std::vector<Symbol> path;  // backwards
    for (auto to = static_cast<std::uint32_t>(word.size()); to > 0; to = best[to].from)
        path.push_back({best[to].id, best[to].from, to});
    std::ranges::reverse(path);
    if (log) {
        lattice.word = log->word();
        lattice.logProbability = best[word.size()].score;
        std::ranges::sort(lattice.edges, {}, [](const LatticeEdge& edge) { return std::pair(edge.from, edge.to); });
        std::size_t next = 0;  // both are in order
        for (LatticeEdge& edge : lattice.edges) {
            edge.chosen = next < path.size() && edge.from == path[next].from && edge.to == path[next].to;
            if (edge.chosen) ++next;
        }
        log->steps.lattices.push_back(std::move(lattice));
    }
    for (std::size_t i = 0; i < path.size();) {
        if (path[i].id >= 0) {
            out.push_back(path[i++]);
            continue;
        }
        const std::uint32_t from = path[i].from;
        std::uint32_t to = from;
        for (; i < path.size() && path[i].id < 0; ++i) to = path[i].to;
        if (m_options.bytes.cover(word.substr(from, to - from))) {
            for (std::uint32_t at = from; at < to; ++at) out.push_back({m_options.bytes.of(word[at]), at, at + 1});
        } else if (m_options.unknown >= 0) {
            out.push_back({m_options.unknown, from, to});
        } else {
            return fail(ErrorKind::BadInput,
                        fmt::format("The vocabulary has no token for \"{}\" and none for unknown characters.",
                                    printableBytes(word.substr(from, to - from))));
        }
    }
    return {};
}

}  // namespace lw
