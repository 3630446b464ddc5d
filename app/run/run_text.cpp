#include "app/run/run_text.h"

#include <algorithm>

#include "core/text/utf8.h"

namespace lw {

namespace {

std::string bytesOf(const Tokenizer& tokenizer, TokenId id) {
    return tokenizer.isSpecial(id) ? std::string() : tokenizer.bytes(id);
}

}  // namespace

std::string textOfRun(const Tokenizer& tokenizer, std::string_view prompt, std::span<const TokenId> ids, int promptLength) {
    std::string text(prompt);
    for (const TokenId id : ids.subspan(prompt.empty() ? 0 : static_cast<std::size_t>(promptLength)))
        text += bytesOf(tokenizer, id);
    if (const auto wrong = utf8::firstInvalid(text)) text.resize(*wrong);
    return text;
}

std::vector<Token> tokensOfRun(const Tokenizer& tokenizer, std::string_view text, std::span<const TokenId> ids) {
    std::vector<Token> tokens;
    if (auto encoded = tokenizer.encode(text)) {
        tokens = std::move(encoded->tokens);
        const auto same = std::ranges::mismatch(tokens, ids, {}, &Token::id);
        tokens.erase(same.in1, tokens.end());
    }
    for (const TokenId id : ids.subspan(tokens.size())) {
        const std::int64_t from = tokens.empty() ? 0 : tokens.back().to;
        tokens.push_back({id, from, from + static_cast<std::int64_t>(bytesOf(tokenizer, id).size())});
    }
    return tokens;
}

}  // namespace lw
