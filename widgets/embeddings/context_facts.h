// One token in two texts, layer by layer: how alike its states are, and the way they take. Qt-free.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/analysis/pca.h"
#include "core/text/tokenizer.h"
#include "core/trace/locus.h"
#include "core/trace/trace.h"

namespace lw {

struct ContextState {
    std::string name;   // "embed", "pre 0", "layer 0" …
    Locus place;        // of the state in its run, without the position
    double cosine = 0;  // between the two states
    double lengthA = 0, lengthB = 0;
    double itself = 0;  // the first state with itself: the control
    double others = 0;  // mean cosine of the first state with the other tokens' states in the second text; NaN if there are none
};

struct ContextFacts {
    Position a, b;  // of the token in the first and in the second text
    std::vector<ContextState> states;
    MatrixD pathA, pathB;  // [states, 2]: along the two principal components of both ways together
    Pca pca;
};

/// Whether a run holds states that can be compared: a residual stream, or the hidden states of cells.
bool hasStates(const Trace& trace);

/// Positions inside their runs, both runs of one model. Fails: BadInput (no states).
Result<ContextFacts> contextFacts(const Trace& a, Position positionA, const Trace& b, Position positionB);

/// Where the token stands in another run: the last place of the same id, −1 if there is none.
int sameToken(const Trace& a, Position position, const Trace& b);

/// The token that holds the last byte of a word's last place in the text of a run; −1 if the text lacks it.
int lastPieceOf(const Tokenizer& tokenizer, std::span<const TokenId> ids, const std::string& word);

}  // namespace lw
