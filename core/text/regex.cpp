#include "core/text/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include "core/text/utf8.h"

namespace lw {
namespace {

// A match of an honest pre-tokenizer takes a few steps a character. These are reached by patterns that explode only.
constexpr std::uint32_t MatchLimit = 10'000'000;
constexpr std::uint32_t HeapLimitKiB = 256 * 1024;
// The match limit holds for one place where a match may begin. Trying many places of a long text is limited by time: every so
// many places the clock is read. No vetted pattern comes near.
constexpr std::size_t PlacesAtOnce = 1024;
constexpr std::size_t LongestPattern = 64 * 1024;

std::string reason(int code) {
    PCRE2_UCHAR buffer[256] = {};
    pcre2_get_error_message(code, buffer, sizeof buffer);
    return reinterpret_cast<const char*>(buffer);
}

std::string shortened(const std::string& pattern) { return pattern.size() <= 80 ? pattern : pattern.substr(0, 77) + "..."; }

}  // namespace

Result<Regex> Regex::compile(std::string_view pattern, std::string_view where) {
    if (pattern.size() > LongestPattern) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("A regular expression in {} has {} bytes; at most {} are allowed.", where, pattern.size(),
                                LongestPattern),
                    std::string(where));
    }
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT,
                                     &error, &offset, nullptr);
    Regex made;
    made.m_pattern = std::string(pattern);
    if (!code) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("The regular expression \"{}\" in {} is wrong at offset {}: {}.", shortened(made.m_pattern),
                                where, offset, reason(error)),
                    std::string(where));
    }
    made.m_code = std::shared_ptr<const void>(code, [code](const void*) { pcre2_code_free(code); });
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where there is no JIT the interpreter does the same
    return made;
}

Regex::Search::Search(const Regex& regex, std::chrono::milliseconds longest) : m_regex(regex), m_longest(longest) {
    const auto* code = static_cast<const pcre2_code*>(regex.m_code.get());
    m_data = pcre2_match_data_create_from_pattern(code, nullptr);
    auto* context = pcre2_match_context_create(nullptr);
    pcre2_set_match_limit(context, MatchLimit);
    pcre2_set_heap_limit(context, HeapLimitKiB);
    m_context = context;
}

Regex::Search::~Search() {
    pcre2_match_data_free(static_cast<pcre2_match_data*>(m_data));
    pcre2_match_context_free(static_cast<pcre2_match_context*>(m_context));
}

Result<void> Regex::Search::findAll(std::string_view text, Range part, std::vector<Range>& matches) {
    const auto* code = static_cast<const pcre2_code*>(m_regex.m_code.get());
    auto* data = static_cast<pcre2_match_data*>(m_data);
    auto* context = static_cast<pcre2_match_context*>(m_context);
    const auto subject = text.substr(part.from, part.to - part.from);
    const auto* bytes = reinterpret_cast<PCRE2_SPTR>(subject.data());

    const auto begin = std::chrono::steady_clock::now();
    PCRE2_SIZE at = 0, lastEnd = PCRE2_UNSET;
    while (at <= subject.size()) {
        const PCRE2_SIZE lastPlace = at + PlacesAtOnce;
        pcre2_set_offset_limit(context, lastPlace);
        int found = pcre2_match(code, bytes, subject.size(), at, PCRE2_NO_UTF_CHECK, data, context);
        if (found == PCRE2_ERROR_JIT_STACKLIMIT) {
            found = pcre2_match(code, bytes, subject.size(), at, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data, context);
        }
        if (found == PCRE2_ERROR_NOMATCH) {
            if (lastPlace >= subject.size()) break;
            if (std::chrono::steady_clock::now() - begin > m_longest) {
                return fail(
                    ErrorKind::BadInput,
                    fmt::format("The tokenizer's regular expression \"{}\" was given up at byte {} of the text after {} seconds.",
                                shortened(m_regex.m_pattern), part.from + at, static_cast<double>(m_longest.count()) / 1000));
            }
            at = lastPlace + 1;
            while (at < subject.size() && (static_cast<unsigned char>(subject[at]) & 0xC0) == 0x80) ++at;
            continue;
        }
        if (found < 0) {
            return fail(ErrorKind::BadInput,
                        fmt::format("The tokenizer's regular expression \"{}\" could not be matched at byte {} of the text: {}.",
                                    shortened(m_regex.m_pattern), part.from + at, reason(found)));
        }
        const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data);
        if (ends[0] < at || ends[1] < ends[0]) {  // \K can do this
            return fail(ErrorKind::BadInput,
                        fmt::format("The tokenizer's regular expression \"{}\" gives a match that ends before it begins.",
                                    shortened(m_regex.m_pattern)));
        }
        const bool empty = ends[0] == ends[1];
        if (!empty || ends[1] != lastEnd) {  // an empty match may not touch the match before it
            matches.push_back({part.from + static_cast<std::uint32_t>(ends[0]), part.from + static_cast<std::uint32_t>(ends[1])});
        }
        lastEnd = ends[1];
        at = ends[1];
        if (empty && at < subject.size()) {
            at += static_cast<PCRE2_SIZE>(utf8::decode(subject, at).bytes);
        } else if (empty) {
            break;
        }
    }
    return {};
}

}  // namespace lw
