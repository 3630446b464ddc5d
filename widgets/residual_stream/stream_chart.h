// The left half of the residual-stream picture: rows of norms and directions along the trunk.
#pragma once

#include "widgets/residual_stream/residual_stream_picture.h"
#include "widgets/residual_stream/stream_rows.h"

namespace lw {

/// Draws into x … x + width on the rows of the layout; column heads end at headBottom.
void addStreamChart(Picture& picture, const ResidualStreamInput& input, const StreamRowLayout& rows, double x, double width,
                    double headBottom, const Say& say);

/// The colour and the words of a part.
Ink inkOf(const StreamRow& row);
std::string nameOf(const StreamRow& row, const Say& say);

}  // namespace lw
