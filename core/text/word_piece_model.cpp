#include "core/text/word_piece_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text/utf8.h"

namespace lw {

WordPieceModel::WordPieceModel(const Vocabulary& vocabulary, WordPieceOptions options)
    : m_vocabulary(vocabulary), m_options(std::move(options)) {
    for (TokenId id = 0; id < m_vocabulary.size(); ++id) m_longest = std::max(m_longest, m_vocabulary.entry(id).size());
}

TokenId WordPieceModel::find(std::string_view word, std::size_t from, std::size_t to) const {
    std::string entry = from == 0 ? m_options.wordPrefix : m_options.continuingPrefix;
    if (entry.size() + to - from > m_longest) return -1;
    entry += word.substr(from, to - from);
    return m_vocabulary.find(entry);
}

Result<void> WordPieceModel::cut(std::string_view word, std::vector<Symbol>& out, StepLog* log) const {
    const auto whole = static_cast<std::uint32_t>(word.size());
    const std::size_t before = out.size();
    std::vector<std::uint32_t> ends;  // of the characters
    for (std::uint32_t at = 0; at < word.size();) ends.push_back(at += static_cast<std::uint32_t>(utf8::decode(word, at).bytes));
    bool known = ends.size() <= m_options.mostCharacters;
    for (std::size_t done = 0; known && done < ends.size();) {
        const std::uint32_t from = done == 0 ? 0 : ends[done - 1];
        Match match;
        match.from = match.to = from;
        std::size_t next = done;
        for (std::size_t end = ends.size(); end > done && (log || match.id < 0); --end) {
            const TokenId id = find(word, from, ends[end - 1]);
            if (match.id >= 0) {
                if (id >= 0) match.shorter.push_back(m_vocabulary.entry(id));
            } else if (id >= 0) {
                match.id = id;
                match.to = ends[end - 1];
                next = end;
                out.push_back({id, from, ends[end - 1]});
            } else {
                ++match.tried;
            }
        }
        known = match.id >= 0;
        if (log) {
            match.word = log->word();
            if (!log->count(1 + match.shorter.size())) return tooManySteps();
            log->steps.matches.push_back(std::move(match));
        }
        done = next;
    }
    if (known) return {};
    out.resize(before);
    if (m_options.unknown < 0) {
        return fail(ErrorKind::BadInput, fmt::format("The vocabulary has no tokens for \"{}\" and none for unknown words.",
                                                     printableBytes(word.substr(0, 60))));
    }
    out.push_back({m_options.unknown, 0, whole});
    return {};
}

}  // namespace lw
