#include "core/analysis/double_linear.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/parallel.h"
#include "core/models/model.h"

namespace lw {

MatrixD doubleLinear(const MatrixD& x, const Weight& w, const Weight& b) {
    MatrixD y(x.rows(), w.rows());
    parallelFor(w.rows(), 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t first = begin; first < end; first += 256) {
            const std::int64_t n = std::min<std::int64_t>(256, end - first);
            y.middleCols(first, n).noalias() = x * w.slice(first, n).toMatrix().cast<double>().transpose();
        }
    });
    if (b.defined()) y.rowwise() += RowVectorD(b.row(0).cast<double>());
    return y;
}

const Weight* weightNamed(const std::vector<Parameter>& parameters, int layer, const std::string& end) {
    const std::string inLayer = fmt::format("layers.{}.", layer);
    for (const Parameter& p : parameters) {
        if (p.name.find(inLayer) != std::string::npos && p.name.ends_with(end) && p.weights.size() == 1)
            return &p.weights.front();
    }
    return nullptr;
}

}  // namespace lw
