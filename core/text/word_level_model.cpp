#include "core/text/word_level_model.h"

#include <fmt/format.h>

namespace lw {

Result<void> WordLevelModel::cut(std::string_view word, std::vector<Symbol>& out, StepLog*) const {
    TokenId id = m_vocabulary.find(word);
    if (id < 0) id = m_unknown;
    if (id < 0) {
        return fail(ErrorKind::BadInput, fmt::format("The vocabulary has no token for \"{}\" and none for unknown words.",
                                                     printableBytes(word.substr(0, 60))));
    }
    out.push_back({id, 0, static_cast<std::uint32_t>(word.size())});
    return {};
}

}  // namespace lw
