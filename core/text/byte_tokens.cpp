#include "core/text/byte_tokens.h"

#include <algorithm>

#include <fmt/format.h>

namespace lw {

ByteTokens::ByteTokens(const Vocabulary& vocabulary) {
    for (std::size_t byte = 0; byte < ids.size(); ++byte) ids[byte] = vocabulary.find(fmt::format("<0x{:02X}>", byte));
}

bool ByteTokens::cover(std::string_view text) const {
    return std::ranges::all_of(text, [&](char byte) { return of(byte) >= 0; });
}

}  // namespace lw
