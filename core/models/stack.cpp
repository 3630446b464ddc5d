#include "core/models/stack.h"

#include <algorithm>
#include <array>

#include "core/nn/add.h"
#include "core/nn/embedding.h"
#include "core/nn/linear.h"
#include "core/nn/norm.h"

namespace lw {

namespace {

using enum WeightId;

constexpr std::array gains{Ln1Gain, Ln2Gain, FinalGain, QNorm, KNorm};

struct StackState : State {
    int tokens = 0;
    std::vector<std::unique_ptr<PartState>> parts;

    std::unique_ptr<State> clone() const override {
        auto copy = std::make_unique<StackState>();
        copy->tokens = tokens;
        for (const auto& part : parts) copy->parts.push_back(part->clone());
        return copy;
    }
    int length() const override { return tokens; }
    std::int64_t bytes() const override {
        std::int64_t sum = 0;
        for (const auto& part : parts) sum += part->bytes();
        return sum;
    }
};

}  // namespace

Stack::Stack(std::shared_ptr<const ModelInfo> info, WeightTable weights, std::vector<StackBlock> blocks, float gainOffset,
             std::vector<double> frequencies)
    : Model(std::move(info)),
      m_weights(std::move(weights)),
      m_blocks(std::move(blocks)),
      m_gainOffset(gainOffset),
      m_frequencies(std::move(frequencies)) {
    if (m_gainOffset == 0) return;
    for (int l = 0; l < std::max(1, this->info().layers()); ++l) {
        for (const WeightId id : gains) {
            const Weight& stored = m_weights.get(id, Layer(l));
            if (stored.defined())
                m_gains.set(id, Layer(l), Weight::fromMatrix((stored.toMatrix().array() + m_gainOffset).matrix()));
        }
    }
}

const Weight& Stack::weight(WeightId id, Layer layer) const {
    const bool offset = m_gainOffset != 0 && std::ranges::find(gains, id) != gains.end();
    return (offset ? m_gains : m_weights).get(id, layer);
}

std::unique_ptr<State> Stack::start() const {
    auto state = std::make_unique<StackState>();
    for (const StackBlock& block : m_blocks) state->parts.push_back(block.mixer->start());
    return state;
}

Tensor Stack::normed(const Tensor& x, WeightId gain, WeightId bias, Layer layer, const Tap& tap, SiteId scale) const {
    const nn::Normalized norm = info().norm == NormKind::LayerNorm
                                    ? nn::layerNorm(x, w(gain, layer), w(bias, layer), info().normEps)
                                    : nn::rmsNorm(x, w(gain, layer), info().normEps, m_gainOffset);
    tap.show(scale, layer, norm.scale);
    return norm.out;
}

Result<Tensor> Stack::forward(std::span<const TokenId> ids, State& state, Tap tap, const Job& job, LogitRows rows) const {
    auto& memory = static_cast<StackState&>(state);
    Tensor stream = state.drop(nn::embedding(ids, w(Embed)));  // [T, D]
    // Gradients that are asked for need a history, also where no weight collects any.
    if (info().layers() > 0 && tap.stateGradients(Layer(0)) && !stream.requiresGrad()) stream = Tensor::leaf(stream.value());
    tap.show(SiteId::Embed, Layer(0), stream);
    for (int i = 0; i < info().layers(); ++i) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(i) / info().layers(), "layers");
        const Layer l(i);
        const BlockInfo& block = info().block(l);
        const StackBlock& parts = m_blocks[static_cast<std::size_t>(i)];
        const PartPlace at{tap, l, memory.tokens};
        const bool adds = info().residualStream;
        if (adds) tap.show(SiteId::ResidPre, l, stream);

        const Tensor in = block.norm1 ? normed(stream, Ln1Gain, Ln1Bias, l, tap, SiteId::Ln1Scale) : stream;
        if (block.hasMixer()) tap.show(SiteId::MixerIn, l, in);
        const Tensor mixed = parts.mixer->forward(in, *memory.parts[static_cast<std::size_t>(i)], at);
        tap.show(block.firstOut(), l, mixed);
        stream = adds ? nn::add(stream, state.drop(mixed)) : state.drop(mixed);

        if (!parts.feedForward) continue;
        const Tensor second = block.norm2 ? normed(stream, Ln2Gain, Ln2Bias, l, tap, SiteId::Ln2Scale) : stream;
        const Tensor added = parts.feedForward->forward(second, at);
        tap.show(SiteId::MlpOut, l, added);
        stream = adds ? nn::add(stream, state.drop(added)) : state.drop(added);
    }
    memory.tokens += static_cast<int>(ids.size());
    if (rows == LogitRows::Last) stream = Tensor(stream.value().bottomRows(1));
    if (w(FinalGain).defined()) stream = normed(stream, FinalGain, FinalBias, Layer(0), tap, SiteId::FinalScale);
    return nn::linear(stream, w(Unembed), w(BiasUnembed));
}

Matrix Stack::readOut(const Matrix& stream) const {
    Tensor x{stream};
    if (w(FinalGain).defined()) x = normed(x, FinalGain, FinalBias, Layer(0), Tap(), SiteId::FinalScale);
    return nn::linear(x, w(Unembed), w(BiasUnembed)).value();
}

}  // namespace lw
