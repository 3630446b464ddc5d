// Tokenizers whose tokens are plain bytes, by id: merged by ranks as tiktoken does, or the longest match first as RWKV does. Both
// give every text back. For the factories.
#pragma once

#include "core/text/pipeline.h"

namespace lw {

struct ByteVocabulary {
    std::vector<std::string> tokens;                       // bytes, by id; empty: none has this id
    std::vector<std::pair<std::string, TokenId>> special;  // written so in a text; their ids may lie behind the others
};

/// The pair whose joined bytes have the lowest id merges first; a word that is a token needs no merging.
/// `words`: an expression in PCRE2's syntax that cuts the text.
/// Fails: BadFormat (a byte without a token, a token twice, special ids that are taken).
Result<PipelineParts> rankedParts(const ByteVocabulary& vocabulary, std::string_view words, std::string_view where);

/// Fails: as rankedParts.
Result<PipelineParts> longestMatchParts(const ByteVocabulary& vocabulary, std::string_view where);

}  // namespace lw
