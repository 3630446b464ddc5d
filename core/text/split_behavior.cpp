// How delimiters cut a piece. Source: the documentation of `tokenizers` (SplitDelimiterBehavior).
#include "core/text/pre_tokenizer.h"

namespace lw {
namespace {

struct Part {
    Range range;
    bool delimiter = false;
};

/// Delimiters and what lies between them, in order, covering the piece.
std::vector<Part> parts(Range piece, const std::vector<Range>& matches, bool invert) {
    std::vector<Part> all;
    all.reserve(2 * matches.size() + 1);
    std::uint32_t done = piece.from;
    for (const Range& match : matches) {
        if (match.from != done) all.push_back({{done, match.from}, invert});
        all.push_back({match, !invert});
        done = match.to;
    }
    if (done != piece.to) all.push_back({{done, piece.to}, invert});
    return all;
}

}  // namespace

void splitPiece(Range piece, const std::vector<Range>& matches, SplitBehavior behavior, bool invert, std::vector<Range>& out) {
    const auto keep = [&](Range range) {
        if (range.from < range.to) out.push_back(range);
    };
    if (behavior == SplitBehavior::Isolated) {  // by far the most used: no list is needed
        std::uint32_t done = piece.from;
        for (const Range& match : matches) {
            keep({done, match.from});
            keep(match);
            done = match.to;
        }
        keep({done, piece.to});
        return;
    }
    const std::vector<Part> all = parts(piece, matches, invert);
    Range open{piece.from, piece.from};  // grows until it is kept
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool next = i + 1 < all.size() && all[i + 1].delimiter;
        const bool last = i + 1 == all.size();
        if (behavior == SplitBehavior::Removed) {
            if (!all[i].delimiter) keep(all[i].range);
            continue;
        }
        open.to = all[i].range.to;
        bool closes = last;
        if (behavior == SplitBehavior::Contiguous) closes = closes || next != all[i].delimiter;
        if (behavior == SplitBehavior::MergedWithPrevious) {  // only the first of several delimiters joins
            closes = closes || all[i].delimiter || !next;
        }
        if (behavior == SplitBehavior::MergedWithNext) {  // only the last of several delimiters joins
            closes = closes || !all[i].delimiter || next;
        }
        if (closes) {
            keep(open);
            open = {open.to, open.to};
        }
    }
}

}  // namespace lw
