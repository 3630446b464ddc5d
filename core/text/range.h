// A range of bytes in a text that is being tokenized.
#pragma once

#include <cstdint>

namespace lw {

/// [from, to), from <= to. 32 bits: a text of more than 64 MiB is refused before it comes here.
struct Range {
    std::uint32_t from = 0, to = 0;
    friend bool operator==(const Range&, const Range&) = default;
};

}  // namespace lw
