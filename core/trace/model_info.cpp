#include "core/trace/model_info.h"

#include <algorithm>

namespace lw {

namespace {

bool inBlock(SiteId id, const BlockInfo& block, bool residualStream) {
    using enum SiteId;
    const AttentionInfo& a = block.attention;
    const MlpInfo& mlp = block.mlp;
    switch (id) {
        case ResidPre:
        case ResidPost:
            return residualStream;
        case ResidMid:  // one more stream where the block adds twice
            return residualStream && block.hasMlp() && (block.hasAttention() || block.hasMixer());
        case Ln1Scale:
        case Ln1Normalized:
            return block.norm1;
        case AttnIn:
        case QInput:
        case KInput:
        case VInput:
            return block.hasAttention() && residualStream;
        case Q:
        case K:
        case V:
        case AttnScores:
        case Pattern:
        case Z:
        case Result:
        case AttnOut:
            return block.hasAttention();
        case RotQ:
        case RotK:
            return block.hasAttention() && a.rotary;
        case Ln2Scale:
        case Ln2Normalized:
            return block.hasMlp() && block.norm2;
        case MlpIn:
            return block.hasMlp() && residualStream;
        case MlpOut:
            return block.hasMlp();
        case MlpPre:
        case MlpPost:
            return block.hasMlp() && mlp.experts == 0;
        case MlpPreLinear:
            return block.hasMlp() && mlp.experts == 0 && mlp.gated;
        case ExpertWeights:
            return mlp.experts > 0;
        default:
            return block.mixer.has(id);
    }
}

}  // namespace

bool ModelInfo::has(SiteId id) const {
    if (siteOf(id).perLayer) {
        return std::any_of(blocks.begin(), blocks.end(), [&](const BlockInfo& b) { return inBlock(id, b, residualStream); });
    }
    switch (id) {
        case SiteId::Embed:
            return width > 0;
        case SiteId::PosEmbed:
            return hasPosEmbed;
        case SiteId::FinalScale:
        case SiteId::FinalNormalized:
            return finalNorm && residualStream;
        default:
            return true;
    }
}

bool ModelInfo::has(SiteId id, Layer layer) const {
    if (!siteOf(id).perLayer) return has(id);
    return layer.value >= 0 && layer.value < layers() && inBlock(id, block(layer), residualStream);
}

bool ModelInfo::hasAttention() const {
    return std::any_of(blocks.begin(), blocks.end(), [](const BlockInfo& b) { return b.hasAttention(); });
}

bool ModelInfo::hasMixer() const {
    return std::any_of(blocks.begin(), blocks.end(), [](const BlockInfo& b) { return b.hasMixer(); });
}

int ModelInfo::widthOf(SiteId id, Layer layer) const {
    const Site& site = siteOf(id);
    if (site.axes == Axes::HeadQueryKey) return 0;
    if (!site.perLayer) return id == SiteId::Logits ? vocabulary : site.axes == Axes::PositionScale ? 1 : width;
    const BlockInfo& b = block(layer);
    if (b.mixer.has(id)) return b.mixer.shapeOf(id, width).size();
    switch (site.axes) {
        case Axes::PositionScale:
            return 1;
        case Axes::PositionHeadUnit:
            return headsOf(id, layer) * b.attention.headWidth;
        case Axes::PositionHeadChannel:
            return headsOf(id, layer) * width;
        case Axes::PositionNeuron:
            return b.mlp.width;
        case Axes::PositionExpert:
            return b.mlp.experts;
        default:
            return width;
    }
}

int ModelInfo::headsOf(SiteId id, Layer layer) const {
    using enum SiteId;
    if (!siteOf(id).perLayer) return 1;
    const BlockInfo& b = block(layer);
    if (id == MixerEffectivePattern) return b.mixer.hasMatrixState() ? b.mixer.heads : b.mixer.inner;
    if (b.mixer.has(id)) return b.mixer.shapeOf(id, width).heads;
    switch (siteOf(id).axes) {
        case Axes::PositionHeadUnit:
        case Axes::PositionHeadChannel:
        case Axes::HeadQueryKey: {
            const bool keyed = id == K || id == V || id == RotK || id == KInput || id == VInput;
            return keyed ? b.attention.kvHeads : b.attention.heads;
        }
        default:
            return 1;
    }
}

std::vector<std::int64_t> ModelInfo::shapeOf(SiteId id, Layer layer, int T) const {
    const Axes axes = siteOf(id).axes;
    if (axes == Axes::HeadQueryKey) return {headsOf(id, layer), T, T};
    const std::int64_t all = widthOf(id, layer);
    if (siteOf(id).perLayer && block(layer).mixer.has(id)) {
        const MixerInfo::Shape s = block(layer).mixer.shapeOf(id, width);
        if (axes == Axes::StateOfPosition) {
            if (s.heads == 1 && !block(layer).mixer.hasMatrixState()) return {s.rows, s.columns};
            return {s.heads, s.rows, s.columns};
        }
        if (axes == Axes::PositionRowColumn) return {T, s.rows, s.columns};
        if (axes == Axes::PositionHeadUnit && s.columns == 1) return {T, s.heads};
        if (axes == Axes::PositionHeadUnit) return {T, s.heads, s.columns};
        return {T, all};
    }
    if (axes == Axes::PositionHeadUnit || axes == Axes::PositionHeadChannel) {
        const std::int64_t heads = headsOf(id, layer);
        return {T, heads, all / heads};
    }
    return {T, all};
}

}  // namespace lw
