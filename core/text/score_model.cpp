#include "core/text/score_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "core/text/merge_log.h"
#include "core/text/merge_queue.h"
#include "core/text/utf8.h"

namespace lw {

Result<std::unique_ptr<const WordModel>> ScoreModel::make(const Vocabulary& vocabulary, const std::vector<float>& scores,
                                                          ScoreOptions options, std::string_view where) {
    const auto bad = [&](std::string what) { return fail(ErrorKind::BadFormat, std::move(what), std::string(where)); };
    if (scores.size() != static_cast<std::size_t>(vocabulary.size())) {
        return bad(fmt::format("{} has {} scores for {} tokens.", where, scores.size(), vocabulary.size()));
    }
    for (std::size_t id = 0; id < scores.size(); ++id) {
        if (std::isnan(scores[id])) return bad(fmt::format("The score of token {} in {} is not a number.", id, where));
    }
    std::unique_ptr<ScoreModel> made(new ScoreModel(vocabulary, std::move(options)));
    std::vector<float> falling = scores;
    std::sort(falling.begin(), falling.end(), std::greater<>());
    falling.erase(std::unique(falling.begin(), falling.end()), falling.end());
    made->m_ranks.reserve(scores.size());
    for (std::size_t id = 0; id < scores.size(); ++id) {
        made->m_ranks.push_back(
            static_cast<int>(std::lower_bound(falling.begin(), falling.end(), scores[id], std::greater<>()) - falling.begin()));
        made->m_longest = std::max(made->m_longest, vocabulary.entry(static_cast<TokenId>(id)).size());
    }
    return std::unique_ptr<const WordModel>(std::move(made));
}

Result<void> ScoreModel::cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const {
    const TokenId whole = m_options.wholeFirst ? m_vocabulary.find(word) : -1;
    if (whole >= 0) {
        out.push_back({whole, 0, static_cast<std::uint32_t>(word.size())});
        if (!log) return {};
        log->takenWhole();  // whoever watches sees the merges all the same
    }
    std::vector<MergePiece> pieces;
    for (std::uint32_t at = 0; at < word.size();) {
        const auto next = at + static_cast<std::uint32_t>(utf8::decode(word, at).bytes);
        pieces.push_back({m_vocabulary.find(word.substr(at, next - at)), at, next});  // -1: its bytes, unless it merges
        at = next;
    }
    const auto text = [&](const MergePiece& piece) { return std::string(word.substr(piece.from, piece.to - piece.from)); };
    std::unordered_map<std::string_view, std::uint32_t> cuts;  // where unused pieces were joined
    const auto rule = [&](const MergePiece& left, const MergePiece& right) -> MergeRule {
        if (right.to - left.from > m_longest) return {};
        const std::string_view joined = word.substr(left.from, right.to - left.from);
        const TokenId id = m_vocabulary.find(joined);
        if (unused(id)) cuts[joined] = left.to - left.from;
        return id < 0 ? MergeRule{} : MergeRule{m_ranks[static_cast<std::size_t>(id)], id};
    };
    if (!mergeAndLog(pieces, rule, text, log)) return tooManySteps();
    if (whole >= 0) return {};

    std::vector<Range> rest;  // a stack: parts of an unused piece
    bool afterUnknown = false;
    for (const MergePiece& piece : pieces) {
        if (piece.to > piece.from) rest.push_back({piece.from, piece.to});
        while (!rest.empty()) {
            const Range part = rest.back();
            rest.pop_back();
            const std::string_view spelling = word.substr(part.from, part.to - part.from);
            const TokenId id = m_vocabulary.find(spelling);
            if (const auto cut = cuts.find(spelling); unused(id) && cut != cuts.end()) {
                rest.push_back({part.from + cut->second, part.to});
                rest.push_back({part.from, part.from + cut->second});
                continue;
            }
            if (auto done = finish(word, part, id, afterUnknown, out); !done) return done;
        }
    }
    return {};
}

Result<void> ScoreModel::finish(std::string_view word, Range part, TokenId id, bool& afterUnknown,
                                std::vector<Symbol>& out) const {
    const bool bytes = id < 0 && m_options.bytes.cover(word.substr(part.from, part.to - part.from));
    if (id >= 0) {
        out.push_back({id, part.from, part.to});
    } else if (bytes) {
        for (std::uint32_t i = part.from; i < part.to; ++i) out.push_back({m_options.bytes.of(word[i]), i, i + 1});
    } else if (m_options.unknown < 0) {
        return fail(ErrorKind::BadInput,
                    fmt::format("The vocabulary has no token for \"{}\", none for its bytes and none for unknown characters.",
                                printableBytes(word.substr(part.from, part.to - part.from))));
    } else if (afterUnknown && m_options.fuseUnknown) {
        out.back().to = part.to;
    } else {
        out.push_back({m_options.unknown, part.from, part.to});
    }
    afterUnknown = id < 0 && !bytes;
    return {};
}

}  // namespace lw
