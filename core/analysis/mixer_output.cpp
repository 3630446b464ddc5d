#include "core/analysis/mixer_output.h"

#include <fmt/format.h>

#include "core/analysis/derive_mixer.h"

namespace lw {

Result<RowVectorD> mixerChannels(const Trace& trace, const Model& model, Layer layer, Position position) {
    const ModelInfo& info = trace.model();
    if (layer.value < 0 || layer.value >= info.layers() || !info.block(layer).hasMixer())
        return fail(ErrorKind::Unsupported, fmt::format("Layer {} of {} has no mixer.", layer.value, info.name));
    if (position.value < 0 || position.value >= trace.length())
        return fail(ErrorKind::BadInput,
                    fmt::format("Position {} is outside this text of {} tokens.", position.value, trace.length()));
    CheckedPlace place;
    place.site = SiteId::MixerOut;
    place.layer = layer;
    place.position = position;
    const derivation::Sources s{trace, model, place};
    const MixerInfo& m = info.block(layer).mixer;
    if (m.isCell()) return s.row(SiteId::CellH, layer);
    if (m.kind == MixerKind::Rwkv7) return derivation::rwkvBeforeOut(s);
    return m.isMatrixMemory() ? derivation::memoryBeforeOut(s) : derivation::scanBeforeOut(s);
}

}  // namespace lw
