// What the cache saves: the cells of attention that a step computes with it and without it, the differences of the numbers, the
// time of both. Qt-free.
#pragma once

#include "core/generate/cache_check.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

/// attention: the model has any (else it carries a state of fixed size, and no cells are drawn). Action: "measure".
Picture cachePicture(const CacheCheck& check, bool attention, double width, const Say& say);

}  // namespace lw
