// What the architectures made of parts share when they are built: reading the norms and tables, and the closing checks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/models/config_reader.h"
#include "core/models/parts/part_reader.h"
#include "core/models/registry.h"
#include "core/models/stack.h"

namespace lw {

class StackBuilder {
public:
    /// `prefix`: what stands before every name but the head's ("model.", "backbone."), if the source has it.
    StackBuilder(const BuildRequest& request, std::shared_ptr<ModelInfo> info, std::string prefix);

    void embedding(const std::string& name);
    /// A bias of the logits.
    void headBias(const std::string& name);
    /// The norm before the block's first or second part; without one the part reads the stream itself.
    void norm(WeightId gain, Layer layer, const std::string& name);
    PartReader part(Layer layer) { return {m_reader, m_table, layer}; }
    /// Adds the block, whose norms have been read, and its description.
    void block(std::unique_ptr<Mixer> mixer, std::unique_ptr<FeedForward> feedForward = nullptr);
    bool failed() const { return m_reader.error() != nullptr; }

    /// Final norm (none if its name is empty), unembedding (the table itself where the head is tied), and the model; or the first error.
    Result<Built> finish(const ConfigReader& config, const std::string& finalNorm, float gainOffset = 0,
                         std::vector<double> frequencies = {});

private:
    std::shared_ptr<ModelInfo> m_info;
    WeightReader m_reader;
    WeightTable m_table;
    std::vector<StackBlock> m_blocks;
};

/// The answer of architectures that GGUF files are not read for.
Result<nlohmann::json> noGguf(const nlohmann::json& settings, const WeightSource& tensors);

}  // namespace lw
