// What a mixer's state is written and read with, at every position, from the values that a run captured. One rule serves every
// kind (tensor/matrix_state.h): S ← diag(d) S − e ⊗ (r S) + w ⊗ v, read with q.
#pragma once

#include "core/base/result.h"
#include "core/models/model.h"
#include "core/tensor/diagonal_ssm.h"
#include "core/tensor/matrix_state.h"
#include "core/trace/trace.h"

namespace lw {

// One head of a matrix memory. Rows are positions.
struct MemoryOperands {
    Matrix q, w, v;           // [T, K], [T, K], [T, V]; q scaled as it reads
    Matrix d;                 // [T, 1] or [T, K]; empty: everything is kept
    Matrix e, r;              // [T, K] both, or empty: nothing is erased
    bool normalised = false;  // what is read is divided by q · (sum of the keys so far) + 1e-10

    int length() const { return static_cast<int>(q.rows()); }
    int keyWidth() const { return static_cast<int>(w.cols()); }
    int valueWidth() const { return static_cast<int>(v.cols()); }
    /// For tensor/matrix_state.h; valid while this lives.
    MatrixStateRun run(int first, int count) const;
};
/// Fails: the layer has no matrix memory, the head is outside, or an operand was not captured (named).
Result<MemoryOperands> memoryOperands(const Trace& trace, Layer layer, Head head);

// All channels of Mamba's scan: h[e] ← exp(Δ[e] A[e]) ⊙ h[e] + Δ[e] x[e] B, read with C.
struct ScanOperands {
    Matrix x, delta;  // [T, E]
    Matrix A;         // [E, N], negative
    Matrix B, C;      // [T, N]

    int length() const { return static_cast<int>(x.rows()); }
};
Result<ScanOperands> scanOperands(const Trace& trace, const Model& model, Layer layer);

// All channels of S4D, the same at every position: x[e] ← Ā[e] ⊙ x[e] + B̄[e] u_t[e], read with C.
struct LtiOperands {
    Matrix u;                                                 // [T, E]
    Matrix keep, keepImag, write, writeImag, read, readImag;  // [E, N]; imaginary parts empty for real systems

    int length() const { return static_cast<int>(u.rows()); }
    /// For tensor/diagonal_ssm.h; valid while this lives.
    DiagonalSsm ssm() const;
};
Result<LtiOperands> ltiOperands(const Trace& trace, const Model& model, Layer layer);

}  // namespace lw
