#include "core/analysis/place.h"

#include <fmt/format.h>

#include "core/analysis/attribution.h"

namespace lw {

namespace {

struct Needs {
    bool head = false, key = false, unit = false;
};

Needs needsOf(Axes axes) {
    switch (axes) {
        case Axes::PositionScale:
            return {};
        case Axes::PositionChannel:
        case Axes::PositionNeuron:
        case Axes::PositionToken:
            return {.unit = true};
        case Axes::PositionHeadUnit:
        case Axes::PositionHeadChannel:
            return {.head = true, .unit = true};
        case Axes::HeadQueryKey:
            return {.head = true, .key = true};
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
    const std::vector<std::int64_t> shape = info.shapeOf(place.site, place.layer, 1);
    if (shape.size() < 3) return {0, shape.back()};
    const AttentionInfo& a = info.blocks[static_cast<std::size_t>(place.layer.value)].attention;
    const std::int64_t head = shape[1] == a.heads ? place.head.value : a.kvHead(place.head.value);
    return {head * shape[2], shape[2]};
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
    }
    const auto position = inside(locus.position, trace.length(), "q", "position", name);
    if (!position) return Unexpected(position.error());
    place.locus.position = place.position = *position;

    const Needs needs = needsOf(site.axes);
    if (needs.head) {
        const auto head =
            inside(locus.head, info.blocks[static_cast<std::size_t>(place.layer.value)].attention.heads, "H", "head", name);
        if (!head) return Unexpected(head.error());
        place.locus.head = place.head = *head;
    }
    if (needs.key) {
        const auto key = inside(locus.key, trace.length(), "k", "key", name);
        if (!key) return Unexpected(key.error());
        place.locus.key = place.key = *key;
    }
    if (needs.unit) {
        const char* what = site.axes == Axes::PositionNeuron     ? "neuron"
                           : site.axes == Axes::PositionToken    ? "token"
                           : site.axes == Axes::PositionHeadUnit ? "unit"
                                                                 : "channel";
        const auto unit = inside(locus.unit, info.shapeOf(site.id, place.layer, 1).back(), "n", what, name);
        if (!unit) return Unexpected(unit.error());
        place.locus.unit = place.unit = *unit;
    }
    const bool here = site.id == SiteId::Result ? trace.has(SiteId::Z, place.layer) : trace.has(site.id, place.layer);
    if (!here) return fail(ErrorKind::NotFound, fmt::format("{} was not captured in this run.", name), name);
    return place;
}

RowVectorD shownRow(const Trace& trace, const Model& model, const CheckedPlace& place) {
    switch (place.site) {
        case SiteId::AttnScores:
            return trace.scoresRow(place.layer, place.head, place.position).cast<double>();
        case SiteId::Pattern:
            return trace.patternRow(place.layer, place.head, place.position).cast<double>();
        case SiteId::Result:
            return headResult(trace, model, place.layer, place.head, place.position).cast<float>().cast<double>();
        case SiteId::Logits:
            return trace.logits(place.position).cast<double>();
        default:
            break;
    }
    const Slice slice = sliceOf(trace.model(), place);
    return trace.row(place.site, place.layer, place.position).segment(slice.first, slice.width).cast<double>();
}

double shownValue(const Trace& trace, const Model& model, const CheckedPlace& place) {
    const RowVectorD row = shownRow(trace, model, place);
    if (place.locus.key) return row(place.key.value);
    return row(place.locus.unit ? place.unit.value : 0);
}

}  // namespace lw
