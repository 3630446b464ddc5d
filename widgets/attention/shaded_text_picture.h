// The text itself, shaded: by what the chosen query reads, or by who reads the chosen key. Qt-free.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "widgets/attention/attention_facts.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

enum class TextShade { Reads, ReadBy };  // the query's row, or the key's column of the pattern

struct ShadedTextInput {
    HeadPlace place;
    TextShade shade = TextShade::Reads;
    std::span<const std::string> pieces;
    std::span<const double> weights;  // by position; NaN: does not see it. A difference: −1…1
    bool difference = false;
    int query = 0, key = 0;  // Reads: the query whose row it is; ReadBy: the key whose column it is
    int promptLength = 0;    // a gap before what was generated
    double width = 0;
    Say say = sayEnglish;
};
Picture shadedTextPicture(const ShadedTextInput& input);

}  // namespace lw
