// The cumulative bar: the kept bins side by side from 0 to 1, and the dice as a needle where the draw fell. Qt-free.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/generate/sampler.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct CumulativeBarInput {
    std::vector<Bin> bins;       // falling; struck ones are skipped
    Position position;           // whose distribution it is (for the places of its numbers)
    std::optional<double> draw;  // the needle
    std::optional<TokenId> drawn;
    bool canForce = false;
    std::function<std::string(TokenId)> piece;
};

inline constexpr double cumulativeBarHeight = 58;  // dice 18, bar 24, axis 16

/// Draws into x … x + width from y on.
void addCumulativeBar(Picture& picture, const CumulativeBarInput& input, double x, double y, double width, const Say& say);

/// "fell on “·Mary”: 0.4127 lies between 0.310 and 0.644"
std::string drawWords(const CumulativeBarInput& input, const Say& say);

}  // namespace lw
