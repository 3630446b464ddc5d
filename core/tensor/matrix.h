// Dense float matrices, row-major, as every operation of the core takes and gives them.
// Letters used for sizes throughout nn/ and models/:
//   T tokens of this chunk (queries)   S tokens seen so far (keys), S >= T   D width of the residual stream
//   H heads   Hkv key/value heads   Dh width of one head   M width of the feed-forward layer   V vocabulary
#pragma once

#include <Eigen/Core>

namespace lw {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixD = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowVector = Eigen::Matrix<float, 1, Eigen::Dynamic, Eigen::RowMajor>;
using RowVectorD = Eigen::Matrix<double, 1, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMatrixRef = Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>;
using MatrixRef = Eigen::Ref<Matrix, 0, Eigen::OuterStride<>>;
using ConstRow = Eigen::Map<const RowVector>;

}  // namespace lw
