#include "core/analysis/positions.h"

#include <cassert>
#include <cmath>

namespace lw {

Matrix sinusoidalTable(int positions, int width) {
    Matrix table(positions, width);
    for (int p = 0; p < positions; ++p) {
        for (int c = 0; c < width; ++c) {
            const double angle = p / std::pow(10000.0, static_cast<double>(c - c % 2) / width);
            table(p, c) = static_cast<float>(c % 2 == 0 ? std::sin(angle) : std::cos(angle));
        }
    }
    return table;
}

Matrix cosines(const Matrix& rows) {
    MatrixD unit = rows.cast<double>();
    for (Eigen::Index i = 0; i < unit.rows(); ++i) {
        const double length = unit.row(i).norm();
        if (length > 0) unit.row(i) /= length;
    }
    return (unit * unit.transpose()).cast<float>();
}

RowVectorD turned(const RowVectorD& x, std::span<const double> frequencies, double position) {
    const auto n = static_cast<Eigen::Index>(frequencies.size());
    assert(2 * n <= x.size());
    RowVectorD result = x;
    for (Eigen::Index i = 0; i < n; ++i) {
        const double angle = position * frequencies[static_cast<std::size_t>(i)], c = std::cos(angle), s = std::sin(angle);
        result(i) = x(i) * c - x(i + n) * s;
        result(i + n) = x(i) * s + x(i + n) * c;
    }
    return result;
}

double scoreAtDistance(const RowVectorD& q, const RowVectorD& k, std::span<const double> frequencies, double distance,
                       double scale) {
    return scale * turned(q, frequencies, distance).dot(k);
}

}  // namespace lw
