// A text on its way to tokens, as a list of moments: after each merge, or after each longest match, what every word is cut into.
// Qt-free.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/text/graphemes.h"
#include "core/text/tokenizer.h"

namespace lw {

struct TokenSteps {
    std::string text;
    std::shared_ptr<const Tokenizer> tokenizer;
    Encoding encoding;
    std::vector<ByteRange> graphemes;
    bool bytes = false;                     // pieces are spelled one letter a byte
    std::vector<std::vector<int>> moments;  // of each word: the steps that changed it, rising

    /// Moments after the first: merges, or else matches; 0 where a word is decided at once (a lattice).
    int count() const;
    /// The word that moment `step` (1 … count()) changed; −1 at the beginning.
    int wordAt(int step) const;
    /// The pieces of a word after `step` moments, as the vocabulary spells them.
    std::vector<std::string> piecesAfter(int word, int step) const;
};

/// The two pieces of a word that merge step `step` (1 …) joins, and those it would have joined otherwise, as they are seen.
struct SeenMerge {
    std::string left, right, otherLeft, otherRight;
};
SeenMerge seenMerge(const TokenSteps& steps, int step);

/// As it is seen: of a byte-level vocabulary the text's own bytes, else the spelling.
/// pieces: all of a word, in order; result: one visible text each.
std::vector<std::string> visiblePieces(const TokenSteps& steps, int word, const std::vector<std::string>& pieces);
/// Bytes of the text that each piece of a word covers, where that is known (byte-level); else empty.
std::vector<ByteRange> pieceBytes(const TokenSteps& steps, int word, const std::vector<std::string>& pieces);

/// Fails: as Tokenizer::encode.
Result<TokenSteps> tokenSteps(const std::string& text, std::shared_ptr<const Tokenizer> tokenizer);

}  // namespace lw
