// From Oniguruma's Ruby syntax, which tokenizer.json files are written in, to PCRE2's.
// Not a full parser: it walks the pattern once, knows escapes, classes, groups and quantifiers, and rewrites what differs.
// Source: Oniguruma's doc/RE; checked against the `tokenizers` library 0.23.
#include <fmt/format.h>

#include <array>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "core/text/regex.h"

namespace lw {
namespace {

constexpr std::string_view WordInClass = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";
// Outside a class Oniguruma counts the Latin-1 superscripts and fractions among the word characters too.
constexpr std::string_view Word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{B2}\\x{B3}\\x{B9}\\x{BC}-\\x{BE}";
constexpr std::string_view HexInClass = "0-9a-fA-F";

// Oniguruma's long names of general categories and POSIX sets; PCRE2 has only the short ones.
// clang-format off
constexpr std::array<std::pair<std::string_view, std::string_view>, 42> CategoryNames{{
    {"letter", "L"}, {"casedletter", "L&"}, {"uppercaseletter", "Lu"}, {"lowercaseletter", "Ll"}, {"titlecaseletter", "Lt"},
    {"modifierletter", "Lm"}, {"otherletter", "Lo"}, {"mark", "M"}, {"nonspacingmark", "Mn"}, {"spacingmark", "Mc"},
    {"enclosingmark", "Me"}, {"number", "N"}, {"decimalnumber", "Nd"}, {"letternumber", "Nl"}, {"othernumber", "No"},
    {"punctuation", "P"}, {"connectorpunctuation", "Pc"}, {"dashpunctuation", "Pd"}, {"openpunctuation", "Ps"},
    {"closepunctuation", "Pe"}, {"initialpunctuation", "Pi"}, {"finalpunctuation", "Pf"}, {"otherpunctuation", "Po"},
    {"symbol", "S"}, {"mathsymbol", "Sm"}, {"currencysymbol", "Sc"}, {"modifiersymbol", "Sk"}, {"othersymbol", "So"},
    {"separator", "Z"}, {"spaceseparator", "Zs"}, {"lineseparator", "Zl"}, {"paragraphseparator", "Zp"}, {"other", "C"},
    {"control", "Cc"}, {"format", "Cf"}, {"surrogate", "Cs"}, {"privateuse", "Co"}, {"unassigned", "Cn"},
    {"space", "White_Space"}, {"digit", "Nd"}, {"punct", "P"}, {"cntrl", "Cc"}}};

// POSIX brackets, which are wider in Oniguruma than in PCRE2.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> PosixSets{{
    {"alpha", "\\p{Alphabetic}"}, {"alnum", "\\p{Alphabetic}\\p{Nd}"}, {"digit", "\\p{Nd}"}, {"space", "\\p{White_Space}"},
    {"upper", "\\p{Uppercase}"}, {"lower", "\\p{Lowercase}"}, {"punct", "\\p{P}\\p{S}"}, {"word", WordInClass}}};
// clang-format on

class Translation {
public:
    Translation(std::string_view in, std::string_view where) : m_in(in), m_where(where) {}

    Result<std::string> run() {
        while (m_at < m_in.size()) {
            const char c = m_in[m_at];
            if (c == '\\') {
                beginAtom();
                if (auto done = escape(false); !done) return tl::unexpected(done.error());
            } else if (c == '[') {
                beginAtom();
                if (auto done = characterClass(); !done) return tl::unexpected(done.error());
            } else if (c == '(') {
                openGroup();
            } else if (c == ')') {
                copy(1);
                m_atom = m_groups.empty() ? std::nullopt : std::optional(m_groups.back());
                if (!m_groups.empty()) m_groups.pop_back();
            } else if (c == '{') {
                interval();
            } else if (c == '|' || c == '*' || c == '+' || c == '?') {
                copy(1);
            } else {
                beginAtom();
                copy(1);
                while (m_at < m_in.size() && (static_cast<unsigned char>(m_in[m_at]) & 0xC0) == 0x80) copy(1);
            }
        }
        return std::move(m_out);
    }

private:
    void copy(std::size_t n) {
        m_out += m_in.substr(m_at, n);
        m_at += n;
    }
    void beginAtom() { m_atom = m_out.size(); }

    void openGroup() {
        m_groups.push_back(m_out.size());
        copy(1);
        if (m_in.substr(m_at, 2) == "?#") {  // a comment
            while (m_at < m_in.size() && m_in[m_at] != ')') copy(1);
            return;
        }
        if (m_at >= m_in.size() || m_in[m_at] != '?') return;
        // (?imx-imx: …): Ruby's m is PCRE2's s. Groups of other kinds begin with a sign that is no letter, or with < and a name.
        std::size_t end = m_at + 1;
        while (end < m_in.size() && (m_in[end] == 'i' || m_in[end] == 'm' || m_in[end] == 'x' || m_in[end] == '-')) ++end;
        if (end < m_in.size() && end > m_at + 1 && (m_in[end] == ':' || m_in[end] == ')')) {
            copy(1);
            while (m_at < end) {
                m_out.push_back(m_in[m_at] == 'm' ? 's' : m_in[m_at]);
                ++m_at;
            }
        } else {
            copy(1);
        }
    }

    /// {n,m} behind an atom. Ruby reads {1,3}+ as "one or more times", PCRE2 as possessive.
    void interval() {
        std::size_t end = m_at + 1;
        while (end < m_in.size() && (std::isdigit(static_cast<unsigned char>(m_in[end])) || m_in[end] == ',')) ++end;
        const bool quantifier = end < m_in.size() && m_in[end] == '}' && end > m_at + 1;
        if (!quantifier) {
            beginAtom();
            copy(1);
            return;
        }
        const bool noMinimum = m_in[m_at + 1] == ',';  // {,3} is {0,3}
        copy(1);
        if (noMinimum) m_out.push_back('0');
        copy(end - m_at + 1);
        if (m_at < m_in.size() && m_in[m_at] == '+' && m_atom) {
            m_out.insert(*m_atom, "(?:");
            m_out += ")+";
            ++m_at;
        }
    }

    Result<void> escape(bool inClass) {
        if (m_at + 1 >= m_in.size()) {
            copy(1);  // PCRE2 names the error
            return {};
        }
        const char c = m_in[m_at + 1];
        switch (c) {
            case 's':
                return replace(2, "\\p{White_Space}");
            case 'S':
                return replace(2, "\\P{White_Space}");
            case 'w':
                return inClass ? replace(2, WordInClass) : replace(2, fmt::format("[{}]", Word));
            case 'W':
                return inClass ? unsupported("\\W inside a class") : replace(2, fmt::format("[^{}]", Word));
            case 'h':
                return inClass ? replace(2, HexInClass) : replace(2, fmt::format("[{}]", HexInClass));
            case 'H':
                return inClass ? unsupported("\\H inside a class") : replace(2, fmt::format("[^{}]", HexInClass));
            case 'u':
                if (m_at + 6 <= m_in.size()) return replace(6, fmt::format("\\x{{{}}}", m_in.substr(m_at + 2, 4)));
                break;
            case 'p':
            case 'P':
                if (m_at + 2 < m_in.size() && m_in[m_at + 2] == '{') return property();
                break;
            default:
                break;
        }
        copy(2);
        while (m_at < m_in.size() && (static_cast<unsigned char>(m_in[m_at]) & 0xC0) == 0x80) copy(1);
        return {};
    }

    Result<void> property() {
        const std::size_t close = m_in.find('}', m_at);
        if (close == std::string_view::npos) {
            copy(m_in.size() - m_at);  // PCRE2 names the error
            return {};
        }
        std::string_view name = m_in.substr(m_at + 3, close - m_at - 3);
        bool negated = m_in[m_at + 1] == 'P';
        if (!name.empty() && name.front() == '^') {
            negated = !negated;
            name.remove_prefix(1);
        }
        return replace(close + 1 - m_at, fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', propertyName(name)));
    }

    static std::string propertyName(std::string_view name) {
        std::string plain;
        for (const char c : name) {
            if (c != '_' && c != ' ' && c != '-') plain.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
        }
        for (const auto& [longName, shortName] : CategoryNames) {
            if (plain == longName) return std::string(shortName);
        }
        // A script by its bare name means Script here, but Script_Extensions to PCRE2.
        const bool script = plain.size() > 2 && Regex::compile(fmt::format("\\p{{sc:{}}}", name), "").has_value();
        return script ? fmt::format("sc:{}", name) : std::string(name);
    }

    Result<void> characterClass() {
        copy(1);
        if (m_at < m_in.size() && m_in[m_at] == '^') copy(1);
        if (m_at < m_in.size() && m_in[m_at] == ']') copy(1);  // a literal ]
        while (m_at < m_in.size() && m_in[m_at] != ']') {
            if (m_in[m_at] == '\\') {
                if (auto done = escape(true); !done) return done;
            } else if (m_in.substr(m_at, 2) == "[:" && m_in.find(":]", m_at) != std::string_view::npos) {
                if (auto done = posixSet(); !done) return done;
            } else if (m_in[m_at] == '[') {
                return unsupported("a class inside a class");
            } else if (m_in.substr(m_at, 2) == "&&") {
                return unsupported("&& inside a class");
            } else {
                copy(1);
            }
        }
        copy(m_at < m_in.size() ? 1 : 0);
        return {};
    }

    Result<void> posixSet() {
        const std::size_t end = m_in.find(":]", m_at);
        const std::string_view name = m_in.substr(m_at + 2, end - m_at - 2);
        for (const auto& [posix, set] : PosixSets) {
            if (name == posix) return replace(end + 2 - m_at, set);
        }
        if (name.starts_with('^')) return unsupported("a negated POSIX bracket");
        copy(end + 2 - m_at);
        return {};
    }

    Result<void> replace(std::size_t length, std::string_view with) {
        m_out += with;
        m_at += length;
        return {};
    }

    Unexpected unsupported(std::string_view what) const {
        return fail(ErrorKind::Unsupported,
                    fmt::format("A regular expression in {} uses {} at offset {}, which this program does not support.", m_where,
                                what, m_at),
                    std::string(m_where));
    }

    std::string_view m_in, m_where;
    std::size_t m_at = 0;
    std::string m_out;
    std::vector<std::size_t> m_groups;  // where the open groups begin in m_out
    std::optional<std::size_t> m_atom;  // where the last atom begins in m_out
};

}  // namespace

Result<std::string> fromOniguruma(std::string_view pattern, std::string_view where) { return Translation(pattern, where).run(); }

}  // namespace lw
