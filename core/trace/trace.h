// Trace: everything kept of one run, read-only: a path of blocks (the prompt's chunk, then one block a generated token).
// Blocks are shared between traces of the same tree. What is not stored is derived here from what is, with the arithmetic the
// model used: patterns from q and k, the stream after attention from stream and addition, and so on.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/tensor/tensor.h"
#include "core/trace/capture_spec.h"
#include "core/trace/model_info.h"

namespace lw {

struct TraceBlock {
    int first = 0;                                      // position of its first row
    std::vector<TokenId> ids;                           // its tokens
    std::vector<std::array<Tensor, siteCount>> values;  // [layer][site]: [n, width] or undefined; sites without layer at layer 0
    double seconds = 0;                                 // time of the forward pass that made it
    int rows() const { return static_cast<int>(ids.size()); }
};

/// Collects the values of one chunk into a TraceBlock.
class Recorder {
public:
    Recorder(const CaptureSpec& spec, int layers);
    bool wants(SiteId id, Layer layer) const { return m_spec.stores(id, layer); }
    void visit(SiteId id, Layer layer, const Tensor& value);
    /// Asks the mixers for the norms of d loss / d state, which backward() fills in: one list a layer, one number a token.
    void askForStateGradients();
    std::shared_ptr<std::vector<double>> stateGradients(Layer layer) const {
        return m_stateGradients.empty() ? nullptr : m_stateGradients.at(static_cast<std::size_t>(layer.value));
    }
    /// The block, complete; the recorder is empty afterwards.
    std::shared_ptr<const TraceBlock> finish(int first, std::vector<TokenId> ids, Tensor logits, double seconds);

private:
    CaptureSpec m_spec;
    std::vector<std::array<Tensor, siteCount>> m_values;
    std::vector<std::shared_ptr<std::vector<double>>> m_stateGradients;
};

class Trace {
public:
    Trace(std::shared_ptr<const ModelInfo> model, CaptureSpec spec, std::vector<std::shared_ptr<const TraceBlock>> blocks);

    const ModelInfo& model() const { return *m_model; }
    const CaptureSpec& spec() const { return m_spec; }
    int length() const { return static_cast<int>(m_ids.size()); }  // T
    std::span<const TokenId> ids() const { return m_ids; }
    const std::vector<std::shared_ptr<const TraceBlock>>& blocks() const { return m_blocks; }
    std::int64_t bytes() const;  // memory kept
    double seconds() const;      // forward time, all blocks

    /// Can this site be read here (stored, or derivable from what is stored)?
    bool has(SiteId id, Layer layer = Layer(0)) const;

    /// One row of a position-major site [width] (heads joined), stored or derived. Asserted: has(), not HeadQueryKey.
    RowVector row(SiteId id, Layer layer, Position position) const;
    /// All rows [T, width]. Asserted: has(), not HeadQueryKey.
    Matrix matrix(SiteId id, Layer layer = Layer(0)) const;
    /// Raw logits of a position [V].
    ConstRow logits(Position position) const;

    /// scores [S] of one query of one head over all T keys: scale · q·k, -inf where masked. Needs Q/K (or RotQ/RotK).
    RowVector scoresRow(Layer layer, Head head, Position query) const;
    /// softmax of scoresRow; masked entries exactly 0; sums to 1 (±1e-5).
    RowVector patternRow(Layer layer, Head head, Position query) const;
    /// rows [firstQuery, firstQuery + queries) × all T keys.
    Matrix scores(Layer layer, Head head, int firstQuery = 0, int queries = -1) const;
    Matrix pattern(Layer layer, Head head, int firstQuery = 0, int queries = -1) const;
    // hook_result (z_h W_O[h]) and the states of mixers need weights, so they live in core/analysis.

    /// Any single value by indices, as the inspector shows it: unit within the head for per-head sites.
    /// nullopt if the site is not here or an index is missing or outside.
    std::optional<float> value(SiteId id, Layer layer, std::optional<Head> head, Position position, std::optional<Position> key,
                               std::optional<Unit> unit) const;

private:
    struct Place {
        int block;
        int row;
    };
    Place place(Position position) const;
    const Tensor* stored(SiteId id, Layer layer, int block) const;

    std::shared_ptr<const ModelInfo> m_model;
    CaptureSpec m_spec;
    std::vector<std::shared_ptr<const TraceBlock>> m_blocks;
    std::vector<TokenId> m_ids;
    std::vector<int> m_blockOf;  // by position
};

}  // namespace lw
