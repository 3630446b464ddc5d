// "Guess before you look": what a person guessed against what is there.
#pragma once

#include <QString>

#include <optional>

#include "widgets/shared/picture.h"

namespace lw {

struct Judgement {
    QString sentence;                // "You said 0.5; it is 0.4127: 0.0873 too high."
    std::optional<double> distance;  // guess − truth, where both are numbers
};

/// A number as people write it: real or ASCII minus, point or comma, "%" = hundredths.
std::optional<double> parseGuess(const QString& text);
Judgement judge(const Spot& spot, const QString& guess);

}  // namespace lw
