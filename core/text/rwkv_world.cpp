#include "core/text/rwkv_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/text/python_literal.h"

namespace lw {
namespace {

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 0 ? std::optional(value) : std::nullopt;
}

tl::expected<NumberedToken, std::string> readLine(std::string_view line) {
    const std::size_t first = line.find(' '), last = line.rfind(' ');
    const bool apart = first != std::string_view::npos && last > first;
    const auto id = apart ? number(line.substr(0, first)) : std::nullopt,
               length = apart ? number(line.substr(last + 1)) : std::nullopt;
    auto token = apart ? fromPythonLiteral(line.substr(first + 1, last - first - 1)) : std::nullopt;
    if (!id || !length || !token) {
        return tl::unexpected(fmt::format("should be an id, a text in Python's quotes and its length, but is \"{}\"",
                                          printableBytes(line.substr(0, 60))));
    }
    if (token->empty() || *length != static_cast<std::int64_t>(token->size()))
        return tl::unexpected(fmt::format("gives {} bytes the length {}", token->size(), *length));
    return NumberedToken{*id, std::move(*token)};
}

}  // namespace

bool looksLikeRwkvWorld(std::string_view text) { return readLine(firstLine(text)).has_value(); }

Result<std::shared_ptr<const Tokenizer>> rwkvWorldTokenizer(ByteVocabulary vocabulary, std::string_view where) {
    vocabulary.special = {{"<|endoftext|>", 0}};
    auto parts = longestMatchParts(vocabulary, where);
    if (!parts) return tl::unexpected(parts.error());
    parts->ends = {0};
    return makePipeline(std::move(*parts));
}

Result<std::shared_ptr<const Tokenizer>> tokenizerFromRwkvWorld(std::string_view text, std::string_view where) {
    auto vocabulary = tokensByLine(text, where, "id", readLine);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    return rwkvWorldTokenizer(std::move(*vocabulary), where);
}

}  // namespace lw
