#include "core/text/score_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text/merge_log.h"
#include "core/text/merge_queue.h"
#include "core/text/utf8.h"

namespace lw {

Result<std::unique_ptr<const WordModel>> ScoreModel::make(const Vocabulary& vocabulary, const std::vector<float>& scores,
                                                          TokenId unknown, std::string_view where) {
    const auto bad = [&](std::string what) { return fail(ErrorKind::BadFormat, std::move(what), std::string(where)); };
    if (scores.size() != static_cast<std::size_t>(vocabulary.size())) {
        return bad(fmt::format("{} has {} scores for {} tokens.", where, scores.size(), vocabulary.size()));
    }
    for (std::size_t id = 0; id < scores.size(); ++id) {
        if (std::isnan(scores[id])) return bad(fmt::format("The score of token {} in {} is not a number.", id, where));
    }
    std::unique_ptr<ScoreModel> made(new ScoreModel(vocabulary));
    std::vector<float> falling = scores;
    std::sort(falling.begin(), falling.end(), std::greater<>());
    falling.erase(std::unique(falling.begin(), falling.end()), falling.end());
    made->m_ranks.reserve(scores.size());
    for (std::size_t id = 0; id < scores.size(); ++id) {
        made->m_ranks.push_back(
            static_cast<int>(std::lower_bound(falling.begin(), falling.end(), scores[id], std::greater<>()) - falling.begin()));
        made->m_longest = std::max(made->m_longest, vocabulary.entry(static_cast<TokenId>(id)).size());
    }
    made->m_unknown = unknown;
    for (int byte = 0; byte < 256; ++byte)
        made->m_bytes[static_cast<std::size_t>(byte)] = vocabulary.find(fmt::format("<0x{:02X}>", byte));
    return std::unique_ptr<const WordModel>(std::move(made));
}

Result<void> ScoreModel::cut(std::string_view word, std::vector<Symbol>& out, MergeLog* log) const {
    std::vector<MergePiece> pieces;
    for (std::uint32_t at = 0; at < word.size();) {
        const auto next = at + static_cast<std::uint32_t>(utf8::decode(word, at).bytes);
        pieces.push_back({m_vocabulary.find(word.substr(at, next - at)), at, next});  // -1: its bytes, unless it merges
        at = next;
    }
    const auto text = [&](const MergePiece& piece) { return std::string(word.substr(piece.from, piece.to - piece.from)); };
    const auto rule = [&](const MergePiece& left, const MergePiece& right) -> MergeRule {
        if (right.to - left.from > m_longest) return {};
        const TokenId id = m_vocabulary.find(word.substr(left.from, right.to - left.from));
        return id < 0 ? MergeRule{} : MergeRule{m_ranks[static_cast<std::size_t>(id)], id};
    };
    if (!mergeAndLog(pieces, rule, text, log)) return tooManyMerges();

    for (const MergePiece& piece : pieces) {
        if (piece.to == piece.from) continue;
        if (piece.id >= 0) {
            out.push_back({piece.id, piece.from, piece.to});
            continue;
        }
        const auto byteId = [&](std::uint32_t i) { return m_bytes[static_cast<unsigned char>(word[i])]; };
        bool bytes = true;
        for (std::uint32_t i = piece.from; i < piece.to; ++i) bytes = bytes && byteId(i) >= 0;
        if (bytes) {
            for (std::uint32_t i = piece.from; i < piece.to; ++i) out.push_back({byteId(i), i, i + 1});
        } else if (m_unknown >= 0) {
            out.push_back({m_unknown, piece.from, piece.to});
        } else {
            return fail(ErrorKind::BadInput,
                        fmt::format("The vocabulary has no token for \"{}\", none for its bytes and none for unknown characters.",
                                    printableBytes(text(piece))));
        }
    }
    return {};
}

}  // namespace lw
