// SentencePiece's table of what to normalize: sequences of characters and what stands for them. It comes compiled, as a
// double-array trie followed by the replacements, in .model files and in tokenizer.json ("Precompiled"). Source: SentencePiece,
// normalizer.cc; Yata's darts-clone for the trie.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/text/normalizer.h"

namespace lw {

class CharsMap {
public:
    CharsMap() = default;  // nothing is replaced
    /// `compiled`: the trie's size in bytes (32 bits, little-endian), the trie, the replacements, each with a zero behind it.
    /// Fails: BadFormat (lengths that do not fit, replacements that are no UTF-8).
    static Result<CharsMap> parse(std::string_view compiled, std::string_view where);

    struct Hit {
        std::size_t bytes = 0;  // of the text that are replaced; 0: nothing is
        std::string_view by;    // valid as long as the map or a copy of it
    };
    Hit longest(std::string_view text) const;  // at the text's begin
    Hit shortest(std::string_view text) const;

private:
    struct Tables {
        std::vector<std::uint32_t> trie;
        std::string replacements;
    };
    template <class Found>
    void prefixes(std::string_view text, Found found) const;
    Hit hit(std::string_view text, bool first) const;

    std::shared_ptr<const Tables> m_tables;
};

namespace normalizers {

/// What the `tokenizers` library makes of such a table: a grapheme of fewer than 6 bytes whose begin is in the table is replaced
/// as a whole by its shortest entry's replacement, otherwise every character by itself.
Normalizer precompiled(CharsMap map);

}  // namespace normalizers
}  // namespace lw
