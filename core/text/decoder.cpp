#include "core/text/decoder.h"

#include <utility>

#include "core/text/byte_alphabet.h"
#include "core/text/utf8.h"

namespace lw {

using Pieces = std::vector<std::string>;

int spelledByte(std::string_view spelling) {
    if (spelling.size() != 6 || !spelling.starts_with("<0x") || spelling[5] != '>') return -1;
    const auto digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        return -1;
    };
    const int high = digit(spelling[3]), low = digit(spelling[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

namespace decoders {
namespace {

std::string replaced(const std::string& text, const std::string& what, const std::string& by) {
    std::string out;
    std::size_t done = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, done)) {
        out.append(text, done, at - done);
        out += by;
        done = at + what.size();
    }
    return out.append(text, done);
}

template <class Change>
Decoder each(Change change) {
    return [change](Pieces pieces) -> Result<Pieces> {
        for (std::size_t i = 0; i < pieces.size(); ++i) pieces[i] = change(pieces[i], i, pieces.size());
        return pieces;
    };
}

}  // namespace

Decoder byteLevel() {
    return [](Pieces pieces) -> Result<Pieces> {
        std::string bytes;
        for (const std::string& piece : pieces) bytes += unspellBytes(piece).value_or(piece);
        return Pieces{utf8::repaired(bytes)};
    };
}

Decoder byteFallback() {
    return [](Pieces pieces) -> Result<Pieces> {
        Pieces out;
        std::string run;
        const auto flush = [&] {
            if (run.empty()) return;
            if (!utf8::firstInvalid(run)) {
                out.push_back(run);
            } else {
                out.insert(out.end(), run.size(), "\xEF\xBF\xBD");
            }
            run.clear();
        };
        for (std::string& piece : pieces) {
            const int byte = spelledByte(piece);
            if (byte >= 0) {
                run.push_back(static_cast<char>(byte));
            } else {
                flush();
                out.push_back(std::move(piece));
            }
        }
        flush();
        return out;
    };
}

Decoder replace(std::string what, std::string by) {
    return each([what = std::move(what), by = std::move(by)](const std::string& piece, std::size_t, std::size_t) {
        return replaced(piece, what, by);
    });
}

Decoder replace(Regex what, std::string by) {
    return [what = std::move(what), by = std::move(by)](Pieces pieces) -> Result<Pieces> {
        Regex::Search search(what);
        std::vector<Range> matches;
        for (std::string& piece : pieces) {
            piece = utf8::repaired(piece);
            matches.clear();
            if (auto found = search.findAll(piece, {0, static_cast<std::uint32_t>(piece.size())}, matches); !found) {
                return tl::unexpected(found.error());
            }
            std::string out;
            std::size_t done = 0;
            for (const Range& match : matches) {
                out.append(piece, done, match.from - done);
                out += by;
                done = match.to;
            }
            piece = out.append(piece, done);
        }
        return pieces;
    };
}

Decoder fuse() {
    return [](Pieces pieces) -> Result<Pieces> {
        std::string joined;
        for (const std::string& piece : pieces) joined += piece;
        return Pieces{std::move(joined)};
    };
}

Decoder strip(std::string character, std::size_t start, std::size_t stop) {
    return each([character = std::move(character), start, stop](const std::string& piece, std::size_t, std::size_t) {
        std::string_view rest = piece;
        for (std::size_t i = 0; i < start && rest.starts_with(character); ++i) rest.remove_prefix(character.size());
        for (std::size_t i = 0; i < stop && rest.ends_with(character); ++i) rest.remove_suffix(character.size());
        return std::string(rest);
    });
}

Decoder metaspace(std::string replacement, PrependScheme scheme) {
    return each([replacement = std::move(replacement), scheme](const std::string& piece, std::size_t i, std::size_t) {
        return replaced(piece, replacement, i == 0 && scheme != PrependScheme::Never ? "" : " ");
    });
}

Decoder wordEnd(std::string suffix) {
    return each([suffix = std::move(suffix)](const std::string& piece, std::size_t i, std::size_t n) {
        return replaced(piece, suffix, i + 1 == n ? "" : " ");
    });
}

Decoder wordPiece(std::string prefix, bool cleanup) {
    return each([prefix = std::move(prefix), cleanup](const std::string& piece, std::size_t i, std::size_t) {
        std::string text = piece;
        if (i > 0) text = !prefix.empty() && piece.starts_with(prefix) ? piece.substr(prefix.size()) : " " + piece;
        static constexpr std::pair<const char*, const char*> Together[] = {
            {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
            {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
        for (const auto& [apart, together] : Together) {
            if (cleanup) text = replaced(text, apart, together);
        }
        return text;
    });
}

Decoder sequence(std::vector<Decoder> steps) {
    return [steps = std::move(steps)](Pieces pieces) -> Result<Pieces> {
        for (const Decoder& step : steps) {
            auto next = step(std::move(pieces));
            if (!next) return next;
            pieces = std::move(*next);
        }
        return pieces;
    };
}

}  // namespace decoders
}  // namespace lw
