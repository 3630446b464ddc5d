// RWKV-7: every head keeps a memory S [key, value] that fades by key, from which what stands under a unit key k̂ is taken out in
// part, and into which a value is written:
//
//     S ← diag(w) S − (a ⊙ k̂) ⊗ (k̂ S) + k ⊗ v,   o = r S
//
// Decay w, rate a, gate and value mix come from low-rank functions of the token and the one before it (token shift); values are
// mixed with those of the first layer. Then a feed-forward layer with relu², which also sees the token before.
// Configuration: model_type rwkv7; vocab_size, hidden_size, num_hidden_layers, intermediate_size, head_size, layer_norm_epsilon,
// group_norm_epsilon; tie_word_embeddings (the logits are read with the embeddings).
// Tensors as RWKV-LM names them: emb.weight, blocks.{i}.ln1, ln2, att.…, ffn.…, ln_out, head.weight; the first factors w1, a1,
// v1, g1 are [rank, D], the second [D, rank]. Where they are there: blocks.0.ln0 (of the embeddings), att.x_rwkvag for the six
// att.x_r …, att.output.bias, head.bias.
// Source: Peng et al. 2025, "RWKV-7 'Goose' with Expressive Dynamic State Evolution". Golden: tests/data/rwkv, a second
// implementation in tests/data/scripts.
#include "core/models/rwkv7.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/models/config_reader.h"
#include "core/models/parts/part_reader.h"
#include "core/models/stack_builder.h"
#include "core/nn/activation.h"
#include "core/nn/add.h"
#include "core/nn/embedding.h"
#include "core/nn/gates.h"
#include "core/nn/head_dot.h"
#include "core/nn/head_norm.h"
#include "core/nn/linear.h"
#include "core/nn/matrix_state.h"
#include "core/nn/norm.h"
#include "core/nn/window.h"

namespace lw {

namespace {

using enum WeightId;

struct LowRank {
    Weight first, second, bias;  // [rank, D], [D, rank], [1, D] or undefined
};

struct Rwkv7Block {
    std::array<Weight, 6> mix;  // r, w, k, v, a, g
    LowRank decay, rate, value, gate;
    Weight removal, rateOfKey, bonus;  // k_k, k_a [1, D]; r_k [H, Dh]
    Weight receptance, key, read, output, outputBias, normGain, normBias;
    Weight feedMix, feedKey, feedValue;
};

struct Rwkv7State : State {
    int tokens = 0;
    struct Layer {
        Matrix S, before, feedBefore;  // [H·Dh, Dh]; the normed row of the token before, of both parts [1, D]
    };
    std::vector<Layer> layers;

    std::unique_ptr<State> clone() const override { return std::make_unique<Rwkv7State>(*this); }
    int length() const override { return tokens; }
    std::int64_t bytes() const override {
        std::int64_t floats = 0;
        for (const Layer& layer : layers) floats += layer.S.size() + layer.before.size() + layer.feedBefore.size();
        return floats * 4;
    }
};

class Rwkv7 final : public Model {
public:
    Rwkv7(std::shared_ptr<const ModelInfo> info, WeightTable weights, std::vector<Rwkv7Block> blocks, double groupEps)
        : Model(std::move(info)), m_weights(std::move(weights)), m_blocks(std::move(blocks)), m_groupEps(groupEps) {}

    std::unique_ptr<State> start() const override {
        auto state = std::make_unique<Rwkv7State>();
        const MixerInfo& m = info().blocks.front().mixer;
        const Matrix row = Matrix::Zero(1, info().width);
        state->layers.assign(m_blocks.size(), {Matrix::Zero(m.heads * m.keyWidth, m.valueWidth), row, row});
        return state;
    }

    Result<Tensor> forward(std::span<const TokenId> ids, State& state, Tap tap, const Job& job, LogitRows rows) const override {
        auto& memory = static_cast<Rwkv7State&>(state);
        Tensor stream = state.drop(nn::embedding(ids, w(Embed)));  // [T, D]
        tap.show(SiteId::Embed, Layer(0), stream);
        // Gradients that are asked for need a history, also where no weight collects any.
        if (info().layers() > 0 && tap.stateGradients(Layer(0)) && !stream.requiresGrad()) stream = Tensor::leaf(stream.value());
        Tensor firstValue;  // of the first layer
        for (int i = 0; i < info().layers(); ++i) {
            if (job.cancelled()) return cancelledError();
            job.progress(static_cast<double>(i) / info().layers(), "layers");
            const Layer l(i);
            Rwkv7State::Layer& past = memory.layers[static_cast<std::size_t>(i)];
            tap.show(SiteId::ResidPre, l, stream);
            const Tensor in = normed(stream, Ln1Gain, Ln1Bias, l, tap, SiteId::Ln1Scale);
            tap.show(SiteId::MixerIn, l, in);
            const Tensor mixed = mix(in, l, past, firstValue, tap);
            tap.show(SiteId::MixerOut, l, mixed);
            stream = nn::add(stream, state.drop(mixed));
            const Tensor second = normed(stream, Ln2Gain, Ln2Bias, l, tap, SiteId::Ln2Scale);
            const Tensor added = feed(second, l, past, tap);
            tap.show(SiteId::MlpOut, l, added);
            stream = nn::add(stream, state.drop(added));
        }
        memory.tokens += static_cast<int>(ids.size());
        if (rows == LogitRows::Last) stream = Tensor(Matrix(stream.value().bottomRows(1)));
        return nn::linear(normed(stream, FinalGain, FinalBias, Layer(0), tap, SiteId::FinalScale), w(Unembed), w(BiasUnembed));
    }

    Matrix readOut(const Matrix& stream) const override {
        const Tensor out = normed(Tensor(stream), FinalGain, FinalBias, Layer(0), Tap(), SiteId::FinalScale);
        return nn::linear(out, w(Unembed), w(BiasUnembed)).value();
    }
    const Weight& weight(WeightId id, Layer layer) const override { return m_weights.get(id, layer); }
    std::vector<Parameter> parameters() const override { return m_weights.parameters; }

private:
    const Weight& w(WeightId id, Layer layer = Layer(0)) const { return m_weights.get(id, layer); }

    Tensor normed(const Tensor& x, WeightId gain, WeightId bias, Layer layer, const Tap& tap, SiteId scale) const {
        const nn::Normalized norm = nn::layerNorm(x, w(gain, layer), w(bias, layer), info().normEps);
        tap.show(scale, layer, norm.scale);
        return norm.out;
    }

    Tensor mix(const Tensor& x, Layer layer, Rwkv7State::Layer& past, Tensor& firstValue, const Tap& tap) const {
        const Rwkv7Block& b = m_blocks[static_cast<std::size_t>(layer.value)];
        const MixerInfo& m = info().block(layer).mixer;
        const auto shifted = [&](std::size_t i) { return nn::tokenShift(x, b.mix[i], past.before); };
        const auto show = [&](SiteId id, const Tensor& value) { tap.show(id, layer, value); };
        const Tensor r = nn::linear(shifted(0), b.receptance), key = nn::linear(shifted(2), b.key);
        // ln w = −e^−½ σ(…), so that w lies between 0.545 and 1.
        const Tensor decay =
            nn::addBias(nn::linear(nn::tanh(nn::linear(shifted(1), b.decay.first)), b.decay.second), b.decay.bias);
        const Tensor logDecay = nn::scale(nn::sigmoid(decay), -std::exp(-0.5f));
        const Tensor forValue = shifted(3);
        Tensor v = nn::linear(forValue, b.read);
        if (layer.value == 0) {
            firstValue = v;
        } else {
            const Tensor share =
                nn::sigmoid(nn::addBias(nn::linear(nn::linear(forValue, b.value.first), b.value.second), b.value.bias));
            v = nn::add(v, nn::multiply(nn::add(firstValue, nn::scale(v, -1)), share));
        }
        const Tensor rateLogit = nn::addBias(nn::linear(nn::linear(shifted(4), b.rate.first), b.rate.second), b.rate.bias);
        const Tensor a = nn::sigmoid(rateLogit);
        const Tensor gate = nn::linear(nn::sigmoid(nn::linear(shifted(5), b.gate.first)), b.gate.second);
        const Tensor removal = nn::unitHeads(nn::scaleColumns(key, b.removal), m.heads, 1e-24);
        // k (1 + (a − 1) k_a); a − 1 = −σ(−logit)
        const Tensor lessRate = nn::scale(nn::sigmoid(nn::scale(rateLogit, -1)), -1);
        const Tensor k = nn::add(key, nn::multiply(key, nn::scaleColumns(lessRate, b.rateOfKey)));

        nn::MatrixStateInputs step;
        step.query = r;
        step.write = k;
        step.value = v;
        step.decay = nn::exp(logDecay);
        step.erase = nn::multiply(removal, a);
        step.eraseRead = removal;
        const Tensor read = nn::matrixState(step, {m.heads, m.keyWidth, m.valueWidth}, past.S, tap.stateGradients(layer));
        past.before = x.value().bottomRows(1);
        show(SiteId::MixerQ, r);
        show(SiteId::MixerK, k);
        show(SiteId::MixerV, v);
        show(SiteId::MixerLogDecay, logDecay);
        show(SiteId::MixerRemovalKey, removal);
        show(SiteId::MixerInContextRate, a);
        show(SiteId::MixerGate, gate);
        show(SiteId::MixerRecurrenceOut, read);
        const Tensor now = nn::scaleHeads(v, nn::headDot(nn::multiply(r, k), b.bonus));  // the token's own value once more
        const Tensor out = nn::add(nn::groupNorm(read, m.heads, b.normGain, b.normBias, m_groupEps), now);
        return nn::linear(nn::multiply(out, gate), b.output, b.outputBias);
    }

    Tensor feed(const Tensor& x, Layer layer, Rwkv7State::Layer& past, const Tap& tap) const {
        const Rwkv7Block& b = m_blocks[static_cast<std::size_t>(layer.value)];
        const Tensor pre = nn::linear(nn::tokenShift(x, b.feedMix, past.feedBefore), b.feedKey);  // [T, M]
        past.feedBefore = x.value().bottomRows(1);
        tap.show(SiteId::MlpPre, layer, pre);
        return nn::linear(nn::activate(pre, Activation::ReluSquared), b.feedValue);
    }

    WeightTable m_weights;
    std::vector<Rwkv7Block> m_blocks;
    double m_groupEps;
};

struct Sizes {
    int V = 0, D = 0, M = 0, heads = 0, headWidth = 0;
};

class BlockReader {
public:
    BlockReader(WeightReader& reader, WeightTable& table, const WeightSource& source, const Sizes& sizes)
        : m_reader(reader), m_table(table), m_source(source), m_sizes(sizes) {}

    Rwkv7Block read(Layer layer) {
        PartReader part{m_reader, m_table, layer};
        const int D = m_sizes.D, M = m_sizes.M;
        const std::string block = fmt::format("blocks.{}.", layer.value), att = block + "att.", ffn = block + "ffn.";
        const auto row = [&](WeightId id, const std::string& name, const Init& init = {}) {
            return part.take(id, name, 1, D, init);
        };
        static constexpr std::array<WeightId, 6> shifts{ShiftR, ShiftW, ShiftK, ShiftV, ShiftA, ShiftG};
        Rwkv7Block b;
        norm(part, Ln1Gain, Ln1Bias, block + "ln1");
        norm(part, Ln2Gain, Ln2Bias, block + "ln2");
        if (m_reader.has(att + "x_rwkvag")) {
            const Weight all = part.takeUnnamed(att + "x_rwkvag", 6, D);
            for (std::size_t i = 0; i < 6 && all.defined(); ++i) {
                b.mix[i] = all.slice(static_cast<std::int64_t>(i), 1);
                m_table.set(shifts[i], layer, b.mix[i]);
            }
        } else {
            static constexpr std::array<const char*, 6> names{"x_r", "x_w", "x_k", "x_v", "x_a", "x_g"};
            for (std::size_t i = 0; i < 6; ++i) b.mix[i] = row(shifts[i], att + names[i], Init::uniform(0, 1));
        }
        struct Ids {
            WeightId down, up, bias;
        };
        const auto lowRank = [&](const char* letter, const Ids& ids, bool bias, const Init& start = Init::zeros()) {
            const std::string name = att + letter;
            const TensorEntry* entry = m_source.find(name + "1");
            const auto rank = entry && entry->shape.size() == 2 ? entry->shape.front() : std::max(8, D / 8);
            LowRank f;
            f.first = part.take(ids.down, name + "1", rank, D);
            f.second = part.take(ids.up, name + "2", D, rank);
            if (bias) f.bias = row(ids.bias, name + "0", start);
            return f;
        };
        b.decay = lowRank("w", {DecayDown, DecayUp, DecayBias}, true, Init::values([D](std::int64_t, std::int64_t n, Pcg32&) {
                              return -5.5 + 5.0 * static_cast<double>(n) / std::max(1, D - 1);
                          }));
        b.rate = lowRank("a", {RateDown, RateUp, RateBias}, true);
        if (layer.value > 0) b.value = lowRank("v", {ValueDown, ValueUp, ValueBias}, true, Init::constant(1));
        b.gate = lowRank("g", {GateDown, GateUp, GateUp}, false);
        b.removal = row(RemovalScale, att + "k_k");
        b.rateOfKey = row(RateOfKey, att + "k_a");
        b.bonus = part.take(Bonus, att + "r_k", m_sizes.heads, m_sizes.headWidth, Init::zeros());
        b.receptance = part.take(Q, att + "receptance.weight", D, D);
        b.key = part.take(K, att + "key.weight", D, D);
        b.read = part.take(WeightId::V, att + "value.weight", D, D);
        b.output = part.take(MixerOutProj, att + "output.weight", D, D);
        if (m_reader.has(att + "output.bias")) b.outputBias = row(MixerOutBias, att + "output.bias");
        b.normGain = part.take(MixerNormGain, att + "ln_x.weight", 1, D);
        b.normBias = part.take(MixerNormBias, att + "ln_x.bias", 1, D);
        b.feedMix = part.take(InMix, ffn + "x_k", 1, D, Init::uniform(0, 1));
        b.feedKey = part.take(In, ffn + "key.weight", M, D);
        b.feedValue = part.take(Out, ffn + "value.weight", D, M);
        return b;
    }

    void norm(PartReader& part, WeightId gain, WeightId bias, const std::string& name) const {
        part.take(gain, name + ".weight", 1, m_sizes.D);
        part.take(bias, name + ".bias", 1, m_sizes.D);
    }

private:
    WeightReader& m_reader;
    WeightTable& m_table;
    const WeightSource& m_source;
    Sizes m_sizes;
};

// The table with the norm that follows it done once for every token.
Weight normedTable(const Weight& table, const Weight& gain, const Weight& bias, double eps) {
    return Weight::fromMatrix(nn::layerNorm(Tensor(table.toMatrix()), gain, bias, eps).out.value());
}

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    config.text("model_type", "rwkv7");
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = "rwkv7";
    Sizes sizes;
    sizes.V = info->vocabulary = config.integer("vocab_size");
    sizes.D = info->width = config.integer("hidden_size");
    const int layers = config.integer("num_hidden_layers", {}, 1, 100000);
    sizes.M = config.integer("intermediate_size", 4 * sizes.D);
    sizes.headWidth = config.integer("head_size", 64);
    info->canGoBeyondContext = true;
    info->tiedHead = config.flag("tie_word_embeddings", false);
    info->norm = NormKind::LayerNorm;
    info->normEps = config.number("layer_norm_epsilon", 1e-5, 0, 1);
    const double groupEps = config.number("group_norm_epsilon", 64e-5, 0, 1);
    config.harmless(harmlessEverywhere());
    if (config.error()) return Unexpected(*config.error());
    if (sizes.D % sizes.headWidth != 0)
        return fail(ErrorKind::Mismatch,
                    fmt::format("{}: hidden_size is {}, which heads of {} (head_size) do not divide.", request.configWhere,
                                sizes.D, sizes.headWidth),
                    "head_size");
    sizes.heads = sizes.D / sizes.headWidth;
    BlockInfo block;
    block.mixer.kind = MixerKind::Rwkv7;
    block.mixer.heads = sizes.heads;
    block.mixer.keyWidth = block.mixer.valueWidth = sizes.headWidth;
    block.mixer.innerNormEps = groupEps;
    block.mlp = {sizes.M, false, Activation::ReluSquared};
    info->blocks.assign(static_cast<std::size_t>(layers), block);

    WeightReader reader(request.source, request.trainable, [](const std::string& name) { return name; });
    WeightTable table;
    BlockReader blocks(reader, table, request.source, sizes);
    PartReader whole{reader, table, Layer(0)};
    whole.take(Embed, "emb.weight", sizes.V, sizes.D);
    if (info->tiedHead) table.set(Unembed, Layer(0), table.get(Embed, Layer(0)));  // as stored, before any norm of the embeddings
    if (reader.has("blocks.0.ln0.weight")) {
        const Weight gain = whole.takeUnnamed("blocks.0.ln0.weight", 1, sizes.D),
                     bias = whole.takeUnnamed("blocks.0.ln0.bias", 1, sizes.D);
        if (request.trainable)
            return fail(ErrorKind::Unsupported,
                        fmt::format("{}: a model whose embeddings are normed (blocks.0.ln0) cannot be trained further here.",
                                    request.source.where()),
                        "blocks.0.ln0.weight");
        if (!reader.error()) table.set(Embed, Layer(0), normedTable(table.get(Embed, Layer(0)), gain, bias, info->normEps));
    }
    std::vector<Rwkv7Block> read;
    for (int i = 0; i < layers && !reader.error(); ++i) read.push_back(blocks.read(Layer(i)));
    blocks.norm(whole, FinalGain, FinalBias, "ln_out");
    if (!info->tiedHead) whole.take(Unembed, "head.weight", sizes.V, sizes.D);
    if (reader.has("head.bias")) whole.take(BiasUnembed, "head.bias", 1, sizes.V);
    if (reader.error()) return Unexpected(*reader.error());
    info->parameters = reader.parameterCount();
    std::vector<std::string> warnings = config.warnings();
    // The first layer has nobody's values to mix with; some files keep the tensors for it all the same.
    reader.warnUnused(warnings, {"blocks.0.att.v0", "blocks.0.att.v1", "blocks.0.att.v2"});
    return Built{std::make_shared<Rwkv7>(info, std::move(table), std::move(read), groupEps), std::move(warnings)};
}

}  // namespace

Architecture rwkv7Architecture() {
    static constexpr std::array<std::string_view, 1> types{"rwkv7"};
    return {"rwkv7", types, {}, "RWKV-7", build, noGguf};
}

}  // namespace lw
