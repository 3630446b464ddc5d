// Nice ticks: round values that divide a range, on linear and logarithmic axes.
#pragma once

#include <string>
#include <vector>

namespace lw {

struct Tick {
    double value = 0;
    std::string text;
};

/// About `count` multiples of 1, 2 or 5 × 10ⁿ inside [low, high], labelled with just enough digits. Empty range: one tick.
std::vector<Tick> linearTicks(double low, double high, int count);
/// Powers of ten inside [low, high] (both > 0), every second or third where there are more than `count`; 1, 2, 5 where the
/// range is under two decades.
std::vector<Tick> logTicks(double low, double high, int count);

struct Range {
    double low = 0, high = 1;
};
/// The range widened to round ends.
Range niceRange(double low, double high, int count);

}  // namespace lw
