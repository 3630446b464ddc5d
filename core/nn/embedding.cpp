#include "core/nn/embedding.h"

#include <cassert>

namespace lw::nn {

Tensor embedding(std::span<const TokenId> rows, const Weight& table) {
    const auto T = static_cast<Eigen::Index>(rows.size());
    Matrix out(T, table.cols());
    for (Eigen::Index t = 0; t < T; ++t) {
        assert(rows[t] >= 0 && rows[t] < table.rows());
        table.readRow(rows[t], out.row(t).data());
    }
    return Tensor::result(std::move(out), {table.leaf()},
                          [ids = std::vector<TokenId>(rows.begin(), rows.end()), table](const Matrix& dy) {
                              Matrix& d = table.leaf().gradient();
                              for (std::size_t t = 0; t < ids.size(); ++t) d.row(ids[t]) += dy.row(static_cast<Eigen::Index>(t));
                          });
}

}  // namespace lw::nn
