#include "core/tensor/tensor.h"

#include <cblas.h>

#include <cassert>
#include <unordered_set>

namespace lw {

namespace {
// Eigen's products run on OpenBLAS; threads are our pool's business.
[[maybe_unused]] const bool oneThread = (openblas_set_num_threads(1), true);
}  // namespace

struct Tensor::Node {
    Matrix value;
    Matrix grad;
    bool requiresGrad = false;
    std::vector<Tensor> inputs;
    Backward backward;
};

Tensor::Tensor(Matrix value) : m_node(std::make_shared<Node>()) { m_node->value = std::move(value); }

Tensor Tensor::leaf(Matrix value) {
    Tensor t(std::move(value));
    t.m_node->requiresGrad = true;
    return t;
}

Tensor Tensor::result(Matrix value, std::vector<Tensor> inputs, Backward backward) {
    Tensor t(std::move(value));
    for (const Tensor& input : inputs) {
        if (input.defined() && input.requiresGrad()) {
            t.m_node->requiresGrad = true;
            t.m_node->inputs = std::move(inputs);
            t.m_node->backward = std::move(backward);
            break;
        }
    }
    return t;
}

const Matrix& Tensor::value() const {
    assert(m_node);
    return m_node->value;
}

bool Tensor::requiresGrad() const { return m_node && m_node->requiresGrad; }

const Matrix& Tensor::grad() const {
    assert(m_node);
    return m_node->grad;
}

void Tensor::accumulateGrad(const Matrix& grad) const {
    if (!requiresGrad()) return;
    assert(grad.rows() == rows() && grad.cols() == cols());
    if (m_node->grad.size() == 0) {
        m_node->grad = grad;
    } else {
        m_node->grad += grad;
    }
}

void Tensor::accumulateGrad(Matrix&& grad) const {
    if (!requiresGrad()) return;
    assert(grad.rows() == rows() && grad.cols() == cols());
    if (m_node->grad.size() == 0) {
        m_node->grad = std::move(grad);
    } else {
        m_node->grad += grad;
    }
}

Matrix& Tensor::gradient() const {
    assert(requiresGrad());
    if (m_node->grad.size() == 0) m_node->grad.setZero(rows(), cols());
    return m_node->grad;
}

Matrix& Tensor::leafValue() const {
    assert(requiresGrad() && m_node->inputs.empty() && !m_node->backward);
    return m_node->value;
}

void Tensor::clearGrad() const {
    if (m_node) m_node->grad.resize(0, 0);
}

void Tensor::backward(const Matrix& seed) const {
    assert(requiresGrad());
    // Reverse topological order without recursion: a long text makes a deep history.
    std::vector<Node*> order;
    std::unordered_set<Node*> seen;
    std::vector<std::pair<Node*, std::size_t>> stack{{m_node.get(), 0}};
    seen.insert(m_node.get());
    while (!stack.empty()) {
        auto& [node, next] = stack.back();
        if (next == node->inputs.size()) {
            order.push_back(node);
            stack.pop_back();
            continue;
        }
        const Tensor& input = node->inputs[next++];
        if (input.requiresGrad() && seen.insert(input.m_node.get()).second) stack.emplace_back(input.m_node.get(), 0);
    }
    accumulateGrad(seed);
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
        Node* node = *it;
        if (!node->backward || node->grad.size() == 0) continue;
        node->backward(node->grad);
        node->grad.resize(0, 0);  // only leaves keep theirs
    }
}

}  // namespace lw
