#include "core/analysis/site_texts.h"

#include <fmt/format.h>

namespace lw {

std::string titleOf(SiteId site) {
    using enum SiteId;
    switch (site) {
        case Embed:
            return "Token embedding";
        case PosEmbed:
            return "Position embedding";
        case ResidPre:
            return "Residual stream before the block";
        case AttnIn:
            return "Attention input";
        case QInput:
            return "Query input";
        case KInput:
            return "Key input";
        case VInput:
            return "Value input";
        case Ln1Scale:
            return "Scale of the norm before attention";
        case Ln1Normalized:
            return "Normalised stream before attention";
        case Q:
            return "Query";
        case K:
            return "Key";
        case V:
            return "Value";
        case RotQ:
            return "Turned query";
        case RotK:
            return "Turned key";
        case AttnScores:
            return "Attention score";
        case Pattern:
            return "Attention weight";
        case Z:
            return "Weighted values of a head";
        case SiteId::Result:
            return "Addition of a head";
        case AttnOut:
            return "Addition of attention";
        case MixerIn:
            return "Mixer input";
        case MixerInProj:
            return "Input projection";
        case MixerQPreConv:
            return "Query before convolution";
        case MixerKPreConv:
            return "Key before convolution";
        case MixerVPreConv:
            return "Value before convolution";
        case MixerConv:
            return "Short convolution";
        case MixerXProj:
            return "Step size, B and C";
        case MixerDtProj:
            return "Step size before softplus";
        case MixerQ:
            return "Memory query";
        case MixerK:
            return "Memory key";
        case MixerV:
            return "Memory value";
        case MixerBetaLogit:
            return "Writing strength before sigmoid";
        case MixerBeta:
            return "Writing strength";
        case MixerLogDecay:
            return "Logarithm of the decay";
        case MixerRemovalKey:
            return "Removal key";
        case MixerInContextRate:
            return "Removal strength";
        case MixerGate:
            return "Output gate";
        case SsmInput:
            return "State input";
        case SsmDelta:
            return "Step size";
        case SsmABar:
            return "Share kept";
        case SsmB:
            return "Input direction B";
        case SsmBBar:
            return "Input direction times step";
        case SsmC:
            return "Output direction C";
        case SsmH:
            return "Hidden state";
        case MixerS:
            return "Memory";
        case MixerNormZ:
            return "Sum of keys";
        case MixerKept:
            return "Kept";
        case MixerErased:
            return "Erased";
        case MixerWritten:
            return "Written";
        case MixerRead:
            return "Read";
        case MixerRecurrenceOut:
            return "Read from the memory";
        case MixerEffectivePattern:
            return "Effective attention";
        case SsmY:
            return "Read from the state";
        case SsmOutput:
            return "State output";
        case SsmSkip:
            return "Gate";
        case MixerGateInput:
            return "Output gate";
        case MixerInnerNorm:
            return "Norm inside the mixer";
        case SsmOut:
            return "Mixer output";
        case CellI:
            return "Input gate";
        case CellF:
            return "Forget gate";
        case CellG:
            return "Candidate";
        case CellO:
            return "Output gate";
        case CellR:
            return "Reset gate";
        case CellZ:
            return "Update gate";
        case CellN:
            return "Candidate";
        case CellKept:
            return "Kept";
        case CellWritten:
            return "Written";
        case CellC:
            return "Cell";
        case CellH:
            return "Hidden state";
        case MixerOut:
            return "Addition of the mixer";
        case ExpertWeights:
            return "Expert weight";
        case ResidMid:
            return "Residual stream after attention";
        case MlpIn:
            return "Feed-forward input";
        case Ln2Scale:
            return "Scale of the norm before feed-forward";
        case Ln2Normalized:
            return "Normalised stream before feed-forward";
        case MlpPre:
            return "Neuron before activation";
        case MlpPreLinear:
            return "Linear half of a neuron";
        case MlpPost:
            return "Neuron activation";
        case MlpOut:
            return "Addition of feed-forward";
        case ResidPost:
            return "Residual stream after the block";
        case FinalScale:
            return "Scale of the final norm";
        case FinalNormalized:
            return "Normalised final stream";
        case Logits:
            return "Logit";
        case Count_:
            break;
    }
    return {};
}

std::string inWords(const CheckedPlace& p) {
    using enum SiteId;
    const int l = p.layer.value, h = p.head.value, q = p.position.value, k = p.key.value, n = p.unit.value;
    if (p.reads) {
        return fmt::format(
            "how probable token {} would be next if the stream at position {} went from here straight to the output", *p.reads,
            q);
    }
    switch (p.site) {
        case Embed:
            return fmt::format("channel {} of the embedding of the token at position {}", n, q);
        case PosEmbed:
            return fmt::format("channel {} of what position {} itself adds", n, q);
        case ResidPre:
            return fmt::format("channel {} of the stream at position {} as it enters block {}", n, q, l);
        case AttnIn:
            return fmt::format("channel {} of the stream at position {} as attention's norm reads it", n, q);
        case QInput:
            return fmt::format("channel {} of the stream at position {} as the query of head {} reads it", n, q, h);
        case KInput:
            return fmt::format("channel {} of the stream at position {} as the key of head {} reads it", n, q, h);
        case VInput:
            return fmt::format("channel {} of the stream at position {} as the value of head {} reads it", n, q, h);
        case Ln1Scale:
            return fmt::format("what the norm before attention divides the stream at position {} by", q);
        case Ln1Normalized:
            return fmt::format("channel {} at position {}, divided by the norm's scale", n, q);
        case Q:
            return fmt::format("dimension {} of what position {} looks for in head {}", n, q, h);
        case K:
            return fmt::format("dimension {} of what position {} offers to be found by in head {}", n, q, h);
        case V:
            return fmt::format("dimension {} of what position {} hands over in head {}", n, q, h);
        case RotQ:
            return fmt::format("dimension {} of the query of head {}, turned by position {}", n, h, q);
        case RotK:
            return fmt::format("dimension {} of the key of head {}, turned by position {}", n, h, q);
        case AttnScores:
            return fmt::format("how well query {} matches key {}", q, k);
        case Pattern:
            return fmt::format("how much query {} reads key {}", q, k);
        case Z:
            return fmt::format("dimension {} of what head {} has read at position {}", n, h, q);
        case SiteId::Result:
            return fmt::format("what head {} adds to channel {} at position {}", h, n, q);
        case AttnOut:
            return fmt::format("what attention of block {} adds to channel {} at position {}", l, n, q);
        case ResidMid:
            return fmt::format("channel {} of the stream at position {} after attention of block {}", n, q, l);
        case MlpIn:
            return fmt::format("channel {} of the stream at position {} as the feed-forward layer's norm reads it", n, q);
        case Ln2Scale:
            return fmt::format("what the norm before the feed-forward layer divides the stream at position {} by", q);
        case Ln2Normalized:
            return fmt::format("channel {} at position {}, divided by the norm's scale", n, q);
        case MlpPre:
            return fmt::format("neuron {} at position {} before its activation function", n, q);
        case MlpPreLinear:
            return fmt::format("what the gate of neuron {} lets through at position {}", n, q);
        case MlpPost:
            return fmt::format("how strongly neuron {} is active at position {}", n, q);
        case MlpOut:
            return fmt::format("what the feed-forward layer of block {} adds to channel {} at position {}", l, n, q);
        case ResidPost:
            return fmt::format("channel {} of the stream at position {} as it leaves block {}", n, q, l);
        case FinalScale:
            return fmt::format("what the final norm divides the stream at position {} by", q);
        case FinalNormalized:
            return fmt::format("channel {} of the last stream at position {}, divided by the norm's scale", n, q);
        case Logits:
            return fmt::format("how strongly the model expects token {} after position {}", n, q);
        default:  // mixers and cells: the site's own words
            return fmt::format("{}, at position {}", siteOf(p.site).meaning, q);
    }
}

std::string indicesOf(const ModelInfo& model, const CheckedPlace& p) {
    if (p.reads) return fmt::format("position {}, token {}", p.position.value, *p.reads);
    std::string head = fmt::format("head {}", p.head.value);
    switch (p.site) {
        case SiteId::K:
        case SiteId::V:
        case SiteId::RotK:
        case SiteId::KInput:
        case SiteId::VInput: {
            const AttentionInfo& a = model.block(p.layer).attention;
            if (a.kvHeads != a.heads) head += fmt::format(" (key/value head {})", a.kvHead(p.head.value));
            break;
        }
        case SiteId::MixerEffectivePattern:
            if (model.block(p.layer).mixer.isScan()) head = fmt::format("channel {}", p.head.value);
            break;
        default:
            break;
    }
    switch (siteOf(p.site).axes) {
        case Axes::PositionScale:
            return fmt::format("position {}", p.position.value);
        case Axes::PositionChannel:
            return fmt::format("position {}, channel {}", p.position.value, p.unit.value);
        case Axes::PositionHeadUnit:
            return fmt::format("{}, position {}, unit {}", head, p.position.value, p.unit.value);
        case Axes::PositionHeadChannel:
            return fmt::format("{}, position {}, channel {}", head, p.position.value, p.unit.value);
        case Axes::PositionNeuron:
            return fmt::format("position {}, neuron {}", p.position.value, p.unit.value);
        case Axes::HeadQueryKey:
            return fmt::format("{}, query {}, key {}", head, p.position.value, p.key.value);
        case Axes::PositionToken:
            return fmt::format("position {}, token {}", p.position.value, p.unit.value);
        case Axes::PositionUnit:
            return fmt::format("position {}, unit {}", p.position.value, p.unit.value);
        case Axes::PositionExpert:
            return fmt::format("position {}, expert {}", p.position.value, p.unit.value);
        case Axes::PositionRowColumn:
            return fmt::format("position {}, row {}, column {}", p.position.value, p.unit.value, p.unit2.value);
        case Axes::StateOfPosition:
            return fmt::format("{}, position {}, row {}, column {}", head, p.position.value, p.unit.value, p.unit2.value);
    }
    return {};
}

std::string shapeText(const ModelInfo& model, const CheckedPlace& place, int T) {
    if (place.reads) return fmt::format("{} × {}, rows sum to 1", T, model.vocabulary);
    std::string text;
    for (const std::int64_t n : model.shapeOf(place.site, place.layer, T))
        text += fmt::format("{}{}", text.empty() ? "" : " × ", n);
    if (place.site == SiteId::Pattern) text += ", rows sum to 1";
    if (place.site == SiteId::AttnScores) text += ", −∞ where masked";
    return text;
}

}  // namespace lw
