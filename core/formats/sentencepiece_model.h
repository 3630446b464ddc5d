// SentencePiece's .model files: a serialized ModelProto.
#pragma once

#include <string_view>

#include "core/text/sentencepiece.h"

namespace lw {

/// `where` names the file in errors. Fails: BadFormat with the byte (cut short, lengths that lie, more than 16 M pieces).
Result<SentencePieceFile> readSentencePieceModel(std::string_view bytes, std::string_view where);

/// Whether the file begins like one: a first field that is a piece.
bool looksLikeSentencePiece(std::string_view bytes);

}  // namespace lw
