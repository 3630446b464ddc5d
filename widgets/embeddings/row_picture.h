// A token's row of the table: one-hot times table, the nearest rows, the row's numbers. Qt-free.
#pragma once

#include <optional>
#include <string>

#include "widgets/embeddings/row_facts.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct RowInput {
    const RowFacts* facts = nullptr;
    std::optional<Locus> place = {};  // where the run holds this very row; none: the token is not in the text
    double width = 640;
    Say say = sayEnglish;
};

/// Spots of other tokens have the action "token:ID"; the row's numbers are places of hook_embed.
Picture rowPicture(const RowInput& input);

}  // namespace lw
