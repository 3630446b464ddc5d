// tokenizer.json: "normalizer".
#include <fmt/format.h>

#include "core/text/base64.h"
#include "core/text/chars_map.h"
#include "core/text/tokenizer_json_parts.h"

namespace lw::tokenizer_json {

std::optional<Regex> compile(const std::string& pattern, const JsonField& field, bool oniguruma) {
    const std::string where = fmt::format("{} of {}", field.path(), field.problems().where);
    auto words = oniguruma ? fromOniguruma(pattern, where) : Result<std::string>(pattern);
    auto made = words ? Regex::compile(*words, where) : tl::unexpected(words.error());
    if (made) return std::move(*made);
    field.problems().add(made.error());
    return std::nullopt;
}

std::optional<Pattern> readPattern(const JsonField& field) {
    Pattern pattern;
    if (!field["Regex"].absent()) {
        pattern.regex = compile(field["Regex"].text(), field["Regex"]);
        if (!pattern.regex) return std::nullopt;
        return pattern;
    }
    pattern.text = field["String"].text();
    if (pattern.text.empty()) {
        field.problem(ErrorKind::BadFormat, "is an empty pattern");
        return std::nullopt;
    }
    return pattern;
}

namespace {

Normalizer readPrecompiled(const JsonField& field) {
    if (field.absent()) return {};  // nothing is replaced
    const auto compiled = fromBase64(field.text());
    if (!compiled) {
        field.problem(ErrorKind::BadFormat, "should be base64");
        return {};
    }
    auto map = CharsMap::parse(*compiled, field.problems().where);
    if (!map) field.problems().add(map.error());
    return map ? normalizers::precompiled(std::move(*map)) : Normalizer();
}

}  // namespace

Normalizer readNormalizer(const JsonField& field) {
    if (field.absent()) return {};
    const std::string type = field["type"].text();
    if (type == "NFC") return normalizers::normalForm(NormalForm::NFC);
    if (type == "NFD") return normalizers::normalForm(NormalForm::NFD);
    if (type == "NFKC") return normalizers::normalForm(NormalForm::NFKC);
    if (type == "NFKD") return normalizers::normalForm(NormalForm::NFKD);
    if (type == "Lowercase") return normalizers::lowercase();
    if (type == "Prepend") return normalizers::prepend(field["prepend"].text());
    if (type == "Strip") return normalizers::strip(field["strip_left"].flag(true), field["strip_right"].flag(true));
    if (type == "StripAccents") return normalizers::stripAccents();
    if (type == "ByteLevel") return normalizers::byteLevel();
    if (type == "Replace") {
        const auto pattern = readPattern(field["pattern"]);
        const std::string content = field["content"].text();
        if (!pattern) return {};
        return pattern->regex ? normalizers::replace(*pattern->regex, content) : normalizers::replace(pattern->text, content);
    }
    if (type == "BertNormalizer") {
        const bool lower = field["lowercase"].flag(true);
        return normalizers::bert(field["clean_text"].flag(true), field["handle_chinese_chars"].flag(true),
                                 field["strip_accents"].flag(lower), lower);
    }
    if (type == "Precompiled") return readPrecompiled(field["precompiled_charsmap"]);
    if (type == "Sequence") {
        std::vector<Normalizer> steps;
        const JsonField list = field["normalizers"];
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (Normalizer step = readNormalizer(list.item(i))) steps.push_back(std::move(step));
        }
        return normalizers::sequence(std::move(steps));
    }
    field.problem(ErrorKind::Unsupported,
                  fmt::format("is the normalizer \"{}\"; supported are NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip, "
                              "StripAccents, BertNormalizer, Precompiled, ByteLevel and Sequence",
                              type));
    return {};
}

}  // namespace lw::tokenizer_json
