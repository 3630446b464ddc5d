// A compiled regular expression for pre-tokenizers and normalizers: PCRE2 with Unicode properties, its effort limited, since
// patterns come from files nobody has vetted.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/text/range.h"

namespace lw {

/// The pattern in PCRE2's words that means what the `tokenizers` library means by it (Oniguruma, Ruby syntax): \s, \w, \h,
/// \p{Han}, {1,3}+ and (?m) differ between the two. `where` names the file for the error. Fails: Unsupported for what cannot be
/// said in PCRE2 (set operations && inside a class).
Result<std::string> fromOniguruma(std::string_view pattern, std::string_view where);

class Regex {
public:
    /// Fails: BadFormat, naming the pattern, the offset and PCRE2's reason.
    static Result<Regex> compile(std::string_view pattern, std::string_view where);

    class Search;

    const std::string& pattern() const { return m_pattern; }

private:
    Regex() = default;
    std::string m_pattern;
    std::shared_ptr<const void> m_code;  // pcre2_code
};

/// The scratch memory of one thread's searches with one expression.
class Regex::Search {
public:
    /// `longest`: when a search is given up. The clock is read seldom, so it may take somewhat longer.
    explicit Search(const Regex& regex, std::chrono::milliseconds longest = std::chrono::seconds(10));
    ~Search();
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;

    /// Every match in `part` of `text` (valid UTF-8), in order, as ranges of `text`; they may be empty but never overlap.
    /// What lies outside the part is not seen, not even by a look-behind. Appends to `matches`.
    /// Fails: BadInput if matching needs more steps, memory or time than allowed.
    Result<void> findAll(std::string_view text, Range part, std::vector<Range>& matches);

private:
    const Regex& m_regex;
    std::chrono::milliseconds m_longest;
    void* m_data = nullptr;     // pcre2_match_data
    void* m_context = nullptr;  // pcre2_match_context
};

}  // namespace lw
