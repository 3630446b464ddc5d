// Normalizers: what a tokenizer does to the text before it is cut, each keeping the alignment with the original.
// Names and meaning are the `tokenizers` library's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/text/aligned_text.h"
#include "core/text/regex.h"

namespace lw {

/// Takes and gives valid UTF-8. Fails: a regular expression over its limit; a result of more than 128 MiB.
using Normalizer = std::function<Result<AlignedText>(AlignedText)>;

enum class NormalForm { NFC, NFD, NFKC, NFKD };

/// Bytes of characters that changed cover the whole run of the original that they came from.
AlignedText inNormalForm(AlignedText text, NormalForm form);

namespace normalizers {

/// For normalizers that may make much of little: the error of a result that is too long. Nothing if it is not.
Result<void> checkLength(const AlignedText& result);

Normalizer normalForm(NormalForm form);
Normalizer lowercase();                                // every character by itself (no final sigma)
Normalizer replace(std::string what, std::string by);  // `what` is not empty
Normalizer replace(Regex what, std::string by);        // `by` is literal
Normalizer prepend(std::string what);                  // nothing in front of an empty text
Normalizer strip(bool left, bool right);               // white space
Normalizer stripAccents();                             // removes marks; of use after NFD or NFKD
/// BERT's: control characters away and white space to spaces, spaces around Chinese characters, accents away, lower case.
/// Characters are classed by Unicode 15 here and by Unicode 8 in the library.
Normalizer bert(bool cleanText, bool spaceChinese, bool stripAccents, bool lowercase);
Normalizer byteLevel();  // bytes become letters of GPT-2's alphabet
Normalizer sequence(std::vector<Normalizer> steps);

}  // namespace normalizers
}  // namespace lw
