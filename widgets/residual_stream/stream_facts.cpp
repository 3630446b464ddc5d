#include "widgets/residual_stream/stream_facts.h"

#include <fmt/format.h>

#include <cassert>
#include <cmath>

namespace lw {
namespace {

struct Addition {
    StreamPart part;
    Layer layer;
    SiteId addition, after;
    Layer afterLayer;
    MixerKind mixer = MixerKind::None;
};

// Every addition of the model in order. Where a block has no stream between its parts (parallel attention and feed-forward),
// the stream after the first part is not a captured site and its row says the stream after the block.
std::vector<Addition> additions(const ModelInfo& model) {
    std::vector<Addition> list;
    const bool positions = model.has(SiteId::PosEmbed);
    list.push_back({StreamPart::Embedding, Layer(0), SiteId::Embed, positions ? SiteId::Embed : SiteId::ResidPre, Layer(0)});
    if (positions) list.push_back({StreamPart::PositionEmbedding, Layer(0), SiteId::PosEmbed, SiteId::ResidPre, Layer(0)});
    for (int l = 0; l < model.layers(); ++l) {
        const BlockInfo& block = model.block(Layer(l));
        const bool mid = model.has(SiteId::ResidMid, Layer(l));
        list.push_back({StreamPart::Attention, Layer(l), block.firstOut(), mid ? SiteId::ResidMid : SiteId::ResidPost, Layer(l),
                        block.mixer.kind});
        if (block.hasMlp()) list.push_back({StreamPart::FeedForward, Layer(l), SiteId::MlpOut, SiteId::ResidPost, Layer(l)});
    }
    return list;
}

std::optional<double> cosine(const RowVectorD& a, const RowVectorD& b) {
    const double norms = a.norm() * b.norm();
    if (norms == 0 || a.size() != b.size()) return std::nullopt;
    return a.dot(b) / norms;
}

Result<RowVectorD> read(const Trace& trace, SiteId site, Layer layer, Position position) {
    if (position.value < 0 || position.value >= trace.length())
        return fail(ErrorKind::BadInput,
                    fmt::format("Position {} is outside this text of {} tokens.", position.value, trace.length()));
    if (!trace.has(site, layer))
        return fail(ErrorKind::NotFound, fmt::format("{} was not captured in this run.", siteName(site, layer)),
                    siteName(site, layer));
    return RowVectorD(trace.row(site, layer, position).cast<double>());
}

}  // namespace

Result<StreamFacts> streamFacts(const Trace& trace, Position position) {
    StreamFacts facts{position, {}};
    if (!trace.model().residualStream)
        return fail(ErrorKind::Unsupported,
                    fmt::format("{} has no residual stream: each layer replaces what it reads instead of adding to it.",
                                trace.model().name));
    const auto list = additions(trace.model());
    const auto last = read(trace, SiteId::ResidPost, Layer(trace.model().layers() - 1), position);
    if (!last) return tl::unexpected(last.error());
    RowVectorD before;
    for (const Addition& a : list) {
        const auto added = read(trace, a.addition, a.layer, position);
        if (!added) return tl::unexpected(added.error());
        const auto stream = read(trace, a.after, a.afterLayer, position);
        if (!stream) return tl::unexpected(stream.error());
        facts.rows.push_back({a.part, a.layer, a.addition, a.after, a.afterLayer, added->norm(), stream->norm(),
                              before.size() ? cosine(*added, before) : std::nullopt, cosine(*added, *last),
                              cosine(*stream, *last), a.mixer});
        before = *stream;
    }
    return facts;
}

Result<std::vector<std::optional<double>>> additionCosines(const Trace& b, Position atB, const Trace& a, Position atA) {
    assert(a.model().layers() == b.model().layers() && a.model().width == b.model().width);
    std::vector<std::optional<double>> cosines;
    for (const Addition& part : additions(b.model())) {
        const auto inB = read(b, part.addition, part.layer, atB);
        if (!inB) return tl::unexpected(inB.error());
        const auto inA = read(a, part.addition, part.layer, atA);
        if (!inA) return tl::unexpected(inA.error());
        cosines.push_back(cosine(*inB, *inA));
    }
    return cosines;
}

}  // namespace lw
