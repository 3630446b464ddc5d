// Jamba: a hybrid of Mamba and attention blocks, with expert layers.
#pragma once

#include "core/models/registry.h"

namespace lw {

Architecture jambaArchitecture();

}  // namespace lw
