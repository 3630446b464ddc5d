// Parsing JSON that comes from outside: bounded in size and depth, and an error says where in which file.
#pragma once

#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/result.h"

namespace lw {

struct JsonLimits {
    std::int64_t bytes = 256LL << 20;  // the largest tokenizer.json in use is an eighth of this
    int depth = 64;                    // open brackets at once
};

/// The whole of `text` as one JSON value; `where` is what an error calls it (a file's path).
/// Fails: BadFormat with the byte, line and column; too long; nested too deeply.
Result<nlohmann::json> parseJson(std::string_view text, std::string_view where, const JsonLimits& limits = {});

/// The part of a message of nlohmann::json after its own codes and place: "unexpected end of input; expected '}'".
std::string_view jsonComplaint(std::string_view message);

}  // namespace lw
