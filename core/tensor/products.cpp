// How a product is cut into pieces for the kernels and the pool. A piece never changes a sum's order, so that the result does not
// depend on the number of threads.
#include "core/tensor/products.h"

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "core/base/parallel.h"
#include "core/tensor/kernels/few_tokens.h"
#include "core/tensor/kernels/many_tokens.h"

namespace lw {
namespace {

// Fewer multiplications than this are done sooner than another thread can take them over.
constexpr std::int64_t workOfRange = 32768;
// Tokens whose rearranged activations are held at once; weights are unpacked anew for each group.
constexpr std::int64_t tokensAtOnce = 384;
static_assert(tokensAtOnce % kernels::maxPanelWidth == 0);

/// An array that grows and is kept for the thread's next product.
class Scratch {
public:
    float* atLeast(std::int64_t floats) {
        if (floats > m_size) {
            m_floats = hwy::AllocateAligned<float>(static_cast<std::size_t>(floats));
            m_size = floats;
        }
        return m_floats.get();
    }

private:
    hwy::AlignedFreeUniquePtr<float[]> m_floats;
    std::int64_t m_size = 0;
};

const std::byte* rowAt(const Weight& w, std::int64_t row) { return static_cast<const std::byte*>(w.rowData(row)); }

void multiplyFew(ConstMatrixRef x, const Weight& w, MatrixRef y) {
    // A copy that is aligned and padded: worth it, since every weight row reads it.
    thread_local Scratch scratch;
    const std::int64_t stride = kernels::paddedCols(w.cols());
    float* copy = scratch.atLeast(x.rows() * stride);
    for (std::int64_t t = 0; t < x.rows(); ++t) {
        std::copy_n(x.data() + t * x.outerStride(), x.cols(), copy + t * stride);
        std::fill(copy + t * stride + x.cols(), copy + (t + 1) * stride, 0.0f);
    }
    const kernels::FewTokens job{.type = w.type(),
                                 .weights = rowAt(w, 0),
                                 .cols = w.cols(),
                                 .x = copy,
                                 .tokens = x.rows(),
                                 .y = y.data(),
                                 .yStride = y.outerStride()};
    const std::int64_t grain = std::max<std::int64_t>(8, workOfRange / std::max<std::int64_t>(1, w.cols() * x.rows()));
    parallelFor(w.rows(), grain, [&job](std::int64_t begin, std::int64_t end) { kernels::multiplyFewTokens(job, begin, end); });
}

/// One group of tokens, rearranged, and the weights they meet.
class ManyTokens {
public:
    ManyTokens(ConstMatrixRef x, const Weight& w, MatrixRef y, Scratch& scratch) : m_x(x), m_w(w), m_y(y) {
        std::int64_t floats = 0;
        for (std::int64_t t = 0; t < x.rows(); t += m_panels.back().panel.tokens) {
            m_panels.push_back({kernels::panelAt(t, x.rows()), floats});
            floats += m_panels.back().panel.width * x.cols();
        }
        m_packed = scratch.atLeast(floats);
    }

    void run() const {
        const std::int64_t panels = static_cast<std::int64_t>(m_panels.size());
        const std::int64_t panelWork = m_w.cols() * kernels::maxPanelWidth;
        parallelFor(panels, std::max<std::int64_t>(1, workOfRange / panelWork), [this](std::int64_t begin, std::int64_t end) {
            for (std::int64_t p = begin; p < end; ++p) {
                const auto& [panel, offset] = m_panels[static_cast<std::size_t>(p)];
                const float* from = m_x.data() + panel.firstToken * m_x.outerStride();
                kernels::packPanel(from, m_x.outerStride(), m_x.cols(), panel, m_packed + offset);
            }
        });
        // Tiles of weights; the panels too are spread if there are too few tiles for the threads.
        const std::int64_t tiles = (m_w.rows() + kernels::maxTileRows - 1) / kernels::maxTileRows;
        const std::int64_t wanted = threadCount() == 1 ? 1 : 4 * threadCount();
        const std::int64_t groups = std::clamp<std::int64_t>((wanted + tiles - 1) / tiles, 1, panels);
        const std::int64_t pieceWork = kernels::maxTileRows * m_w.cols() * m_x.rows() / groups;
        const std::int64_t grain = std::max<std::int64_t>(1, workOfRange / std::max<std::int64_t>(1, pieceWork));
        parallelFor(tiles * groups, grain, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t piece = begin; piece < end; ++piece) {
                const std::int64_t group = piece % groups;
                multiplyTile(piece / groups * kernels::maxTileRows, panels * group / groups, panels * (group + 1) / groups);
            }
        });
    }

private:
    struct PackedPanel {
        kernels::Panel panel;
        std::int64_t offset;  // in m_packed
    };

    void multiplyTile(std::int64_t firstRow, std::int64_t firstPanel, std::int64_t endPanel) const {
        thread_local Scratch unpacked;
        const std::int64_t rows = std::min(kernels::maxTileRows, m_w.rows() - firstRow), cols = m_w.cols();
        const float* weights = nullptr;
        if (m_w.type() == StorageType::F32) {
            weights = m_w.floats() + firstRow * cols;
        } else {
            float* tile = unpacked.atLeast(kernels::maxTileRows * cols);
            kernels::unpackRows(m_w.type(), m_w.rowData(firstRow), rows, cols, tile, cols);
            weights = tile;
        }
        for (std::int64_t p = firstPanel; p < endPanel; ++p) {
            const auto& [panel, offset] = m_panels[static_cast<std::size_t>(p)];
            float* to = const_cast<float*>(m_y.data()) + panel.firstToken * m_y.outerStride() + firstRow;
            kernels::multiplyPanel(m_packed + offset, panel, weights, cols, rows, cols, to, m_y.outerStride());
        }
    }

    ConstMatrixRef m_x;
    const Weight& m_w;
    MatrixRef m_y;
    std::vector<PackedPanel> m_panels;
    float* m_packed = nullptr;
};

}  // namespace

void multiplyByTransposed(ConstMatrixRef x, const Weight& w, MatrixRef y) {
    assert(x.cols() == w.cols() && y.cols() == w.rows() && y.rows() == x.rows());
    if (x.rows() == 0 || w.rows() == 0) return;
    if (x.rows() <= kernels::fewTokensLimit(w.type(), w.cols())) return multiplyFew(x, w, y);
    thread_local Scratch scratch;
    for (std::int64_t t = 0; t < x.rows(); t += tokensAtOnce) {
        const std::int64_t tokens = std::min(tokensAtOnce, x.rows() - t);
        ManyTokens(x.middleRows(t, tokens), w, y.middleRows(t, tokens), scratch).run();
    }
}

}  // namespace lw
