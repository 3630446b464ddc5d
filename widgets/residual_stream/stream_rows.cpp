#include "widgets/residual_stream/stream_rows.h"

#include <algorithm>

namespace lw {
namespace {
constexpr double smallestLine = 15, largestLine = 44, smallestBand = 13, largestBand = 22;

bool inBlock(const StreamRow& row) { return row.part == StreamPart::Attention || row.part == StreamPart::FeedForward; }
}  // namespace

StreamRowLayout::StreamRowLayout(std::span<const StreamRow> rows, bool hasBiasRow, double top, double height)
    : m_rows(rows.begin(), rows.end()), m_top(top) {
    const int extra = hasBiasRow ? 1 : 0;
    const int lines = static_cast<int>(rows.size()) + extra;
    m_compact = height < smallestLine * lines;
    m_bands = lines;
    if (m_compact) {
        int layers = 0, outside = 0;
        for (const StreamRow& row : rows) {
            if (inBlock(row))
                layers = std::max(layers, row.layer.value + 1);
            else
                ++outside;
        }
        m_bands = layers + outside + extra;
    }
    const double fits = m_bands > 0 ? height / m_bands : height;
    m_band = std::clamp(fits, m_compact ? smallestBand : smallestLine, m_compact ? largestBand : largestLine);
}

int StreamRowLayout::bandOf(std::size_t i) const {
    // counted from the bottom
    if (!m_compact) return static_cast<int>(i);
    int outside = 0;
    for (const StreamRow& row : m_rows) outside += inBlock(row) ? 0 : 1;
    return inBlock(m_rows[i]) ? outside + m_rows[i].layer.value : static_cast<int>(i);
}

Rect StreamRowLayout::band(std::size_t i) const { return {0, m_top + m_band * (m_bands - 1 - bandOf(i)), 0, m_band}; }

Rect StreamRowLayout::row(std::size_t i) const {
    Rect rect = band(i);
    if (m_compact && inBlock(m_rows[i])) {
        rect.h /= 2;
        if (m_rows[i].part == StreamPart::Attention) rect.y += rect.h;
    }
    return rect;
}

Rect StreamRowLayout::layer(Layer layer) const {
    Rect all{0, 0, 0, 0};
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (!inBlock(m_rows[i]) || m_rows[i].layer != layer) continue;
        const Rect one = band(i);
        const double bottom = all.h > 0 ? std::max(all.bottom(), one.bottom()) : one.bottom();
        all.y = all.h > 0 ? std::min(all.y, one.y) : one.y;
        all.h = bottom - all.y;
    }
    return all;
}

}  // namespace lw
