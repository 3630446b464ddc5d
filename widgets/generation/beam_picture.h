// The picture of a beam search: one column a depth, every candidate with its running log-probability, those that were kept
// joined to the beam they continue, those that were dropped struck out below. Qt-free.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/generate/beam.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct BeamInput {
    BeamResult result;   // with recorded candidates
    std::string prompt;  // the end of the text it starts from
    std::function<std::string(TokenId)> piece;
    std::optional<Beam> greedy = {};  // of the same number of tokens, to compare with
    double lengthPenalty = 0;
};

/// Kept candidates have the action "walk:<depth>:<n>" (n-th kept at this depth): force the tokens on the way there.
Picture beamPicture(const BeamInput& input, const Say& say);

/// The tokens from the start to the n-th kept candidate at a depth; empty if there is no such one.
std::vector<TokenId> beamTokens(const BeamResult& result, int depth, int kept);

}  // namespace lw
