// What the inspector says about a place in words. Internal to analysis; English, as everything in the core.
#pragma once

#include <string>

#include "core/analysis/place.h"

namespace lw {

/// "Attention weight"
std::string titleOf(SiteId site);
/// "how much query 13 reads key 1"
std::string inWords(const CheckedPlace& place);
/// "head 4, query 13, key 1"
std::string indicesOf(const ModelInfo& model, const CheckedPlace& place);
/// "9 × 14 × 14, rows sum to 1"
std::string shapeText(const ModelInfo& model, const CheckedPlace& place, int T);

}  // namespace lw
