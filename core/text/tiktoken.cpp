// Facts of the field: OpenAI's tiktoken_ext/openai_public.py, Meta's llama3 tokenizer.py, Qwen's tokenization_qwen.py.
// \s is written \p{White_Space}, as in gguf_pre_tokenizers.cpp.
#include "core/text/tiktoken.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "core/text/base64.h"
#include "core/text/pre_tokenizer.h"

namespace lw {
namespace {

#define LW_W "\\p{White_Space}"
#define LW_REST LW_W "*[\\r\\n]+|" LW_W "+(?!\\P{White_Space})|" LW_W "+"
#define LW_WORDS(numbers) \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" numbers "| ?[^" LW_W "\\p{L}\\p{N}]+[\\r\\n]*|" LW_REST
#define LW_UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LW_LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define LW_ENDING "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
constexpr std::string_view Cl100kWord = LW_WORDS("\\p{N}{1,3}");
constexpr std::string_view QwenWord = LW_WORDS("\\p{N}");
constexpr std::string_view O200kWord =
    "[^\\r\\n\\p{L}\\p{N}]?" LW_UPPER "*" LW_LOWER "+" LW_ENDING "|[^\\r\\n\\p{L}\\p{N}]?" LW_UPPER "+" LW_LOWER "*" LW_ENDING
    "|\\p{N}{1,3}| ?[^" LW_W "\\p{L}\\p{N}]+[\\r\\n/]*|" LW_REST;
#undef LW_W
#undef LW_REST
#undef LW_WORDS
#undef LW_UPPER
#undef LW_LOWER
#undef LW_ENDING

struct Special {
    std::string_view text;
    TokenId id;
};

struct KnownEncoding {
    std::string_view name;
    int tokens;  // without special ones
    int ids;     // 1 + the highest of them
    std::string_view words;
    std::span<const Special> special;
};

constexpr std::array<Special, 1> Gpt2Special{{{"<|endoftext|>", 50256}}};
constexpr std::array<Special, 5> Cl100kSpecial{{{"<|endoftext|>", 100257},
                                                {"<|fim_prefix|>", 100258},
                                                {"<|fim_middle|>", 100259},
                                                {"<|fim_suffix|>", 100260},
                                                {"<|endofprompt|>", 100276}}};
constexpr std::array<Special, 2> O200kSpecial{{{"<|endoftext|>", 199999}, {"<|endofprompt|>", 200018}}};
constexpr std::array<Special, 5> Llama3Special{{{"<|begin_of_text|>", 128000},
                                                {"<|end_of_text|>", 128001},
                                                {"<|start_header_id|>", 128006},
                                                {"<|end_header_id|>", 128007},
                                                {"<|eot_id|>", 128009}}};
constexpr std::array<Special, 3> QwenSpecial{{{"<|endoftext|>", 151643}, {"<|im_start|>", 151644}, {"<|im_end|>", 151645}}};

const std::array<KnownEncoding, 6>& encodings() {
    static const std::array<KnownEncoding, 6> all{{
        {"r50k_base", 50256, 50256, Gpt2Word, Gpt2Special},
        {"p50k_base", 50280, 50281, Gpt2Word, Gpt2Special},
        {"cl100k_base", 100256, 100256, Cl100kWord, Cl100kSpecial},
        {"o200k_base", 199998, 199998, O200kWord, O200kSpecial},
        {"llama3", 128000, 128000, Cl100kWord, Llama3Special},
        {"qwen", 151643, 151643, QwenWord, QwenSpecial},
    }};
    return all;
}

tl::expected<NumberedToken, std::string> readLine(std::string_view line) {
    const std::size_t space = std::min(line.find(' '), line.size());
    auto token = fromBase64(line.substr(0, space));
    const std::string_view number = line.substr(std::min(space + 1, line.size()));
    NumberedToken out;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), out.number);
    if (!token || token->empty() || error != std::errc() || end != number.data() + number.size() || out.number < 0) {
        return tl::unexpected(
            fmt::format("should be a token in base64 and its rank, but is \"{}\"", printableBytes(line.substr(0, 60))));
    }
    out.bytes = std::move(*token);
    return out;
}

Result<std::shared_ptr<const Tokenizer>> make(ByteVocabulary vocabulary, const KnownEncoding& encoding, std::string_view where) {
    for (const Special& special : encoding.special) vocabulary.special.emplace_back(special.text, special.id);
    auto parts = rankedParts(vocabulary, encoding.words, where);
    if (!parts) return tl::unexpected(parts.error());
    for (const Special& special : encoding.special) {
        const bool end = special.text == "<|endoftext|>" || special.text == "<|end_of_text|>" || special.text == "<|eot_id|>" ||
                         special.text == "<|im_end|>";
        if (end) parts->ends.push_back(special.id);
        if (special.text == "<|begin_of_text|>") {
            parts->bos = special.id;
            parts->front = {special.id};
        }
    }
    return makePipeline(std::move(*parts));
}

std::size_t tokensOf(const ByteVocabulary& vocabulary) {
    return static_cast<std::size_t>(std::ranges::count_if(vocabulary.tokens, [](const auto& token) { return !token.empty(); }));
}

bool fits(const KnownEncoding& encoding, const ByteVocabulary& vocabulary) {
    return tokensOf(vocabulary) == static_cast<std::size_t>(encoding.tokens) &&
           vocabulary.tokens.size() == static_cast<std::size_t>(encoding.ids);
}

}  // namespace

bool looksLikeTiktoken(std::string_view text) { return readLine(firstLine(text)).has_value(); }

Result<std::shared_ptr<const Tokenizer>> tokenizerFromTiktoken(std::string_view text, std::string_view where) {
    auto read = tokensByLine(text, where, "rank", readLine);  // ranks are ids
    if (!read) return tl::unexpected(read.error());
    ByteVocabulary vocabulary = std::move(*read);
    const auto encoding = std::ranges::find_if(encodings(), [&](const KnownEncoding& one) { return fits(one, vocabulary); });
    if (encoding != encodings().end()) return make(std::move(vocabulary), *encoding, where);
    std::string known;
    for (const KnownEncoding& one : encodings())
        known += fmt::format("{}{} ({})", known.empty() ? "" : ", ", one.name, one.tokens);
    return fail(ErrorKind::Unsupported,
                fmt::format("{} has {} ranks; such a file does not say how words are cut, which is known for {}.", where,
                            tokensOf(vocabulary), known),
                std::string(where));
}

Result<std::shared_ptr<const Tokenizer>> tokenizerFromRanks(ByteVocabulary vocabulary, std::string_view name,
                                                            std::string_view where) {
    const auto encoding = std::ranges::find(encodings(), name, &KnownEncoding::name);
    if (encoding == encodings().end())
        return fail(ErrorKind::Unsupported,
                    fmt::format("{} is of the encoding \"{}\", which is not known.", where, printableBytes(name)),
                    std::string(where));
    if (!fits(*encoding, vocabulary)) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("{} has {} tokens, but {} has {}.", where, tokensOf(vocabulary), name, encoding->tokens),
                    std::string(where));
    }
    return make(std::move(vocabulary), *encoding, where);
}

}  // namespace lw
