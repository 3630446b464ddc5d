// Field numbers: sentencepiece_model.proto.
#include "core/formats/sentencepiece_model.h"

#include <fmt/format.h>

#include "core/formats/protobuf.h"

namespace lw {
namespace {

using Wire = ProtobufFields::Wire;

constexpr std::size_t MostPieces = std::size_t{1} << 24;

int small(std::uint64_t value) { return value > 1000 ? -1 : static_cast<int>(value); }

/// Ids are written as 64-bit two's complement; -1 is ten bytes.
std::int64_t idOf(std::uint64_t value) { return static_cast<std::int64_t>(value); }

SentencePieceFile::Piece readPiece(ProtobufFields& fields) {
    SentencePieceFile::Piece piece;
    while (fields.next()) {
        if (fields.is(1, Wire::Bytes)) piece.text = std::string(fields.bytes());
        if (fields.is(2, Wire::Fixed32)) piece.score = fields.real();
        if (fields.is(3, Wire::Varint)) piece.type = small(fields.integer());
    }
    return piece;
}

void readTrainer(ProtobufFields& fields, SentencePieceFile& out) {
    while (fields.next()) {
        if (fields.is(3, Wire::Varint)) out.model = small(fields.integer());
        if (fields.is(24, Wire::Varint)) out.spaceBehind = fields.flag();
        if (fields.is(35, Wire::Varint)) out.byteFallback = fields.flag();
        if (fields.is(41, Wire::Varint)) out.bos = idOf(fields.integer());
        if (fields.is(42, Wire::Varint)) out.eos = idOf(fields.integer());
        if (fields.is(44, Wire::Bytes)) out.unknownSurface = std::string(fields.bytes());
    }
}

void readNormalizer(ProtobufFields& fields, SentencePieceFile& out) {
    while (fields.next()) {
        if (fields.is(2, Wire::Bytes)) out.charsMap = std::string(fields.bytes());
        if (fields.is(3, Wire::Varint)) out.addDummyPrefix = fields.flag();
        if (fields.is(4, Wire::Varint)) out.removeExtraSpaces = fields.flag();
        if (fields.is(5, Wire::Varint)) out.escapeSpaces = fields.flag();
    }
}

}  // namespace

Result<SentencePieceFile> readSentencePieceModel(std::string_view bytes, std::string_view where) {
    const auto bad = [&](std::string_view problem) {
        return fail(ErrorKind::BadFormat, fmt::format("{} is not a SentencePiece model: {}.", where, problem),
                    std::string(where));
    };
    SentencePieceFile out;
    ProtobufFields fields(bytes);
    while (fields.next()) {
        if (fields.wire() != Wire::Bytes) continue;
        ProtobufFields inner = fields.message();
        if (fields.number() == 1) {
            if (out.pieces.size() == MostPieces) return bad(fmt::format("it has more than {} pieces", MostPieces));
            out.pieces.push_back(readPiece(inner));
        }
        if (fields.number() == 2) readTrainer(inner, out);
        if (fields.number() == 3) readNormalizer(inner, out);
        if (!inner.problem().empty()) return bad(inner.problem());
    }
    if (!fields.problem().empty()) return bad(fields.problem());
    if (out.pieces.empty()) return bad("it has no pieces");
    return out;
}

bool looksLikeSentencePiece(std::string_view bytes) {
    ProtobufFields fields(bytes);
    if (!fields.next() || !fields.is(1, Wire::Bytes)) return false;
    ProtobufFields piece = fields.message();
    return piece.next() && piece.is(1, Wire::Bytes);
}

}  // namespace lw
