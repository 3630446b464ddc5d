#include "core/models/llama.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/models/config_reader.h"
#include "core/models/gguf_fields.h"
#include "core/models/kv_cache.h"
#include "core/models/rope_config.h"
#include "core/models/weight_table.h"
#include "core/nn/activation.h"
#include "core/nn/add.h"
#include "core/nn/attention.h"
#include "core/nn/embedding.h"
#include "core/nn/linear.h"
#include "core/nn/norm.h"
#include "core/nn/rotary.h"

namespace lw {

namespace {

using enum WeightId;

class Llama : public Model {
public:
    Llama(std::shared_ptr<const ModelInfo> info, WeightTable weights, std::vector<double> frequencies)
        : Model(std::move(info)), m_weights(std::move(weights)), m_frequencies(std::move(frequencies)) {}

    std::unique_ptr<State> start() const override {
        const AttentionInfo& a = info().blocks.front().attention;
        return std::make_unique<KvCache>(info().layers(), a.kvHeads * a.headWidth);
    }
    const Weight& weight(WeightId id, Layer layer) const override { return m_weights.get(id, layer); }
    std::vector<Parameter> parameters() const override { return m_weights.parameters; }
    std::vector<double> rotaryFrequencies() const override { return m_frequencies; }

    Result<Tensor> forward(std::span<const TokenId> ids, State& state, Tap tap, const Job& job, LogitRows rows) const override {
        auto& cache = static_cast<KvCache&>(state);
        const int T = static_cast<int>(ids.size()), first = cache.length();

        Tensor stream = state.drop(nn::embedding(ids, w(Embed)));  // [T, D]
        tap.show(SiteId::Embed, Layer(0), stream);
        for (int i = 0; i < info().layers(); ++i) {
            if (job.cancelled()) return cancelledError();
            job.progress(static_cast<double>(i) / info().layers(), "layers");
            const Layer l(i);
            const BlockInfo& block = info().blocks[static_cast<std::size_t>(i)];
            const AttentionInfo& a = block.attention;
            tap.show(SiteId::ResidPre, l, stream);

            const nn::Normalized n1 = nn::rmsNorm(stream, w(Ln1Gain, l), info().normEps);
            tap.show(SiteId::Ln1Scale, l, n1.scale);
            const Tensor q = nn::linear(n1.out, w(Q, l), w(BiasQ, l));  // [T, H·Dh]
            const Tensor k = nn::linear(n1.out, w(K, l), w(BiasK, l));  // [T, Hkv·Dh]
            const Tensor v = nn::linear(n1.out, w(V, l), w(BiasV, l));
            const Tensor rotQ = nn::rotary(q, a.heads, first, m_frequencies);
            const Tensor rotK = nn::rotary(k, a.kvHeads, first, m_frequencies);
            tap.show(SiteId::Q, l, q);
            tap.show(SiteId::K, l, k);
            tap.show(SiteId::V, l, v);
            tap.show(SiteId::RotQ, l, rotQ);
            tap.show(SiteId::RotK, l, rotK);
            cache.append(l, rotK.value(), v.value());
            const Tensor z = nn::attention(rotQ, rotK, v, cache.rows(l), {a.heads, a.kvHeads, a.headWidth, a.scale, a.window});
            tap.show(SiteId::Z, l, z);
            const Tensor attended = nn::linear(z, w(O, l), w(BiasO, l));
            tap.show(SiteId::AttnOut, l, attended);
            const Tensor mid = nn::add(stream, state.drop(attended));

            const nn::Normalized n2 = nn::rmsNorm(mid, w(Ln2Gain, l), info().normEps);
            tap.show(SiteId::Ln2Scale, l, n2.scale);
            const Tensor gate = nn::linear(n2.out, w(Gate, l), w(BiasGate, l));  // [T, M]
            const Tensor up = nn::linear(n2.out, w(In, l), w(BiasIn, l));
            tap.show(SiteId::MlpPre, l, gate);
            tap.show(SiteId::MlpPreLinear, l, up);
            const Tensor post = nn::multiply(nn::activate(gate, block.mlp.activation), up);
            const Tensor added = nn::linear(post, w(Out, l), w(BiasOut, l));
            tap.show(SiteId::MlpOut, l, added);
            stream = nn::add(mid, state.drop(added));
        }
        cache.advance(T);
        if (rows == LogitRows::Last) stream = Tensor(stream.value().bottomRows(1));
        const nn::Normalized final = nn::rmsNorm(stream, w(FinalGain), info().normEps);
        tap.show(SiteId::FinalScale, Layer(0), final.scale);
        return nn::linear(final.out, w(Unembed));
    }

    Matrix readOut(const Matrix& stream) const override {
        return nn::linear(nn::rmsNorm(Tensor(stream), w(FinalGain), info().normEps).out, w(Unembed)).value();
    }

private:
    const Weight& w(WeightId id, Layer layer = Layer(0)) const { return m_weights.get(id, layer); }
    WeightTable m_weights;
    std::vector<double> m_frequencies;
};

// llama.cpp's names of what Hugging Face calls layers.{i}.….
std::string ggufName(const std::string& name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> parts{
        {{"input_layernorm.", "attn_norm."},
         {"self_attn.q_proj.", "attn_q."},
         {"self_attn.k_proj.", "attn_k."},
         {"self_attn.v_proj.", "attn_v."},
         {"self_attn.o_proj.", "attn_output."},
         {"post_attention_layernorm.", "ffn_norm."},
         {"mlp.gate_proj.", "ffn_gate."},
         {"mlp.up_proj.", "ffn_up."},
         {"mlp.down_proj.", "ffn_down."},
         {"embed_tokens.", "token_embd."},
         {"lm_head.", "output."},
         {"layers.", "blk."},
         {"", ""}}};
    if (name.starts_with("norm.")) return "output_" + name;
    std::string result = name;
    for (const auto& [from, to] : parts) {
        const auto at = from.empty() ? std::string::npos : result.find(from);
        if (at != std::string::npos) result.replace(at, from.size(), to);
    }
    return result;
}

// llama.cpp stores each head's query and key rows with the two rotated halves interleaved (0, Dh/2, 1, Dh/2 + 1, …);
// this is the order that takes them back to Hugging Face's halves.
std::vector<std::int64_t> unInterleaved(int heads, int headWidth) {
    std::vector<std::int64_t> order;
    for (int h = 0; h < heads; ++h) {
        for (int half = 0; half < 2; ++half) {
            for (int i = 0; i < headWidth / 2; ++i) order.push_back(std::int64_t{1} * h * headWidth + 2 * i + half);
        }
    }
    return order;
}

// Which layers slide, for Mistral's configurations: all with sliding_window, unless layer_types says otherwise.
void readWindows(ConfigReader& config, bool mistral, ModelInfo& info) {
    const int window = mistral && config.has("sliding_window") ? config.integer("sliding_window") : 0;
    for (BlockInfo& block : info.blocks) block.attention.window = window;
    const nlohmann::json* types = config.any("layer_types");
    if (!types) return;
    if (!types->is_array() || types->size() != info.blocks.size()) {
        return config.refuse(
            ErrorKind::Mismatch,
            fmt::format("{}: layer_types must list one kind for each of the {} layers.", config.where(), info.blocks.size()),
            "layer_types");
    }
    for (std::size_t i = 0; i < info.blocks.size(); ++i) {
        if ((*types)[i] == "full_attention") {
            info.blocks[i].attention.window = 0;
        } else if ((*types)[i] != "sliding_attention" || window == 0) {
            return config.refuse(ErrorKind::Unsupported,
                                 fmt::format("{}: layer_types asks for {} in layer {}; full_attention is supported, and "
                                             "sliding_attention with a sliding_window.",
                                             config.where(), (*types)[i].dump(), i),
                                 "layer_types");
        }
    }
}

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    const std::string type = config.text("model_type", "llama");
    const bool mistral = type == "mistral";
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = "llama";
    info->vocabulary = config.integer("vocab_size");
    const int D = info->width = config.integer("hidden_size");
    const int M = config.integer("intermediate_size");
    const int layers = config.integer("num_hidden_layers", {}, 1, 100000);
    const int H = config.integer("num_attention_heads");
    const int Hkv = config.integer("num_key_value_heads", H);
    info->context = config.integer("max_position_embeddings", mistral ? 131072 : 2048);
    info->canGoBeyondContext = true;
    info->norm = NormKind::RmsNorm;
    info->normEps = config.number("rms_norm_eps", 1e-6, 0, 1);
    info->tiedHead = config.flag("tie_word_embeddings", false);
    const bool attentionBias = !mistral && config.flag("attention_bias", false);
    const bool mlpBias = !mistral && config.flag("mlp_bias", false);
    const std::string activationField = config.text("hidden_act", "silu");
    config.onlyIf("is_encoder_decoder", false, "an encoder");
    config.onlyIf("add_cross_attention", false, "cross-attention");
    config.onlyIf("quantization_config", nullptr, "weights quantised in another library's way");
    config.onlyIf("pruned_heads", nlohmann::json::object(), "pruned heads");
    config.onlyIf("attn_logit_softcapping", nullptr, "capped attention scores");
    config.onlyIf("final_logit_softcapping", nullptr, "capped logits");
    config.onlyIf("partial_rotary_factor", 1.0, "rotating a part of each head");
    static constexpr std::array<std::string_view, 8> trainingOnly{"attention_dropout", "pretraining_tp",     "rope_interleaved",
                                                                  "is_llama_config",   "hidden_dropout",     "resid_pdrop",
                                                                  "mask_token_id",     "tie_encoder_decoder"};
    config.onlyIf("rope_interleaved", false, "interleaved rotary halves");
    config.harmless(trainingOnly);
    config.harmless(harmlessEverywhere());
    const auto activation = parseActivation(activationField);
    if (!activation) {
        config.refuse(ErrorKind::Unsupported,
                      fmt::format("{}: the activation “{}” is not supported; silu, gelu, gelu_new, relu and quick_gelu are.",
                                  config.where(), activationField),
                      "hidden_act");
    }
    if (!config.error() && H % Hkv != 0) {
        config.refuse(
            ErrorKind::Mismatch,
            fmt::format(
                "{}: {} query heads (num_attention_heads) cannot be shared among {} key/value heads (num_key_value_heads).",
                config.where(), H, Hkv),
            "num_key_value_heads");
    }
    if (!config.error() && !config.has("head_dim") && D % H != 0) {
        config.refuse(
            ErrorKind::Mismatch,
            fmt::format("{}: hidden_size {} cannot be divided among {} heads (num_attention_heads), and no head_dim is given.",
                        config.where(), D, H),
            "num_attention_heads");
    }
    const int Dh = config.integer("head_dim", std::max(1, D / std::max(1, H)), 1, 1 << 20);
    if (!config.error() && Dh % 2 != 0) {
        config.refuse(ErrorKind::Mismatch,
                      fmt::format("{}: a head is {} wide; rotary positions need an even width.", config.where(), Dh), "head_dim");
    }
    if (config.error()) return Unexpected(*config.error());
    std::vector<double> frequencies = rotaryFrequencies(config, Dh, info->context);
    if (config.error()) return Unexpected(*config.error());

    const std::int64_t V = info->vocabulary;
    const bool prefixed = request.source.find("model.embed_tokens.weight") != nullptr;
    WeightReader reader(request.source, request.trainable, [&](const std::string& name) {
        if (request.fromGguf) return ggufName(name);
        return prefixed && name != "lm_head.weight" ? "model." + name : name;
    });
    WeightTable table;
    const auto keep = [&](WeightId id, Layer l, const std::string& name, Weight weight) {
        reader.note(table, name, {weight});
        table.set(id, l, std::move(weight));
    };
    const auto take = [&](WeightId id, Layer l, const std::string& name, std::int64_t rows, std::int64_t cols) {
        keep(id, l, name, reader.read(name, rows, cols));
    };
    const auto takeTurned = [&](WeightId id, Layer l, const std::string& name, int heads, bool bias) {
        const std::int64_t width = std::int64_t{1} * heads * Dh;
        if (!request.fromGguf) return take(id, l, name, bias ? 1 : width, bias ? width : D);
        const std::vector<std::int64_t> order = unInterleaved(heads, Dh);
        if (!bias) return keep(id, l, name, reader.readPermuted(name, width, D, order));
        const Weight stored = reader.read(name, 1, width);
        if (!stored.defined()) return;
        Matrix turned(1, width);
        for (std::int64_t i = 0; i < width; ++i) turned(0, i) = stored.row(0)(order[static_cast<std::size_t>(i)]);
        keep(id, l, name, Weight::fromMatrix(turned));
    };
    take(Embed, Layer(0), "embed_tokens.weight", V, D);
    for (int i = 0; i < layers && !reader.error(); ++i) {
        const Layer l(i);
        const std::string at = fmt::format("layers.{}.", i), attention = at + "self_attn.", mlp = at + "mlp.";
        take(Ln1Gain, l, at + "input_layernorm.weight", 1, D);
        takeTurned(Q, l, attention + "q_proj.weight", H, false);
        takeTurned(K, l, attention + "k_proj.weight", Hkv, false);
        take(WeightId::V, l, attention + "v_proj.weight", Hkv * Dh, D);
        take(O, l, attention + "o_proj.weight", D, H * Dh);
        if (attentionBias) {
            takeTurned(BiasQ, l, attention + "q_proj.bias", H, true);
            takeTurned(BiasK, l, attention + "k_proj.bias", Hkv, true);
            take(BiasV, l, attention + "v_proj.bias", 1, Hkv * Dh);
            if (!request.fromGguf || reader.has(attention + "o_proj.bias")) take(BiasO, l, attention + "o_proj.bias", 1, D);
        }
        take(Ln2Gain, l, at + "post_attention_layernorm.weight", 1, D);
        take(Gate, l, mlp + "gate_proj.weight", M, D);
        take(In, l, mlp + "up_proj.weight", M, D);
        take(Out, l, mlp + "down_proj.weight", D, M);
        if (mlpBias) {
            take(BiasGate, l, mlp + "gate_proj.bias", 1, M);
            take(BiasIn, l, mlp + "up_proj.bias", 1, M);
            take(BiasOut, l, mlp + "down_proj.bias", 1, D);
        }
        BlockInfo block;
        block.attention = {H, Hkv, Dh, 1.0f / std::sqrt(static_cast<float>(Dh)), 0, true};
        block.mlp = {M, true, *activation};
        info->blocks.push_back(block);
    }
    if (!reader.error()) readWindows(config, mistral, *info);
    if (config.error()) return Unexpected(*config.error());
    take(FinalGain, Layer(0), "norm.weight", 1, D);
    if (info->tiedHead) {
        table.set(Unembed, Layer(0), table.get(Embed, Layer(0)));
    } else {
        take(Unembed, Layer(0), "lm_head.weight", V, D);
    }
    if (request.fromGguf && request.source.find("rope_freqs.weight")) {
        // llama.cpp keeps Llama 3's scaling as a divisor for every frequency.
        const Weight divisors = reader.readRaw("rope_freqs.weight", 1, Dh / 2);
        for (std::size_t f = 0; f < frequencies.size() && divisors.defined(); ++f) frequencies[f] /= divisors.floats()[f];
    }
    if (reader.error()) return Unexpected(*reader.error());
    info->parameters = reader.parameterCount();
    std::vector<std::string> warnings = config.warnings();
    reader.warnUnused(warnings, {"rotary_emb.inv_freq", info->tiedHead ? "lm_head.weight" : "rotary_emb.inv_freq"});
    return Built{std::make_shared<Llama>(std::move(info), std::move(table), std::move(frequencies)), std::move(warnings)};
}

Result<nlohmann::json> configFromGguf(const nlohmann::json& settings, const WeightSource& tensors) {
    GgufFields gguf(settings, tensors, "llama");
    nlohmann::json config{{"model_type", "llama"}, {"hidden_act", "silu"}};
    gguf.copy(config, "num_hidden_layers", "block_count");
    gguf.copy(config, "max_position_embeddings", "context_length");
    gguf.copy(config, "hidden_size", "embedding_length");
    gguf.copy(config, "intermediate_size", "feed_forward_length");
    gguf.copy(config, "num_attention_heads", "attention.head_count");
    gguf.copy(config, "num_key_value_heads", "attention.head_count_kv");
    gguf.copy(config, "rms_norm_eps", "attention.layer_norm_rms_epsilon");
    gguf.copy(config, "rope_theta", "rope.freq_base");
    gguf.copy(config, "head_dim", "attention.key_length");
    config["vocab_size"] = gguf.rowsOf("token_embd.weight");
    config["tie_word_embeddings"] = tensors.find("output.weight") == nullptr;
    config["attention_bias"] = tensors.find("blk.0.attn_q.bias") != nullptr;
    config["mlp_bias"] = tensors.find("blk.0.ffn_gate.bias") != nullptr;
    if (const nlohmann::json* window = gguf.find("attention.sliding_window"); window && *window != 0) {
        config["model_type"] = "mistral";
        config["sliding_window"] = *window;
        config.erase("attention_bias");
        config.erase("mlp_bias");
    }
    if (gguf.find("expert_count") && *gguf.find("expert_count") != 0) {
        return fail(ErrorKind::Unsupported,
                    fmt::format("{}: the model has {} expert layers (llama.expert_count), which are not supported yet.",
                                tensors.where(), gguf.find("expert_count")->dump()),
                    "llama.expert_count");
    }
    if (const nlohmann::json* turned = gguf.find("rope.dimension_count"); turned && turned->is_number()) {
        const nlohmann::json* heads = gguf.find("attention.head_count");
        const nlohmann::json* width = gguf.find("embedding_length");
        const nlohmann::json* key = gguf.find("attention.key_length");
        const double headWidth = key && key->is_number() ? key->get<double>()
                                 : heads && width && heads->is_number() && width->is_number() && *heads != 0
                                     ? width->get<double>() / heads->get<double>()
                                     : 0;
        if (headWidth != 0 && turned->get<double>() != headWidth) {
            return fail(
                ErrorKind::Unsupported,
                fmt::format(
                    "{}: {} of {} dimensions of a head are rotated (llama.rope.dimension_count); only whole heads are supported.",
                    tensors.where(), turned->dump(), headWidth),
                "llama.rope.dimension_count");
        }
    }
    const nlohmann::json* kind = gguf.find("rope.scaling.type");
    if (kind && *kind != "none") {
        nlohmann::json scaling{{"rope_type", *kind}};
        if (const nlohmann::json* factor = gguf.find("rope.scaling.factor")) scaling["factor"] = *factor;
        config["rope_scaling"] = std::move(scaling);
    } else if (const nlohmann::json* older = gguf.find("rope.scale_linear"); !kind && older) {
        config["rope_scaling"] = {{"rope_type", "linear"}, {"factor", *older}};
    }
    return config;
}

}  // namespace

Architecture llamaArchitecture() {
    static constexpr std::array<std::string_view, 2> types{"llama", "mistral"};
    static constexpr std::array<std::string_view, 1> ggufNames{"llama"};
    return {"llama", types, ggufNames, "Llama family (Llama 2 and 3, Mistral, TinyLlama, SmolLM)", build, configFromGguf};
}

}  // namespace lw
