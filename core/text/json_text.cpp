// nlohmann::json behind our limits and error sentences.
#include "core/text/json_text.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "core/text/utf8.h"

namespace lw {

namespace {

// The byte at which brackets are open deeper than `most`; npos if nowhere. Brackets inside strings do not count.
std::size_t tooDeepAt(std::string_view text, int most) {
    int open = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\') ++i;
            if (c == '"') inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '[' || c == '{') {
            if (++open > most) return i;
        } else if (c == ']' || c == '}') {
            --open;
        }
    }
    return std::string_view::npos;
}

struct Place {
    std::int64_t line = 1, column = 1;
};

Place placeOf(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte);
    const std::size_t lastBreak = before.rfind('\n');
    return {1 + std::count(before.begin(), before.end(), '\n'),
            static_cast<std::int64_t>(lastBreak == std::string_view::npos ? byte + 1 : byte - lastBreak)};
}

}  // namespace

std::string_view jsonComplaint(std::string_view message) {
    for (const std::string_view mark : {"] ", ": ", " - "}) {
        if (mark == ": " && message.find("column") == std::string_view::npos) continue;
        if (mark == " - " && message.substr(0, 12) != "syntax error") continue;
        const std::size_t at = message.find(mark);
        if (at != std::string_view::npos) message.remove_prefix(at + mark.size());
    }
    return message;
}

Result<nlohmann::json> parseJson(std::string_view text, std::string_view where, const JsonLimits& limits) {
    const std::string file(where);
    if (text.size() > static_cast<std::size_t>(limits.bytes)) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("{} has {} bytes of JSON where at most {} are expected.", where, text.size(), limits.bytes),
                    file);
    }
    if (const std::size_t at = tooDeepAt(text, limits.depth); at != std::string_view::npos) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("{} is nested more than {} brackets deep at byte {}.", where, limits.depth, at), file);
    }
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& problem) {
        const std::size_t byte = problem.byte == 0 ? 0 : std::min(problem.byte - 1, text.size());
        const Place place = placeOf(text, byte);
        return fail(ErrorKind::BadFormat,
                    fmt::format("{} is not valid JSON at byte {} (line {}, column {}): {}.", where, byte, place.line,
                                place.column, utf8::repaired(jsonComplaint(problem.what()).substr(0, 200))),
                    file);
    } catch (const nlohmann::json::exception& problem) {  // a number beyond double's range
        return fail(ErrorKind::BadFormat,
                    fmt::format("{} is not valid JSON: {}.", where, utf8::repaired(jsonComplaint(problem.what()).substr(0, 200))),
                    file);
    }
}

}  // namespace lw
