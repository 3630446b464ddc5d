// A vocabulary that is being learned: what is merged next and was merged last, compression against merges, the longest pieces,
// and a text as it is cut now. Qt-free.
#pragma once

#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"
#include "widgets/workshop.h"

namespace lw {

Picture learnPicture(const LearningFacts& facts, double width, const Say& say);

/// One sentence: where it stands.
std::string learningSentence(const LearningFacts& facts, const Say& say);

}  // namespace lw
