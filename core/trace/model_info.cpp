#include "core/trace/model_info.h"

namespace lw {

bool ModelInfo::has(SiteId id) const {
    switch (id) {
        case SiteId::PosEmbed:
            return hasPosEmbed;
        case SiteId::RotQ:
        case SiteId::RotK:
            return !blocks.empty() && blocks.front().attention.rotary;
        case SiteId::MlpPreLinear:
            return !blocks.empty() && blocks.front().mlp.gated;
        default:
            return !siteOf(id).perLayer || !blocks.empty();
    }
}

int ModelInfo::widthOf(SiteId id, Layer layer) const {
    const Site& site = siteOf(id);
    const BlockInfo* block = site.perLayer ? &blocks.at(static_cast<std::size_t>(layer.value)) : nullptr;
    switch (site.axes) {
        case Axes::PositionScale:
            return 1;
        case Axes::PositionChannel:
            return width;
        case Axes::PositionHeadUnit: {
            const AttentionInfo& a = block->attention;
            const bool keyed = id == SiteId::K || id == SiteId::V || id == SiteId::RotK;
            return (keyed ? a.kvHeads : a.heads) * a.headWidth;
        }
        case Axes::PositionHeadChannel: {
            const AttentionInfo& a = block->attention;
            return (id == SiteId::KInput || id == SiteId::VInput ? a.kvHeads : a.heads) * width;
        }
        case Axes::PositionNeuron:
            return block->mlp.width;
        case Axes::HeadQueryKey:
            return 0;
        case Axes::PositionToken:
            return vocabulary;
    }
    return 0;
}

std::vector<std::int64_t> ModelInfo::shapeOf(SiteId id, Layer layer, int T) const {
    const Axes axes = siteOf(id).axes;
    if (axes == Axes::HeadQueryKey) return {blocks.at(static_cast<std::size_t>(layer.value)).attention.heads, T, T};
    const std::int64_t all = widthOf(id, layer);
    if (axes == Axes::PositionHeadUnit) {
        const std::int64_t unit = blocks.at(static_cast<std::size_t>(layer.value)).attention.headWidth;
        return {T, all / unit, unit};
    }
    if (axes == Axes::PositionHeadChannel) return {T, all / width, width};
    return {T, all};
}

}  // namespace lw
