#include "core/text/packed_tokens.h"

#include <fmt/format.h>

#include <charconv>

#include "core/text/rwkv_world.h"
#include "core/text/tiktoken.h"

namespace lw {
namespace {

constexpr std::string_view Magic = "layerwalk tokens 1 ";

}  // namespace

bool looksLikePackedTokens(std::string_view bytes) { return bytes.starts_with(Magic); }

Result<std::shared_ptr<const Tokenizer>> tokenizerFromPackedTokens(std::string_view bytes, std::string_view where) {
    const auto bad = [&](const std::string& what) {
        return fail(ErrorKind::BadFormat, fmt::format("{} {}.", where, what), std::string(where));
    };
    const std::size_t line = bytes.substr(0, 200).find('\n');
    if (!looksLikePackedTokens(bytes) || line == std::string_view::npos)
        return bad(fmt::format("should begin with a line \"{}NAME COUNT\"", Magic));
    const std::string_view words = bytes.substr(Magic.size(), line - Magic.size());
    const std::size_t space = words.find(' ');
    const std::string_view name = words.substr(0, space), number = space == std::string_view::npos ? "" : words.substr(space + 1);
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
    if (error != std::errc() || end != number.data() + number.size())
        return bad(fmt::format("says \"{}\" where a number of tokens was expected", printableBytes(number)));
    if (count > bytes.size() - line)  // every token takes a byte
        return bad(fmt::format("speaks of {} tokens, but has {} bytes", count, bytes.size()));
    ByteVocabulary vocabulary;
    vocabulary.tokens.reserve(count);
    std::size_t at = line + 1;
    for (std::size_t id = 0; id < count; ++id) {
        if (at >= bytes.size()) return bad(fmt::format("ends at byte {} before token {} of {}", at, id, count));
        const std::size_t length = static_cast<unsigned char>(bytes[at++]);
        if (length > bytes.size() - at)
            return bad(fmt::format("gives token {} {} bytes at byte {}, but {} are left", id, length, at, bytes.size() - at));
        vocabulary.tokens.emplace_back(bytes.substr(at, length));
        at += length;
    }
    if (at != bytes.size()) return bad(fmt::format("has {} bytes behind its last token", bytes.size() - at));
    if (name == "rwkv_world") return rwkvWorldTokenizer(std::move(vocabulary), where);
    return tokenizerFromRanks(std::move(vocabulary), name, where);
}

}  // namespace lw
