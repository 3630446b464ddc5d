// How many tokens a file has by every tokenizer at hand. Qt-free.
#pragma once

#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"
#include "widgets/workshop.h"

namespace lw {

/// Its pills ask for "count-stop", "count-text" (take the beginning as text) and "count-close".
Picture countPicture(const FileCountFacts& facts, double width, const Say& say, bool controls = true);

}  // namespace lw
