// Finding a number in a weight that is none: a damaged file must not answer with numbers that look right.
#pragma once

#include <cstdint>
#include <optional>

#include "core/tensor/weight.h"

namespace lw {

struct WeightPlace {
    std::int64_t row = 0, column = 0;
};
/// The first value (by rows) that is infinite or not a number; none if all are finite. Of the q formats it is the first value of
/// a block whose scale or minimum is so. Reads the stored bytes once, on all threads.
std::optional<WeightPlace> firstNotFinite(const Weight& weight);

}  // namespace lw
