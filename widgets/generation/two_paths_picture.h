// Two paths of the tree side by side: the tokens of each with their probabilities and running log-probability, and where they
// part. Qt-free.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "widgets/generation/path_picture.h"

namespace lw {

struct TwoPathsInput {
    std::vector<PathStep> a = {}, b = {};  // b is the shown path
    std::string nameA = {}, nameB = {};
    std::function<std::string(TokenId)> piece = {};
    Locus place = {};
};

/// The first step at which they hold different tokens or nodes of one of them end; the length of both if they are the same.
std::size_t partedAt(const std::vector<PathStep>& a, const std::vector<PathStep>& b);

/// Tokens of b are places (step, position); tokens of a have the action "path:<step>" (0 = the first): go there.
Picture twoPathsPicture(const TwoPathsInput& input, double width, const Say& say);

}  // namespace lw
