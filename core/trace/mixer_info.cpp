#include "core/trace/mixer_info.h"

#include <array>
#include <cassert>

namespace lw {

namespace {

struct KindName {
    std::string_view name, title;
};
constexpr std::array<KindName, 13> names{{{"none", "none"},
                                          {"rnn", "RNN"},
                                          {"lstm", "LSTM"},
                                          {"gru", "GRU"},
                                          {"linear_attention", "linear attention"},
                                          {"retnet", "RetNet"},
                                          {"gla", "gated linear attention"},
                                          {"delta_net", "DeltaNet"},
                                          {"gated_delta_net", "Gated DeltaNet"},
                                          {"rwkv7", "RWKV-7"},
                                          {"s4d", "S4D"},
                                          {"mamba", "Mamba"},
                                          {"mamba2", "Mamba-2"}}};

}  // namespace

std::string_view mixerKindName(MixerKind kind) { return names[static_cast<std::size_t>(kind)].name; }
std::string_view mixerKindTitle(MixerKind kind) { return names[static_cast<std::size_t>(kind)].title; }

bool MixerInfo::has(SiteId id) const {
    using enum SiteId;
    if (kind == MixerKind::None) return false;
    const bool scan = kind == MixerKind::Mamba || kind == MixerKind::Mamba2;
    switch (id) {
        case MixerIn:
        case MixerOut:
            return true;
        case MixerInProj:
        case SsmSkip:
            return scan || kind == MixerKind::S4d;
        case SsmB:
        case SsmC:
            return scan;
        case MixerConv:
            return convChannels > 0;
        case MixerXProj:
        case MixerDtProj:
            return kind == MixerKind::Mamba;
        case SsmInput:
        case SsmDelta:
        case SsmY:
        case SsmOutput:
            return scan || kind == MixerKind::S4d;
        case SsmABar:
        case SsmBBar:
            return kind == MixerKind::Mamba;
        case SsmH:
            return isScan();
        case MixerInnerNorm:
            return kind == MixerKind::Mamba2;
        case SsmOut:
            return scan || kind == MixerKind::S4d;
        case MixerQPreConv:
        case MixerKPreConv:
        case MixerVPreConv:
            return isMatrixMemory() && convWidth > 0;
        case MixerQ:
        case MixerK:
        case MixerV:
            return isMatrixMemory();
        case MixerBetaLogit:
        case MixerBeta:
            return kind == MixerKind::DeltaNet || kind == MixerKind::GatedDeltaNet;
        case MixerLogDecay:
            return decays() || kind == MixerKind::Mamba2;
        case MixerRemovalKey:
        case MixerInContextRate:
        case MixerGate:
            return kind == MixerKind::Rwkv7;
        case MixerRecurrenceOut:
            return isMatrixMemory();
        case MixerGateInput:
            return outputGate;
        case MixerNormZ:
            return normalised;
        case MixerS:
            return hasMatrixState();
        case MixerEffectivePattern:
        case MixerKept:
        case MixerWritten:
        case MixerRead:
            return hasMatrixState() || isScan();
        case MixerErased:
            return erases();
        case CellH:
            return isCell();
        case CellI:
        case CellF:
        case CellG:
        case CellO:
        case CellC:
            return kind == MixerKind::Lstm;
        case CellR:
        case CellZ:
        case CellN:
            return kind == MixerKind::Gru;
        case CellKept:
        case CellWritten:
            return isCell();
        default:
            return false;
    }
}

MixerInfo::Shape MixerInfo::shapeOf(SiteId id, int width) const {
    using enum SiteId;
    assert(has(id));
    switch (id) {
        case MixerIn:
        case MixerOut:
        case SsmOut:
            return {1, 1, width};
        case MixerInProj:
            return {1, 1, projected};
        case MixerConv:
            return {1, 1, convChannels};
        case MixerXProj:
            return {1, 1, xProjected};
        case SsmDelta:
            return {1, 1, kind == MixerKind::Mamba2 ? heads : inner};
        case SsmB:
        case SsmC:
            return {1, 1, groups * stateSize};
        case SsmABar:
        case SsmBBar:
        case SsmH:
            return {1, inner, stateSize};
        case MixerQPreConv:
        case MixerKPreConv:
            return {1, 1, heads * keyWidth};
        case MixerVPreConv:
            return {1, 1, heads * valueWidth};
        case MixerQ:
        case MixerK:
        case MixerRemovalKey:
        case MixerInContextRate:
        case MixerNormZ:
            return {heads, 1, keyWidth};
        case MixerV:
        case MixerGate:
        case MixerRecurrenceOut:
            return {heads, 1, valueWidth};
        case MixerBetaLogit:
        case MixerBeta:
            return {heads, 1, 1};
        case MixerLogDecay:
            return {heads, 1, decaysPerKey() ? keyWidth : 1};
        case MixerGateInput:
            return {1, 1, heads * valueWidth};
        case MixerS:
            return {heads, keyWidth, valueWidth};
        case MixerKept:
        case MixerErased:
        case MixerWritten:
            return hasMatrixState() ? Shape{heads, keyWidth, valueWidth} : Shape{1, inner, stateSize};
        case MixerRead:
            return hasMatrixState() ? Shape{heads, 1, valueWidth} : Shape{1, 1, inner};
        default:  // channels of a scan, units of a cell
            return {1, 1, inner};
    }
}

std::int64_t MixerInfo::stateFloats() const {
    const std::int64_t convolved = convChannels > 0 ? convChannels : isMatrixMemory() ? heads * (2 * keyWidth + valueWidth) : 0;
    const std::int64_t conv = convWidth * convolved;
    switch (kind) {
        case MixerKind::None:
            return 0;
        case MixerKind::Rnn:
        case MixerKind::Gru:
            return inner;
        case MixerKind::Lstm:
            return std::int64_t{2} * inner;
        case MixerKind::Rwkv7:  // and the token before, for both parts of the block
            return std::int64_t{1} * heads * keyWidth * (valueWidth + 2);
        case MixerKind::S4d:
        case MixerKind::Mamba:
            return std::int64_t{1} * inner * stateSize + conv;
        default:
            return std::int64_t{1} * heads * keyWidth * (valueWidth + (normalised ? 1 : 0)) + conv;
    }
}

}  // namespace lw
