// Configuration: model_type rnn, lstm or gru; vocab_size, hidden_size (embedding and hidden state), num_hidden_layers,
// tie_word_embeddings, head_bias; residual: each layer adds to a stream instead of replacing it.
// Tensors: embedding.weight, rnn.weight_ih_l{i} … as torch.nn names them, lm_head.weight, lm_head.bias.
#include "core/models/recurrent.h"

#include <array>

#include "core/models/parts/cell.h"
#include "core/models/stack_builder.h"

namespace lw {

namespace {

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    const std::string type = config.text("model_type");
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = type;
    info->vocabulary = config.integer("vocab_size");
    info->width = config.integer("hidden_size");
    const int layers = config.integer("num_hidden_layers", 1, 1, 1000);
    info->canGoBeyondContext = true;  // there is no context to go beyond
    info->tiedHead = config.flag("tie_word_embeddings", false);
    info->residualStream = config.flag("residual", false);
    info->finalNorm = false;
    const bool headBias = config.flag("head_bias", true);
    config.harmless(harmlessEverywhere());
    if (config.error()) return Unexpected(*config.error());

    const MixerKind kind = type == "lstm" ? MixerKind::Lstm : type == "gru" ? MixerKind::Gru : MixerKind::Rnn;
    StackBuilder stack(request, info, "");
    stack.embedding("embedding.weight");
    for (int i = 0; i < layers && !stack.failed(); ++i) {
        PartReader part = stack.part(Layer(i));
        stack.block(readCell(part, "rnn.", kind, info->width));
    }
    if (headBias) stack.headBias("lm_head.bias");
    return stack.finish(config, "");
}

}  // namespace

std::vector<Architecture> recurrentArchitectures() {
    static constexpr std::array<std::array<std::string_view, 1>, 3> types{{{"rnn"}, {"lstm"}, {"gru"}}};
    static constexpr std::array<std::string_view, 3> what{"RNN", "LSTM", "GRU"};
    std::vector<Architecture> rows;
    for (std::size_t i = 0; i < types.size(); ++i) rows.push_back({types[i][0], types[i], {}, what[i], build, noGguf});
    return rows;
}

}  // namespace lw
