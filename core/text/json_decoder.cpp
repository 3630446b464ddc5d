// tokenizer.json: "decoder", and what it says of a single piece.
#include <fmt/format.h>

#include "core/text/tokenizer_json_parts.h"

namespace lw::tokenizer_json {
namespace {

/// Whether a part named `type` is in `field`, alone or inside a Sequence whose list is called `listName`.
bool contains(const JsonField& field, const char* listName, std::string_view type) {
    if (!field.isObject()) return false;
    if (field["type"].text("") == type) return true;
    const JsonField list = field[listName];
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (contains(list.item(i), listName, type)) return true;
    }
    return false;
}

void addRules(const JsonField& decoder, SpellingRules& rules) {
    if (!decoder.isObject()) return;
    const std::string type = decoder["type"].text("");
    if (type == "ByteLevel") rules.byteLevel = true;
    if (type == "ByteFallback") rules.byteFallback = true;
    if (type == "Metaspace") rules.replaced.emplace_back(decoder["replacement"].text("▁"), " ");
    if (type == "BPEDecoder") rules.replaced.emplace_back(decoder["suffix"].text("</w>"), " ");
    if (type == "WordPiece") rules.dropped = decoder["prefix"].text("##");
    if (type == "Replace" && decoder["pattern"]["String"].isText()) {
        rules.replaced.emplace_back(decoder["pattern"]["String"].text(), decoder["content"].text(""));
    }
    const JsonField list = decoder["decoders"];
    for (std::size_t i = 0; i < list.size(); ++i) addRules(list.item(i), rules);
}

}  // namespace

SpellingRules readSpelling(const JsonField& decoder, const JsonField& preTokenizer, const JsonField& normalizer) {
    SpellingRules rules;
    addRules(decoder, rules);
    if (decoder.absent()) {
        rules.byteLevel =
            contains(preTokenizer, "pretokenizers", "ByteLevel") || contains(normalizer, "normalizers", "ByteLevel");
    }
    std::erase_if(rules.replaced, [](const auto& pair) { return pair.first.empty(); });
    return rules;
}

Decoder readDecoder(const JsonField& field) {
    if (field.absent()) {
        return [](std::vector<std::string> pieces) -> Result<std::vector<std::string>> {
            for (std::size_t i = 1; i < pieces.size(); ++i) pieces[i].insert(pieces[i].begin(), ' ');
            return pieces;
        };
    }
    const std::string type = field["type"].text();
    if (type == "ByteLevel") return decoders::byteLevel();
    if (type == "ByteFallback") return decoders::byteFallback();
    if (type == "Fuse") return decoders::fuse();
    if (type == "Replace") {
        const auto pattern = readPattern(field["pattern"]);
        const std::string content = field["content"].text();
        if (!pattern) return decoders::fuse();
        return pattern->regex ? decoders::replace(*pattern->regex, content) : decoders::replace(pattern->text, content);
    }
    if (type == "Strip") {
        const std::string character = field["content"].text();
        const std::int64_t start = field["start"].integer(0), stop = field["stop"].integer(0);
        if (character.empty()) field["content"].problem(ErrorKind::BadFormat, "is empty");
        if (start < 0 || stop < 0) field.problem(ErrorKind::BadFormat, "strips a negative number of characters");
        return decoders::strip(character.empty() ? " " : character, static_cast<std::size_t>(std::max<std::int64_t>(0, start)),
                               static_cast<std::size_t>(std::max<std::int64_t>(0, stop)));
    }
    if (type == "Metaspace" || type == "BPEDecoder") {
        const JsonField mark = field[type == "Metaspace" ? "replacement" : "suffix"];
        const std::string text = mark.text(type == "Metaspace" ? "▁" : "</w>");
        if (text.empty()) {
            mark.problem(ErrorKind::BadFormat, "is empty");
            return decoders::fuse();
        }
        return type == "Metaspace" ? decoders::metaspace(text, readPrependScheme(field)) : decoders::wordEnd(text);
    }
    if (type == "WordPiece") return decoders::wordPiece(field["prefix"].text("##"), field["cleanup"].flag(true));
    if (type == "Sequence") {
        std::vector<Decoder> steps;
        const JsonField list = field["decoders"];
        for (std::size_t i = 0; i < list.size(); ++i) steps.push_back(readDecoder(list.item(i)));
        return decoders::sequence(std::move(steps));
    }
    field.problem(ErrorKind::Unsupported, fmt::format("is the decoder \"{}\"; supported are ByteLevel, ByteFallback, Fuse, "
                                                      "Replace, Strip, Metaspace, BPEDecoder, WordPiece and Sequence",
                                                      type));
    return decoders::fuse();
}

}  // namespace lw::tokenizer_json
