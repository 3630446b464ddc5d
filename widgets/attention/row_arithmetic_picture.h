// The arithmetic of one row of a pattern: q·k × scale → exp(· − max) → weight → × |v|, the rest summed; and, unfolded, the
// weighted sum of the values that makes z. Every figure is a spot. Qt-free.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "widgets/attention/attention_facts.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct RowArithmeticInput {
    const RowArithmetic* row = nullptr;  // never null
    const ValueSum* values = nullptr;    // null: folded
    std::span<const std::string> pieces;
    std::optional<int> key;  // the selected key
    double width = 0;
    int mostTerms = 4;  // keys written out; the rest is summed
    Say say = sayEnglish;
};
Picture rowArithmeticPicture(const RowArithmeticInput& input);
/// Height of that picture with n keys written out (and the values unfolded or not).
double rowArithmeticHeight(int terms, bool unfolded);
/// Action of the spot that folds and unfolds the weighted sum.
inline constexpr const char* foldValuesAction = "fold-values";

}  // namespace lw
