#include "core/text/count_tokens.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace lw {
namespace {

constexpr std::size_t Overlap = 4096;  // bytes behind a cut that are compared
constexpr std::size_t TriesEach = 4;   // cuts of a kind that are tried

bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }

struct Cut {
    std::size_t token = 0;  // tokens before it
    std::size_t at = 0;     // byte where the next piece begins
};

enum class CutKind { Space, LineEnd, Any };

bool isOf(CutKind kind, std::string_view text, std::size_t at) {
    switch (kind) {
        case CutKind::Space:  // a word's own space goes with the word
            return text[at] == ' ' && !isSpace(text[at - 1]);
        case CutKind::LineEnd:
            return text[at - 1] == '\n' && !isSpace(text[at]);
        case CutKind::Any:
            return true;
    }
    return false;
}

/// Whether `part` by itself gives these tokens' ids.
Result<bool> givesAlone(const Tokenizer& tokenizer, std::string_view part, const std::vector<Token>& tokens, std::size_t first) {
    const auto alone = tokenizer.encode(part, {.addSpecial = false});
    if (!alone) return tl::unexpected(alone.error());
    return std::equal(alone->tokens.begin(), alone->tokens.end(), tokens.begin() + static_cast<std::ptrdiff_t>(first),
                      tokens.end(), [](const Token& a, const Token& b) { return a.id == b.id; });
}

/// The last place where the piece can be cut off; nothing if there is none.
Result<std::optional<Cut>> findCut(const Tokenizer& tokenizer, std::string_view text, const std::vector<Token>& tokens,
                                   std::size_t overlap) {
    if (text.size() <= 2 * overlap) return std::nullopt;
    const std::size_t last = text.size() - overlap, first = text.size() - 2 * overlap;
    for (const CutKind kind : {CutKind::Space, CutKind::LineEnd, CutKind::Any}) {
        std::size_t tries = 0;
        for (std::size_t i = tokens.size(); i-- > 1 && tries < TriesEach;) {
            const auto at = static_cast<std::size_t>(tokens[i].from);
            if (at > last) continue;
            if (at < first || at == 0) break;
            if (tokens[i - 1].to > tokens[i].from || continues(text[at]) || !isOf(kind, text, at)) continue;
            ++tries;
            // Where a space is put in front of every text, the text's own one is left out instead.
            for (const std::size_t leftOut : {0, 1}) {
                if (leftOut == 1 && text[at] != ' ') continue;
                const auto same = givesAlone(tokenizer, text.substr(at + leftOut), tokens, i);
                if (!same) return tl::unexpected(same.error());
                if (*same) return Cut{i, at + leftOut};
            }
        }
    }
    return std::nullopt;
}

}  // namespace

Result<TokenCount> countTokens(const Tokenizer& tokenizer, std::string_view text, const Job& job, std::size_t window) {
    const std::size_t overlap = std::min(Overlap, std::max<std::size_t>(1, window / 4));
    TokenCount count;
    std::size_t from = 0, size = window;
    for (;;) {
        if (job.cancelled()) return cancelledError();
        job.progress(text.empty() ? 1.0 : static_cast<double>(from) / static_cast<double>(text.size()), "counting tokens");
        std::size_t to = std::min(text.size(), from + size);
        while (to < text.size() && continues(text[to])) ++to;
        const std::string_view part = text.substr(from, to - from);
        const auto encoded = tokenizer.encode(part, {.addSpecial = false});
        if (!encoded) return tl::unexpected(encoded.error());
        if (to == text.size()) {
            count.tokens += static_cast<std::int64_t>(encoded->tokens.size());
            ++count.pieces;
            return count;
        }
        const auto cut = findCut(tokenizer, part, encoded->tokens, overlap);
        if (!cut) return tl::unexpected(cut.error());
        if (!*cut) {
            size *= 2;
            continue;
        }
        count.tokens += static_cast<std::int64_t>((*cut)->token);
        ++count.pieces;
        from += (*cut)->at;
        size = window;
    }
}

}  // namespace lw
