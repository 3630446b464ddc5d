// The same text through several tokenizers: a row each, tokens over the characters that they cover, so that differences stand
// under one another. Qt-free.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/text/graphemes.h"
#include "core/text/tokenizer.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"
#include "widgets/shared/text_width.h"

namespace lw {

struct CutText {
    std::string name, what;
    std::shared_ptr<const Tokenizer> tokenizer = nullptr;
    std::vector<Token> tokens = {};  // without what is put in front
    std::string problem = {};        // why there are none; empty otherwise
};

struct SideBySideInput {
    std::string text;
    std::vector<ByteRange> graphemes;  // of the text
    int words = 0;                     // of the text, by the spaces between them
    std::vector<CutText> rows;
};

Picture sideBySidePicture(const SideBySideInput& input, double width, const Measure& measure, const Say& say);

}  // namespace lw
