#include "core/analysis/pca.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cassert>
#include <functional>

#include "core/base/parallel.h"

namespace lw {

namespace {

constexpr std::int64_t blockRows = 512;

using Block = std::function<void(std::int64_t first, std::int64_t count, MatrixD& out)>;

void blockOf(const Weight& table, std::int64_t first, std::int64_t count, MatrixD& out) {
    out.resize(count, table.cols());
    for (std::int64_t i = 0; i < count; ++i) out.row(i) = table.row(first + i).cast<double>();
}

// The entry of largest magnitude (the first of equals) made positive.
void orient(MatrixD& directions) {
    for (Eigen::Index i = 0; i < directions.rows(); ++i) {
        Eigen::Index at = 0;
        directions.row(i).cwiseAbs().maxCoeff(&at);
        if (directions(i, at) < 0) directions.row(i) = -directions.row(i);
    }
}

Result<Pca> components(std::int64_t n, std::int64_t D, int k, const Block& block, const Job& job) {
    assert(n >= 1 && D >= 1 && k >= 0);
    Pca pca;
    const Eigen::Index wanted = std::min<Eigen::Index>(k, D);
    pca.mean = RowVectorD::Zero(D);
    MatrixD rows;
    for (std::int64_t first = 0; first < n; first += blockRows) {
        if (job.cancelled()) return cancelledError();
        block(first, std::min(blockRows, n - first), rows);
        pca.mean += rows.colwise().sum();
    }
    pca.mean /= static_cast<double>(n);
    pca.directions = MatrixD::Zero(wanted, D);
    pca.variances = RowVectorD::Zero(wanted);
    const double count = std::max<double>(1, static_cast<double>(n - 1));
    const bool fewRows = n < D;
    if (fewRows) {
        block(0, n, rows);
        rows.rowwise() -= pca.mean;
        const Eigen::MatrixXd products = rows * rows.transpose() / count;
        pca.variance = products.trace();
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solved(products);
        const double least = 1e-12 * std::max(1e-300, pca.variance);
        for (Eigen::Index i = 0; i < std::min<Eigen::Index>(wanted, n); ++i) {
            const double variance = solved.eigenvalues()(n - 1 - i);
            if (variance <= least) break;  // nothing varies beyond here: the direction stays zero
            pca.variances(i) = variance;
            pca.directions.row(i) = (rows.transpose() * solved.eigenvectors().col(n - 1 - i)).transpose().normalized();
        }
    } else {
        Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(D, D);
        for (std::int64_t first = 0; first < n; first += blockRows) {
            if (job.cancelled()) return cancelledError();
            job.progress(0.9 * static_cast<double>(first) / static_cast<double>(n), "covariance");
            block(first, std::min(blockRows, n - first), rows);
            rows.rowwise() -= pca.mean;
            covariance.selfadjointView<Eigen::Lower>().rankUpdate(rows.transpose());
        }
        covariance /= count;
        pca.variance = covariance.trace();
        if (job.cancelled()) return cancelledError();
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solved(covariance);
        for (Eigen::Index i = 0; i < wanted; ++i) {
            pca.variances(i) = std::max(0.0, solved.eigenvalues()(D - 1 - i));
            pca.directions.row(i) = solved.eigenvectors().col(D - 1 - i).transpose();
        }
    }
    if (job.cancelled()) return cancelledError();
    orient(pca.directions);
    return pca;
}

}  // namespace

MatrixD Pca::project(const MatrixD& rows) const { return (rows.rowwise() - mean) * directions.transpose(); }

double Pca::share(int i) const { return variance > 0 ? variances(i) / variance : 0; }

Result<Pca> principalComponents(const Weight& rows, int k, const Job& job) {
    return components(
        rows.rows(), rows.cols(), k,
        [&](std::int64_t first, std::int64_t count, MatrixD& out) { blockOf(rows, first, count, out); }, job);
}

Result<Pca> principalComponents(const MatrixD& rows, int k, const Job& job) {
    return components(
        rows.rows(), rows.cols(), k,
        [&](std::int64_t first, std::int64_t count, MatrixD& out) { out = rows.middleRows(first, count); }, job);
}

Result<MatrixD> project(const Pca& pca, const Weight& rows, const Job& job) {
    MatrixD result(rows.rows(), pca.directions.rows());
    MatrixD block;
    for (std::int64_t first = 0; first < rows.rows(); first += blockRows) {
        if (job.cancelled()) return cancelledError();
        const std::int64_t count = std::min(blockRows, rows.rows() - first);
        blockOf(rows, first, count, block);
        result.middleRows(first, count) = pca.project(block);
    }
    return result;
}

}  // namespace lw
