// A memory that is a matrix S [K, V] (rows = key, columns = value), updated token by token. One rule serves linear attention,
// RetNet, gated linear attention, DeltaNet, Gated DeltaNet, Mamba-2 and RWKV-7:
//
//     S ← diag(d) S  −  e ⊗ (r S)  +  w ⊗ v        kept − erased + written
//     o = q S                                       read
//
// with vectors d, e, r, w, q over keys and v, o over values. On plain arrays: used by nn's operation and by what a Trace derives,
// so that a derived state is the model's own.
#pragma once

#include <cstdint>

namespace lw {

// One head over T tokens. Each pointer goes to the first token's vector; its stride (in floats) leads to the next token's.
struct MatrixStateRun {
    int T = 0, K = 0, V = 0;
    struct Column {
        const float* data = nullptr;
        std::int64_t stride = 0;
        const float* at(int t) const { return data + t * stride; }
        explicit operator bool() const { return data != nullptr; }
    };
    Column q, w;  // [K]
    Column v;     // [V]
    Column d;     // [K], or one number if !decayPerKey; none: everything is kept
    bool decayPerKey = false;
    Column e, r;  // [K] both, or none: nothing is erased
};

/// S [K, V] goes in as the state before the first token and comes out as the state after the last.
/// out: T rows of V, `outStride` floats apart; may be null. history: null, or room for T states, the one after each token.
void runMatrixState(const MatrixStateRun& run, float* S, float* out, std::int64_t outStride, float* history);

// Gradients of a run, with the layout of its inputs (same strides); d, e and r are null where there is no such input. They are
// written, not added to.
struct MatrixStateGradients {
    float *q = nullptr, *w = nullptr, *v = nullptr, *d = nullptr, *e = nullptr, *r = nullptr;
};

/// before [K, V]: the state before the first token; history: the states after each token, as runMatrixState gave them.
/// dOut: T rows of V. dS [K, V]: in, the gradient that reaches the state after the last token; out, that of the state before the
/// first. norms: null, or room for T numbers: the Euclidean norm of d loss / d S after each token.
void matrixStateBackward(const MatrixStateRun& run, const float* before, const float* history, const float* dOut,
                         std::int64_t dOutStride, float* dS, const MatrixStateGradients& gradients, double* norms = nullptr);

}  // namespace lw
