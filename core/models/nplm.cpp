// Configuration: model_type nplm; vocab_size; hidden_size (D, of an embedding); window (tokens, the present one included);
// intermediate_size (M, hidden units); direct (true: the window also goes past the hidden layer); tie_word_embeddings (the
// read-out is the embedding table). Bengio's one matrix from the hidden layer to the words is here down_proj [D, M] and then the
// read-out [V, D], so that the table can be used twice.
// Tensors: embed_tokens.weight, up_proj.weight [M, window · D], up_proj.bias, down_proj.weight [D, M], direct_proj.weight
// [D, window · D], lm_head.weight [V, D] if it is not tied, lm_head.bias.
#include "core/models/nplm.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/models/config_reader.h"
#include "core/models/parts/part_reader.h"
#include "core/models/stack_builder.h"
#include "core/nn/activation.h"
#include "core/nn/add.h"
#include "core/nn/embedding.h"
#include "core/nn/linear.h"
#include "core/nn/window.h"

namespace lw {

namespace {

using enum WeightId;

struct NplmState : State {
    std::vector<TokenId> last;  // at most window − 1
    int tokens = 0;

    std::unique_ptr<State> clone() const override { return std::make_unique<NplmState>(*this); }
    int length() const override { return tokens; }
    std::int64_t bytes() const override { return static_cast<std::int64_t>(last.size() * sizeof(TokenId)); }
};

}  // namespace

Nplm::Nplm(std::shared_ptr<const ModelInfo> info, WeightTable weights, int window, Weight direct)
    : Model(std::move(info)), m_weights(std::move(weights)), m_window(window), m_direct(std::move(direct)) {}

std::unique_ptr<State> Nplm::start() const { return std::make_unique<NplmState>(); }

Result<Tensor> Nplm::forward(std::span<const TokenId> ids, State& state, Tap tap, const Job& job, LogitRows rows) const {
    auto& memory = static_cast<NplmState&>(state);
    if (job.cancelled()) return cancelledError();
    std::vector<TokenId> text = memory.last;
    text.insert(text.end(), ids.begin(), ids.end());
    const auto T = static_cast<Eigen::Index>(ids.size()), before = static_cast<Eigen::Index>(memory.last.size());
    const Tensor all = state.drop(nn::embedding(text, w(Embed)));  // [before + T, D]
    if (tap.wants(SiteId::Embed))
        tap.visit(SiteId::Embed, Layer(0), before == 0 ? all : Tensor(Matrix(all.value().bottomRows(T))));
    const Tensor window = nn::windows(all, m_window, before);  // [T, window · D]
    const Tensor pre = nn::linear(window, w(In), w(BiasIn));   // [T, M]
    tap.show(SiteId::MlpPre, Layer(0), pre);
    Tensor out = nn::linear(nn::activate(pre, Activation::Tanh), w(Out));  // [T, D]
    if (m_direct.defined()) out = nn::add(out, nn::linear(window, m_direct));
    tap.show(SiteId::MlpOut, Layer(0), out);
    out = state.drop(out);

    const auto kept = std::min(text.size(), static_cast<std::size_t>(m_window) - 1);
    memory.last.assign(text.end() - static_cast<std::ptrdiff_t>(kept), text.end());
    memory.tokens += static_cast<int>(ids.size());
    if (rows == LogitRows::Last) out = Tensor(Matrix(out.value().bottomRows(1)));
    return nn::linear(out, w(Unembed), w(BiasUnembed));
}

Matrix Nplm::readOut(const Matrix& stream) const { return nn::linear(Tensor(stream), w(Unembed), w(BiasUnembed)).value(); }

namespace {

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    config.text("model_type", "nplm");
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = "nplm";
    const int V = info->vocabulary = config.integer("vocab_size");
    const int D = info->width = config.integer("hidden_size");
    const int window = config.integer("window", {}, 1, 4096);
    const int M = config.integer("intermediate_size");
    const bool direct = config.flag("direct", false);
    info->canGoBeyondContext = true;  // there is no context to go beyond
    info->tiedHead = config.flag("tie_word_embeddings", false);
    info->residualStream = info->finalNorm = false;
    BlockInfo block;
    block.mlp = {M, false, Activation::Tanh};
    block.norm1 = block.norm2 = false;
    info->blocks = {block};
    config.harmless(harmlessEverywhere());
    if (config.error()) return Unexpected(*config.error());
    if (std::int64_t{1} * window * D > 1 << 24)
        return fail(ErrorKind::Unsupported,
                    fmt::format("{}: a window of {} times {} is too wide.", request.configWhere, window, D));

    WeightReader reader(request.source, request.trainable, [](const std::string& name) { return name; });
    WeightTable table;
    PartReader part{reader, table, Layer(0)};
    const auto around = [](double inputs) { return Init::uniform(-1 / std::sqrt(inputs), 1 / std::sqrt(inputs)); };
    const int inputs = window * D;
    part.take(Embed, "embed_tokens.weight", V, D);
    part.take(In, "up_proj.weight", M, inputs, around(inputs));
    part.take(BiasIn, "up_proj.bias", 1, M);
    part.take(Out, "down_proj.weight", D, M, around(M));
    const Weight past = direct ? part.takeUnnamed("direct_proj.weight", D, inputs, around(inputs)) : Weight();
    if (info->tiedHead)
        table.set(Unembed, Layer(0), table.get(Embed, Layer(0)));
    else
        part.take(Unembed, "lm_head.weight", V, D);
    part.take(BiasUnembed, "lm_head.bias", 1, V);
    if (reader.error()) return Unexpected(*reader.error());
    info->parameters = reader.parameterCount();
    std::vector<std::string> warnings = config.warnings();
    reader.warnUnused(warnings, {});
    return Built{std::make_shared<Nplm>(info, std::move(table), window, past), std::move(warnings)};
}

}  // namespace

Architecture nplmArchitecture() {
    static constexpr std::array<std::string_view, 1> types{"nplm"};
    return {"nplm", types, {}, "feed-forward LM (neural probabilistic language model)", build, noGguf};
}

}  // namespace lw
