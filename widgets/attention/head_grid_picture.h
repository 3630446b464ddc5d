// All layers × heads as thumbnails of their patterns: rows of layers (output on top), or sorted by what the heads do on this
// text. Qt-free.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/analysis/head_scores.h"
#include "widgets/attention/attention_facts.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

enum class HeadOrder { ByLayer, PreviousToken, FirstToken, SameToken, Induction, Entropy };
inline constexpr HeadOrder allHeadOrders[] = {HeadOrder::ByLayer,   HeadOrder::PreviousToken, HeadOrder::FirstToken,
                                              HeadOrder::SameToken, HeadOrder::Induction,     HeadOrder::Entropy};
/// "previous token"; the name in saved states is headOrderId.
std::string headOrderName(HeadOrder order, const Say& say);
std::string_view headOrderId(HeadOrder order);
double headScore(const HeadScores& scores, HeadOrder order);
/// What a head does on this text in one sentence, with the score that says so.
std::string headSentence(const HeadScores& scores, InformationUnit unit, const Say& say);

struct HeadGridInput {
    const ModelInfo* model = nullptr;                  // never null
    std::function<const HeadThumb*(HeadPlace)> thumb;  // null: not computed yet
    HeadOrder order = HeadOrder::ByLayer;
    std::span<const HeadScores> scores;  // needed for every order but ByLayer (else drawn by layer)
    std::optional<HeadPlace> selected;
    bool difference = false;  // the thumbnails are B − A
    double width = 0;
    bool numbered = true;  // the heads' numbers stand over rows of layers
    double height = 0;     // room without scrolling (thumbnails may grow into it)
    Say say = sayEnglish;
};
Picture headGridPicture(const HeadGridInput& input);
/// The heads' numbers over rows of layers by themselves, for a grid that scrolls under them by `shift`.
void addHeadNumbers(Picture& picture, const HeadGridInput& input, double y, double shift);
inline constexpr double headNumbersHeight = 14;
/// The thumbnail's place in the picture, if it is there (to scroll to it).
std::optional<Rect> thumbRect(const Picture& picture, HeadPlace place);
/// What the thumbnails show and how they are ordered: "weights, 0 to 1 · dot = largest of 8 × 8".
std::string headGridNote(const HeadGridInput& input, int pool);

}  // namespace lw
