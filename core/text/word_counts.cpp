#include "core/text/word_counts.h"

#include <fmt/format.h>

#include "core/text/pre_tokenizer.h"
#include "core/text/utf8.h"

namespace lw {
namespace {

constexpr std::size_t LongestText = std::size_t{1} << 31;
constexpr std::uint32_t AtOnce = 1 << 20;  // bytes between two looks at the job

bool isSpace(char c) { return c == ' ' || c == '\n'; }

/// Where a stretch that begins at `from` may end so that no word is cut: in front of white space that follows something else.
std::uint32_t stretchEnd(std::string_view text, std::uint32_t from, std::uint32_t end) {
    if (end - from <= AtOnce) return end;
    for (std::uint32_t at = from + AtOnce; at < end; ++at) {
        const auto before = static_cast<unsigned char>(text[at - 1]);
        if (isSpace(text[at]) && before > ' ' && before < 0x7F) return at;
    }
    return end;
}

}  // namespace

Result<WordCounts> WordCounts::make(const std::vector<std::string>& special) {
    auto word = Regex::compile(Gpt2Word, "the byte-pair trainer");
    if (!word) return tl::unexpected(word.error());
    std::vector<AddedToken> tokens;
    for (const std::string& content : special) {
        AddedToken token;
        token.id = static_cast<TokenId>(tokens.size());
        token.content = content;
        token.special = true;
        tokens.push_back(std::move(token));
    }
    return WordCounts(AddedTokens(std::move(tokens)), std::move(*word));
}

Result<void> WordCounts::add(std::string_view text, std::int64_t times, std::string_view where, const Job& job) {
    if (text.size() >= LongestText) {
        return fail(ErrorKind::BadInput,
                    fmt::format("{} has {} bytes; a training text may have {}.", where, text.size(), LongestText - 1),
                    std::string(where));
    }
    if (const auto invalid = utf8::firstInvalid(text)) {
        return fail(ErrorKind::BadInput,
                    fmt::format("{} is not UTF-8: byte {} (0x{:02X}) belongs to no character.", where, *invalid,
                                static_cast<unsigned char>(text[*invalid])),
                    std::string(where));
    }
    Regex::Search search(m_word);
    std::vector<Range> matches;
    for (const auto& section : m_special.find(text, true)) {
        if (section.id >= 0) continue;
        for (std::uint32_t from = section.range.from; from < section.range.to;) {
            if (job.cancelled()) return cancelledError();
            job.progress(static_cast<double>(from) / static_cast<double>(text.size()), "counting words");
            const std::uint32_t to = stretchEnd(text, from, section.range.to);
            matches.clear();
            if (auto found = search.findAll(text, {from, to}, matches); !found) return found;
            for (const Range& match : matches) {
                const std::string_view word = text.substr(match.from, match.to - match.from);
                const auto known = m_places.find(word);
                if (known == m_places.end()) {
                    m_places.emplace(word, m_words.size());
                    m_words.push_back({std::string(word), times});
                } else {
                    m_words[known->second].count += times;
                }
                m_bytes += times * static_cast<std::int64_t>(word.size());
            }
            from = to;
        }
    }
    return {};
}

}  // namespace lw
