#include "core/formats/word_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/formats/in_quotes.h"
#include "core/formats/mapped_file.h"

namespace lw {

namespace {

constexpr std::size_t longestWord = 1'000;  // bytes

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

std::optional<double> numberFrom(std::string_view text) {
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

struct Header {
    std::int64_t words = 0, width = 0;
};

std::optional<Header> headerFrom(std::string_view line) {
    line = trimmed(line);
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    Header header;
    const auto whole = [](std::string_view text, std::int64_t& out) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
        return error == std::errc() && end == text.data() + text.size();
    };
    if (!whole(line.substr(0, space), header.words) || !whole(line.substr(space + 1), header.width)) return std::nullopt;
    return header;
}

// How many numbers a line ends in; the word may hold spaces, so that they are counted from behind.
std::int64_t numbersAtEnd(std::string_view line) {
    line = trimmed(line);
    std::int64_t count = 0;
    while (true) {
        const std::size_t space = line.find_last_of(" \t");
        if (space == std::string_view::npos) return count;  // what is left is the word
        if (!numberFrom(line.substr(space + 1))) return count;
        ++count;
        line = trimmed(line.substr(0, space));
    }
}

struct Reader {
    const MappedFile& file;
    const WordVectorLimits& limits;
    const Job& job;
    WordVectorTable table;
    std::vector<float> values;
    std::int64_t width = 0;

    Unexpected bad(const std::string& problem) const {
        return fail(ErrorKind::BadFormat, file.name() + " " + problem + ".", file.name());
    }

    Result<void> checkWidth(std::string_view where) const {
        if (width < 1 || width > limits.width)
            return bad(fmt::format("has vectors of {} numbers {}; 1 to {} are read", width, where, limits.width));
        return {};
    }

    bool full() const {
        return static_cast<std::int64_t>(table.words.size()) >= limits.words ||
               static_cast<std::int64_t>(values.size() + static_cast<std::size_t>(width)) * 4 > limits.bytes;
    }

    Result<void> text(std::string_view all, std::int64_t firstLine, std::optional<std::int64_t> promised) {
        std::int64_t line = firstLine;
        for (std::size_t at = 0; at < all.size(); ++line) {
            if (line % 4096 == 0) {
                if (job.cancelled()) return cancelledError();
                job.progress(static_cast<double>(at) / static_cast<double>(all.size()), "reading word vectors");
            }
            const std::size_t end = std::min(all.find('\n', at), all.size());
            std::string_view rest = trimmed(all.substr(at, end - at));
            at = end + 1;
            if (rest.empty()) continue;
            if (full()) {
                table.cut = true;
                break;
            }
            const std::size_t row = values.size();
            values.resize(row + static_cast<std::size_t>(width));
            for (std::int64_t i = width - 1; i >= 0; --i) {
                const std::size_t space = rest.find_last_of(" \t");
                if (space == std::string_view::npos)
                    return bad(fmt::format("has {} numbers in line {}, where {} were expected", width - 1 - i, line, width));
                const std::string_view word = rest.substr(space + 1);
                const auto number = numberFrom(word);
                if (!number) return bad(fmt::format("has {} in line {} where a number was expected", inQuotes(word), line));
                const auto value = static_cast<float>(*number);
                if (!std::isfinite(value))
                    return bad(fmt::format("has {} in line {}, which is not finite", inQuotes(word), line));
                values[row + static_cast<std::size_t>(i)] = value;
                rest = trimmed(rest.substr(0, space));
            }
            if (rest.size() > longestWord)
                return bad(fmt::format("has a word of {} bytes in line {}; {} are read", rest.size(), line, longestWord));
            // Numbers of a line that has more of them than the first would otherwise become part of the word.
            if (const std::size_t space = rest.find_last_of(" \t");
                space != std::string_view::npos && numberFrom(rest.substr(space + 1)) && numbersAtEnd(rest) > 2)
                return bad(fmt::format("has more than {} numbers in line {}", width, line));
            table.words.emplace_back(rest);
        }
        if (promised && !table.cut && *promised != static_cast<std::int64_t>(table.words.size()))
            return bad(fmt::format("promises {} words in its first line, but has {}", *promised, table.words.size()));
        return {};
    }

    Result<void> binary(std::string_view all, std::int64_t words) {
        std::size_t at = 0;
        const std::size_t bytes = static_cast<std::size_t>(width) * sizeof(float);
        for (std::int64_t i = 0; i < words; ++i) {
            if (i % 4096 == 0) {
                if (job.cancelled()) return cancelledError();
                job.progress(static_cast<double>(i) / static_cast<double>(words), "reading word vectors");
            }
            if (full()) {
                table.cut = true;
                table.leftOut = words - i;
                break;
            }
            while (at < all.size() && all[at] == '\n') ++at;
            const std::size_t space = all.substr(at, longestWord + 1).find(' ');
            if (space == std::string_view::npos)
                return bad(fmt::format("ends, or has a word of more than {} bytes, at word {} of {}", longestWord, i + 1, words));
            const std::string_view word = all.substr(at, space);
            at += space + 1;
            if (all.size() - at < bytes)
                return bad(fmt::format("ends in the vector of word {} of {} ({})", i + 1, words, inQuotes(word)));
            const std::size_t row = values.size();
            values.resize(row + static_cast<std::size_t>(width));
            std::memcpy(values.data() + row, all.data() + at, bytes);
            at += bytes;
            for (std::size_t k = row; k < values.size(); ++k) {
                if (!std::isfinite(values[k]))
                    return bad(
                        fmt::format("has a number that is not finite in the vector of word {} ({})", i + 1, inQuotes(word)));
            }
            table.words.emplace_back(word);
        }
        return {};
    }
};

}  // namespace

Result<WordVectorTable> readWordVectors(const std::filesystem::path& path, const WordVectorLimits& limits, const Job& job) {
    auto mapped = MappedFile::open(path);
    if (!mapped) return tl::unexpected(mapped.error());
    Reader reader{.file = **mapped, .limits = limits, .job = job, .table = {}, .values = {}};
    const std::string_view all = (*mapped)->text();
    const std::size_t firstEnd = std::min(all.find('\n'), all.size());
    const std::string_view first = all.substr(0, std::min(firstEnd, std::size_t{1} << 20));
    const auto header = headerFrom(first);
    Result<void> read;
    if (header) {
        const std::string_view rest = all.substr(std::min(firstEnd + 1, all.size()));
        reader.width = header->width;
        if (header->words < 1 || header->width < 1)
            return reader.bad(fmt::format("promises {} words of {} numbers in its first line", header->words, header->width));
        if (auto fine = reader.checkWidth("in its first line"); !fine) return tl::unexpected(fine.error());
        // Every number takes two bytes at least.
        if (header->words > static_cast<std::int64_t>(rest.size()) / (2 * header->width) + 1)
            return reader.bad(fmt::format("promises {} words of {} numbers in its first line, but has {} bytes", header->words,
                                          header->width, all.size()));
        const std::string_view second = rest.substr(0, std::min({rest.find('\n'), rest.size(), std::size_t{1} << 20}));
        const bool text = numbersAtEnd(second) >= header->width;
        reader.table.kind = text ? "word2vec text" : "word2vec binary";
        read = text ? reader.text(rest, 2, header->words) : reader.binary(rest, header->words);
    } else {
        reader.width = numbersAtEnd(first);
        reader.table.kind = "text";
        if (reader.width == 0)
            return reader.bad("has no numbers behind the first word: word vectors were expected, a word and its numbers a line");
        if (auto fine = reader.checkWidth("in line 1"); !fine) return tl::unexpected(fine.error());
        read = reader.text(all, 1, std::nullopt);
    }
    if (!read) return tl::unexpected(read.error());
    if (reader.table.words.empty()) return reader.bad("has no word vectors");
    if (auto same = (*mapped)->intact(); !same) return tl::unexpected(same.error());
    reader.table.vectors = Eigen::Map<const Matrix>(reader.values.data(), static_cast<Eigen::Index>(reader.table.words.size()),
                                                    static_cast<Eigen::Index>(reader.width));
    return std::move(reader.table);
}

}  // namespace lw
