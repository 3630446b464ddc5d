// Three contrasts to generating step by step: all positions guessed at once, the model's own words against the true ones, the
// best of several rolled texts. Qt-free.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/generate/best_of.h"
#include "core/generate/exposure.h"
#include "core/generate/jacobi.h"
#include "core/generate/loops.h"
#include "core/trace/locus.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

using PieceOf = std::function<std::string(TokenId)>;

/// One row a round, one column a position: what is settled, what is still wrong, and where it first goes wrong.
Picture roundsPicture(const Jacobi& jacobi, const PieceOf& piece, double width, const Say& say);

/// One row a position: the true token and its loss, what the model says when it reads its own words, and its loss then; after a
/// wrong token the loss and what it costs. Rows are places.
Picture exposurePicture(const Exposure& exposure, const PieceOf& piece, const Locus& place, double width, const Say& say);

/// Rolled texts, the most probable first; each row has the action "adopt:<i>".
Picture bestOfPicture(const std::vector<SampledText>& texts, const PieceOf& piece, double width, const Say& say);

/// "The text goes round in circles: “a b c” stands there 4 times, from position 12 on."
std::string loopSentence(const TokenLoop& loop, std::span<const TokenId> ids, const PieceOf& piece, const Say& say);

}  // namespace lw
