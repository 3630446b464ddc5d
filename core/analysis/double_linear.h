// Products with weights in double precision, for the whole run: a few rows at a time, so that the double copy stays small.
#pragma once

#include <string>
#include <vector>

#include "core/models/model.h"

namespace lw {

/// y = x Wᵀ + b. x [T, in], weight [out, in], bias [1, out] or undefined → [T, out].
MatrixD doubleLinear(const MatrixD& x, const Weight& weight, const Weight& bias = {});

/// The named weight of one layer, by the end of its name as in the Hugging Face folder (".experts.3.up_proj.weight"); null if the
/// model has none.
const Weight* weightNamed(const std::vector<Parameter>& parameters, int layer, const std::string& end);

}  // namespace lw
