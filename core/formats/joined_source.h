// Several weight files as one: the shards of a large model.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/tensor/weight_source.h"

namespace lw {

class JoinedSource final : public WeightSource {
public:
    /// `where` is the file or folder that stands for all of them in messages.
    /// Fails: Mismatch if two parts have a tensor of the same name.
    static Result<std::shared_ptr<const JoinedSource>> join(std::string where,
                                                            std::vector<std::shared_ptr<const WeightSource>> parts);

    std::string_view where() const override { return m_where; }
    std::span<const TensorEntry> entries() const override { return m_entries; }
    const TensorEntry* find(std::string_view name) const override;
    Result<Weight> weight(std::string_view name) const override;
    Result<void> intact() const override;

private:
    JoinedSource() = default;

    struct Place {
        const TensorEntry* entry;
        const WeightSource* part;
    };
    std::string m_where;
    std::vector<std::shared_ptr<const WeightSource>> m_parts;
    std::vector<TensorEntry> m_entries;
    std::unordered_map<std::string_view, Place> m_places;  // keys and entries live in the parts
};

}  // namespace lw
