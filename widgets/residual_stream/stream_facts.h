// The residual stream at one position as numbers: what each part adds, how large the stream is after it, and which way the
// addition points. Read from a trace alone; no model is needed.
#pragma once

#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/trace/trace.h"

namespace lw {

// Attention: a block's first part, which may be a mixer (StreamRow::mixer says which).
enum class StreamPart { Embedding, PositionEmbedding, Attention, FeedForward };

struct StreamRow {
    StreamPart part = StreamPart::Embedding;
    Layer layer;                      // of the block; 0 for the embeddings
    SiteId addition = SiteId::Embed;  // the site of what is added …
    SiteId after = SiteId::ResidPre;  // … and of the stream after it (Embed itself before the positions are added)
    Layer afterLayer;
    double additionNorm = 0;               // ‖Δ‖, Euclidean
    double streamNorm = 0;                 // ‖x‖ after the addition
    std::optional<double> cosStream = {};  // of the addition with the stream before it; none for the first part, or a zero vector
    std::optional<double> cosFinal = {};   // of the addition with the last stream (resid_post of the last block)
    std::optional<double> streamCosFinal = {};  // of the stream after the addition with the last stream
    MixerKind mixer = MixerKind::None;          // of the block's first part; None: attention
};

struct StreamFacts {
    Position position;
    std::vector<StreamRow> rows;  // in the order of the computation: embedding first
};

/// Fails: a stream site that was not captured (named); a position outside the trace.
Result<StreamFacts> streamFacts(const Trace& trace, Position position);

/// cos of each of b's additions with a's addition of the same row: do they point the same way? Same model sizes (asserted).
Result<std::vector<std::optional<double>>> additionCosines(const Trace& b, Position atB, const Trace& a, Position atA);

}  // namespace lw
