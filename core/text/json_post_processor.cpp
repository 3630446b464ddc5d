// tokenizer.json: "post_processor", "added_tokens"; and tokenizer_config.json.
#include <fmt/format.h>

#include "core/text/tokenizer_json_parts.h"

namespace lw::tokenizer_json {
namespace {

constexpr std::size_t LongestAddedToken = 4096;

TokenId readId(const JsonField& field, const Vocabulary& vocabulary) {
    const std::int64_t id = field.integer();
    if (id >= 0 && id < vocabulary.size()) return static_cast<TokenId>(id);
    field.problem(ErrorKind::Mismatch, fmt::format("is {}, but the vocabulary has {} ids", id, vocabulary.size()));
    return 0;
}

void readTemplate(const JsonField& field, const Vocabulary& vocabulary, Surroundings& out) {
    const JsonField pieces = field["single"];
    bool textSeen = false;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const JsonField piece = pieces.item(i);
        if (!piece["Sequence"].absent()) {
            textSeen = true;
            continue;
        }
        const std::string name = piece["SpecialToken"]["id"].text();
        const JsonField ids = field["special_tokens"][name.c_str()]["ids"];
        if (ids.absent())
            piece.problem(ErrorKind::BadFormat, fmt::format("names \"{}\", which special_tokens does not explain", name));
        for (std::size_t k = 0; k < ids.size(); ++k)
            (textSeen ? out.behind : out.front).push_back(readId(ids.item(k), vocabulary));
    }
    if (!textSeen) pieces.problem(ErrorKind::BadFormat, "has no place for the text");
}

}  // namespace

Surroundings readPostProcessor(const JsonField& field, const Vocabulary& vocabulary) {
    Surroundings out;
    if (field.absent()) return out;
    const std::string type = field["type"].text();
    if (type == "TemplateProcessing") {
        out.decided = true;
        readTemplate(field, vocabulary, out);
    } else if (type == "BertProcessing" || type == "RobertaProcessing") {  // [text, id] each
        out.decided = true;
        out.front.push_back(readId(field["cls"].item(1), vocabulary));
        out.behind.push_back(readId(field["sep"].item(1), vocabulary));
    } else if (type == "Sequence") {
        const JsonField list = field["processors"];
        for (std::size_t i = 0; i < list.size(); ++i) {
            Surroundings inner = readPostProcessor(list.item(i), vocabulary);
            out.decided = out.decided || inner.decided;
            // A later processor wraps what the earlier ones made.
            out.front.insert(out.front.begin(), inner.front.begin(), inner.front.end());
            out.behind.insert(out.behind.end(), inner.behind.begin(), inner.behind.end());
        }
    } else if (type != "ByteLevel") {
        field.problem(ErrorKind::Unsupported,
                      fmt::format("is the post-processor \"{}\"; supported are TemplateProcessing, BertProcessing, "
                                  "RobertaProcessing, ByteLevel and Sequence",
                                  type));
    }
    return out;
}

std::vector<AddedEntry> readAddedTokens(const JsonField& list) {
    std::vector<AddedEntry> entries;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const JsonField field = list.item(i);
        AddedEntry entry;
        entry.id = field["id"].integer();
        entry.token.content = field["content"].text();
        entry.token.special = field["special"].flag(false);
        entry.token.normalized = field["normalized"].flag(!entry.token.special);
        entry.token.lstrip = field["lstrip"].flag(false);
        entry.token.rstrip = field["rstrip"].flag(false);
        entry.token.singleWord = field["single_word"].flag(false);
        if (entry.token.content.empty()) continue;  // as the library does
        if (entry.token.content.size() > LongestAddedToken) {
            field["content"].problem(ErrorKind::BadFormat, fmt::format("is longer than {} bytes", LongestAddedToken));
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

Config readConfig(const JsonField& config) {
    Config out;
    const auto content = [&](const char* key) {
        const JsonField field = config[key];
        return field.isObject() ? field["content"].text("") : field.text("");
    };
    out.bos = content("bos_token");
    out.eos = content("eos_token");
    out.addBos = config["add_bos_token"].flag(false);
    out.addEos = config["add_eos_token"].flag(false);
    return out;
}

}  // namespace lw::tokenizer_json
