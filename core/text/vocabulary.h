// A vocabulary: spellings and their ids, both ways. Ids are 0 … size-1; some may have no spelling (a hole).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/index.h"
#include "core/base/result.h"

namespace lw {

class Vocabulary {
public:
    /// `entries[i]` belongs to id i. Spellings are UTF-8 and differ from each other; an empty one is a hole.
    /// Fails: a spelling twice, one that is no UTF-8, more than 16 M ids.
    static Result<Vocabulary> make(std::vector<std::string> entries, std::string_view where);

    /// From pairs in any order. Fails also: a negative id, an id twice, ids so far apart that most would have no spelling.
    static Result<Vocabulary> make(std::vector<std::pair<std::string, std::int64_t>> pairs, std::string_view where);

    int size() const { return static_cast<int>(m_entries->size()); }
    bool has(TokenId id) const { return id >= 0 && id < size() && !entry(id).empty(); }
    const std::string& entry(TokenId id) const { return (*m_entries)[static_cast<std::size_t>(id)]; }  // 0 <= id < size()
    TokenId find(std::string_view spelling) const;                                                     // -1: none

private:
    Vocabulary() = default;
    std::shared_ptr<const std::vector<std::string>> m_entries;  // fixed in place: the keys of m_ids look at it
    std::unordered_map<std::string_view, TokenId> m_ids;
};

}  // namespace lw
