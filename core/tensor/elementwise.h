// Elementwise functions and row softmax on plain arrays: the one place for them, used by nn's operations and by what a Trace
// derives, so that a derived value is the model's own.
#pragma once

#include <cstdint>

namespace lw {

float geluTanh(float x);   // "gelu_new", "gelu_pytorch_tanh": 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))
float geluErf(float x);    // "gelu": x Φ(x)
float silu(float x);       // x σ(x)
float quickGelu(float x);  // x σ(1.702 x)
float relu(float x);       // max(x, 0)

/// The same over n values, bit for bit the same as one by one; x and y may be the same array.
void geluTanh(const float* x, float* y, std::int64_t n);
void geluErf(const float* x, float* y, std::int64_t n);
void silu(const float* x, float* y, std::int64_t n);
void quickGelu(const float* x, float* y, std::int64_t n);
void relu(const float* x, float* y, std::int64_t n);

void sigmoid(const float* x, float* y, std::int64_t n);   // 1 / (1 + e^−x)
void softplus(const float* x, float* y, std::int64_t n);  // ln(1 + e^x); x itself above 20
void tanh(const float* x, float* y, std::int64_t n);
void exp(const float* x, float* y, std::int64_t n);

/// In place over n scores: subtracts the maximum, exponentiates, divides by the sum (in double). −inf gives exactly 0.
/// Returns log Σ e^score. Asserted: at least one finite score.
double softmaxRow(float* scores, std::int64_t n);

/// Σ a·b in float, in a fixed order that does not depend on the machine's vector width beyond what is documented in the .cpp.
float dot(const float* a, const float* b, std::int64_t n);

/// dot(a, row) with each of `count` rows that begin `stride` floats apart, bit for bit the same as one by one.
void dots(const float* a, const float* rows, std::int64_t stride, std::int64_t count, std::int64_t n, float* out);

/// y += scale · x
void addScaled(float scale, const float* x, float* y, std::int64_t n);

}  // namespace lw
