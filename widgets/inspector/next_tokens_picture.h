// The lower part of the number inspector: what comes next at the position, as bars.
#pragma once

#include <string>
#include <vector>

#include "core/base/index.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"
#include "widgets/shared/text_width.h"

namespace lw {

struct NextToken {
    std::string piece;
    TokenId id = -1;
    double probability = 0;
};

/// A click on a bar goes to that token's logit.
Picture nextTokensPicture(const std::vector<NextToken>& tokens, Position position, double width, const Measure& measure,
                          const Say& say = sayEnglish);

}  // namespace lw
