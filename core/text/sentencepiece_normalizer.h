// SentencePiece's way to normalize a text: the table's replacements, extra white space away, a space in front, spaces written ▁.
// Source: SentencePiece, normalizer.cc (Normalizer::Normalize).
#pragma once

#include "core/text/chars_map.h"
#include "core/text/normalizer.h"
#include "core/text/prefix_trie.h"

namespace lw {

struct SentencePieceNormalizer {
    CharsMap map;
    PrefixTrie kept;                // user-defined symbols: nothing in them is replaced
    bool addDummyPrefix = true;     // a space in front of a text (behind it with `spaceBehind`)
    bool removeExtraSpaces = true;  // in front, behind, and all but one between
    bool escapeSpaces = true;       // a space is written ▁
    bool spaceBehind = false;
};

namespace normalizers {

Normalizer sentencePiece(SentencePieceNormalizer rules);

}  // namespace normalizers
}  // namespace lw
