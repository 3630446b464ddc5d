#include "core/trace/tap.h"

#include "core/trace/trace.h"

namespace lw {

bool Tap::wants(SiteId id, Layer layer) const { return m_recorder && m_recorder->wants(id, layer); }

void Tap::visit(SiteId id, Layer layer, const Tensor& value) const { m_recorder->visit(id, layer, value); }

std::shared_ptr<std::vector<double>> Tap::stateGradients(Layer layer) const {
    return m_recorder ? m_recorder->stateGradients(layer) : nullptr;
}

}  // namespace lw
