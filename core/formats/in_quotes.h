// Names and texts out of a file, made fit for an error message: hostile files put control characters and megabytes there.
#pragma once

#include <string>
#include <string_view>

namespace lw {

/// The text in double quotes; bytes that are no printable UTF-8 as \x0A, everything after the first 80 bytes as "…".
std::string inQuotes(std::string_view text);

}  // namespace lw
