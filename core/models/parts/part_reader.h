// How a part of a block reads its weights: by name, into the model's table and into its own hands.
#pragma once

#include <string>

#include "core/models/weight_table.h"

namespace lw {

struct PartReader {
    WeightReader& reader;
    WeightTable& table;
    Layer layer = Layer(0);

    /// Reads the tensor, notes it as a parameter, and keeps it under `id` for views and analyses.
    Weight take(WeightId id, const std::string& name, std::int64_t rows, std::int64_t cols, const Init& init = {}) {
        Weight weight = takeUnnamed(name, rows, cols, init);
        table.set(id, layer, weight);
        return weight;
    }
    /// The same for a weight that no view asks for by itself.
    Weight takeUnnamed(const std::string& name, std::int64_t rows, std::int64_t cols, const Init& init = {}) {
        Weight weight = reader.read(name, rows, cols, false, init);
        reader.note(table, name, {weight});
        return weight;
    }
    bool failed() const { return reader.error() != nullptr; }
};

}  // namespace lw
