#include "core/models/gpt2.h"

#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/models/config_reader.h"
#include "core/models/gguf_fields.h"
#include "core/models/kv_cache.h"
#include "core/models/weight_table.h"
#include "core/nn/activation.h"
#include "core/nn/add.h"
#include "core/nn/attention.h"
#include "core/nn/embedding.h"
#include "core/nn/linear.h"
#include "core/nn/norm.h"

namespace lw {

namespace {

using enum WeightId;

class Gpt2 : public Model {
public:
    Gpt2(std::shared_ptr<const ModelInfo> info, WeightTable weights) : Model(std::move(info)), m_weights(std::move(weights)) {}

    std::unique_ptr<State> start() const override { return std::make_unique<KvCache>(info().layers(), info().width); }
    const Weight& weight(WeightId id, Layer layer) const override { return m_weights.get(id, layer); }
    std::vector<Parameter> parameters() const override { return m_weights.parameters; }

    Result<Tensor> forward(std::span<const TokenId> ids, State& state, Tap tap, const Job& job, LogitRows rows) const override {
        auto& cache = static_cast<KvCache&>(state);
        const int T = static_cast<int>(ids.size()), first = cache.length();
        if (first + T > info().context) {
            return fail(ErrorKind::OverContext, fmt::format("The text has {} tokens; {} has learned positions for {} only.",
                                                            first + T, info().name, info().context));
        }
        std::vector<TokenId> positions(ids.size());
        std::iota(positions.begin(), positions.end(), first);

        const Tensor token = nn::embedding(ids, w(Embed));              // [T, D]
        const Tensor position = nn::embedding(positions, w(PosEmbed));  // [T, D]
        tap.show(SiteId::Embed, Layer(0), token);
        tap.show(SiteId::PosEmbed, Layer(0), position);
        Tensor stream = state.drop(nn::add(token, position));

        for (int i = 0; i < info().layers(); ++i) {
            if (job.cancelled()) return cancelledError();
            job.progress(static_cast<double>(i) / info().layers(), "layers");
            const Layer l(i);
            const BlockInfo& block = info().blocks[static_cast<std::size_t>(i)];
            tap.show(SiteId::ResidPre, l, stream);

            const nn::Normalized n1 = nn::layerNorm(stream, w(Ln1Gain, l), w(Ln1Bias, l), info().normEps);
            tap.show(SiteId::Ln1Scale, l, n1.scale);
            const Tensor q = nn::linear(n1.out, w(Q, l), w(BiasQ, l));  // [T, H·Dh]
            const Tensor k = nn::linear(n1.out, w(K, l), w(BiasK, l));
            const Tensor v = nn::linear(n1.out, w(V, l), w(BiasV, l));
            tap.show(SiteId::Q, l, q);
            tap.show(SiteId::K, l, k);
            tap.show(SiteId::V, l, v);
            cache.append(l, k.value(), v.value());
            const AttentionInfo& a = block.attention;
            const Tensor z = nn::attention(q, k, v, cache.rows(l), {a.heads, a.kvHeads, a.headWidth, a.scale, a.window});
            tap.show(SiteId::Z, l, z);
            const Tensor attended = nn::linear(z, w(O, l), w(BiasO, l));
            tap.show(SiteId::AttnOut, l, attended);
            const Tensor mid = nn::add(stream, state.drop(attended));

            const nn::Normalized n2 = nn::layerNorm(mid, w(Ln2Gain, l), w(Ln2Bias, l), info().normEps);
            tap.show(SiteId::Ln2Scale, l, n2.scale);
            const Tensor pre = nn::linear(n2.out, w(In, l), w(BiasIn, l));  // [T, M]
            tap.show(SiteId::MlpPre, l, pre);
            const Tensor added = nn::linear(nn::activate(pre, block.mlp.activation), w(Out, l), w(BiasOut, l));
            tap.show(SiteId::MlpOut, l, added);
            stream = nn::add(mid, state.drop(added));
        }
        cache.advance(T);
        if (rows == LogitRows::Last) stream = Tensor(stream.value().bottomRows(1));
        const nn::Normalized final = nn::layerNorm(stream, w(FinalGain), w(FinalBias), info().normEps);
        tap.show(SiteId::FinalScale, Layer(0), final.scale);
        return nn::linear(final.out, w(Unembed));
    }

    Matrix readOut(const Matrix& stream) const override {
        return nn::linear(nn::layerNorm(Tensor(stream), w(FinalGain), w(FinalBias), info().normEps).out, w(Unembed)).value();
    }

private:
    const Weight& w(WeightId id, Layer layer = Layer(0)) const { return m_weights.get(id, layer); }
    WeightTable m_weights;
};

// llama.cpp's names of what Hugging Face calls transformer.h.{i}.….
std::string ggufName(const std::string& name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> parts{{{"ln_1.", "attn_norm."},
                                                                                          {"attn.c_attn.", "attn_qkv."},
                                                                                          {"attn.c_proj.", "attn_output."},
                                                                                          {"ln_2.", "ffn_norm."},
                                                                                          {"mlp.c_fc.", "ffn_up."},
                                                                                          {"mlp.c_proj.", "ffn_down."},
                                                                                          {"wte.", "token_embd."},
                                                                                          {"wpe.", "position_embd."},
                                                                                          {"ln_f.", "output_norm."},
                                                                                          {"lm_head.", "output."},
                                                                                          {"h.", "blk."}}};
    std::string result = name;
    bool block = result.starts_with("h.");
    for (const auto& [from, to] : parts) {
        const auto at = from == "h." ? (block ? 0 : std::string::npos) : result.find(from);
        if (at != std::string::npos) result.replace(at, from.size(), to);
    }
    return result;
}

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = "gpt2";
    info->vocabulary = config.integer("vocab_size");
    info->context = config.integer(config.has("n_positions") || !config.has("n_ctx") ? "n_positions" : "n_ctx");
    const int D = info->width = config.integer("n_embd");
    const int layers = config.integer("n_layer", {}, 1, 100000);
    const int H = config.integer("n_head");
    const int M = config.integer("n_inner", 4 * std::min(D, 1 << 28));
    const std::string activationField = config.text("activation_function", "gelu_new");
    info->norm = NormKind::LayerNorm;
    info->normEps = config.number("layer_norm_epsilon", 1e-5, 0, 1);
    info->hasPosEmbed = true;
    info->tiedHead = config.flag("tie_word_embeddings", true);
    const bool scaled = config.flag("scale_attn_weights", true);
    const bool byLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
    config.onlyIf("add_cross_attention", false, "cross-attention");
    config.onlyIf("is_encoder_decoder", false, "an encoder");
    config.onlyIf("pruned_heads", nlohmann::json::object(), "pruned heads");
    config.onlyIf("quantization_config", nullptr, "weights quantised in another library's way");
    static constexpr std::array<std::string_view, 15> dropoutsAndSummaries{"attn_pdrop",
                                                                           "embd_pdrop",
                                                                           "resid_pdrop",
                                                                           "reorder_and_upcast_attn",
                                                                           "summary_activation",
                                                                           "summary_first_dropout",
                                                                           "summary_proj_to_labels",
                                                                           "summary_type",
                                                                           "summary_use_proj",
                                                                           "n_ctx",
                                                                           "n_positions",
                                                                           "predict_special_tokens",
                                                                           "cross_attention_hidden_size",
                                                                           "afn",
                                                                           "tie_encoder_decoder"};
    config.harmless(dropoutsAndSummaries);
    config.harmless(harmlessEverywhere());
    const auto activation = parseActivation(activationField);
    if (!activation) {
        config.refuse(ErrorKind::Unsupported,
                      fmt::format("{}: the activation “{}” is not supported; gelu_new, gelu, relu, silu and quick_gelu are.",
                                  config.where(), activationField),
                      "activation_function");
    }
    if (!config.error() && D % H != 0) {
        config.refuse(ErrorKind::Mismatch,
                      fmt::format("{}: n_embd {} cannot be divided among n_head {} heads.", config.where(), D, H), "n_head");
    }
    if (config.error()) return Unexpected(*config.error());

    const std::int64_t V = info->vocabulary;
    const bool prefixed = request.source.find("transformer.wte.weight") != nullptr;
    WeightReader reader(request.source, request.trainable, [&](const std::string& name) {
        if (request.fromGguf) return ggufName(name);
        return prefixed && name != "lm_head.weight" ? "transformer." + name : name;
    });
    const bool turn = !request.fromGguf;  // Hugging Face stores these as [in, out]
    WeightTable table;
    const auto take = [&](WeightId id, Layer l, const std::string& name, std::int64_t rows, std::int64_t cols,
                          bool transposed = false) {
        Weight weight = reader.read(name, rows, cols, transposed);
        reader.note(table, name, {weight}, transposed);
        table.set(id, l, std::move(weight));
    };
    const auto takeJoined = [&](std::array<WeightId, 3> ids, Layer l, const std::string& name, std::int64_t rows,
                                std::int64_t cols, bool transposed) {
        const std::vector<Weight> parts = reader.readJoined(name, 3, rows, cols, transposed);
        reader.note(table, name, parts, transposed);
        for (std::size_t p = 0; p < 3; ++p) table.set(ids[p], l, parts[p]);
    };
    take(Embed, Layer(0), "wte.weight", V, D);
    take(PosEmbed, Layer(0), "wpe.weight", info->context, D);
    for (int i = 0; i < layers && !reader.error(); ++i) {
        const Layer l(i);
        const std::string h = fmt::format("h.{}.", i);
        take(Ln1Gain, l, h + "ln_1.weight", 1, D);
        take(Ln1Bias, l, h + "ln_1.bias", 1, D);
        takeJoined({Q, K, WeightId::V}, l, h + "attn.c_attn.weight", D, D, turn);
        takeJoined({BiasQ, BiasK, BiasV}, l, h + "attn.c_attn.bias", 1, D, false);
        take(O, l, h + "attn.c_proj.weight", D, D, turn);
        take(BiasO, l, h + "attn.c_proj.bias", 1, D);
        take(Ln2Gain, l, h + "ln_2.weight", 1, D);
        take(Ln2Bias, l, h + "ln_2.bias", 1, D);
        take(In, l, h + "mlp.c_fc.weight", M, D, turn);
        take(BiasIn, l, h + "mlp.c_fc.bias", 1, M);
        take(Out, l, h + "mlp.c_proj.weight", D, M, turn);
        take(BiasOut, l, h + "mlp.c_proj.bias", 1, D);
        BlockInfo block;
        block.attention.heads = block.attention.kvHeads = H;
        block.attention.headWidth = D / H;
        block.attention.scale =
            (scaled ? 1.0f / std::sqrt(static_cast<float>(D / H)) : 1.0f) / (byLayer ? static_cast<float>(i + 1) : 1.0f);
        block.mlp.width = M;
        block.mlp.activation = *activation;
        info->blocks.push_back(block);
    }
    take(FinalGain, Layer(0), "ln_f.weight", 1, D);
    take(FinalBias, Layer(0), "ln_f.bias", 1, D);
    if (info->tiedHead) {
        table.set(Unembed, Layer(0), table.get(Embed, Layer(0)));
    } else {
        take(Unembed, Layer(0), "lm_head.weight", V, D);
    }
    if (reader.error()) return Unexpected(*reader.error());
    info->parameters = reader.parameterCount();
    std::vector<std::string> warnings = config.warnings();
    // Masks that older files store beside the weights, and a head stored although it is tied, are no surprise.
    reader.warnUnused(warnings, {".attn.bias", ".attn.masked_bias", info->tiedHead ? "lm_head.weight" : ".attn.bias"});
    return Built{std::make_shared<Gpt2>(std::move(info), std::move(table)), std::move(warnings)};
}

Result<nlohmann::json> configFromGguf(const nlohmann::json& settings, const WeightSource& tensors) {
    GgufFields gguf(settings, tensors, "gpt2");
    nlohmann::json config{{"model_type", "gpt2"}, {"activation_function", "gelu_new"}};
    gguf.copy(config, "n_layer", "block_count");
    gguf.copy(config, "n_positions", "context_length");
    gguf.copy(config, "n_embd", "embedding_length");
    gguf.copy(config, "n_head", "attention.head_count");
    gguf.copy(config, "n_inner", "feed_forward_length");
    gguf.copy(config, "layer_norm_epsilon", "attention.layer_norm_epsilon");
    config["vocab_size"] = gguf.rowsOf("token_embd.weight");
    config["tie_word_embeddings"] = tensors.find("output.weight") == nullptr;
    return config;
}

}  // namespace

Architecture gpt2Architecture() {
    static constexpr std::array<std::string_view, 1> types{"gpt2"};
    return {"gpt2", types, types, "GPT-2 family (GPT-2, DistilGPT-2 and their descendants)", build, configFromGguf};
}

}  // namespace lw
