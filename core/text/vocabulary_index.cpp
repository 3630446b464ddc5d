#include "core/text/vocabulary_index.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "core/text/char_class.h"
#include "core/text/regex.h"
#include "core/text/utf8.h"

namespace lw {
namespace {

constexpr std::uint8_t Text = 1, Chinese = 2, Word = 4, Special = 8;
constexpr auto longestMatch = std::chrono::milliseconds(500);
constexpr std::size_t AtOnce = 4096;  // entries between two looks at the job

struct Looked {
    std::int32_t characters = 0;
    std::uint8_t flags = Text;
};

Looked look(std::string_view bytes) {
    Looked looked;
    for (std::size_t at = 0; at < bytes.size();) {
        const utf8::Step step = utf8::decode(bytes, at);
        if (!step.ok) {
            looked.flags &= static_cast<std::uint8_t>(~Text);
            if (looked.characters == 1 && bytes.front() == ' ') looked.flags |= Word;  // with the first part of a character
            ++looked.characters;
            ++at;
            continue;
        }
        if (isIdeograph(step.point)) looked.flags |= Chinese;
        if (looked.characters == 1 && bytes.front() == ' ' && !isWhiteSpace(step.point)) looked.flags |= Word;
        ++looked.characters;
        at += static_cast<std::size_t>(step.bytes);
    }
    return looked;
}

using Fits = std::function<Result<bool>(const VocabularyEntry&)>;

Result<Fits> needleOf(const VocabularyQuery& query, std::optional<Regex>& regex, std::optional<Regex::Search>& search) {
    if (query.needle.empty()) return Fits([](const VocabularyEntry&) -> Result<bool> { return true; });
    if (query.kind == NeedleKind::Expression) {
        auto compiled = Regex::compile(query.needle, "the search");
        if (!compiled) {
            Error error = compiled.error();
            error.kind = ErrorKind::BadInput;
            return tl::unexpected(error);
        }
        regex = std::move(*compiled);
        search.emplace(*regex, longestMatch);
        return Fits([&search](const VocabularyEntry& entry) -> Result<bool> {
            if (!entry.text) return false;  // an expression speaks of characters
            std::vector<Range> matches;
            if (!search->findAll(entry.bytes, {0, static_cast<std::uint32_t>(entry.bytes.size())}, matches)) {
                return fail(ErrorKind::BadInput, fmt::format("The expression takes too many steps at the entry “{}” (id {}).",
                                                             printableBytes(entry.bytes), entry.id));
            }
            return !matches.empty();
        });
    }
    std::string bytes = query.needle;
    if (query.kind == NeedleKind::Bytes) {
        auto read = bytesFromHex(query.needle);
        if (!read) return tl::unexpected(read.error());
        bytes = std::move(*read);
    }
    return Fits([bytes = std::move(bytes)](const VocabularyEntry& entry) -> Result<bool> {
        return entry.bytes.find(bytes) != std::string_view::npos;
    });
}

}  // namespace

Result<VocabularyIndex> VocabularyIndex::make(const Tokenizer& tokenizer, const Job& job) {
    VocabularyIndex index;
    const auto size = static_cast<std::size_t>(tokenizer.size());
    index.m_ids.reserve(size);
    index.m_begins.reserve(size + 1);
    for (TokenId id = 0; id < tokenizer.size(); ++id) {
        if (static_cast<std::size_t>(id) % AtOnce == 0) {
            if (job.cancelled()) return cancelledError();
            job.progress(static_cast<double>(id) / static_cast<double>(size), "reading the vocabulary");
        }
        const bool special = tokenizer.isSpecial(id);
        const std::string bytes = special ? std::string(tokenizer.entry(id)) : tokenizer.bytes(id);
        if (bytes.empty()) continue;
        const Looked looked = look(bytes);
        index.m_ids.push_back(id);
        index.m_begins.push_back(index.m_bytes.size());
        index.m_bytes += bytes;
        index.m_characters.push_back(looked.characters);
        index.m_flags.push_back(static_cast<std::uint8_t>(looked.flags | (special ? Special : 0)));
    }
    index.m_begins.push_back(index.m_bytes.size());
    return index;
}

VocabularyEntry VocabularyIndex::at(std::size_t index) const {
    const std::uint8_t flags = m_flags[index];
    return {.id = m_ids[index],
            .bytes = std::string_view(m_bytes).substr(m_begins[index], m_begins[index + 1] - m_begins[index]),
            .characters = m_characters[index],
            .text = (flags & Text) != 0,
            .chinese = (flags & Chinese) != 0,
            .word = (flags & Word) != 0,
            .special = (flags & Special) != 0};
}

Result<std::vector<std::uint32_t>> searchVocabulary(const VocabularyIndex& index, const VocabularyQuery& query, const Job& job) {
    std::optional<Regex> regex;
    std::optional<Regex::Search> search;
    const auto fits = needleOf(query, regex, search);
    if (!fits) return tl::unexpected(fits.error());
    std::vector<std::uint32_t> found;
    for (std::size_t i = 0; i < index.size(); ++i) {
        if (i % AtOnce == 0 && job.cancelled()) return cancelledError();
        const VocabularyEntry entry = index.at(i);
        if ((query.chinese && !entry.chinese) || (query.words && !entry.word) || (query.special && !entry.special) ||
            (query.bytesOnly && entry.text))
            continue;
        const auto id = static_cast<std::size_t>(entry.id);
        if (query.seen && id < query.seen->size() && (*query.seen)[id]) continue;
        const auto fitting = (*fits)(entry);
        if (!fitting) return tl::unexpected(fitting.error());
        if (*fitting) found.push_back(static_cast<std::uint32_t>(i));
    }
    const auto length = [&](std::uint32_t i) -> std::size_t {
        const VocabularyEntry entry = index.at(i);
        return query.order == VocabularyOrder::MostBytes ? entry.bytes.size() : static_cast<std::size_t>(entry.characters);
    };
    if (query.order != VocabularyOrder::Id) std::ranges::stable_sort(found, std::ranges::greater(), length);
    return found;
}

Result<std::string> bytesFromHex(std::string_view text) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    };
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("0x") || rest.starts_with("0X") || rest.starts_with("\\x")) {
            at += 2;
        } else if (rest.front() == ' ' || rest.front() == ',') {
            ++at;
            continue;
        }
        const int high = at < text.size() ? digit(text[at]) : -1, low = at + 1 < text.size() ? digit(text[at + 1]) : -1;
        if (high < 0 || low < 0) {
            return fail(ErrorKind::BadInput,
                        fmt::format("“{}” is no row of bytes: two hexadecimal digits each are expected, such as e4 bd.", text));
        }
        bytes += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return bytes;
}

}  // namespace lw
