// Tokenizers whose tokens are plain bytes, by id: merged by ranks as tiktoken does, or the longest match first as RWKV does. Both
// give every text back. For the factories.
#pragma once

#include <functional>

#include "core/text/pipeline.h"

namespace lw {

struct ByteVocabulary {
    std::vector<std::string> tokens;                       // bytes, by id; empty: none has this id
    std::vector<std::pair<std::string, TokenId>> special;  // written so in a text; their ids may lie behind the others
};

struct NumberedToken {
    std::int64_t number = -1;
    std::string bytes;
};
/// The first line of a text, without its end; empty where none ends within 4 KiB: such a text is no list of tokens.
std::string_view firstLine(std::string_view text);
/// One token a line. `read`: what a line says, or what is wrong with it ("should be …"); `number`: what the number is called
/// ("id", "rank"). Empty lines are passed over; a few numbers may be missing.
/// Fails: BadFormat, with the line and its number.
Result<ByteVocabulary> tokensByLine(std::string_view text, std::string_view where, std::string_view number,
                                    const std::function<tl::expected<NumberedToken, std::string>(std::string_view line)>& read);

/// The pair whose joined bytes have the lowest id merges first; a word that is a token needs no merging.
/// `words`: an expression in PCRE2's syntax that cuts the text.
/// Fails: BadFormat (a byte without a token, a token twice, special ids that are taken).
Result<PipelineParts> rankedParts(const ByteVocabulary& vocabulary, std::string_view words, std::string_view where);

/// Fails: as rankedParts.
Result<PipelineParts> longestMatchParts(const ByteVocabulary& vocabulary, std::string_view where);

}  // namespace lw
