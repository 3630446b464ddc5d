// The storage types that a GGUF file can name, also those that the program cannot compute with, so that they can be listed.
// Source: enum ggml_type and its block structures in ggml (github.com/ggml-org/ggml), docs/gguf.md.
#pragma once

#include <cstdint>
#include <string_view>

namespace lw {

struct GgufType {
    std::uint32_t number;
    std::string_view name;
    std::int64_t blockValues;
    std::int64_t blockBytes;
};

/// nullptr for a number that has never been given out or that later versions took back.
const GgufType* ggufType(std::uint32_t number);

}  // namespace lw
