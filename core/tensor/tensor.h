// Tensor: an immutable matrix [rows, cols] that can remember how it came about, so that gradients can flow back.
// The history is kept only when an input asks for gradients; otherwise a Tensor is a shared handle of a Matrix and
// copying it copies nothing. Captures keep Tensors, so recording a run costs no copying.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/tensor/matrix.h"

namespace lw {

class Tensor {
public:
    /// Adds to the inputs' gradients (accumulateGrad) given the gradient that has reached the output, which it may take apart:
    /// nobody reads it afterwards.
    using Backward = std::function<void(Matrix& gradOut)>;

    Tensor() = default;
    explicit Tensor(Matrix value);

    /// A leaf whose gradient is wanted.
    static Tensor leaf(Matrix value);

    /// The result of an operation. History is kept if and only if an input requires gradients; `backward` is dropped otherwise.
    static Tensor result(Matrix value, std::vector<Tensor> inputs, Backward backward);

    bool defined() const { return m_node != nullptr; }
    const Matrix& value() const;
    Eigen::Index rows() const { return value().rows(); }
    Eigen::Index cols() const { return value().cols(); }

    bool requiresGrad() const;
    /// [rows, cols], or empty while no gradient has arrived.
    const Matrix& grad() const;
    void accumulateGrad(const Matrix& grad) const;
    void accumulateGrad(Matrix&& grad) const;  // kept as it is if it is the first
    /// The gradient itself, to be added to in place: zeros if none has arrived. Asserted: requiresGrad().
    Matrix& gradient() const;
    void clearGrad() const;

    /// The value of a leaf, for whoever learns it: [rows, cols] stay. Asserted: a leaf that requires gradients. What has been
    /// computed from the old value does not change.
    Matrix& leafValue() const;

    /// Sends `seed` (d loss / d this, same shape) back through the history to every leaf, in reverse topological order.
    void backward(const Matrix& seed) const;

private:
    struct Node;
    std::shared_ptr<Node> m_node;
};

}  // namespace lw
