// Where the rows of the residual-stream picture lie: bottom = embedding, top = output. Both charts use the same rows, so that
// a part's norm and its push on the logit stand on one line.
#pragma once

#include <span>

#include "widgets/residual_stream/stream_facts.h"
#include "widgets/shared/picture.h"

namespace lw {

class StreamRowLayout {
public:
    /// Rows in an area that begins at `top` and is `height` high. With little room a block's two parts share one band
    /// (compact: the upper half is the feed-forward); with still less the rows run out of the area below (the view scrolls).
    StreamRowLayout(std::span<const StreamRow> rows, bool hasBiasRow, double top, double height);

    bool compact() const { return m_compact; }
    double bottom() const { return m_top + m_band * m_bands; }
    double bandHeight() const { return m_band; }
    /// The line of row i (in compact form the half of its band) without left and width.
    Rect row(std::size_t i) const;
    /// The whole band of row i.
    Rect band(std::size_t i) const;
    /// All lines of a layer.
    Rect layer(Layer layer) const;
    /// The line above everything for what is added after the last block (final norm's bias, unembedding's bias).
    Rect biasRow() const { return {0, m_top, 0, m_band}; }

private:
    int bandOf(std::size_t i) const;
    std::vector<StreamRow> m_rows;
    bool m_compact = false;
    int m_bands = 0;
    double m_top = 0, m_band = 0;
};

}  // namespace lw
