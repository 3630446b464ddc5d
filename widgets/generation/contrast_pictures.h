// Three contrasts to generating step by step: all positions guessed at once, the model's own words against the true ones, the
// best of several rolled texts. Qt-free.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/generate/best_of.h"
#include "core/generate/exposure.h"
#include "core/generate/jacobi.h"
#include "core/generate/loops.h"
#include "core/generate/sampler.h"
#include "core/trace/locus.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

using PieceOf = std::function<std::string(TokenId)>;

/// One row a round, one column a position, the first of them `first`: what is settled, what is still wrong, and where it first
/// goes wrong.
Picture roundsPicture(const Jacobi& jacobi, int first, const PieceOf& piece, double width, const Say& say);

struct ExposureInput {
    Exposure exposure;
    std::vector<std::string> pieces = {};  // of the whole text, by position
    std::vector<Bin> alternatives = {};    // of the place of the wrong token, most probable first, at temperature 1
    PieceOf piece;
    Locus place = {};
};

/// Above: the text, to choose where the wrong token stands (a chip has the action "from:<position>"), and what the model finds
/// probable there, to choose it ("wrong:<id>"). Below one row a position: the true token and its loss, what the model says when
/// it reads its own words, and its loss then; after a wrong token the loss and what it costs. Rows are places.
Picture exposurePicture(const ExposureInput& input, double width, const Say& say);

/// Rolled texts in their order; each row has the action "adopt:<i>", the two ways to rank them "rank:mean" and "rank:total".
Picture bestOfPicture(const std::vector<SampledText>& texts, RankBy by, const PieceOf& piece, double width, const Say& say);

/// "The text goes round in circles: “a b c” stands there 4 times, from position 12 on."
std::string loopSentence(const TokenLoop& loop, std::span<const TokenId> ids, const PieceOf& piece, const Say& say);

}  // namespace lw
