#include "widgets/tokenizer/token_steps.h"

#include <algorithm>
#include <span>

#include "core/text/byte_alphabet.h"
#include "widgets/shared/format.h"

namespace lw {

namespace {

std::int64_t letters(const std::string& utf8) {
    return std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; });
}

}  // namespace

int TokenSteps::count() const {
    const Steps& steps = encoding.steps;
    return static_cast<int>(steps.merges.empty() ? steps.matches.size() : steps.merges.size());
}

int TokenSteps::wordAt(int step) const {
    if (step < 1 || step > count()) return -1;
    const Steps& steps = encoding.steps;
    const auto i = static_cast<std::size_t>(step) - 1;
    return static_cast<int>(steps.merges.empty() ? steps.matches[i].word : steps.merges[i].word);
}

std::vector<std::string> TokenSteps::piecesAfter(int word, int step) const {
    const Steps& steps = encoding.steps;
    const WordCut& cut = steps.words[static_cast<std::size_t>(word)];
    const std::vector<int>& changed = moments[static_cast<std::size_t>(word)];
    const auto done = std::ranges::upper_bound(changed, step) - changed.begin();  // of its own steps
    if (!steps.merges.empty() || !cut.start.empty()) {
        if (done > 0) return steps.merges[static_cast<std::size_t>(changed[static_cast<std::size_t>(done) - 1]) - 1].after;
        return cut.start.empty() ? std::vector<std::string>{cut.text} : cut.start;
    }
    std::vector<std::string> pieces;
    const auto lattice =
        std::ranges::lower_bound(steps.lattices, word, {}, [](const Lattice& l) { return static_cast<int>(l.word); });
    if (lattice != steps.lattices.end() && lattice->word == word) {
        for (const LatticeEdge& edge : lattice->edges) {
            if (edge.chosen) pieces.emplace_back(tokenizer->entry(edge.id));
        }
    }
    std::int64_t matched = 0;
    for (const int own : std::span(changed).first(static_cast<std::size_t>(done))) {
        const Match& match = steps.matches[static_cast<std::size_t>(own) - 1];
        pieces.push_back(match.id < 0 ? cut.text.substr(static_cast<std::size_t>(match.from))
                                      : std::string(tokenizer->entry(match.id)));
        matched = match.id < 0 ? static_cast<std::int64_t>(cut.text.size()) : match.to;
    }
    if (!steps.matches.empty() && matched < static_cast<std::int64_t>(cut.text.size()))
        pieces.push_back(cut.text.substr(static_cast<std::size_t>(matched)));  // what is still to be matched
    return pieces.empty() ? std::vector<std::string>{cut.text} : pieces;
}

SeenMerge seenMerge(const TokenSteps& steps, int step) {
    const Merge& merge = steps.encoding.steps.merges[static_cast<std::size_t>(step) - 1];
    SeenMerge seen{merge.left, merge.right, merge.otherLeft, merge.otherRight};
    const int word = static_cast<int>(merge.word);
    const std::vector<std::string> before = steps.piecesAfter(word, step - 1), visible = visiblePieces(steps, word, before);
    if (visible == before) return seen;
    const auto at = static_cast<std::size_t>(merge.at);
    seen.left = visible[at];
    seen.right = visible[at + 1];
    for (std::size_t i = 0; i + 1 < before.size(); ++i) {
        if (before[i] != merge.otherLeft || before[i + 1] != merge.otherRight) continue;
        seen.otherLeft = visible[i];
        seen.otherRight = visible[i + 1];
        break;
    }
    return seen;
}

std::vector<ByteRange> pieceBytes(const TokenSteps& steps, int word, const std::vector<std::string>& pieces) {
    if (!steps.bytes) return {};
    const WordCut& cut = steps.encoding.steps.words[static_cast<std::size_t>(word)];
    std::vector<ByteRange> ranges;
    std::int64_t at = cut.from;
    for (const std::string& piece : pieces) {
        const std::int64_t to = at + letters(piece);
        ranges.push_back({at, to});
        at = to;
    }
    return at == cut.to ? ranges : std::vector<ByteRange>{};
}

std::vector<std::string> visiblePieces(const TokenSteps& steps, int word, const std::vector<std::string>& pieces) {
    const std::vector<ByteRange> ranges = pieceBytes(steps, word, pieces);
    std::vector<std::string> visible;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        visible.push_back(ranges.empty() ? visiblePiece(pieces[i])
                                         : visiblePiece(std::string_view(steps.text)
                                                            .substr(static_cast<std::size_t>(ranges[i].from),
                                                                    static_cast<std::size_t>(ranges[i].to - ranges[i].from))));
    }
    return visible;
}

Result<TokenSteps> tokenSteps(const std::string& text, std::shared_ptr<const Tokenizer> tokenizer) {
    auto encoding = tokenizer->encode(text, {.addSpecial = false, .recordSteps = true});
    if (!encoding) return tl::unexpected(encoding.error());
    TokenSteps steps{.text = text,
                     .tokenizer = std::move(tokenizer),
                     .encoding = std::move(*encoding),
                     .graphemes = graphemes(text),
                     .bytes = false,
                     .moments = {}};
    steps.moments.resize(steps.encoding.steps.words.size());
    for (int step = 1; step <= steps.count(); ++step) steps.moments[static_cast<std::size_t>(steps.wordAt(step))].push_back(step);
    // One letter a byte: every word, unspelled, is then the text that it covers.
    steps.bytes = std::ranges::all_of(steps.encoding.steps.words, [&](const WordCut& word) {
        return unspellBytes(word.text) ==
               steps.text.substr(static_cast<std::size_t>(word.from), static_cast<std::size_t>(word.to - word.from));
    });
    return steps;
}

}  // namespace lw
