// Products of activations with stored weights: tiles of rows as float32, multiplied by OpenBLAS, spread over the pool.
#include "core/tensor/products.h"

#include <cblas.h>

#include <algorithm>
#include <cassert>
#include <vector>

#include "core/base/parallel.h"

namespace lw {
namespace {

constexpr std::int64_t tileRows = 64;

void useOneBlasThread() {
    static const bool done = (openblas_set_num_threads(1), true);
    (void)done;
}

}  // namespace

void multiplyByTransposed(ConstMatrixRef x, const Weight& w, MatrixRef y) {
    assert(x.cols() == w.cols() && y.cols() == w.rows() && y.rows() == x.rows());
    if (x.rows() == 0 || w.rows() == 0) return;
    useOneBlasThread();
    const std::int64_t cols = w.cols(), tiles = (w.rows() + tileRows - 1) / tileRows;
    parallelFor(tiles, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> unpacked;
        if (w.type() != StorageType::F32) unpacked.resize(static_cast<std::size_t>(tileRows * cols));
        for (std::int64_t tile = begin; tile < end; ++tile) {
            const std::int64_t first = tile * tileRows, rows = std::min(tileRows, w.rows() - first);
            const float* values = unpacked.data();
            if (w.type() == StorageType::F32) {
                values = w.floats() + first * cols;
            } else {
                for (std::int64_t r = 0; r < rows; ++r) w.readRow(first + r, unpacked.data() + r * cols);
            }
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<blasint>(x.rows()), static_cast<blasint>(rows),
                        static_cast<blasint>(cols), 1, x.data(), static_cast<blasint>(x.outerStride()), values,
                        static_cast<blasint>(cols), 0, y.data() + first, static_cast<blasint>(y.outerStride()));
        }
    });
}

}  // namespace lw
