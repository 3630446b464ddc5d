#include "core/text/added_tokens.h"

#include <algorithm>

#include "core/text/char_class.h"
#include "core/text/utf8.h"

namespace lw {
namespace {

/// Where the last character of text[0, end) begins. end > 0
std::size_t lastCharacter(std::string_view text, std::size_t end) {
    std::size_t at = end - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
    return at;
}

bool wordBefore(std::string_view text, std::size_t at) {
    return at > 0 && isWordCharacter(utf8::decode(text, lastCharacter(text, at)).point);
}

bool wordBehind(std::string_view text, std::size_t at) {
    return at < text.size() && isWordCharacter(utf8::decode(text, at).point);
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : m_tokens(std::move(tokens)) {
    std::sort(m_tokens.begin(), m_tokens.end(), [](const AddedToken& a, const AddedToken& b) { return a.content < b.content; });
    for (std::uint32_t i = 0; i < m_tokens.size(); ++i) {
        Range& range = m_byFirstByte[static_cast<unsigned char>(m_tokens[i].content.front())];
        if (range.from == range.to) range.from = i;
        range.to = i + 1;
    }
}

const AddedToken* AddedTokens::longestAt(std::string_view text, std::size_t at, bool parseSpecial) const {
    Range range = m_byFirstByte[static_cast<unsigned char>(text[at])];
    const AddedToken* best = nullptr;
    // Invariant: the tokens in `range` agree with the text in their first `depth` bytes.
    for (std::size_t depth = 1; range.from < range.to; ++depth) {
        while (range.from < range.to && m_tokens[range.from].content.size() == depth) {  // the shortest come first
            if (parseSpecial || !m_tokens[range.from].special) best = &m_tokens[range.from];
            ++range.from;
        }
        const auto end = m_tokens.begin() + range.to;
        if (at + depth >= text.size()) break;
        const auto next = static_cast<unsigned char>(text[at + depth]);
        const auto byte = [depth](const AddedToken& token) { return static_cast<unsigned char>(token.content[depth]); };
        const auto low =
            std::partition_point(m_tokens.begin() + range.from, end, [&](const AddedToken& t) { return byte(t) < next; });
        const auto high = std::partition_point(low, end, [&](const AddedToken& t) { return byte(t) <= next; });
        range = {static_cast<std::uint32_t>(low - m_tokens.begin()), static_cast<std::uint32_t>(high - m_tokens.begin())};
    }
    return best;
}

std::vector<AddedTokens::Section> AddedTokens::find(std::string_view text, bool parseSpecial) const {
    std::vector<Section> sections;
    std::uint32_t done = 0;
    const auto size = static_cast<std::uint32_t>(text.size());
    for (std::uint32_t at = 0; at < size && !m_tokens.empty();) {
        const AddedToken* token = longestAt(text, at, parseSpecial);
        if (!token) {
            ++at;
            continue;
        }
        std::uint32_t from = at, to = at + static_cast<std::uint32_t>(token->content.size());
        at = to;
        if (token->singleWord && (wordBefore(text, from) || wordBehind(text, to))) continue;
        while (token->lstrip && from > done) {
            const auto before = static_cast<std::uint32_t>(lastCharacter(text, from));
            if (!isWhiteSpace(utf8::decode(text, before).point)) break;
            from = before;
        }
        while (token->rstrip && to < size) {
            const utf8::Step behind = utf8::decode(text, to);
            if (!isWhiteSpace(behind.point)) break;
            to += static_cast<std::uint32_t>(behind.bytes);
        }
        if (done < from) sections.push_back({-1, {done, from}});
        sections.push_back({token->id, {from, to}});
        done = to;
    }
    if (done < size) sections.push_back({-1, {done, size}});
    return sections;
}

}  // namespace lw
