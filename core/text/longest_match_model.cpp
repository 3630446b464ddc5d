#include "core/text/longest_match_model.h"

#include <fmt/format.h>

#include <algorithm>

namespace lw {

LongestMatchModel::LongestMatchModel(const Vocabulary& vocabulary) : m_vocabulary(vocabulary) {
    std::vector<PrefixTrie::Entry> entries;
    for (TokenId id = 0; id < m_vocabulary.size(); ++id) {
        if (m_vocabulary.has(id)) entries.emplace_back(m_vocabulary.entry(id), id);
    }
    m_entries = PrefixTrie(std::move(entries));
}

Result<void> LongestMatchModel::cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const {
    for (std::uint32_t from = 0; from < word.size();) {
        const std::string_view rest = word.substr(from);
        const auto longest = m_entries.longest(rest);
        if (longest.bytes == 0) {
            return fail(ErrorKind::BadInput,
                        fmt::format("The vocabulary has no entry that \"{}\" begins with.", printableBytes(rest.substr(0, 30))));
        }
        const auto to = from + static_cast<std::uint32_t>(longest.bytes);
        if (log) {
            Match match{log->word(), from, to, longest.value, 0, {}};
            m_entries.prefixes(rest.substr(0, longest.bytes - 1),
                               [&](std::size_t, std::int32_t id) { match.shorter.push_back(m_vocabulary.entry(id)); });
            std::ranges::reverse(match.shorter);
            if (!log->count(1 + match.shorter.size())) return tooManySteps();
            log->steps.matches.push_back(std::move(match));
        }
        out.push_back({longest.value, from, to});
        from = to;
    }
    return {};
}

}  // namespace lw
