// The right half of the block's picture: the strongest neurons with the words they promote, and the heads with what they read.
#pragma once

#include "widgets/block/block_picture.h"

namespace lw {

/// Draws the neurons into the area; gives the bottom of the last row.
double addNeuronTable(Picture& picture, const BlockInput& input, Rect area, const Say& say);
/// Draws the heads into the area: as many as fit, the strongest ones.
void addHeadTable(Picture& picture, const BlockInput& input, Rect area, const Say& say);

}  // namespace lw
