#include "core/models/stack_builder.h"

#include <fmt/format.h>

namespace lw {

StackBuilder::StackBuilder(const BuildRequest& request, std::shared_ptr<ModelInfo> info, std::string prefix)
    : m_info(std::move(info)), m_reader(request.source, request.trainable, [&request, prefix](const std::string& name) {
          if (name.starts_with("lm_head.")) return name;
          const std::string whole = prefix + name;
          return !request.source.find(whole) && request.source.find(name) ? name : whole;
      }) {}

void StackBuilder::embedding(const std::string& name) {
    part(Layer(0)).take(WeightId::Embed, name, m_info->vocabulary, m_info->width);
}

void StackBuilder::norm(WeightId gain, Layer layer, const std::string& name) { part(layer).take(gain, name, 1, m_info->width); }

void StackBuilder::headBias(const std::string& name) { part(Layer(0)).take(WeightId::BiasUnembed, name, 1, m_info->vocabulary); }

void StackBuilder::block(std::unique_ptr<Mixer> mixer, std::unique_ptr<FeedForward> feedForward) {
    const Layer layer(m_info->layers());
    BlockInfo block;
    block.norm1 = m_table.get(WeightId::Ln1Gain, layer).defined();
    block.norm2 = m_table.get(WeightId::Ln2Gain, layer).defined();
    mixer->describe(block);
    if (feedForward) feedForward->describe(block);
    m_info->blocks.push_back(block);
    m_blocks.push_back({std::move(mixer), std::move(feedForward)});
}

Result<Built> StackBuilder::finish(const ConfigReader& config, const std::string& finalNorm, float gainOffset,
                                   std::vector<double> frequencies) {
    if (config.error()) return Unexpected(*config.error());
    if (!finalNorm.empty()) norm(WeightId::FinalGain, Layer(0), finalNorm);
    if (m_info->tiedHead) {
        m_table.set(WeightId::Unembed, Layer(0), m_table.get(WeightId::Embed, Layer(0)));
    } else {
        part(Layer(0)).take(WeightId::Unembed, "lm_head.weight", m_info->vocabulary, m_info->width);
    }
    if (m_reader.error()) return Unexpected(*m_reader.error());
    m_info->parameters = m_reader.parameterCount();
    std::vector<std::string> warnings = config.warnings();
    m_reader.warnUnused(warnings, {"rotary_emb.inv_freq", m_info->tiedHead ? "lm_head.weight" : "rotary_emb.inv_freq"});
    return Built{std::make_shared<Stack>(m_info, std::move(m_table), std::move(m_blocks), gainOffset, std::move(frequencies)),
                 std::move(warnings)};
}

Result<nlohmann::json> noGguf(const nlohmann::json&, const WeightSource& tensors) {
    return fail(ErrorKind::Unsupported,
                fmt::format("{}: this architecture is read from a Hugging Face folder, not from a GGUF file.", tensors.where()));
}

}  // namespace lw
