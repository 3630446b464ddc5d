#include "widgets/block/block_facts.h"

#include <fmt/format.h>

#include <algorithm>

namespace lw {
namespace {

// Reads rows and remembers the first that is missing.
class Reader {
public:
    Reader(const Trace& trace, Layer layer, Position position) : m_trace(trace), m_layer(layer), m_position(position) {}
    RowVector operator()(SiteId site) {
        if (!m_trace.has(site, m_layer)) {
            if (m_missing.empty()) m_missing = siteName(site, m_layer);
            return {};
        }
        return m_trace.row(site, m_layer, m_position);
    }
    const std::string& missing() const { return m_missing; }

private:
    const Trace& m_trace;
    Layer m_layer;
    Position m_position;
    std::string m_missing;
};

RowVector rowOf(const Weight& weight) { return weight.defined() ? weight.row(0) : RowVector(); }

RowVector part(const RowVector& joined, int index, int width) {
    return joined.size() >= (index + 1) * width ? RowVector(joined.segment(index * width, width)) : RowVector();
}

}  // namespace

Result<BlockFacts> blockFacts(const Trace& trace, const Model& model, Layer layer, Head head, Position position) {
    const ModelInfo& info = model.info();
    if (layer.value < 0 || layer.value >= info.layers())
        return fail(ErrorKind::BadInput, fmt::format("Layer {} is outside this model of {} layers.", layer.value, info.layers()));
    if (position.value < 0 || position.value >= trace.length())
        return fail(ErrorKind::BadInput,
                    fmt::format("Position {} is outside this text of {} tokens.", position.value, trace.length()));
    const BlockInfo& block = info.blocks[static_cast<std::size_t>(layer.value)];
    const AttentionInfo& attention = block.attention;

    Reader read(trace, layer, position);
    BlockFacts facts;
    facts.position = position;
    facts.layer = layer;
    facts.head = Head(std::clamp(head.value, 0, std::max(0, attention.heads - 1)));
    facts.kvHead = attention.heads > 0 && attention.kvHeads > 0 ? attention.kvHead(facts.head.value) : 0;
    facts.rotary = attention.rotary;
    facts.streamIn = read(SiteId::ResidPre);
    facts.streamMid = read(SiteId::ResidMid);
    facts.streamOut = read(SiteId::ResidPost);
    facts.attentionOut = read(SiteId::AttnOut);
    facts.feedForwardOut = read(SiteId::MlpOut);
    facts.neurons = read(SiteId::MlpPost);
    facts.q = part(read(SiteId::Q), facts.head.value, attention.headWidth);
    facts.k = part(read(SiteId::K), facts.kvHead, attention.headWidth);
    facts.v = part(read(SiteId::V), facts.kvHead, attention.headWidth);
    facts.z = part(read(SiteId::Z), facts.head.value, attention.headWidth);
    const auto norm = [&](const RowVector& input, SiteId scale, SiteId normalized, WeightId gain, WeightId bias) {
        NormFacts n;
        if (info.norm == NormKind::LayerNorm && input.size() > 0) n.mean = input.cast<double>().mean();
        const RowVector s = read(scale);
        n.scale = s.size() > 0 ? static_cast<double>(s(0)) : 0;
        n.normalized = read(normalized);
        n.gain = rowOf(model.weight(gain, layer));
        n.bias = rowOf(model.weight(bias, layer));
        return n;
    };
    facts.norm1 = norm(facts.streamIn, SiteId::Ln1Scale, SiteId::Ln1Normalized, WeightId::Ln1Gain, WeightId::Ln1Bias);
    facts.norm2 = norm(facts.streamMid, SiteId::Ln2Scale, SiteId::Ln2Normalized, WeightId::Ln2Gain, WeightId::Ln2Bias);
    if (!read.missing().empty())
        return fail(ErrorKind::NotFound, fmt::format("{} was not captured in this run.", read.missing()), read.missing());
    if (auto same = model.intact(); !same) return tl::unexpected(same.error());
    const RowVectorD sum =
        facts.streamIn.cast<double>() + facts.attentionOut.cast<double>() + facts.feedForwardOut.cast<double>();
    facts.largestDifference = (sum - facts.streamOut.cast<double>()).cwiseAbs().maxCoeff();
    return facts;
}

}  // namespace lw
