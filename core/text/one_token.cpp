#include "core/text/one_token.h"

#include <optional>

#include <fmt/format.h>

namespace lw {

Result<TokenId> oneToken(const Tokenizer& tokenizer, std::string_view text) {
    if (text.empty()) return fail(ErrorKind::BadInput, "Nothing is written: a token has at least one character.");
    constexpr std::string_view dot = "·";
    std::string spaced;
    for (std::size_t i = 0; i < text.size();) {
        const bool space = text.substr(i).starts_with(dot);
        spaced += space ? ' ' : text[i];
        i += space ? dot.size() : 1;
    }
    const std::string word = " " + std::string(text);
    std::optional<TokenId> asSpaced, asWord, asSpecial;
    for (TokenId id = 0; id < tokenizer.size(); ++id) {
        if (tokenizer.isSpecial(id)) {
            if (!asSpecial && tokenizer.entry(id) == text) asSpecial = id;
            continue;
        }
        const std::string bytes = tokenizer.bytes(id);
        if (bytes == text) return id;
        if (!asSpaced && bytes == spaced) asSpaced = id;
        if (!asWord && bytes == word) asWord = id;
    }
    for (const auto& found : {asSpaced, asWord, asSpecial})
        if (found) return *found;
    std::string pieces;
    int count = 0;
    const auto encoded = tokenizer.encode(spaced, {.addSpecial = false});
    if (encoded) {
        for (const Token& token : encoded->tokens) {
            pieces += fmt::format("{}“{}”", count > 0 ? ", " : "", printableBytes(tokenizer.bytes(token.id)));
            ++count;
        }
    }
    return fail(ErrorKind::BadInput,
                count > 0 ? fmt::format("“{}” is no single token of this vocabulary; it becomes {}: {}.", text, count, pieces)
                          : fmt::format("“{}” is no token of this vocabulary.", text));
}

}  // namespace lw
