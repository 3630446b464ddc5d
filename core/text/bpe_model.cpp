#include "core/text/bpe_model.h"

#include <fmt/format.h>

#include "core/text/merge_log.h"
#include "core/text/merge_queue.h"
#include "core/text/utf8.h"

namespace lw {
namespace {

std::uint64_t pairKey(TokenId left, TokenId right) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) | static_cast<std::uint32_t>(right);
}

}  // namespace

Result<MergePair> mergeFromLine(std::string_view line, std::size_t number, std::string_view where) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || space == 0 || space + 1 == line.size() ||
        line.find(' ', space + 1) != std::string_view::npos) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("Merge {} of {} should be two pieces with a space between, but is \"{}\".", number, where,
                                printableBytes(line.substr(0, 60))),
                    std::string(where));
    }
    return MergePair{std::string(line.substr(0, space)), std::string(line.substr(space + 1))};
}

Result<std::unique_ptr<const WordModel>> BpeModel::make(const Vocabulary& vocabulary, const std::vector<MergePair>& merges,
                                                        const BpeOptions& options, std::string_view where) {
    std::unique_ptr<BpeModel> made(new BpeModel(vocabulary, options));
    const auto bad = [&](std::string what) { return fail(ErrorKind::BadFormat, std::move(what), std::string(where)); };
    if (options.byteFallback && !(options.continuingPrefix.empty() && options.wordEndSuffix.empty())) {
        return fail(ErrorKind::Unsupported,
                    fmt::format("{} wants byte_fallback together with continuing_subword_prefix or end_of_word_suffix, which "
                                "this program does not support.",
                                where),
                    std::string(where));
    }
    if (!options.unknown.empty()) {
        made->m_unknown = vocabulary.find(options.unknown);
        if (made->m_unknown < 0) {
            return bad(
                fmt::format("The unknown token \"{}\" of {} is not in its vocabulary.", printableBytes(options.unknown), where));
        }
    }
    for (int byte = 0; byte < 256; ++byte) {
        made->m_bytes[static_cast<std::size_t>(byte)] =
            options.byteFallback ? vocabulary.find(fmt::format("<0x{:02X}>", byte)) : -1;
    }
    made->m_merges.reserve(merges.size());
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
        const auto& [left, right] = merges[rank];
        const TokenId leftId = vocabulary.find(left), rightId = vocabulary.find(right);
        std::string joined = left;
        joined += std::string_view(right).substr(std::min(options.continuingPrefix.size(), right.size()));
        const TokenId id = vocabulary.find(joined);
        if (leftId < 0 || rightId < 0 || id < 0) {
            if (options.skipUnknownMerges) continue;
            const std::string& missing = leftId < 0 ? left : rightId < 0 ? right : joined;
            return bad(fmt::format("Merge {} of {} needs \"{}\", which is not in the vocabulary.", rank, where,
                                   printableBytes(missing.substr(0, 60))));
        }
        const Learned learned{static_cast<int>(rank), id};
        const auto [place, added] = made->m_merges.emplace(pairKey(leftId, rightId), learned);
        if (!added && !options.firstRankWins) place->second = learned;
    }
    return std::unique_ptr<const WordModel>(std::move(made));
}

/// The word's characters as pieces; unknown ones as bytes or as the unknown token.
Result<void> BpeModel::characters(std::string_view word, std::vector<MergePiece>& pieces) const {
    const bool plain = m_options.continuingPrefix.empty() && m_options.wordEndSuffix.empty();
    bool afterUnknown = false;
    std::string dressed;
    for (std::uint32_t at = 0; at < word.size();) {
        const auto next = at + static_cast<std::uint32_t>(utf8::decode(word, at).bytes);
        std::string_view spelling = word.substr(at, next - at);
        if (!plain) {
            dressed = at > 0 ? m_options.continuingPrefix : std::string();
            dressed += word.substr(at, next - at);
            if (next == word.size()) dressed += m_options.wordEndSuffix;
            spelling = dressed;
        }
        const TokenId id = m_vocabulary.find(spelling);
        if (id >= 0) {
            pieces.push_back({id, at, next});
            afterUnknown = false;
            at = next;
            continue;
        }
        bool bytes = m_options.byteFallback;
        for (std::uint32_t i = at; i < next; ++i) bytes = bytes && m_bytes[static_cast<unsigned char>(word[i])] >= 0;
        if (bytes) {
            for (std::uint32_t i = at; i < next; ++i) pieces.push_back({m_bytes[static_cast<unsigned char>(word[i])], i, i + 1});
            afterUnknown = false;
        } else if (m_unknown >= 0) {
            if (afterUnknown && m_options.fuseUnknown) {
                pieces.back().to = next;
            } else {
                pieces.push_back({m_unknown, at, next});
            }
            afterUnknown = true;
        } else {
            return fail(
                ErrorKind::BadInput,
                fmt::format("The vocabulary has no token for \"{}\" and none for unknown characters.", printableBytes(spelling)));
        }
        at = next;
    }
    return {};
}

Result<void> BpeModel::cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const {
    const TokenId whole = m_options.ignoreMerges ? m_vocabulary.find(word) : -1;
    if (whole >= 0) {
        out.push_back({whole, 0, static_cast<std::uint32_t>(word.size())});
        if (!log) return {};
        log->takenWhole();  // whoever watches sees the merges all the same
    }
    std::vector<MergePiece> pieces;
    pieces.reserve(word.size());
    if (auto made = characters(word, pieces); !made) return whole >= 0 ? Result<void>() : made;

    const auto rule = [&](const MergePiece& left, const MergePiece& right) -> MergeRule {
        const auto found = m_merges.find(pairKey(left.id, right.id));
        return found == m_merges.end() ? MergeRule{} : MergeRule{found->second.rank, found->second.id};
    };
    const auto spelling = [&](const MergePiece& piece) -> std::string { return m_vocabulary.entry(piece.id); };
    if (!mergeAndLog(pieces, rule, spelling, log)) return tooManySteps();
    if (whole >= 0) return {};
    for (const MergePiece& piece : pieces) {
        if (piece.to > piece.from) out.push_back({piece.id, piece.from, piece.to});
    }
    return {};
}

}  // namespace lw
