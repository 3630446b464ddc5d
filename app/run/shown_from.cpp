#include "app/run/shown_from.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/run/heads.h"
#include "app/run/run_text.h"

namespace lw {

ShownPtr shownFrom(const Branches& branches, const RunNodePtr& node, const std::string& fingerprint,
                   const SamplingSettings& sampling, InformationUnit unit) {
    const LoadedModel& loaded = *branches.model();
    auto shown = std::make_shared<Shown>();
    shown->model = loaded.model;
    shown->tokenizer = loaded.tokenizer;
    shown->modelName = loaded.name;
    shown->fingerprint = fingerprint;
    shown->trace = traceTo(node, loaded.model->sharedInfo(), branches.spec());
    shown->node = node;
    shown->root = branches.root();
    shown->leaves = branches.leaves();
    shown->promptLength = branches.root()->block()->rows();
    shown->ends = loaded.ends;
    shown->sampling = sampling;
    shown->unit = unit;
    shown->names = branches.names();
    shown->pieces.reserve(static_cast<std::size_t>(shown->trace->length()));
    const auto ids = shown->trace->ids();
    for (const TokenId id : ids) shown->pieces.push_back(shown->piece(id));
    if (shown->tokenizer) {
        const bool whole = !branches.fit().over() || branches.fit().beyond;
        shown->text = textOfRun(*shown->tokenizer, whole ? std::string_view(branches.origin().text) : std::string_view(), ids,
                                shown->promptLength);
    }
    return shown;
}

Locus firstPlace(const Shown& shown) {
    const ModelInfo& info = shown.trace->model();
    const int last = shown.trace->length() - 1;
    Locus place;
    place.position = Position(last);
    if (info.layers() == 0) return place;
    place.layer = Layer(info.layers() / 2);
    if (!shown.trace->has(SiteId::Pattern, *place.layer)) return place;
    place.head = Head(0);
    place.site = SiteId::Pattern;
    const RowVector row = shown.trace->patternRow(*place.layer, Head(0), Position(last));
    Eigen::Index key = 0;
    row.maxCoeff(&key);
    place.key = Position(static_cast<int>(key));
    return place;
}

namespace {

template <class Index>
void clampTo(std::optional<Index>& part, int count) {
    if (!part) return;
    if (count <= 0) {
        part.reset();
    } else {
        part = Index(std::clamp(part->value, 0, count - 1));
    }
}

int headsAt(const ModelInfo& info, const Locus& place) {
    if (info.layers() == 0) return 0;
    const int layer = place.layer ? std::clamp(place.layer->value, 0, info.layers() - 1) : 0;
    if (place.site == SiteId::MixerEffectivePattern && info.has(*place.site, Layer(layer)))
        return info.headsOf(*place.site, Layer(layer));  // of a scan: its channels
    return headsIn(info.block(Layer(layer)));
}

template <class Index>
Result<void> within(const std::optional<Index>& part, const char* letter, const char* what, int count) {
    if (!part || (part->value >= 0 && part->value < count)) return {};
    if (count <= 0)
        return fail(ErrorKind::BadInput,
                    fmt::format("The place names {}{}, but this model has no {}.", letter, part->value, what));
    return fail(ErrorKind::BadInput, fmt::format("The place names {}{}, but there are only {} {} ({}0 … {}{}).", letter,
                                                 part->value, count, what, letter, letter, count - 1));
}

}  // namespace

Locus placeWithin(const Locus& place, const Shown& shown) {
    const ModelInfo& info = shown.trace->model();
    Locus inside = place;
    clampTo(inside.layer, info.layers());
    clampTo(inside.head, headsAt(info, inside));
    clampTo(inside.position, shown.trace->length());
    clampTo(inside.key, shown.trace->length());
    if (inside.position && inside.key && inside.key->value > inside.position->value) inside.key = inside.position;
    if (inside.site && !info.has(*inside.site)) {
        inside.site.reset();
        inside.unit.reset();
        inside.unit2.reset();
    }
    if (inside.site && siteOf(*inside.site).axes == Axes::PositionChannel && inside.unit2 &&
        inside.unit2->value >= info.vocabulary)
        inside.unit2.reset();  // a token that the lens read in another model
    const int depth = shown.node->depth();
    inside.step = depth > 0 ? std::optional(Step(depth)) : std::nullopt;
    return inside;
}

Result<void> checkPlace(const Locus& place, const Shown& shown) {
    const ModelInfo& info = shown.trace->model();
    const int length = shown.trace->length();
    return within(place.layer, "L", "layers", info.layers())
        .and_then([&] { return within(place.head, "H", "heads", headsAt(info, place)); })
        .and_then([&] { return within(place.position, "q", "positions", length); })
        .and_then([&] { return within(place.key, "k", "positions", length); })
        .and_then([&]() -> Result<void> {
            if (place.site && !info.has(*place.site)) {
                return fail(ErrorKind::BadInput,
                            fmt::format("This model has no {}.", siteName(*place.site, place.layer.value_or(Layer(0)))));
            }
            return {};
        });
}

}  // namespace lw
