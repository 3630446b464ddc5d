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

// The sites whose vectors tell what goes on inside, in the order of the computation.
std::vector<SiteId> insideOf(const BlockInfo& block) {
    using enum SiteId;
    const MixerInfo& m = block.mixer;
    if (block.hasAttention()) return {Q, K, V, Z};
    switch (m.kind) {
        case MixerKind::None:
            return {};
        case MixerKind::Rnn:
            return {CellKept, CellWritten, CellH};
        case MixerKind::Lstm:
            return {CellI, CellF, CellG, CellO, CellC};
        case MixerKind::Gru:
            return {CellR, CellZ, CellN, CellH};
        case MixerKind::S4d:
            return {SsmInput, SsmDelta, SsmY, SsmSkip};
        case MixerKind::Mamba:
        case MixerKind::Mamba2:
            return {SsmInput, SsmDelta, SsmB, SsmC, SsmY, SsmSkip};
        default: {
            std::vector<SiteId> sites{MixerQ, MixerK, MixerV, MixerRecurrenceOut};
            for (const SiteId gate : {MixerGate, MixerGateInput}) {
                if (m.has(gate)) sites.push_back(gate);
            }
            return sites;
        }
    }
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
    if (!info.residualStream)
        return fail(ErrorKind::Unsupported, fmt::format("{} has no residual stream that its blocks add to.", info.name));

    Reader read(trace, layer, position);
    BlockFacts facts;
    facts.position = position;
    facts.layer = layer;
    facts.block = block;
    const int heads = block.hasAttention() ? block.attention.heads : block.mixer.heads;
    facts.head = Head(std::clamp(head.value, 0, std::max(0, heads - 1)));
    facts.streamIn = read(SiteId::ResidPre);
    facts.streamOut = read(SiteId::ResidPost);
    facts.firstOut = read(block.firstOut());
    if (block.hasMlp()) {
        facts.streamMid = read(SiteId::ResidMid);
        facts.feedForwardOut = read(SiteId::MlpOut);
        facts.neurons = read(block.mlp.experts > 0 ? SiteId::ExpertWeights : SiteId::MlpPost);
    }
    for (const SiteId site : insideOf(block)) {
        const RowVector all = read(site);
        const bool byHead = siteOf(site).axes == Axes::PositionHeadUnit && all.size() > 0;
        if (!byHead) {
            facts.inside.push_back({site, std::nullopt, all});
            continue;
        }
        const int parts = info.headsOf(site, layer);
        const int own = parts == heads ? facts.head.value : block.attention.kvHead(facts.head.value);
        const Eigen::Index width = all.size() / parts;
        facts.inside.push_back({site, Head(own), all.segment(own * width, width)});
    }
    const auto norm = [&](const RowVector& input, SiteId scale, SiteId normalized, WeightId gain, WeightId bias) {
        NormFacts n;
        if (!info.has(scale, layer)) return n;
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
    RowVectorD sum = facts.streamIn.cast<double>() + facts.firstOut.cast<double>();
    if (facts.hasFeedForward()) sum += facts.feedForwardOut.cast<double>();
    facts.largestDifference = (sum - facts.streamOut.cast<double>()).cwiseAbs().maxCoeff();
    return facts;
}

}  // namespace lw
