#include "core/train/not_finite.h"

#include "core/trace/trace.h"

namespace lw::train {

namespace {

bool finite(const Matrix& values) { return values.allFinite(); }

std::string firstSite(const Model& model, const Sequence& sequence) {
    const int layers = model.info().layers();
    Recorder recorder(CaptureSpec::all(model.info()), layers);
    const auto state = model.start();
    auto logits = model.forward(sequence.ids, *state, Tap(&recorder), {});
    if (!logits) return {};
    const bool end = !finite(logits->value());
    const auto block = recorder.finish(0, sequence.ids, *std::move(logits), 0);
    for (int layer = 0; layer < layers; ++layer) {
        for (std::size_t site = 0; site < siteCount; ++site) {
            const auto id = static_cast<SiteId>(site);
            const Tensor& value = block->values[static_cast<std::size_t>(layer)][site];
            if (id == SiteId::FinalScale || id == SiteId::Logits || !value.defined() || finite(value.value())) continue;
            return siteName(id, Layer(layer));
        }
    }
    return end ? siteName(SiteId::Logits, Layer(0)) : std::string();
}

}  // namespace

std::string firstNotFinite(const Learner& learner, std::span<const Sequence> batch) {
    for (std::size_t p = 0; p < learner.parts().size(); ++p) {
        if (!finite(learner.values(p))) return learner.parts()[p].name;
    }
    for (const Sequence& sequence : batch) {
        if (std::string site = firstSite(learner.model(), sequence); !site.empty()) return site;
    }
    for (std::size_t p = 0; p < learner.parts().size(); ++p) {
        if (!finite(learner.gradient(p))) return "the gradient of " + learner.parts()[p].name;
    }
    return "the loss";
}

}  // namespace lw::train
