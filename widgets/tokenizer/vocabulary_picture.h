// The entries of a vocabulary that were found, a row each, and what is known of the chosen one. Qt-free.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/text/vocabulary_index.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

// How an entry came about, where a merge rule made it.
struct EntryOrigin {
    std::string left, right;  // as they are seen
    int rank = -1;
};

struct VocabularyInput {
    std::shared_ptr<const Tokenizer> tokenizer;
    std::shared_ptr<const VocabularyIndex> index;
    std::vector<std::uint32_t> found;  // of the index
    std::size_t most = 300;            // rows that are drawn
    std::string problem = {};          // why nothing was searched
    TokenId chosen = -1;
    std::optional<EntryOrigin> origin = {};                                  // of the chosen one
    std::shared_ptr<const std::vector<std::int64_t>> occurrences = nullptr;  // by id, in the text it was learned from
};

/// The last merge when the entry's own bytes are encoded, if they become this one entry.
std::optional<EntryOrigin> originOf(const std::shared_ptr<const Tokenizer>& tokenizer, TokenId id);

/// Its spots ask for "entry:ID" and "more".
Picture vocabularyPicture(const VocabularyInput& input, double width, const Say& say);

/// Of the chosen entry all that is known, in one line; empty if none is chosen.
std::string entrySentence(const VocabularyInput& input, const Say& say);

}  // namespace lw
