// Classes of characters as the tokenizers' libraries draw them (utf8proc 2.8: Unicode 15).
#pragma once

namespace lw {

bool isWhiteSpace(char32_t point);      // Unicode's White_Space: 25 characters
bool isPunctuation(char32_t point);     // ASCII punctuation and symbols, and the categories P*
bool isNumeric(char32_t point);         // Nd, Nl, No
bool isMark(char32_t point);            // Mn, Mc, Me
bool isNonspacingMark(char32_t point);  // Mn
bool isControl(char32_t point);         // Cc, Cf, Co, Cs
bool isIdeograph(char32_t point);       // Chinese characters as BERT and the `tokenizers` library count them
bool isWordCharacter(char32_t point);   // letters, marks, decimal digits, letter numbers, connectors, joiners (regex \w)

}  // namespace lw
