// Compare's pictures: the table of all models over the columns of the text, and what each expects at the selected place.
// A cell stands where its token ends: what the model would say next, and the probability it gives the token that does follow.
// Qt-free.
#pragma once

#include "widgets/compare/compare_facts.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

inline constexpr double compareRowHeight = 42, compareHeadHeight = 30;
inline constexpr double compareFullShade = 10;  // nats, as a fixed scale: texts and models can be compared

/// The column of names: as wide as the longest, within limits; narrower where the rest would have no room.
double compareNameWidth(const CompareInput& input, double width);
/// How many columns of tokens fit beside it and the figures.
int compareColumnsThatFit(const CompareInput& input, double width);
/// The width at which all columns are shown.
double compareWholeWidth(const CompareInput& input);
Picture comparePicture(const CompareInput& input, double width, const Say& say);
/// The most probable next tokens of every model at the selected place, what it carries on and how long the step took.
Picture expectedPicture(const CompareInput& input, double width, const Say& say);
/// ‖∂loss/∂state‖ of the token after the selected place, back through the text, on a log axis: one curve a model that carries a
/// state.
Picture gradientPicture(const CompareInput& input, double width, double height, const Say& say);

}  // namespace lw
