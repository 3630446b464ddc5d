// How a token of the tree was chosen, in a word or two. Qt-free.
#pragma once

#include <string>

#include "core/generate/sampler.h"
#include "widgets/shared/format.h"
#include "widgets/shared/say.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

/// Not by a search or a sample that was kept.
inline bool forcedByPerson(const Choice& choice) { return choice.forced && !choice.kept; }

/// "⚄ 0.613" (the number drawn, with `digits`), "greedy", "forced", or "kept" for one of a path that was kept whole.
inline std::string howChosen(const Choice& choice, int digits, const Say& say) {
    if (choice.kept) return say(QT_TRANSLATE_NOOP("Generation", "kept"));
    if (choice.forced) return say(QT_TRANSLATE_NOOP("Generation", "forced"));
    if (!choice.draw) return say(QT_TRANSLATE_NOOP("Generation", "greedy"));
    return "⚄ " + printNumber(*choice.draw, digits);
}

}  // namespace lw
