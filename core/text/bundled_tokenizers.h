// The tokenizers that come with the program: a table. core/load_tokenizer opens them by name.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lw {

struct BundledTokenizer {
    std::string_view name;  // what --tokenizer takes
    std::string_view what;  // one sentence for people
    std::string_view licence;
    std::string_view source;
    std::string_view path;  // below the resources folder; empty: made by the program (characters, bytes)
};

std::span<const BundledTokenizer> bundledTokenizers();

/// Null if there is none of that name.
const BundledTokenizer* bundledTokenizer(std::string_view name);

/// All names with commas.
std::string bundledTokenizerNames();

}  // namespace lw
