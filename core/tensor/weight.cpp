// Weight: views of stored rows and the copies made of them.
#include "core/tensor/weight.h"

#include <cassert>
#include <cstring>
#include <utility>

namespace lw {

Weight::Weight(StorageType type, std::int64_t rows, std::int64_t cols, const void* data, std::shared_ptr<const void> owner)
    : m_type(type), m_rows(rows), m_cols(cols), m_data(static_cast<const std::byte*>(data)), m_owner(std::move(owner)) {
    assert(rows >= 0 && cols >= 0 && cols % layoutOf(type).blockValues == 0);
}

Weight Weight::fromMatrix(Matrix values) {
    const auto owned = std::make_shared<const Matrix>(std::move(values));
    return Weight(StorageType::F32, owned->rows(), owned->cols(), owned->data(), owned);
}

Weight Weight::trainable(Matrix values) {
    const auto leaf = std::make_shared<const Tensor>(Tensor::leaf(std::move(values)));
    Weight weight(StorageType::F32, leaf->rows(), leaf->cols(), leaf->value().data(), leaf);
    weight.m_leaf = *leaf;
    return weight;
}

const void* Weight::rowData(std::int64_t row) const {
    assert(row >= 0 && row < m_rows);
    return m_data + row * rowBytes(m_type, m_cols);
}

const float* Weight::floats() const {
    assert(m_type == StorageType::F32);
    return reinterpret_cast<const float*>(m_data);
}

void Weight::readRow(std::int64_t row, float* out) const { dequantizeRow(m_type, rowData(row), m_cols, out); }

RowVector Weight::row(std::int64_t row) const {
    RowVector values(m_cols);
    readRow(row, values.data());
    return values;
}

Matrix Weight::toMatrix() const {
    Matrix values(m_rows, m_cols);
    for (std::int64_t r = 0; r < m_rows; ++r) readRow(r, values.data() + r * m_cols);
    return values;
}

Weight Weight::slice(std::int64_t first, std::int64_t count) const {
    assert(first >= 0 && count >= 0 && first + count <= m_rows);
    return Weight(m_type, count, m_cols, m_data + first * rowBytes(m_type, m_cols), m_owner);
}

Weight Weight::permuted(const std::vector<std::int64_t>& order) const {
    const std::size_t bytesOfRow = static_cast<std::size_t>(rowBytes(m_type, m_cols));
    const auto copy = std::make_shared<std::vector<std::byte>>(order.size() * bytesOfRow);
    for (std::size_t i = 0; i < order.size(); ++i) std::memcpy(copy->data() + i * bytesOfRow, rowData(order[i]), bytesOfRow);
    return Weight(m_type, static_cast<std::int64_t>(order.size()), m_cols, copy->data(), copy);
}

Weight Weight::transposed() const { return fromMatrix(toMatrix().transpose()); }

}  // namespace lw
