#include "core/text/pre_tokenizer.h"

#include <utility>

#include "core/text/byte_alphabet.h"
#include "core/text/utf8.h"

namespace lw {

const std::string_view Gpt2Word =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+)";

namespace pre_tokenizers {
namespace {

/// Every piece cut at the delimiters that find(text, piece, matches) gives.
template <class Find>
Result<void> cut(PreText& text, SplitBehavior behavior, bool invert, Find find) {
    std::vector<Range> pieces, matches;
    pieces.reserve(text.pieces.size());
    for (const Range& piece : text.pieces) {
        matches.clear();
        if (Result<void> found = find(text.body.text, piece, matches); !found) return found;
        splitPiece(piece, matches, behavior, invert, pieces);
    }
    text.pieces = std::move(pieces);
    return {};
}

/// The text written anew, piece by piece: write(out, piece) appends what the piece becomes.
template <class Write>
void rewrite(PreText& text, Write write) {
    PreText out;
    out.body.reserve(text.body.text.size() + text.body.text.size() / 2);
    out.pieces.reserve(text.pieces.size());
    for (const Range& piece : text.pieces) {
        const auto from = static_cast<std::uint32_t>(out.body.text.size());
        write(out.body, piece);
        const auto to = static_cast<std::uint32_t>(out.body.text.size());
        if (from < to) out.pieces.push_back({from, to});
    }
    text = std::move(out);
}

void findString(std::string_view text, Range piece, const std::string& what, std::vector<Range>& matches) {
    const std::string_view part = text.substr(0, piece.to);
    for (std::size_t at = part.find(what, piece.from); at != std::string_view::npos; at = part.find(what, at + what.size())) {
        matches.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + what.size())});
    }
}

}  // namespace

PreTokenizer split(Regex delimiter, SplitBehavior behavior, bool invert) {
    return [delimiter = std::move(delimiter), behavior, invert](PreText& text) {
        Regex::Search search(delimiter);
        return cut(text, behavior, invert, [&](std::string_view body, Range piece, std::vector<Range>& matches) {
            return search.findAll(body, piece, matches);
        });
    };
}

PreTokenizer split(std::string delimiter, SplitBehavior behavior, bool invert) {
    return [delimiter = std::move(delimiter), behavior, invert](PreText& text) {
        return cut(text, behavior, invert, [&](std::string_view body, Range piece, std::vector<Range>& matches) -> Result<void> {
            findString(body, piece, delimiter, matches);
            return {};
        });
    };
}

PreTokenizer split(bool (*delimiter)(char32_t), SplitBehavior behavior) {
    return [delimiter, behavior](PreText& text) {
        return cut(text, behavior, false, [&](std::string_view body, Range piece, std::vector<Range>& matches) -> Result<void> {
            for (std::uint32_t at = piece.from; at < piece.to;) {
                const utf8::Step step = utf8::decode(body, at);
                const auto next = at + static_cast<std::uint32_t>(step.bytes);
                if (delimiter(step.point)) matches.push_back({at, next});
                at = next;
            }
            return {};
        });
    };
}

PreTokenizer fixedLength(std::uint32_t characters) {
    return [characters](PreText& text) {
        return cut(text, SplitBehavior::Isolated, false,
                   [&](std::string_view body, Range piece, std::vector<Range>& matches) -> Result<void> {
                       std::uint32_t begin = piece.from, count = 0;
                       for (std::uint32_t at = piece.from; at < piece.to;) {
                           at += static_cast<std::uint32_t>(utf8::decode(body, at).bytes);
                           if (++count == characters || at >= piece.to) {
                               matches.push_back({begin, at});
                               begin = at;
                               count = 0;
                           }
                       }
                       return {};
                   });
    };
}

PreTokenizer byteLevel(bool addPrefixSpace, const Regex* word) {
    PreTokenizer words;
    if (word) words = split(*word, SplitBehavior::Isolated, false);
    return [addPrefixSpace, words](PreText& text) -> Result<void> {
        if (addPrefixSpace) {
            rewrite(text, [&](AlignedText& out, Range piece) {
                if (text.body.text[piece.from] != ' ') out.append(" ", text.body.covered({piece.from, piece.from}));
                out.append(text.body, piece);
            });
        }
        if (words) {
            if (auto done = words(text); !done) return done;
        }
        rewrite(text, [&](AlignedText& out, Range piece) {
            for (std::uint32_t i = piece.from; i < piece.to; ++i) {
                out.append(byteLetter(static_cast<unsigned char>(text.body.text[i])), text.body.origin[i]);
            }
        });
        return {};
    };
}

PreTokenizer metaspace(std::string replacement, PrependScheme scheme, bool split) {
    return [replacement = std::move(replacement), scheme, split](PreText& text) -> Result<void> {
        rewrite(text, [&](AlignedText& out, Range piece) {
            const std::string_view body(text.body.text);
            const bool marked = body[piece.from] == ' ' || body.substr(piece.from, replacement.size()) == replacement;
            const bool begins = text.body.origin[piece.from].from == 0;
            if (!marked && (scheme == PrependScheme::Always || (scheme == PrependScheme::First && begins))) {
                out.append(replacement, text.body.covered({piece.from, piece.from}));
            }
            for (std::uint32_t at = piece.from; at < piece.to; ++at) {
                if (body[at] == ' ') {
                    out.append(replacement, text.body.origin[at]);
                } else {
                    out.append(text.body, {at, at + 1});
                }
            }
        });
        if (!split) return {};
        return cut(text, SplitBehavior::MergedWithNext, false,
                   [&](std::string_view body, Range piece, std::vector<Range>& matches) -> Result<void> {
                       findString(body, piece, replacement, matches);
                       return {};
                   });
    };
}

PreTokenizer sequence(std::vector<PreTokenizer> steps) {
    return [steps = std::move(steps)](PreText& text) -> Result<void> {
        for (const PreTokenizer& step : steps) {
            if (auto done = step(text); !done) return done;
        }
        return {};
    };
}

}  // namespace pre_tokenizers
}  // namespace lw
