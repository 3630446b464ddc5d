// Tokenizer: text to ids and back. One interface for every kind; made by the factories in core/text from vocabularies that
// core/formats has read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/index.h"
#include "core/base/result.h"
#include "core/text/steps.h"

namespace lw {

struct Token {
    TokenId id = -1;
    std::int64_t from = 0, to = 0;  // bytes of the UTF-8 input it covers; from == to for a token put in front (BOS)
};

struct EncodeOptions {
    bool addSpecial = true;     // what the model's own settings put in front (BOS) or behind
    bool parseSpecial = false;  // special tokens written in the text become their ids
    bool recordSteps = false;
};

struct Encoding {
    std::vector<Token> tokens;
    Steps steps;  // only if asked for
    std::vector<TokenId> ids() const;
};

class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    /// Fails: text that is not UTF-8 (byte offset named); a pre-tokenizer regex that exceeded its match limit.
    virtual Result<Encoding> encode(std::string_view text, const EncodeOptions& options = {}) const = 0;
    /// The text of the ids, special tokens written out. Bytes that form no UTF-8 stand as U+FFFD.
    /// Fails: an id outside the vocabulary (named, with the vocabulary's size).
    virtual Result<std::string> decode(const std::vector<TokenId>& ids) const = 0;

    virtual int size() const = 0;  // ids are 0 … size-1
    /// The spelling in the vocabulary ("Ġcat", "▁cat", "<0xE4>").
    virtual std::string_view entry(TokenId id) const = 0;
    /// The bytes it stands for in running text (" cat"; may be part of a character).
    virtual std::string bytes(TokenId id) const = 0;
    virtual bool isSpecial(TokenId id) const = 0;

    virtual std::optional<TokenId> bos() const = 0;  // only if it is put in front by default
    virtual std::vector<TokenId> ends() const = 0;   // end-of-text ids known to the tokenizer
    virtual std::string kind() const = 0;            // "byte-level BPE", "SentencePiece BPE", "Unigram", "WordPiece" …
    /// Whether decoding the tokens of any text gives exactly that text back (what is put in front or behind left out).
    virtual bool keepsText() const = 0;
};

/// A piece for people: valid UTF-8 as it is, other bytes as \xE4.
std::string printableBytes(std::string_view bytes);

}  // namespace lw
