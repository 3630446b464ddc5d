// A token's bytes for people.
#include <fmt/format.h>

#include "core/text/tokenizer.h"
#include "core/text/utf8.h"

namespace lw {

std::string printableBytes(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const utf8::Step step = utf8::decode(bytes, at);
        for (int i = 0; i < step.bytes; ++i) {
            const char byte = bytes[at + static_cast<std::size_t>(i)];
            if (step.ok) {
                out.push_back(byte);
            } else {
                out += fmt::format("\\x{:02X}", static_cast<unsigned char>(byte));
            }
        }
        at += static_cast<std::size_t>(step.bytes);
    }
    return out;
}

std::vector<TokenId> Encoding::ids() const {
    std::vector<TokenId> result;
    result.reserve(tokens.size());
    for (const Token& token : tokens) result.push_back(token.id);
    return result;
}

}  // namespace lw
