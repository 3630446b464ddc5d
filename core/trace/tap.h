// The tap through which a forward pass shows its values at their birth. Reading only: a Recorder cannot change a run.
#pragma once

#include <memory>
#include <vector>

#include "core/tensor/tensor.h"
#include "core/trace/capture_spec.h"

namespace lw {

class Recorder;

class Tap {
public:
    Tap() = default;  // wants nothing
    explicit Tap(Recorder* recorder) : m_recorder(recorder) {}
    bool wants(SiteId id, Layer layer = Layer(0)) const;
    /// value: [T, width] of this chunk; kept by handle, not copied. Asserted: wants(id, layer).
    void visit(SiteId id, Layer layer, const Tensor& value) const;
    /// visit if wanted.
    void show(SiteId id, Layer layer, const Tensor& value) const {
        if (wants(id, layer)) visit(id, layer, value);
    }

    /// Where a mixer's backward pass may put the norm of d loss / d state after each token of the chunk; null if nobody asks.
    std::shared_ptr<std::vector<double>> stateGradients(Layer layer) const;

private:
    Recorder* m_recorder = nullptr;
};

}  // namespace lw
