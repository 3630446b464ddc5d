// Principal components of the rows of a table: the directions along which they differ most.
#pragma once

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/tensor/matrix.h"
#include "core/tensor/weight.h"

namespace lw {

struct Pca {
    RowVectorD mean;       // [D]
    MatrixD directions;    // [k, D], orthonormal rows; in each the entry of largest magnitude is positive
    RowVectorD variances;  // [k] along the directions, falling, >= 0: eigenvalues of the covariance (divided by n − 1)
    double variance = 0;   // of all directions together

    /// Coordinates of rows [n, D] along the directions: [n, k].
    MatrixD project(const MatrixD& rows) const;
    /// Share of the variance that direction i has; 0 where nothing varies.
    double share(int i) const;
};

/// The first min(k, D) components of the rows of a table [n, D], n >= 1, in double precision. Where there are fewer rows than
/// columns they come from the rows' own products (the same numbers). Fails: Cancelled.
/// Source: Jolliffe, Principal Component Analysis (2002), ch. 1 and 3.
Result<Pca> principalComponents(const Weight& rows, int k, const Job& job = {});
Result<Pca> principalComponents(const MatrixD& rows, int k, const Job& job = {});

/// All rows of a table along the directions: [n, k], in double. Fails: Cancelled.
Result<MatrixD> project(const Pca& pca, const Weight& rows, const Job& job = {});

}  // namespace lw
