// Pre-tokenizers: how a text is cut into the words that the model then cuts into tokens.
// Names and meaning are the `tokenizers` library's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/text/aligned_text.h"
#include "core/text/range.h"
#include "core/text/regex.h"

namespace lw {

struct PreText {
    AlignedText body;
    std::vector<Range> pieces;  // not empty, in order, in body.text
};

/// Fails: a regular expression over its limit.
using PreTokenizer = std::function<Result<void>(PreText&)>;

/// What happens to a match of a delimiter: it goes, is a piece, joins the piece before or behind it, or joins its like.
enum class SplitBehavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

/// Cuts `piece` at the delimiters `matches` (in order, inside it); with `invert` at what lies between them. Empty pieces are
/// dropped.
void splitPiece(Range piece, const std::vector<Range>& matches, SplitBehavior behavior, bool invert, std::vector<Range>& out);

enum class PrependScheme { Never, First, Always };

namespace pre_tokenizers {

PreTokenizer split(Regex delimiter, SplitBehavior behavior, bool invert);
PreTokenizer split(std::string delimiter, SplitBehavior behavior, bool invert);
PreTokenizer split(bool (*delimiter)(char32_t), SplitBehavior behavior);
PreTokenizer fixedLength(std::uint32_t characters);  // > 0
/// `word` cuts the text (none: not at all); then bytes become letters of GPT-2's alphabet.
PreTokenizer byteLevel(bool addPrefixSpace, const Regex* word);
PreTokenizer metaspace(std::string replacement, PrependScheme scheme, bool split);
PreTokenizer sequence(std::vector<PreTokenizer> steps);

}  // namespace pre_tokenizers

/// GPT-2's words: contractions, letters, numbers, other signs, each with one space in front; white space.
extern const std::string_view Gpt2Word;

}  // namespace lw
