#include "widgets/inspector/row_text.h"

#include "widgets/shared/format.h"

namespace lw {

std::vector<float> rowOf(const Trace& trace, const Locus& place) {
    if (!place.site || !place.position) return {};
    const SiteId site = *place.site;
    const Layer layer = place.layer.value_or(Layer(0));
    const Position position = *place.position;
    const auto copy = [](const auto& row) { return std::vector<float>(row.data(), row.data() + row.size()); };
    if (layer.value < 0 || layer.value >= trace.model().layers() || position.value < 0 || position.value >= trace.length())
        return {};
    if (!trace.has(site, layer)) return {};
    if (siteOf(site).axes == Axes::HeadQueryKey) {
        if (!place.head) return {};
        return copy(site == SiteId::Pattern ? trace.patternRow(layer, *place.head, position)
                                            : trace.scoresRow(layer, *place.head, position));
    }
    if (site == SiteId::Logits) return copy(trace.logits(position));
    const RowVector whole = trace.row(site, layer, position);
    if (siteOf(site).axes != Axes::PositionHeadUnit || !place.head) return copy(whole);
    const AttentionInfo& attention = trace.model().blocks[static_cast<std::size_t>(layer.value)].attention;
    const Eigen::Index heads = whole.size() / attention.headWidth;
    const Eigen::Index head = heads == attention.heads ? place.head->value : attention.kvHead(place.head->value);
    if (head < 0 || head >= heads) return {};
    const RowVector part = whole.segment(head * attention.headWidth, attention.headWidth);
    return copy(part);
}

Locus placeInRow(const Trace& trace, const Locus& place, int i) {
    Locus result = place;
    const Axes axes = siteOf(*place.site).axes;
    if (axes == Axes::HeadQueryKey) {
        result.key = Position(i);
        return result;
    }
    result.unit = Unit(i);
    if (axes == Axes::PositionHeadUnit && !place.head) {
        const Layer layer = place.layer.value_or(Layer(0));
        const AttentionInfo& attention = trace.model().blocks[static_cast<std::size_t>(layer.value)].attention;
        const int heads = trace.model().widthOf(*place.site, layer) / attention.headWidth;
        // A key or value head is named by the first query head that it serves.
        result.head = Head(i / attention.headWidth * (attention.heads / heads));
        result.unit = Unit(i % attention.headWidth);
    }
    return result;
}

std::string rowText(const std::vector<float>& row) {
    std::string text;
    for (const float value : row) {
        if (!text.empty()) text += ", ";
        text += printFull(value);
    }
    return text;
}

}  // namespace lw
