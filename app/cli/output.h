// What the command line prints: one JSON document or lines for people on standard output, everything else on standard error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace lw::cli {

using Json = nlohmann::ordered_json;

enum Status { Done = 0, Impossible = 1, WrongUse = 2 };

/// The float as the shortest decimal that reads back to it; null for infinities and NaN.
Json number(float value);
Json number(double value);

void printJson(const Json& document);
void printLine(std::string_view line);
/// "layerwalk-cli: what, where, expected, found" on standard error.
int complain(const Error& error);
int wrongUse(std::string_view message, std::string_view hint);
void note(std::string_view message);  // on standard error

/// Reports progress on standard error when that is a terminal.
Job progressJob();

/// The token's text, bytes that are no UTF-8 by themselves as \xE4; null without a tokenizer.
Json pieceOf(const Tokenizer* tokenizer, TokenId id);
std::string pieceText(const Tokenizer* tokenizer, TokenId id);  // for people: "#17" without a tokenizer

}  // namespace lw::cli
