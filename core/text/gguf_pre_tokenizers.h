// The names a GGUF file may give its pre-tokenizer, and how each cuts words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lw {

struct GgufPreTokenizer {
    std::vector<std::string_view>
        words;                  // expressions in PCRE2's syntax, applied one after the other; unmatched text is a piece too
    bool ignoreMerges = false;  // a word that is in the vocabulary is one token
    bool addBos = false;        // if the file does not say
};

/// Null for a name that is not known.
const GgufPreTokenizer* ggufPreTokenizer(std::string_view name);

/// All names, in alphabetical order, with commas.
std::string ggufPreTokenizerNames();

}  // namespace lw
