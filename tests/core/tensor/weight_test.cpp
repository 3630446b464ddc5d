// Weights: rows, slices, copies in another order, and how long the stored bytes live.
#include "core/tensor/weight.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/catch.h"

using namespace lw;

namespace {

Matrix counting(Eigen::Index rows, Eigen::Index cols) {
    Matrix m(rows, cols);
    for (Eigen::Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<float>(i);
    return m;
}

/// Q8_0 rows of 64 values, two blocks each: scale 1 (0x3c00), value = row number · 10 + index % 10.
Weight blocks(std::int64_t rows) {
    const auto bytes = std::make_shared<std::vector<std::uint8_t>>();
    for (std::int64_t block = 0; block < rows * 2; ++block) {
        bytes->push_back(0x00);
        bytes->push_back(0x3c);
        for (int i = 0; i < 32; ++i) bytes->push_back(static_cast<std::uint8_t>(block / 2 * 10 + i % 10));
    }
    return Weight(StorageType::Q8_0, rows, 64, bytes->data(), bytes);
}

}  // namespace

TEST_CASE("A weight without rows is undefined") {
    CHECK_FALSE(Weight().defined());
    CHECK(Weight::fromMatrix(counting(1, 3)).defined());
}

TEST_CASE("A float weight gives back its matrix") {
    const Matrix m = counting(5, 7);
    const Weight w = Weight::fromMatrix(m);
    CHECK(w.rows() == 5);
    CHECK(w.cols() == 7);
    CHECK(w.bytes() == 5 * 7 * 4);
    CHECK(w.toMatrix() == m);
    CHECK(w.row(3) == m.row(3));
    CHECK(w.floats()[8] == 8);
    CHECK_FALSE(w.isTrainable());
    CHECK(w.transposed().toMatrix() == Matrix(m.transpose()));
}

TEST_CASE("Slices and permutations keep the storage type") {
    const Weight w = blocks(6);
    CHECK(w.bytes() == 6 * 68);
    CHECK(w.row(4)(33) == 41);
    const Weight part = w.slice(2, 3);
    CHECK(part.type() == StorageType::Q8_0);
    CHECK(part.rows() == 3);
    CHECK(part.toMatrix() == w.toMatrix().middleRows(2, 3));
    CHECK(part.rowData(0) == w.rowData(2));
    const Weight other = w.permuted({5, 0, 2, 2});
    CHECK(other.type() == StorageType::Q8_0);
    CHECK(other.rows() == 4);
    CHECK(other.row(0) == w.row(5));
    CHECK(other.row(1) == w.row(0));
    CHECK(other.row(2) == other.row(3));
}

TEST_CASE("A slice keeps what it was cut from alive") {
    Weight part;
    {
        const Weight whole = Weight::fromMatrix(counting(4, 4));
        part = whole.slice(2, 2);
    }
    CHECK(part.toMatrix() == counting(4, 4).bottomRows(2));
    Weight ofTrainable;
    { ofTrainable = Weight::trainable(counting(3, 2)).slice(1, 1); }
    CHECK(ofTrainable.row(0)(1) == 3);
}

TEST_CASE("A trainable weight is its leaf") {
    const Weight w = blocks(2).asTrainable();
    REQUIRE(w.isTrainable());
    CHECK(w.type() == StorageType::F32);
    CHECK(w.leaf().requiresGrad());
    CHECK(w.floats() == w.leaf().value().data());
    CHECK(w.toMatrix() == blocks(2).toMatrix());
    w.leaf().accumulateGrad(Matrix::Ones(2, 64));
    const Weight copy = w;
    CHECK(copy.leaf().grad() == Matrix::Ones(2, 64));
}
