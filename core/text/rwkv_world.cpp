#include "core/text/rwkv_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/text/python_literal.h"

namespace lw {
namespace {

struct Line {
    std::int64_t id = -1;
    std::string token;
    std::int64_t length = 0;
};

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 0 ? std::optional(value) : std::nullopt;
}

std::optional<Line> readLine(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || last <= first) return std::nullopt;
    const auto id = number(line.substr(0, first)), length = number(line.substr(last + 1));
    auto token = fromPythonLiteral(line.substr(first + 1, last - first - 1));
    if (!id || !length || !token) return std::nullopt;
    return Line{*id, std::move(*token), *length};
}

}  // namespace

bool looksLikeRwkvWorld(std::string_view text) {
    const std::size_t end = text.substr(0, 4096).find('\n');
    return end != std::string_view::npos && readLine(text.substr(0, end)).has_value();
}

Result<std::shared_ptr<const Tokenizer>> rwkvWorldTokenizer(ByteVocabulary vocabulary, std::string_view where) {
    vocabulary.special = {{"<|endoftext|>", 0}};
    auto parts = longestMatchParts(vocabulary, where);
    if (!parts) return tl::unexpected(parts.error());
    parts->ends = {0};
    return makePipeline(std::move(*parts));
}

Result<std::shared_ptr<const Tokenizer>> tokenizerFromRwkvWorld(std::string_view text, std::string_view where) {
    ByteVocabulary vocabulary;
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view row = text.substr(at, end - at);
        at = end + 1;
        ++count;
        if (row.empty() || row == "\r") continue;
        const auto bad = [&](const std::string& what) {
            return fail(ErrorKind::BadFormat, fmt::format("Line {} of {} {}.", count, where, what), std::string(where));
        };
        auto line = readLine(row);
        if (!line) {
            return bad(fmt::format("should be an id, a text in Python's quotes and its length, but is \"{}\"",
                                   printableBytes(row.substr(0, 60))));
        }
        if (line->token.empty() || line->length != static_cast<std::int64_t>(line->token.size()))
            return bad(fmt::format("gives {} bytes the length {}", line->token.size(), line->length));
        if (line->id >= static_cast<std::int64_t>(lines) + 4096)
            return bad(fmt::format("gives the id {}, but there are only {} lines", line->id, lines));
        const auto id = static_cast<std::size_t>(line->id);
        if (vocabulary.tokens.size() <= id) vocabulary.tokens.resize(id + 1);
        if (!vocabulary.tokens[id].empty()) return bad(fmt::format("gives the id {} a second time", id));
        vocabulary.tokens[id] = std::move(line->token);
    }
    return rwkvWorldTokenizer(std::move(vocabulary), where);
}

}  // namespace lw
