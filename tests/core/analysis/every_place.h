// Places of every site of a run, several indices each: the corners and some between.
#pragma once

#include "core/analysis/attribution.h"
#include "core/trace/locus.h"
#include "core/trace/trace.h"

namespace lw::test {

inline std::vector<int> some(std::int64_t count) {
    std::vector<int> list{0};
    for (const std::int64_t i : {count / 3, count / 2 + 1, count - 1}) {
        if (i > list.back() && i < count) list.push_back(static_cast<int>(i));
    }
    return list;
}

inline std::vector<Locus> everyPlace(const Trace& trace) {
    const ModelInfo& info = trace.model();
    std::vector<Locus> places;
    for (const Site& site : allSites()) {
        if (!info.has(site.id)) continue;
        for (int l = 0; l < (site.perLayer ? info.layers() : 1); ++l) {
            const std::vector<std::int64_t> shape = info.shapeOf(site.id, Layer(l), trace.length());
            for (const int q : some(trace.length())) {
                Locus place{.position = Position(q), .site = site.id};
                if (site.perLayer) place.layer = Layer(l);
                if (site.axes == Axes::PositionScale) {
                    places.push_back(place);
                    continue;
                }
                const bool perHead = shape.size() == 3;
                for (const int h :
                     perHead ? some(info.blocks[static_cast<std::size_t>(l)].attention.heads) : std::vector<int>{0}) {
                    if (perHead) place.head = Head(h);
                    for (const int n : some(shape.back())) {
                        if (site.axes == Axes::HeadQueryKey)
                            place.key = Position(n);
                        else
                            place.unit = Unit(n);
                        places.push_back(place);
                    }
                }
            }
        }
    }
    return places;
}

/// What an error of the value is measured against: the largest |value| of the row it stands in; for a score the products it is
/// the sum of, as a single one may be tiny.
inline double sizeAround(const Trace& trace, const Model& model, const Locus& place) {
    const Layer layer = place.layer.value_or(Layer(0));
    switch (*place.site) {
        case SiteId::Result:
            return headResult(trace, model, layer, *place.head, *place.position).cwiseAbs().maxCoeff();
        case SiteId::Pattern:
            return 1;
        case SiteId::AttnScores: {
            const AttentionInfo& a = trace.model().blocks[static_cast<std::size_t>(layer.value)].attention;
            const RowVector q = trace.row(a.rotary ? SiteId::RotQ : SiteId::Q, layer, *place.position)
                                    .segment(place.head->value * a.headWidth, a.headWidth);
            const RowVector k = trace.row(a.rotary ? SiteId::RotK : SiteId::K, layer, *place.key)
                                    .segment(a.kvHead(place.head->value) * a.headWidth, a.headWidth);
            return a.scale * q.cwiseProduct(k).cwiseAbs().sum();
        }
        default:
            return trace.row(*place.site, layer, *place.position).cwiseAbs().maxCoeff();
    }
}

}  // namespace lw::test
