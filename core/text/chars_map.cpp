#include "core/text/chars_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text/graphemes.h"
#include "core/text/utf8.h"

namespace lw {
namespace {

std::uint32_t littleEndian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

}  // namespace

Result<CharsMap> CharsMap::parse(std::string_view compiled, std::string_view where) {
    const auto bad = [&](std::string what) {
        return fail(ErrorKind::BadFormat, fmt::format("The table of normalized characters in {} {}.", where, what),
                    std::string(where));
    };
    if (compiled.empty()) return CharsMap();
    if (compiled.size() < 4) return bad(fmt::format("has {} bytes", compiled.size()));
    const std::uint32_t size = littleEndian(compiled);
    compiled.remove_prefix(4);
    if (size > compiled.size() || size % 4 != 0 || size == 0)
        return bad(fmt::format("gives its trie {} bytes, but {} are there", size, compiled.size()));
    auto tables = std::make_shared<Tables>();
    tables->trie.reserve(size / 4);
    for (std::size_t at = 0; at < size; at += 4) tables->trie.push_back(littleEndian(compiled.substr(at)));
    tables->replacements = std::string(compiled.substr(size));
    if (const auto invalid = utf8::firstInvalid(tables->replacements))
        return bad(fmt::format("has a replacement that is no UTF-8 (byte {})", size + 4 + *invalid));
    if (!tables->replacements.ends_with('\0')) tables->replacements.push_back('\0');
    CharsMap made;
    made.m_tables = std::move(tables);
    return made;
}

/// found(bytes, offset of the replacement) for every key that the text begins with, the shortest first, until it says false.
template <class Found>
void CharsMap::prefixes(std::string_view text, Found found) const {
    constexpr std::size_t LongestKey = 256;  // a lying trie may lead in circles
    if (!m_tables) return;
    const auto& trie = m_tables->trie;
    const std::string& replacements = m_tables->replacements;
    const auto offset = [](std::uint32_t unit) { return (unit >> 10) << ((unit & (1u << 9)) >> 6); };
    std::size_t node = offset(trie[0]);
    for (std::size_t i = 0; i < std::min(text.size(), LongestKey); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        node ^= byte;
        if (node >= trie.size()) return;
        const std::uint32_t unit = trie[node];
        if ((unit & (1u << 31 | 0xFF)) != byte) return;
        node ^= offset(unit);
        if (node >= trie.size()) return;
        if (unit >> 8 & 1) {
            const std::size_t value = trie[node] & 0x7FFFFFFF;
            // A lying offset may point into a character.
            if (value >= replacements.size() || (replacements[value] & 0xC0) == 0x80) continue;
            if (!found(i + 1, value)) return;
        }
    }
}

CharsMap::Hit CharsMap::hit(std::string_view text, bool first) const {
    std::size_t length = 0, at = 0;
    prefixes(text, [&](std::size_t bytes, std::size_t value) {
        length = bytes;
        at = value;
        return !first;
    });
    return length == 0 ? Hit() : Hit{length, m_tables->replacements.c_str() + at};
}

CharsMap::Hit CharsMap::longest(std::string_view text) const { return hit(text, false); }
CharsMap::Hit CharsMap::shortest(std::string_view text) const { return hit(text, true); }

namespace normalizers {

Normalizer precompiled(CharsMap map) {
    return [map = std::move(map)](AlignedText text) -> Result<AlignedText> {
        const std::string_view body(text.text);
        AlignedText out;
        out.reserve(body.size());
        for (const ByteRange& cluster : graphemes(body)) {
            if (auto good = normalizers::checkLength(out); !good) return tl::unexpected(good.error());
            const Range whole{static_cast<std::uint32_t>(cluster.from), static_cast<std::uint32_t>(cluster.to)};
            const auto hitIn = [&](Range part) { return map.shortest(body.substr(part.from, part.to - part.from)); };
            if (whole.to - whole.from < 6) {
                if (const auto hit = hitIn(whole); hit.bytes > 0) {
                    out.append(hit.by, text.covered(whole));
                    continue;
                }
            }
            for (std::uint32_t at = whole.from; at < whole.to;) {
                const Range part{at, at + static_cast<std::uint32_t>(utf8::decode(body, at).bytes)};
                if (const auto hit = hitIn(part); hit.bytes > 0) {
                    out.append(hit.by, text.covered(part));
                } else {
                    out.append(text, part);
                }
                at = part.to;
            }
        }
        return out;
    };
}

}  // namespace normalizers
}  // namespace lw
