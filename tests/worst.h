// The largest of many differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

/// `worst` becomes the larger of the two. What is no number counts as infinite: std::max would pass over it, and a test with it.
inline void widen(double& worst, double difference) {
    worst = std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(worst, difference);
}
