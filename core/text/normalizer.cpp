#include "core/text/normalizer.h"

#include <utf8proc.h>

#include <utility>

#include "core/text/byte_alphabet.h"
#include "core/text/char_class.h"
#include "core/text/utf8.h"

namespace lw::normalizers {
namespace {

constexpr std::size_t LongestText = std::size_t{128} << 20;

Unexpected tooLong() { return fail(ErrorKind::BadInput, "The tokenizer's normalizer makes more than 128 MiB of this text."); }

/// `matches` in order, each replaced by `by`.
Result<AlignedText> replaced(const AlignedText& text, const std::vector<Range>& matches, const std::string& by) {
    if (text.text.size() + matches.size() * by.size() > LongestText) return tooLong();
    AlignedText out;
    out.reserve(text.text.size());
    std::uint32_t done = 0;
    for (const Range& match : matches) {
        out.append(text, {done, match.from});
        out.append(by, text.covered(match));
        done = match.to;
    }
    out.append(text, {done, static_cast<std::uint32_t>(text.text.size())});
    return out;
}

/// Every character through `change`, which appends what it becomes.
template <class Change>
AlignedText eachCharacter(const AlignedText& text, Change change) {
    AlignedText out;
    out.reserve(text.text.size());
    for (std::uint32_t at = 0; at < text.text.size();) {
        const utf8::Step step = utf8::decode(text.text, at);
        const Range here{at, at + static_cast<std::uint32_t>(step.bytes)};
        change(out, step.point, here);
        at = here.to;
    }
    return out;
}

}  // namespace

Result<void> checkLength(const AlignedText& result) {
    if (result.text.size() > LongestText) return tooLong();
    return {};
}

Normalizer normalForm(NormalForm form) {
    return [form](AlignedText text) -> Result<AlignedText> { return inNormalForm(std::move(text), form); };
}

Normalizer lowercase() {
    return [](AlignedText text) -> Result<AlignedText> {
        return eachCharacter(text, [&](AlignedText& out, char32_t point, Range here) {
            std::string lower;
            if (point == 0x130) {
                lower = "i\xCC\x87";  // the one character whose lower case is two
            } else {
                utf8::append(lower, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(point))));
            }
            if (std::string_view(text.text).substr(here.from, here.to - here.from) == lower) {
                out.append(text, here);
            } else {
                out.append(lower, text.covered(here));
            }
        });
    };
}

Normalizer replace(std::string what, std::string by) {
    return [what = std::move(what), by = std::move(by)](AlignedText text) -> Result<AlignedText> {
        std::vector<Range> matches;
        for (std::size_t at = text.text.find(what); at != std::string::npos; at = text.text.find(what, at + what.size())) {
            matches.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + what.size())});
        }
        if (matches.empty()) return text;
        return replaced(text, matches, by);
    };
}

Normalizer replace(Regex what, std::string by) {
    return [what = std::move(what), by = std::move(by)](AlignedText text) -> Result<AlignedText> {
        if (text.text.empty()) return text;  // an expression may match nothing at all
        std::vector<Range> matches;
        Regex::Search search(what);
        if (auto found = search.findAll(text.text, {0, static_cast<std::uint32_t>(text.text.size())}, matches); !found) {
            return tl::unexpected(found.error());
        }
        if (matches.empty()) return text;
        return replaced(text, matches, by);
    };
}

Normalizer prepend(std::string what) {
    return [what = std::move(what)](AlignedText text) -> Result<AlignedText> {
        if (text.text.empty()) return text;
        AlignedText out;
        out.reserve(text.text.size() + what.size());
        out.append(what, text.front());
        out.append(text, {0, static_cast<std::uint32_t>(text.text.size())});
        return out;
    };
}

Normalizer strip(bool left, bool right) {
    return [left, right](AlignedText text) -> Result<AlignedText> {
        std::uint32_t from = 0, to = 0;
        bool begun = !left;
        for (std::uint32_t at = 0; at < text.text.size();) {
            const utf8::Step step = utf8::decode(text.text, at);
            const std::uint32_t next = at + static_cast<std::uint32_t>(step.bytes);
            if (!isWhiteSpace(step.point)) {
                if (!begun) from = at;
                begun = true;
                to = next;
            }
            at = next;
        }
        if (!right) to = static_cast<std::uint32_t>(text.text.size());
        if (!begun) from = to;
        AlignedText out;
        out.append(text, {from, to});
        return out;
    };
}

Normalizer stripAccents() {
    return [](AlignedText text) -> Result<AlignedText> {
        return eachCharacter(text, [&](AlignedText& out, char32_t point, Range here) {
            if (!isMark(point)) out.append(text, here);
        });
    };
}

Normalizer bert(bool cleanText, bool spaceChinese, bool stripAccents, bool lower) {
    std::vector<Normalizer> steps;
    if (cleanText) {
        steps.push_back([](AlignedText text) -> Result<AlignedText> {
            return eachCharacter(text, [&](AlignedText& out, char32_t point, Range here) {
                const bool space = point == '\t' || point == '\n' || point == '\r';
                if (space || (!isControl(point) && isWhiteSpace(point)))
                    out.append(" ", text.covered(here));
                else if (point != 0xFFFD && !isControl(point))
                    out.append(text, here);
            });
        });
    }
    if (spaceChinese) {
        steps.push_back([](AlignedText text) -> Result<AlignedText> {
            return eachCharacter(text, [&](AlignedText& out, char32_t point, Range here) {
                const bool chinese = isIdeograph(point);
                const Range from = text.covered({here.from, here.from}), to = {text.covered(here).to, text.covered(here).to};
                if (chinese) out.append(" ", from);
                out.append(text, here);
                if (chinese) out.append(" ", to);
            });
        });
    }
    if (stripAccents) {
        steps.push_back(normalForm(NormalForm::NFD));
        steps.push_back([](AlignedText text) -> Result<AlignedText> {
            return eachCharacter(text, [&](AlignedText& out, char32_t point, Range here) {
                if (!isNonspacingMark(point)) out.append(text, here);
            });
        });
    }
    if (lower) steps.push_back(lowercase());
    return sequence(std::move(steps));
}

Normalizer byteLevel() {
    return [](AlignedText text) -> Result<AlignedText> {
        AlignedText out;
        out.reserve(text.text.size() * 2);
        for (std::size_t i = 0; i < text.text.size(); ++i) {
            out.append(byteLetter(static_cast<unsigned char>(text.text[i])), text.origin[i]);
        }
        return out;
    };
}

Normalizer sequence(std::vector<Normalizer> steps) {
    return [steps = std::move(steps)](AlignedText text) -> Result<AlignedText> {
        for (const Normalizer& step : steps) {
            auto next = step(std::move(text));
            if (!next) return next;
            text = std::move(*next);
        }
        return text;
    };
}

}  // namespace lw::normalizers
