#include "core/nn/dropout.h"

#include <cassert>

namespace lw::nn {

Tensor Dropout::operator()(const Tensor& x) {
    assert(m_rate >= 0 && m_rate < 1);
    const auto scale = static_cast<float>(1 / (1 - m_rate));
    const auto limit = static_cast<std::uint32_t>(m_rate * 0x1p32);
    Matrix kept(x.rows(), x.cols());
    for (Eigen::Index i = 0; i < kept.size(); ++i) kept.data()[i] = m_random.next() < limit ? 0.0f : scale;
    Matrix y = x.value().cwiseProduct(kept);
    return Tensor::result(std::move(y), {x}, [x, kept = std::move(kept)](Matrix& dy) {
        dy = dy.cwiseProduct(kept);
        x.accumulateGrad(std::move(dy));
    });
}

}  // namespace lw::nn
