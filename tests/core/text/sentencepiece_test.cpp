// SentencePiece vocabularies read in the test itself and handed over as a GGUF file would: against llama.cpp's continuation of
// stories260K and kitoken's vectors for Llama 2 (which SentencePiece and `tokenizers` both give).
#include <cstring>

#include "core/text/gguf_vocabulary.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

std::string marked(std::string piece) {
    for (std::size_t at = piece.find(' '); at != std::string::npos; at = piece.find(' ', at)) piece.replace(at, 1, "▁");
    return piece;
}

/// llama2.c's tokenizer.bin: the longest piece's length, then score, length and bytes of each.
GgufVocabulary fromLlama2c(const std::string& bytes) {
    GgufVocabulary file;
    file.model = "llama";
    for (std::size_t at = 4; at + 8 <= bytes.size();) {
        float score = 0;
        std::int32_t length = 0;
        std::memcpy(&score, bytes.data() + at, 4);
        std::memcpy(&length, bytes.data() + at + 4, 4);
        const std::size_t id = file.tokens.size();
        file.tokens.push_back(id == 1   ? "<s>"
                              : id == 2 ? "</s>"
                                        : marked(bytes.substr(at + 8, static_cast<std::size_t>(length))));
        file.scores.push_back(score);
        file.types.push_back(id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1);
        at += 8 + static_cast<std::size_t>(length);
    }
    return file;
}

/// The pieces of a SentencePiece model: message field 1 = {1: text, 2: score, 3: type}.
GgufVocabulary fromProtobuf(const std::string& bytes) {
    GgufVocabulary file;
    file.model = "llama";
    std::size_t at = 0;
    const auto varint = [&] {
        std::uint64_t value = 0;
        for (int shift = 0; at < bytes.size(); shift += 7) {
            const auto byte = static_cast<unsigned char>(bytes[at++]);
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) break;
        }
        return value;
    };
    const auto skip = [&](std::uint64_t key) {
        const std::uint64_t wire = key & 7;
        if (wire == 0) varint();
        if (wire == 1) at += 8;
        if (wire == 5) at += 4;
        if (wire == 2) {
            const std::uint64_t length = varint();
            at += length;
        }
    };
    while (at < bytes.size()) {
        const std::uint64_t key = varint();
        if (key != ((1 << 3) | 2)) {
            skip(key);
            continue;
        }
        const std::uint64_t length = varint();
        const std::size_t end = at + length;
        file.tokens.emplace_back();
        file.scores.push_back(0);
        file.types.push_back(1);
        while (at < end) {
            const std::uint64_t field = varint();
            if (field == ((1 << 3) | 2)) {
                const std::uint64_t size = varint();
                file.tokens.back() = bytes.substr(at, size);
                at += size;
            } else if (field == ((2 << 3) | 5)) {
                std::memcpy(&file.scores.back(), bytes.data() + at, 4);
                at += 4;
            } else if (field == (3 << 3)) {
                file.types.back() = static_cast<std::int32_t>(varint());
            } else {
                skip(field);
            }
        }
    }
    return file;
}

}  // namespace

TEST_CASE("stories260K's vocabulary gives the ids that the model was run with") {
    const auto made = tokenizerFromGguf(fromLlama2c(test::reference("stories260K/tok512.bin")), "tok512");
    REQUIRE(made);
    CHECK((*made)->size() == 512);
    const std::string text = "Once upon a time, there was a little girl named Lily.";
    const std::vector<TokenId> ids{1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426};
    CHECK((*made)->encode(text)->ids() == ids);
    CHECK((*made)->decode(std::vector<TokenId>(ids.begin() + 1, ids.end())) == text);
}

TEST_CASE("Llama 2's vocabulary gives SentencePiece's ids") {
    const auto model = test::shared("kitoken-vectors/llama2.model");
    if (!model) {
        WARN("skipped: Llama 2's vocabulary is not here");
        return;
    }
    const auto made = tokenizerFromGguf(fromProtobuf(*model), "llama2.model");
    REQUIRE(made);
    CHECK((*made)->size() == 32000);
    EncodeOptions bare;
    bare.addSpecial = false;
    const std::string vectors = "kitoken-vectors/";
    const auto lines = test::splitAt(*test::shared(vectors + "mixed_input.txt"), "\n");
    const auto ids = test::splitAt(*test::shared(vectors + "sentencepiece/mixed_tokens_llama2.txt"), "\n");
    REQUIRE(lines.size() == ids.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CAPTURE(lines[i]);
        CHECK((*made)->encode(lines[i], bare)->ids() == test::numbers(ids[i]));
    }
    CHECK((*made)->encode(*test::shared(vectors + "utf8_input.txt"), bare)->ids() ==
          test::numbers(*test::shared(vectors + "sentencepiece/utf8_tokens_llama2.txt")));
}
