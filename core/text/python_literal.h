// Text and bytes as Python writes them: '…', "…", b'…'. And bytes without quotes, as GGUF files have RWKV's tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lw {

/// The bytes of a literal (of a text: its UTF-8). Nothing if it is none, or has escapes that Python's repr does not write.
std::optional<std::string> fromPythonLiteral(std::string_view literal);

/// What lies between the quotes of b'…'; nothing for escapes that repr does not write.
std::optional<std::string> fromPythonBytes(std::string_view inside);

}  // namespace lw
