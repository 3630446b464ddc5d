#include "core/text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text/tokenizer.h"
#include "core/text/utf8.h"

namespace lw {
namespace {

constexpr std::size_t MostIds = std::size_t{1} << 24;
constexpr std::size_t MostBytes = std::size_t{64} << 20;  // the largest in use has a tenth of this; models build tables from them

Unexpected bad(std::string_view where, const std::string& what) {
    return fail(ErrorKind::BadFormat, fmt::format("The vocabulary of {} {}.", where, what), std::string(where));
}

std::string shown(std::string_view spelling) {
    return spelling.size() <= 60 ? printableBytes(spelling) : printableBytes(spelling.substr(0, 57)) + "...";
}

}  // namespace

Result<Vocabulary> Vocabulary::make(std::vector<std::string> entries, std::string_view where) {
    if (entries.empty()) return bad(where, "is empty");
    if (entries.size() > MostIds) return bad(where, fmt::format("has {} ids; at most {} are allowed", entries.size(), MostIds));
    std::size_t bytes = 0;
    for (const std::string& entry : entries) bytes += entry.size();
    if (bytes > MostBytes) return bad(where, fmt::format("has {} bytes of text; at most {} are allowed", bytes, MostBytes));
    Vocabulary made;
    made.m_entries = std::make_shared<const std::vector<std::string>>(std::move(entries));
    made.m_ids.reserve(made.m_entries->size());
    for (std::size_t id = 0; id < made.m_entries->size(); ++id) {
        const std::string& spelling = (*made.m_entries)[id];
        if (spelling.empty()) continue;
        if (utf8::firstInvalid(spelling))
            return bad(where, fmt::format("has a spelling that is no UTF-8: \"{}\" (id {})", shown(spelling), id));
        const auto [other, added] = made.m_ids.emplace(spelling, static_cast<TokenId>(id));
        if (!added) return bad(where, fmt::format("has \"{}\" twice: ids {} and {}", shown(spelling), other->second, id));
    }
    return made;
}

Result<Vocabulary> Vocabulary::make(std::vector<std::pair<std::string, std::int64_t>> pairs, std::string_view where) {
    std::int64_t last = -1;
    for (const auto& [spelling, id] : pairs) {
        if (id < 0) return bad(where, fmt::format("gives \"{}\" the negative id {}", shown(spelling), id));
        last = std::max(last, id);
    }
    const auto count = static_cast<std::int64_t>(pairs.size());
    if (last >= 2 * count + 4096) {
        return bad(where, fmt::format("goes up to id {} but has only {} entries", last, count));
    }
    std::vector<std::string> entries(static_cast<std::size_t>(last + 1));
    for (auto& [spelling, id] : pairs) {
        std::string& entry = entries[static_cast<std::size_t>(id)];
        if (!entry.empty())
            return bad(where, fmt::format("gives id {} to both \"{}\" and \"{}\"", id, shown(entry), shown(spelling)));
        entry = std::move(spelling);
    }
    return make(std::move(entries), where);
}

TokenId Vocabulary::find(std::string_view spelling) const {
    const auto found = m_ids.find(spelling);
    return found == m_ids.end() ? -1 : found->second;
}

}  // namespace lw
