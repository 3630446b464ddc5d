// Breaking formulas into lines of a width, at spaces where there are any.
#pragma once

#include <vector>

#include "core/analysis/explain.h"
#include "widgets/shared/wrap_text.h"

namespace lw {

/// A formula's parts on lines; a part keeps its link on every line it reaches. Continued lines begin with two spaces.
std::vector<FormulaLine> wrapFormula(const FormulaLine& line, double width, TypeSize size, const Measure& measure);

}  // namespace lw
