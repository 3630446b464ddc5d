// One cell of the lens: what it says (its most probable tokens as bars), how sure it is, how far from the output. Qt-free.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "widgets/logit_lens/lens_facts.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct LensCellInput {
    const LensRow* row = nullptr;    // never null
    const LensCell* cell = nullptr;  // null: not computed yet
    int position = 0;
    std::string piece;                         // of the position
    std::function<std::string(TokenId)> word;  // visible text of a token
    TokenId token = -1;                        // the followed one
    InformationUnit unit = InformationUnit::Nats;
    double width = 0;
    int mostTokens = 8;
    Say say = sayEnglish;
};
/// A bar's action is "follow:ID".
Picture lensCellPicture(const LensCellInput& input);
double lensCellHeight(int tokens);

/// "“·Mary” is first from final_post on" or what else is true of a token in one column.
std::string stableSentence(std::span<const LensRow> rows, const LensColumn& column,
                           const std::function<std::string(TokenId)>& word, const Say& say);

}  // namespace lw
