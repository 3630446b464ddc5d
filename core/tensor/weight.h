// Weight: a constant matrix [rows, cols] of a model as it is stored (float32, half, bfloat16 or quantised blocks), often a
// view into a memory-mapped file. A linear layer's weight is [out, in]; an embedding table is [V, D]; a gain or bias is [1, n].
// Not for activations: those are Tensors.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/tensor/matrix.h"
#include "core/tensor/storage_type.h"
#include "core/tensor/tensor.h"

namespace lw {

class Weight {
public:
    Weight() = default;  // undefined: an absent bias
    /// A view of `rows` stored rows at `data`, which stays valid as long as `owner` lives.
    Weight(StorageType type, std::int64_t rows, std::int64_t cols, const void* data, std::shared_ptr<const void> owner);
    /// Owns a float32 copy.
    static Weight fromMatrix(Matrix values);
    /// Owns a float32 leaf whose gradient is wanted (training, gradient tests).
    static Weight trainable(Matrix values);

    bool defined() const { return m_rows > 0; }
    StorageType type() const { return m_type; }
    std::int64_t rows() const { return m_rows; }
    std::int64_t cols() const { return m_cols; }
    std::int64_t bytes() const { return m_rows * rowBytes(m_type, m_cols); }
    const void* rowData(std::int64_t row) const;  // stored bytes of one row
    const float* floats() const;                  // row-major values; only for F32 (asserted)

    /// One row as float32; `out` has room for cols() floats.
    void readRow(std::int64_t row, float* out) const;
    RowVector row(std::int64_t row) const;
    Matrix toMatrix() const;  // all rows as float32

    /// Rows [first, first + count) of the same storage.
    Weight slice(std::int64_t first, std::int64_t count) const;
    /// The rows in another order, copied: new row i is old row order[i].
    Weight permuted(const std::vector<std::int64_t>& order) const;
    /// A float32 copy with rows and columns exchanged.
    Weight transposed() const;
    /// This weight as a float32 leaf that collects gradients.
    Weight asTrainable() const { return trainable(toMatrix()); }

    bool isTrainable() const { return m_leaf.defined(); }
    /// The leaf tensor [rows, cols] (only if isTrainable()).
    const Tensor& leaf() const { return m_leaf; }

private:
    StorageType m_type = StorageType::F32;
    std::int64_t m_rows = 0, m_cols = 0;
    const std::byte* m_data = nullptr;
    std::shared_ptr<const void> m_owner;
    Tensor m_leaf;
};

}  // namespace lw
