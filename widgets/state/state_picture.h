// The whole state view as a picture: heading, the step term by term, what stands over the text. Qt-free.
#pragma once

#include "widgets/state/state_parts.h"

namespace lw {

StateDrawing statePicture(const StateInput& input);

/// What is said beside the heading: the kind and the size of the memory.
std::string memoryWords(const MixerInfo& mixer, const Say& say);

}  // namespace lw
