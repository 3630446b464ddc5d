#include "core/analysis/place.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/analysis/attribution.h"
#include "core/analysis/derive_lens.h"
#include "core/analysis/state_terms.h"

namespace lw {

namespace {

bool isStream(SiteId site) { return site == SiteId::ResidPre || site == SiteId::ResidMid || site == SiteId::ResidPost; }

struct Needs {
    bool head = false, key = false, unit = false, unit2 = false;
};

Needs needsOf(Axes axes) {
    switch (axes) {
        case Axes::PositionScale:
            return {};
        case Axes::PositionChannel:
        case Axes::PositionNeuron:
        case Axes::PositionToken:
        case Axes::PositionUnit:
        case Axes::PositionExpert:
            return {.unit = true};
        case Axes::PositionHeadUnit:
        case Axes::PositionHeadChannel:
            return {.head = true, .unit = true};
        case Axes::HeadQueryKey:
            return {.head = true, .key = true};
        case Axes::PositionRowColumn:
            return {.unit = true, .unit2 = true};
        case Axes::StateOfPosition:
            return {.head = true, .unit = true, .unit2 = true};
    }
    return {};
}

// One index: there, and in [0, count).
template <class Index>
Result<Index> inside(const std::optional<Index>& index, std::int64_t count, const char* letter, const char* what,
                     const std::string& site, std::string_view owner = {}) {
    if (!index)
        return fail(ErrorKind::BadInput, fmt::format("The place has no {} ({}), which {} needs.", what, letter, site), letter);
    if (index->value < 0 || index->value >= count) {
        return fail(ErrorKind::BadInput,
                    fmt::format("The place names {} {}; {} has {} of them (0 to {}).", what, index->value,
                                owner.empty() ? site : owner, count, count - 1),
                    letter);
    }
    return *index;
}

// Width of the last axis, and which part of the stored row belongs to the head.
struct Slice {
    std::int64_t first = 0, width = 0;
};

Slice sliceOf(const ModelInfo& info, const CheckedPlace& place) {
    const std::int64_t all = info.widthOf(place.site, place.layer);
    const Axes axes = siteOf(place.site).axes;
    if (axes != Axes::PositionHeadUnit && axes != Axes::PositionHeadChannel) return {0, all};
    const int heads = info.headsOf(place.site, place.layer);
    const AttentionInfo& a = info.block(place.layer).attention;
    const std::int64_t head = a.heads > 0 && heads != a.heads ? a.kvHead(place.head.value) : place.head.value;
    return {head * all / heads, all / heads};
}

// Heads that a place may name: query heads for keys and values too.
int headsFor(const ModelInfo& info, SiteId site, Layer layer) {
    const BlockInfo& block = info.block(layer);
    return block.hasAttention() && !block.mixer.has(site) ? block.attention.heads : info.headsOf(site, layer);
}

const char* unitName(const Site& site) {
    switch (site.axes) {
        case Axes::PositionNeuron:
            return "neuron";
        case Axes::PositionToken:
            return "token";
        case Axes::PositionHeadUnit:
        case Axes::PositionUnit:
            return "unit";
        case Axes::PositionExpert:
            return "expert";
        case Axes::PositionRowColumn:
        case Axes::StateOfPosition:
            return "row";
        default:
            return "channel";
    }
}

// A mixer's memory is not stored: it is made again from what it was written with.
bool ofMemory(SiteId site) { return siteOf(site).axes == Axes::StateOfPosition || site == SiteId::MixerRead; }

bool isHere(const Trace& trace, SiteId site, Layer layer) {
    if (site == SiteId::Result) return trace.has(SiteId::Z, layer);
    if (!siteOf(site).perLayer) return trace.has(site);
    const MixerInfo& mixer = trace.model().block(layer).mixer;
    if (site == SiteId::MixerNormZ) return trace.has(SiteId::MixerK, layer);
    if (site == SiteId::SsmABar) return trace.has(SiteId::SsmDelta, layer);
    if (site == SiteId::SsmBBar) return trace.has(SiteId::SsmDelta, layer) && trace.has(SiteId::SsmB, layer);
    if (site == SiteId::MixerEffectivePattern)
        return trace.has(mixer.isMatrixMemory() ? SiteId::MixerV : SiteId::SsmInput, layer);
    if (!ofMemory(site)) return trace.has(site, layer);
    return trace.has(mixer.isMatrixMemory() ? SiteId::MixerV : SiteId::SsmInput, layer);
}

// The row of a memory's matrix that a place names; of what is read all of it.
RowVectorD memoryRow(const Trace& trace, const Model& model, const CheckedPlace& place) {
    const auto terms = stateTerms(trace, model, place.layer, place.head, place.position);
    if (!terms) return RowVectorD::Constant(std::max(place.unit.value, place.unit2.value) + 1, std::nan(""));
    if (place.site == SiteId::MixerRead) return terms->read.cast<double>();
    const Matrix& part = place.site == SiteId::MixerKept      ? terms->kept
                         : place.site == SiteId::MixerErased  ? terms->erased
                         : place.site == SiteId::MixerWritten ? terms->written
                                                              : terms->after;
    return part.row(place.unit.value).cast<double>();
}

// Ā or B̄ of one channel of Mamba's scan, by state.
RowVectorD discreteRow(const Trace& trace, const Model& model, const CheckedPlace& place) {
    const auto operands = scanOperands(trace, model, place.layer);
    if (!operands) return RowVectorD::Constant(place.unit2.value + 1, std::nan(""));
    const int t = place.position.value, e = place.unit.value;
    const float delta = operands->delta(t, e);
    const RowVector row = place.site == SiteId::SsmBBar ? RowVector(delta * operands->B.row(t))
                                                        : RowVector((operands->A.row(e).array() * delta).exp().matrix());
    return row.cast<double>();
}

}  // namespace

Result<CheckedPlace> checkPlace(const Trace& trace, const Locus& locus) {
    const ModelInfo& info = trace.model();
    if (!locus.site) return fail(ErrorKind::BadInput, "The place names no site, so there is no value to explain.");
    const Site& site = siteOf(*locus.site);
    CheckedPlace place;
    place.site = site.id;
    place.locus.site = site.id;
    place.locus.step = locus.step;
    std::string name = locus.layer ? siteName(site.id, *locus.layer) : std::string(site.name);
    if (!info.has(site.id)) return fail(ErrorKind::NotFound, fmt::format("{} has no {}.", info.name, name), name);
    if (site.perLayer) {
        const auto layer = inside(locus.layer, info.layers(), "L", "layer", name, info.name);
        if (!layer) return Unexpected(layer.error());
        place.locus.layer = place.layer = *layer;
        name = siteName(site.id, *layer);
        if (!info.has(site.id, *layer))
            return fail(ErrorKind::NotFound, fmt::format("Layer {} of {} has no {}.", layer->value, info.name, name), name);
    }
    const auto position = inside(locus.position, trace.length(), "q", "position", name);
    if (!position) return Unexpected(position.error());
    place.locus.position = place.position = *position;

    const Needs needs = needsOf(site.axes);
    if (needs.head) {
        const auto head = inside(locus.head, headsFor(info, site.id, place.layer), "H", "head", name);
        if (!head) return Unexpected(head.error());
        place.locus.head = place.head = *head;
    }
    if (needs.key) {
        const auto key = inside(locus.key, trace.length(), "k", "key", name);
        if (!key) return Unexpected(key.error());
        place.locus.key = place.key = *key;
    }
    if (isStream(site.id) && locus.unit2) {
        const auto token = inside(locus.unit2, info.vocabulary, "m", "token", name, info.name);
        if (!token) return Unexpected(token.error());
        place.locus.unit2 = *token;
        place.reads = token->value;
    } else if (needs.unit) {
        const std::vector<std::int64_t> shape = info.shapeOf(site.id, place.layer, 1);
        const std::int64_t count = needs.unit2 ? shape[shape.size() - 2] : sliceOf(info, place).width;
        const auto unit = inside(locus.unit, count, "n", unitName(site), name);
        if (!unit) return Unexpected(unit.error());
        place.locus.unit = place.unit = *unit;
        if (needs.unit2) {
            const auto column = inside(locus.unit2, shape.back(), "m", "column", name);
            if (!column) return Unexpected(column.error());
            place.locus.unit2 = place.unit2 = *column;
        }
    }
    if (!isHere(trace, site.id, place.layer))
        return fail(ErrorKind::NotFound, fmt::format("{} was not captured in this run.", name), name);
    return place;
}

RowVectorD shownRow(const Trace& trace, const Model& model, const CheckedPlace& place) {
    if (place.reads) return lensProbabilities(trace, model, place);
    switch (place.site) {
        case SiteId::AttnScores:
            return trace.scoresRow(place.layer, place.head, place.position).cast<double>();
        case SiteId::Pattern:
            return trace.patternRow(place.layer, place.head, place.position).cast<double>();
        case SiteId::Result:
            return headResult(trace, model, place.layer, place.head, place.position).cast<float>().cast<double>();
        case SiteId::Logits:
            return trace.logits(place.position).cast<double>();
        case SiteId::MixerEffectivePattern: {
            const auto row = effectiveRow(trace, model, place.layer, place.head, place.position);
            return row ? RowVectorD(row->cast<double>()) : RowVectorD::Constant(trace.length(), std::nan(""));
        }
        case SiteId::MixerNormZ: {  // the sum of the keys so far
            RowVector sum = trace.row(SiteId::MixerK, place.layer, Position(0));
            for (int t = 1; t <= place.position.value; ++t) sum += trace.row(SiteId::MixerK, place.layer, Position(t));
            const int width = trace.model().block(place.layer).mixer.keyWidth;
            return sum.segment(place.head.value * width, width).cast<double>();
        }
        case SiteId::SsmABar:
        case SiteId::SsmBBar:
            return discreteRow(trace, model, place);
        default:
            break;
    }
    if (ofMemory(place.site)) return memoryRow(trace, model, place);
    const Slice slice = sliceOf(trace.model(), place);
    return trace.row(place.site, place.layer, place.position).segment(slice.first, slice.width).cast<double>();
}

double shownValue(const Trace& trace, const Model& model, const CheckedPlace& place) {
    const RowVectorD row = shownRow(trace, model, place);
    if (place.reads) return row(*place.reads);
    if (place.locus.key) return row(place.key.value);
    if (place.locus.unit2) return row(place.unit2.value);
    return row(place.locus.unit ? place.unit.value : 0);
}

}  // namespace lw
