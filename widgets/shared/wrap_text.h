// Breaking text into lines of a width, at spaces where there are any. Qt-free.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "widgets/shared/text_width.h"

namespace lw {

std::vector<std::string> wrapText(std::string_view text, double width, TypeSize size, bool mono, const Measure& measure);

/// Words with the spaces that follow them.
std::vector<std::string> wordsWithSpaces(std::string_view text);
std::string withoutEndSpaces(std::string text);

}  // namespace lw
