// The upper part of the page of its own words: the text as chips, and what could stand wrongly at the chosen one. Qt-free.
#pragma once

#include "widgets/generation/contrast_pictures.h"

namespace lw {

/// Draws it into the picture (whose width is set), from the top on; gives its lower edge.
double addExposureChoice(Picture& picture, const ExposureInput& input, const Say& say);

}  // namespace lw
