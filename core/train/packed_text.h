// Documents as training sequences: joined into long rows of ids, an end token between them, cut into windows of the context.
#pragma once

#include <cstdint>
#include <vector>

#include "core/train/sequence.h"

namespace lw::train {

/// end, document, end, document, …, end — or without `end` the documents as they are. Documents begin with `begin` themselves if
/// they have one (documents.h); where that is `end`, it stands once between two of them.
std::vector<TokenId> packDocuments(const std::vector<std::vector<TokenId>>& documents, TokenId end);

struct PackedText {
    std::vector<TokenId> ids;
    double weight = 1;  // share of the sequences
};

/// Windows of `context` tokens, each predicting its next one. One pass over a text takes its windows in an order drawn anew for
/// each pass, with the first window beginning at a place drawn anew, so that the cuts fall elsewhere. Of several texts the next
/// is always the one that is furthest behind its share.
class PackedSequences final : public SequenceSource {
public:
    /// Asserted: every text has more than `context` ids.
    PackedSequences(std::vector<PackedText> texts, int context, std::uint64_t seed);
    Sequence sequence(std::int64_t number) override;

private:
    struct Pass {
        std::int64_t number = -1;
        std::int64_t phase = 0;
        std::vector<std::int32_t> order;
    };
    Sequence window(std::size_t text, std::int64_t taken);
    std::int64_t windowsPerPass(std::size_t text) const;

    std::vector<PackedText> m_texts;
    int m_context;
    std::uint64_t m_seed;
    std::vector<Pass> m_passes;
    std::vector<std::int64_t> m_taken;  // sequences of each text before m_next
    std::int64_t m_next = 0;
};

/// Windows for evaluation: a document's first window reads `context` tokens and predicts all of them but the first; each further
/// window begins `stride` tokens later and predicts only what no window before it has predicted. 1 <= stride <= context
/// (asserted).
std::vector<Sequence> evaluationWindows(const std::vector<TokenId>& document, int context, int stride);

}  // namespace lw::train
