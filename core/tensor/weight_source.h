// Where a model's weights come from, whatever the file format: names, shapes, and each tensor on request.
// Implemented in core/formats (safetensors, GGUF), asked by core/models; neither knows the other.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/tensor/weight.h"

namespace lw {

struct TensorEntry {
    std::string name;                 // as in the file
    std::vector<std::int64_t> shape;  // outermost first, as safetensors prints it (GGUF's order is reversed on reading)
    std::string type;                 // "F32", "Q4_1", also types we cannot compute with ("I64", "Q6_K")
    std::int64_t bytes = 0;
};

class WeightSource {
public:
    virtual ~WeightSource() = default;
    /// What an error message calls this source: a file or folder.
    virtual std::string_view where() const = 0;
    virtual std::span<const TensorEntry> entries() const = 0;  // in the file's order
    /// nullptr if there is no such tensor.
    virtual const TensorEntry* find(std::string_view name) const = 0;
    /// The tensor as [rows, cols]: 1-D becomes [1, n]; more than 2 dimensions are joined into rows.
    /// Fails: not there; a type that we cannot compute with (named).
    virtual Result<Weight> weight(std::string_view name) const = 0;
    /// Whether the stored values are still those that were there when it was opened. To be asked after computing with them.
    /// Fails: Unreadable (the file was shortened or written to, or its disk failed).
    virtual Result<void> intact() const { return {}; }
};

}  // namespace lw
