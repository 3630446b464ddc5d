#include "core/analysis/derivation.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/analysis/numbers.h"
#include "core/analysis/softmax_stats.h"
#include "core/models/ngram.h"
#include "core/models/nplm.h"

namespace lw {

Result<Derivation> derive(const Trace& trace, const Model& model, const CheckedPlace& place) {
    using enum SiteId;
    const derivation::Sources s{trace, model, place};
    if (place.reads) return derivation::lens(s);
    switch (place.site) {
        case Embed:
        case PosEmbed:
            return derivation::table(s);
        case AttnIn:
        case QInput:
        case KInput:
        case VInput:
        case MlpIn:
            return derivation::copy(s);
        case ResidPre:
        case ResidMid:
        case ResidPost:
            return derivation::stream(s);
        case Ln1Scale:
        case Ln2Scale:
        case FinalScale:
            return derivation::scale(s);
        case Ln1Normalized:
        case Ln2Normalized:
        case FinalNormalized:
            return derivation::normalized(s);
        case Q:
        case K:
        case V:
            return derivation::linear(s);
        case MlpPre:
            if (dynamic_cast<const Nplm*>(&model)) return derivation::windowed(s);
            if (model.weight(WeightId::InMix, place.layer).defined()) return derivation::shifted(s);
            return derivation::linear(s);
        case MlpPreLinear:
            return derivation::linear(s);
        case Logits:
            if (dynamic_cast<const Ngram*>(&model)) return derivation::counted(s);
            return derivation::linear(s);
        case RotQ:
        case RotK:
            return derivation::rotated(s);
        case AttnScores:
            return derivation::score(s);
        case Pattern:
            return derivation::weight(s);
        case Z:
            return derivation::weightedValues(s);
        case SiteId::Result:
            return derivation::headOutput(s);
        case AttnOut:
            return derivation::attentionOutput(s);
        case MlpPost:
            return derivation::activation(s);
        case MlpOut:
            if (dynamic_cast<const Nplm*>(&model)) return derivation::windowed(s);
            if (s.block().mlp.experts > 0) return derivation::expertsOutput(s);
            return derivation::mlpOutput(s);
        case ExpertWeights:
            return derivation::expertWeight(s);
        case MixerS:
        case SsmH:
        case MixerKept:
        case MixerErased:
        case MixerWritten:
        case MixerRead:
            return derivation::memory(s);
        case MixerRecurrenceOut:
        case SsmY: {  // what is read, under the name that the model gives it
            const MixerInfo& mixer = s.block().mixer;
            CheckedPlace read = place;
            read.site = MixerRead;
            if (place.site == SsmY && mixer.hasMatrixState()) {
                read.head = Head(place.unit.value / mixer.valueWidth);
                read.unit = Unit(place.unit.value % mixer.valueWidth);
            }
            return derivation::memory({trace, model, read});
        }
        case CellI:
        case CellF:
        case CellG:
        case CellO:
        case CellR:
        case CellZ:
        case CellN:
        case CellKept:
        case CellWritten:
        case CellC:
        case CellH:
            return derivation::cell(s);
        case MixerNormZ:
        case MixerEffectivePattern:
            return derivation::effective(s);
        default:
            return derivation::mixer(s);
    }
}

Derivation deriveProbability(const Trace& trace, Position position, TokenId token) {
    using namespace derivation;
    const ConstRow row = trace.logits(position);
    const std::span<const float> logits(row.data(), static_cast<std::size_t>(row.size()));
    Eigen::Index best = 0;
    const double max = row.maxCoeff(&best), logit = row(token);
    const double sum = std::exp(logSumExp(logits) - max);
    const auto place = [&](TokenId id) {
        Locus locus;
        locus.position = position;
        locus.unit = Unit(id);
        locus.site = SiteId::Logits;
        return locus;
    };
    const std::array<double, 3> operands{logit, max, sum};
    const auto formula = [](std::span<const double> x) { return std::exp(x[0] - x[1]) / x[2]; };
    const int digits = digitsThatReproduce(operands, formula);
    Derivation d;
    d.value = formula(operands);
    d.from = "the logits";
    d.operands = {place(token), place(static_cast<TokenId>(best))};
    d.formula = {{text("probability = exp(logit − max) / Σ exp(logit − max)")},
                 {text("= exp("), link(printNumber(logit, digits), d.operands[0]), text(" − "),
                  figure(max, digits, d.operands[1]), text(") / " + printNumber(sum, digits))},
                 resultLine(d.value)};
    return d;
}

}  // namespace lw
