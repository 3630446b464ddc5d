// A table of names over the parts.
#include "core/formats/joined_source.h"

#include <fmt/format.h>

#include "core/formats/in_quotes.h"

namespace lw {

Result<std::shared_ptr<const JoinedSource>> JoinedSource::join(std::string where,
                                                               std::vector<std::shared_ptr<const WeightSource>> parts) {
    const std::shared_ptr<JoinedSource> joined(new JoinedSource);
    joined->m_where = std::move(where);
    joined->m_parts = std::move(parts);
    for (const auto& part : joined->m_parts) {
        for (const TensorEntry& entry : part->entries()) {
            const auto [other, isNew] = joined->m_places.try_emplace(entry.name, Place{&entry, part.get()});
            if (!isNew) {
                return fail(ErrorKind::Mismatch,
                            fmt::format("The tensor {} is in {} and again in {}.", inQuotes(entry.name),
                                        other->second.part->where(), part->where()),
                            joined->m_where);
            }
            joined->m_entries.push_back(entry);
        }
    }
    return joined;
}

const TensorEntry* JoinedSource::find(std::string_view name) const {
    const auto found = m_places.find(name);
    return found == m_places.end() ? nullptr : found->second.entry;
}

Result<void> JoinedSource::intact() const {
    for (const auto& part : m_parts) {
        if (auto same = part->intact(); !same) return same;
    }
    return {};
}

Result<Weight> JoinedSource::weight(std::string_view name) const {
    const auto found = m_places.find(name);
    if (found != m_places.end()) return found->second.part->weight(name);
    return fail(ErrorKind::NotFound, fmt::format("{} has no tensor {}.", m_where, inQuotes(name)), m_where);
}

}  // namespace lw
