// A model's weights by their TransformerLens names and layers, and the parameters they were read from.
#pragma once

#include <array>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/models/init.h"
#include "core/models/model.h"
#include "core/tensor/weight_source.h"

namespace lw {

class WeightTable {
public:
    /// Undefined where nothing was set. The layer is ignored for weights that have none.
    const Weight& get(WeightId id, Layer layer) const;
    void set(WeightId id, Layer layer, Weight weight);

    std::vector<Parameter> parameters;  // in the order they were read

private:
    static constexpr std::size_t idCount = static_cast<std::size_t>(WeightId::BiasUnembed) + 1;
    using Row = std::array<Weight, idCount>;
    Row m_shared;               // weights without a layer
    std::vector<Row> m_layers;  // grows as layers are set
};

// Reads tensors out of a source, checking every shape; remembers the first error so that a model's loading reads as a list.
// From an InitSource they are made: `init` says how (init.h), and is ignored when a file is read.
class WeightReader {
public:
    WeightReader(const WeightSource& source, bool trainable, std::function<std::string(const std::string&)> nameInFile);

    /// The tensor as [rows, cols]. A stored [cols, rows] is turned if `transposed`. Undefined after an error.
    Weight read(const std::string& name, std::int64_t rows, std::int64_t cols, bool transposed = false, const Init& init = {});
    /// By its name in the file, as float32, and no parameter of the model.
    Weight readRaw(const std::string& stored, std::int64_t rows, std::int64_t cols);
    /// Rows of the tensor permuted before use (order.size() == rows).
    Weight readPermuted(const std::string& name, std::int64_t rows, std::int64_t cols, const std::vector<std::int64_t>& order);
    bool has(const std::string& name) const;
    /// A tensor that joins `parts` matrices of the same shape by rows: [parts · rows, cols] (or [cols, parts · rows] transposed).
    std::vector<Weight> readJoined(const std::string& name, int parts, std::int64_t rows, std::int64_t cols, bool transposed,
                                   const Init& init = {});
    /// Notes a parameter for Model::parameters().
    void note(WeightTable& table, const std::string& name, std::vector<Weight> weights, bool transposed = false) const;

    const Error* error() const { return m_failed ? &m_error : nullptr; }
    /// Numbers in all tensors read so far.
    std::int64_t parameterCount() const { return m_count; }
    /// Adds a sentence if the file holds tensors that nobody asked for, those whose name ends in one of `expected` apart.
    void warnUnused(std::vector<std::string>& warnings, std::initializer_list<std::string_view> expected) const;

private:
    Weight readStored(const std::string& stored, std::int64_t rows, std::int64_t cols, bool transposed, const Init& init = {});
    const WeightSource& m_source;
    const InitSource* m_maker;  // the same if it makes tensors, else null
    bool m_trainable;
    std::function<std::string(const std::string&)> m_nameInFile;
    std::vector<std::string> m_used;
    std::int64_t m_count = 0, m_made = 0;  // numbers read; those made for a training
    bool m_failed = false;
    Error m_error;
};

}  // namespace lw
