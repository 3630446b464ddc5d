#include "app/run/run_text.h"

#include <algorithm>

#include "core/text/utf8.h"

namespace lw {

RunText runText(const Tokenizer& tokenizer, std::string_view prompt, const std::vector<TokenId>& ids, int promptLength) {
    RunText run;
    const auto count = static_cast<std::size_t>(promptLength);
    if (const auto encoded = tokenizer.encode(prompt); encoded && encoded->tokens.size() == count) {
        const bool same = std::equal(encoded->tokens.begin(), encoded->tokens.end(), ids.begin(),
                                     [](const Token& token, TokenId id) { return token.id == id; });
        if (same) {
            run.tokens = encoded->tokens;
            run.text = prompt;
        }
    }
    for (std::size_t i = run.tokens.size(); i < ids.size(); ++i) {
        const auto from = static_cast<std::int64_t>(run.text.size());
        if (!tokenizer.isSpecial(ids[i])) run.text += tokenizer.bytes(ids[i]);
        run.tokens.push_back({ids[i], from, static_cast<std::int64_t>(run.text.size())});
    }
    if (const auto wrong = utf8::firstInvalid(run.text)) run.text.resize(*wrong);
    return run;
}

}  // namespace lw
