// Learning byte-level byte-pair encoding: of all neighbouring pieces the most frequent pair becomes one, again and again.
// Counts are exact and kept up to date from merge to merge; of pairs that occur equally often the larger one goes first (left
// pieces compared as bytes, then right ones). The same words give the same merges on every machine.
// Source: Sennrich et al. 2016, algorithm 1; Radford et al. 2019 (bytes as alphabet). Golden: 243 merges of the reference of
// Stanford's CS 336 in tests/data/tokenizers/bpe-training.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/index.h"
#include "core/base/job.h"
#include "core/text/word_counts.h"

namespace lw {

struct BpeTrainingOptions {
    int vocabulary = 4000;                  // ids to reach: special tokens, 256 bytes, one for each merge
    std::vector<std::string> special = {};  // get the first ids, in this order
    std::int64_t leastCount = 2;            // pairs that occur less often are not merged
};

/// What has been learned. Ids: special tokens, the 256 bytes (in the order of their letters in GPT-2's alphabet), merged pieces.
struct TrainedBpe {
    int specials = 0;
    std::vector<std::string> pieces;                  // per id: its bytes (of a special token: its content)
    std::vector<std::pair<TokenId, TokenId>> merges;  // in order
};

class BpeTrainer {
public:
    struct Pair {
        TokenId left = -1, right = -1;
        std::int64_t count = 0;  // how often they are neighbours in the text as it is cut now
    };
    struct Step {
        int rank = 0;  // of this merge, from 0
        Pair pair;     // as it was counted before the merge
        TokenId piece = -1;
        std::int64_t tokens = 0;  // of the text after the merge
    };

    /// Cuts the words into bytes and counts their pairs.
    /// Fails: no words; a vocabulary smaller than the alphabet; special tokens that are empty, given twice or look like pieces;
    /// cancelled.
    static Result<BpeTrainer> begin(const WordCounts& words, BpeTrainingOptions options, const Job& job = {});

    /// The next merge, done. Nothing once the vocabulary is full or no pair occurs often enough.
    std::optional<Step> step();

    /// The pairs that would come next if nothing changed, at most `most`, in order.
    std::vector<Pair> nextPairs(std::size_t most);

    const TrainedBpe& learned() const { return m_learned; }
    int vocabulary() const { return static_cast<int>(m_learned.pieces.size()); }
    std::int64_t bytes() const { return m_bytes; }    // of the text
    std::int64_t tokens() const { return m_tokens; }  // of the text as it is cut now
    std::size_t differentPairs() const { return m_pairs.size(); }
    /// Per id: how often it stands in the text as it is cut now. Special tokens count 0.
    std::vector<std::int64_t> occurrences() const;
    double bytesPerToken() const { return static_cast<double>(m_bytes) / static_cast<double>(m_tokens); }

private:
    explicit BpeTrainer(BpeTrainingOptions options) : m_options(std::move(options)) {}

    struct Word {
        std::size_t begin = 0;  // in m_symbols
        std::uint32_t length = 0;
        std::int64_t count = 0;
    };
    struct Neighbours {
        std::int64_t count = 0;
        std::vector<std::uint32_t> words;  // where they are or once were neighbours
    };
    struct PairHash {
        std::size_t operator()(std::uint64_t pair) const {
            return static_cast<std::size_t>((pair ^ (pair >> 29)) * 0x9E3779B97F4A7C15u);
        }
    };
    static std::uint64_t key(TokenId left, TokenId right) {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
    }
    bool later(const Pair& a, const Pair& b) const;  // a is merged after b
    void push(const Pair& pair);
    Pair pop();
    bool settle();  // brings a pair with a true count to the queue's front; false: none is left
    void mergeIn(std::uint32_t word, TokenId left, TokenId right, TokenId piece, std::vector<std::uint64_t>& grown);

    BpeTrainingOptions m_options;
    TrainedBpe m_learned;
    std::unordered_map<std::string, TokenId> m_ids;  // of bytes and merged pieces
    std::vector<TokenId> m_symbols;                  // the words, each in its place, as they are cut now
    std::vector<Word> m_words;
    std::unordered_map<std::uint64_t, Neighbours, PairHash> m_pairs;
    std::vector<Pair> m_queue;  // a heap; counts are those at the time of pushing and never too low
    std::int64_t m_bytes = 0, m_tokens = 0;
};

/// All steps to the end; `watch` sees each (it may be empty). Fails: as BpeTrainer::begin.
Result<TrainedBpe> trainBpe(const WordCounts& words, BpeTrainingOptions options, const Job& job = {},
                            const std::function<void(const BpeTrainer&, const BpeTrainer::Step&)>& watch = {});

}  // namespace lw
