// tokenizer.json: "pre_tokenizer".
#include <fmt/format.h>

#include "core/text/char_class.h"
#include "core/text/tokenizer_json_parts.h"

namespace lw::tokenizer_json {
namespace {

// The library finds these words with Rust's regex crate, whose \w has the two joiners beside Oniguruma's.
constexpr const char* WordOrSigns =
    R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}\p{White_Space}]+)";

SplitBehavior readBehavior(const JsonField& field) {
    const std::string name = field.text("Isolated");
    if (name == "Removed") return SplitBehavior::Removed;
    if (name == "Isolated") return SplitBehavior::Isolated;
    if (name == "MergedWithPrevious") return SplitBehavior::MergedWithPrevious;
    if (name == "MergedWithNext") return SplitBehavior::MergedWithNext;
    if (name == "Contiguous") return SplitBehavior::Contiguous;
    field.problem(
        ErrorKind::BadFormat,
        fmt::format("should be Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous and is \"{}\"", name));
    return SplitBehavior::Isolated;
}

PreTokenizer readSplit(const JsonField& field) {
    const auto pattern = readPattern(field["pattern"]);
    const SplitBehavior behavior = readBehavior(field["behavior"]);
    const bool invert = field["invert"].flag(false);
    if (!pattern) return {};
    return pattern->regex ? pre_tokenizers::split(*pattern->regex, behavior, invert)
                          : pre_tokenizers::split(pattern->text, behavior, invert);
}

PreTokenizer readByteLevel(const JsonField& field) {
    const bool addPrefixSpace = field["add_prefix_space"].flag(true);
    if (!field["use_regex"].flag(true)) return pre_tokenizers::byteLevel(addPrefixSpace, nullptr);
    const auto word = compile(std::string(Gpt2Word), field, false);
    return word ? pre_tokenizers::byteLevel(addPrefixSpace, &*word) : PreTokenizer();
}

}  // namespace

PrependScheme readPrependScheme(const JsonField& metaspace) {
    const JsonField field = metaspace["prepend_scheme"];
    if (field.absent()) return metaspace["add_prefix_space"].flag(true) ? PrependScheme::Always : PrependScheme::Never;
    const std::string name = field.text();
    if (name == "always") return PrependScheme::Always;
    if (name == "first") return PrependScheme::First;
    if (name != "never") field.problem(ErrorKind::BadFormat, fmt::format("should be always, first or never and is \"{}\"", name));
    return PrependScheme::Never;
}

bool onlyCuts(const JsonField& field) {
    if (field.absent()) return true;
    const std::string type = field["type"].text("");
    if (type == "ByteLevel") return !field["add_prefix_space"].flag(true);
    if (type == "Split" || type == "Punctuation") return field["behavior"].text("") != "Removed";
    if (type == "Digits" || type == "FixedLength") return true;
    if (type != "Sequence") return false;
    const JsonField list = field["pretokenizers"];
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!onlyCuts(list.item(i))) return false;
    }
    return true;
}

PreTokenizer readPreTokenizer(const JsonField& field) {
    if (field.absent()) return {};
    const std::string type = field["type"].text();
    if (type == "ByteLevel") return readByteLevel(field);
    if (type == "Split") return readSplit(field);
    if (type == "Digits") {
        return pre_tokenizers::split(
            &isNumeric, field["individual_digits"].flag(false) ? SplitBehavior::Isolated : SplitBehavior::Contiguous);
    }
    if (type == "Punctuation") return pre_tokenizers::split(&isPunctuation, readBehavior(field["behavior"]));
    if (type == "BertPreTokenizer") {
        return pre_tokenizers::sequence({pre_tokenizers::split(&isWhiteSpace, SplitBehavior::Removed),
                                         pre_tokenizers::split(&isPunctuation, SplitBehavior::Isolated)});
    }
    if (type == "WhitespaceSplit") return pre_tokenizers::split(&isWhiteSpace, SplitBehavior::Removed);
    if (type == "Whitespace") {
        const auto words = compile(WordOrSigns, field, false);
        return words ? pre_tokenizers::split(*words, SplitBehavior::Removed, true) : PreTokenizer();
    }
    if (type == "CharDelimiterSplit") {
        const std::string delimiter = field["delimiter"].text();
        if (delimiter.empty()) field["delimiter"].problem(ErrorKind::BadFormat, "is empty");
        return delimiter.empty() ? PreTokenizer() : pre_tokenizers::split(delimiter, SplitBehavior::Removed, false);
    }
    if (type == "FixedLength") {
        const std::int64_t length = field["length"].integer(5);
        if (length < 1 || length > INT32_MAX) field["length"].problem(ErrorKind::BadFormat, "should be at least 1");
        return length < 1 ? PreTokenizer() : pre_tokenizers::fixedLength(static_cast<std::uint32_t>(length));
    }
    if (type == "Metaspace") {
        const std::string replacement = field["replacement"].text();
        const PrependScheme scheme = readPrependScheme(field);
        const bool split = field["split"].flag(true);
        if (replacement.empty()) field["replacement"].problem(ErrorKind::BadFormat, "is empty");
        return replacement.empty() ? PreTokenizer() : pre_tokenizers::metaspace(replacement, scheme, split);
    }
    if (type == "Sequence") {
        std::vector<PreTokenizer> steps;
        const JsonField list = field["pretokenizers"];
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (PreTokenizer step = readPreTokenizer(list.item(i))) steps.push_back(std::move(step));
        }
        return pre_tokenizers::sequence(std::move(steps));
    }
    field.problem(
        ErrorKind::Unsupported,
        fmt::format(
            "is the pre-tokenizer \"{}\"; supported are ByteLevel, Split, Digits, Punctuation, BertPreTokenizer, Whitespace, "
            "WhitespaceSplit, CharDelimiterSplit, FixedLength, Metaspace and Sequence",
            type));
    return {};
}

}  // namespace lw::tokenizer_json
