// Byte-pair encoding by ranks: merges in the order they were learned.
// Source: Sennrich et al. 2016, Radford et al. 2019; details as in the `tokenizers` library (models/bpe).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/text/vocabulary.h"
#include "core/text/word_model.h"

namespace lw {

struct BpeOptions {
    std::string unknown;             // spelling of the token for unknown characters; empty: none
    bool fuseUnknown = false;        // neighbouring unknown characters become one token
    bool byteFallback = false;       // an unknown character becomes its bytes, <0xE4>
    bool ignoreMerges = false;       // a word that is in the vocabulary is one token, whatever the merges say
    std::string continuingPrefix;    // in front of every piece but a word's first
    std::string wordEndSuffix;       // behind a word's last piece
    bool skipUnknownMerges = false;  // merges naming pieces outside the vocabulary are left out instead of refused
    bool firstRankWins = false;      // of a merge given twice the first counts, not the last
};

using MergePair = std::pair<std::string, std::string>;

/// "a b" cut at its space. Fails: no space, or one at either end.
Result<MergePair> mergeFromLine(std::string_view line, std::size_t number, std::string_view where);

class BpeModel final : public WordModel {
public:
    /// Fails: a merge that names a piece the vocabulary does not have, an unknown-token that is not in it.
    static Result<std::unique_ptr<const WordModel>> make(const Vocabulary& vocabulary, const std::vector<MergePair>& merges,
                                                         const BpeOptions& options, std::string_view where);

    Result<void> cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const override;

private:
    BpeModel(const Vocabulary& vocabulary, BpeOptions options) : m_vocabulary(vocabulary), m_options(std::move(options)) {}
    Result<void> characters(std::string_view word, std::vector<struct MergePiece>& pieces) const;

    struct PairHash {
        std::size_t operator()(std::uint64_t pair) const {
            return static_cast<std::size_t>((pair ^ (pair >> 29)) * 0x9E3779B97F4A7C15u);
        }
    };
    struct Learned {
        int rank;
        TokenId id;
    };

    Vocabulary m_vocabulary;
    BpeOptions m_options;
    TokenId m_unknown = -1;
    std::array<TokenId, 256> m_bytes{};                             // -1: none
    std::unordered_map<std::uint64_t, Learned, PairHash> m_merges;  // left id << 32 | right id
};

}  // namespace lw
