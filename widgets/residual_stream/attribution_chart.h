// The right half of the residual-stream picture: how much each part pushed one token's logit.
#pragma once

#include "widgets/residual_stream/residual_stream_picture.h"
#include "widgets/residual_stream/stream_rows.h"

namespace lw {

/// Bars by falling size in `area`; what does not fit is one bar with its sum, so that the bars add up.
/// Gives the bottom of the last bar.
double addAttributionBySize(Picture& picture, const ResidualStreamInput& input, Rect area, const Say& say);

/// On the rows of the stream: a bar for each part, and a cell for each head.
void addAttributionByLayer(Picture& picture, const ResidualStreamInput& input, const StreamRowLayout& rows, double x,
                           double width, double headBottom, const Say& say);

}  // namespace lw
