// Base64 (RFC 4648): bytes written with 64 letters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lw {

/// Nothing if a character is none of the 64 letters or the padding is not at the end. Missing padding is allowed.
std::optional<std::string> fromBase64(std::string_view text);

}  // namespace lw
