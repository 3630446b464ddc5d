// How points of a plane push each other away under Student's t with one degree of freedom: the sums over all pairs that t-SNE
// needs at every step.
#pragma once

#include <cstdint>
#include <vector>

namespace lw::kernels {

/// Points as two rows of floats, padded to whole vectors with points so far away that they count for nothing.
struct PlanePoints {
    /// xy: x0 y0 x1 y1 …, `count` of them, all within ±1e9.
    PlanePoints(const double* xy, std::int64_t count);
    std::int64_t count = 0;
    std::vector<float> x, y;
};

struct PlanePush {
    double weights = 0;   // Σ_j w_ij over j ≠ i, w_ij = 1 / (1 + ‖y_i − y_j‖²)
    double x = 0, y = 0;  // Σ_j w_ij² (y_i − y_j)
};

/// push[i] for i in [begin, end), in float sums (relative to the largest terms, 1e-6). A sum is the sum of 32 interleaved partial
/// sums, folded in halves, and no product is fused with a sum: the same bits whatever the range or the machine's vectors.
void pushApart(const PlanePoints& points, std::int64_t begin, std::int64_t end, PlanePush* push);

}  // namespace lw::kernels
