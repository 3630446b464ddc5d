// The JSON at the start of a safetensors file, read without building a tree: a hostile header costs no more memory than its
// own length suggests. Whether the entries fit the file is checked by safetensors.cpp.
// Source: https://github.com/huggingface/safetensors, section Format.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lw {

struct SafetensorsHeaderEntry {
    std::string name;
    std::string dtype;
    std::vector<std::int64_t> shape;   // lengths >= 0
    std::uint64_t begin = 0, end = 0;  // bytes, counted from the end of the header; not checked
};

struct SafetensorsHeader {
    std::vector<SafetensorsHeaderEntry> entries;  // as written
    std::map<std::string, std::string> metadata;
};

/// Fails: BadFormat for anything but an object of {"dtype", "shape", "data_offsets"} objects and a "__metadata__" of texts;
/// fields named otherwise, missing ones and double names are errors too.
Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view json, std::string_view where);

/// Bits of one value of a safetensors type ("F32", "BF16", "I64", "BOOL", …); 0 for a name that the format does not know.
int safetensorsBits(std::string_view dtype);

}  // namespace lw
