// A source that also holds whole numbers, which are no weights: counts, ids, places in a table. Asked for beside WeightSource
// (tensor/weight_source.h) by the few models that are made of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lw {

class IntegerSource {
public:
    virtual ~IntegerSource() = default;
    /// All values in row-major order.
    /// Fails: NotFound; Mismatch if the stored type is no integer or a value does not fit.
    virtual Result<std::vector<std::int64_t>> integers(std::string_view name) const = 0;
    /// The stored bytes of any tensor, as long as the source lives.
    virtual Result<std::span<const std::byte>> bytes(std::string_view name) const = 0;
};

}  // namespace lw
