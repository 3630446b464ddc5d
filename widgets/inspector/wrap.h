// Breaking text into lines of a width, at spaces where there are any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/analysis/explain.h"
#include "widgets/shared/text_width.h"

namespace lw {

std::vector<std::string> wrapText(std::string_view text, double width, TypeSize size, bool mono, const Measure& measure);

/// A formula's parts on lines; a part keeps its link on every line it reaches. Continued lines begin with two spaces.
std::vector<FormulaLine> wrapFormula(const FormulaLine& line, double width, TypeSize size, const Measure& measure);

}  // namespace lw
