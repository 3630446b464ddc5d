// How positions get into a model: the sinusoidal table computed from its formula, and rotary turning undone from distance.
#pragma once

#include <span>

#include "core/tensor/matrix.h"

namespace lw {

/// The hand-made table [P, D]: column 2i = sin(p / 10000^(2i/D)), column 2i + 1 = cos of the same angle.
/// Source: Vaswani et al. 2017, section 3.5.
Matrix sinusoidalTable(int positions, int width);

/// Cosine of every two rows [P, P], in double; 0 where a row is zero.
Matrix cosines(const Matrix& rows);

/// x [Dh] of one head turned to a position: the halves (x_i, x_{i+n}) of its first 2n entries by position · frequency_i, n the
/// number of frequencies; in double. Position 0 leaves it as it is.
RowVectorD turned(const RowVectorD& x, std::span<const double> frequencies, double position);

/// scale · q·k, the query turned by `distance` against the key: what this pair would score so far apart.
/// q, k [Dh] before they are turned.
double scoreAtDistance(const RowVectorD& q, const RowVectorD& k, std::span<const double> frequencies, double distance,
                       double scale);

}  // namespace lw
