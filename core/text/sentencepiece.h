// A SentencePiece model as a plain struct (core/formats fills it), and the tokenizer made of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace lw {

/// The messages ModelProto, TrainerSpec and NormalizerSpec of sentencepiece_model.proto; what is not in the file has its default.
struct SentencePieceFile {
    enum Model { Unigram = 1, Bpe = 2, Word = 3, Char = 4 };
    enum Type { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };
    struct Piece {
        std::string text;
        float score = 0;
        int type = Normal;
    };
    std::vector<Piece> pieces;
    int model = Unigram;
    std::string unknownSurface = " \xE2\x81\x87 ";  // how the unknown token is written in decoded text
    bool byteFallback = false, spaceBehind = false;
    std::int64_t bos = 1, eos = 2;  // -1: none
    std::string charsMap;           // compiled
    bool addDummyPrefix = true, removeExtraSpaces = true, escapeSpaces = true;
};

struct SentencePieceExtras {  // what a tokenizer_config.json beside the model asks for
    bool addBos = false, addEos = false;
};

/// From its text, which may be empty: add_bos_token, add_eos_token; if it is silent, BOS with a LlamaTokenizer, EOS with a
/// T5Tokenizer. Fails: BadFormat (no JSON, no flags).
Result<SentencePieceExtras> sentencePieceExtras(std::string_view configText, std::string_view where);

/// Ids as SentencePiece gives them; nothing is put in front or behind unless `extras` say so. Control tokens written in the text
/// are recognised only if special tokens are parsed. Fails: BadFormat (no pieces, a piece twice or no UTF-8, no unknown piece or
/// several, scores that are no numbers, a broken table of characters, byte_fallback without its 256 pieces), Mismatch (ids
/// outside the vocabulary), Unsupported (another model type).
Result<std::shared_ptr<const Tokenizer>> tokenizerFromSentencePiece(const SentencePieceFile& file, std::string_view where,
                                                                    const SentencePieceExtras& extras = {});

}  // namespace lw
