// Facts of the field: the expressions are those of the models' own tokenizer files, the names llama.cpp's (llama-vocab.cpp).
// \s is written \p{White_Space}: PCRE2's \s has one character more (U+180E).
#include "core/text/gguf_pre_tokenizers.h"

#include <map>

#include "core/text/pre_tokenizer.h"

namespace lw {
namespace {

// Parts that many patterns share. W: white space, X: anything else.
#define LW_W "\\p{White_Space}"
#define LW_X "\\P{White_Space}"
#define LW_CONTRACTION "'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])"
#define LW_SPACES LW_W "*[\\r\\n]+|" LW_W "+(?!" LW_X ")|" LW_W "+"
#define LW_SIGNS " ?[^" LW_W "\\p{L}\\p{N}]+"

// Contractions; letters with one other sign in front; numbers; signs with the line ends behind them; white space up to a line
// end.
#define LW_TIKTOKEN(numbers) LW_CONTRACTION "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" numbers "|" LW_SIGNS "[\\r\\n]*|" LW_SPACES

// Letters in which capitals come first, for models that cut camelCase.
#define LW_UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LW_LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define LW_CASED(behind) \
    "[^\\r\\n\\p{L}\\p{N}]?" LW_UPPER "*" LW_LOWER "+" behind "|[^\\r\\n\\p{L}\\p{N}]?" LW_UPPER "+" LW_LOWER "*" behind
#define LW_CASED_REST(numbers) "|" numbers "|" LW_SIGNS "[\\r\\n/]*|" LW_SPACES

// DeepSeek's first models name their letters one by one: those with upper and lower case.
constexpr std::string_view CasedLetters = LW_W
    "?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-"
    "ᾴᾶ-"
    "ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼ"
    "ℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-"
    "𐳲𑢠-"
    "𑣟𞤀-𞥃]+";
constexpr std::string_view WidePunctuation = LW_W "?[!-/:-~！-／：-～‘-‟　-。]+";
// White space up to a line's end. The look-behind changes nothing but saves trying every start inside a long run.
constexpr std::string_view TrailingSpace = "(?<!" LW_W ")" LW_W "+$";
constexpr std::string_view Cjk = "[一-龥ࠀ-一가-퟿]+";
constexpr std::string_view Kana = "[一-龥぀-ゟ゠-ヿ]+";
constexpr std::string_view LineEnd = "[\\r\\n]";
constexpr std::string_view Digit = "\\p{N}";
constexpr std::string_view ThreeDigits = "\\p{N}{1,3}";
constexpr std::string_view AsciiThreeDigits = "[0-9][0-9][0-9]";

constexpr std::string_view Llama3 = LW_TIKTOKEN("\\p{N}{1,3}");
constexpr std::string_view Qwen2 = LW_TIKTOKEN("\\p{N}");
constexpr std::string_view Gpt4o = LW_CASED("(?:" LW_CONTRACTION ")?") LW_CASED_REST("\\p{N}{1,3}");
constexpr std::string_view Tekken = LW_CASED("") LW_CASED_REST("\\p{N}");
constexpr std::string_view DeepSeek3 =
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| "
    "?[\\p{P}\\p{S}]+[\\r\\n]*|" LW_SPACES;
constexpr std::string_view Bailing = "'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|" LW_SIGNS
                                     "[\\r\\n]*|" LW_W "*[\\r\\n]|" LW_W "+(?!" LW_X ")|" LW_W "+";
constexpr std::string_view SeedCoder =
    LW_CONTRACTION "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^" LW_W "\\p{L}\\p{N}\\r\\n]+|" LW_SPACES;
constexpr std::string_view Bloom = " ?[^(" LW_W "|.,!?…。，、।۔،)]+";
constexpr std::string_view Qwen35 =
    LW_CONTRACTION "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^" LW_W "\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|" LW_SPACES;

#undef LW_W
#undef LW_X
#undef LW_CONTRACTION
#undef LW_SPACES
#undef LW_SIGNS
#undef LW_TIKTOKEN
#undef LW_UPPER
#undef LW_LOWER
#undef LW_CASED
#undef LW_CASED_REST

const std::map<std::string_view, GgufPreTokenizer>& table() {
    static const auto made = [] {
        const GgufPreTokenizer gpt2{{Gpt2Word}};
        const GgufPreTokenizer digits{{Digit, Gpt2Word}};
        const GgufPreTokenizer llama3{{Llama3}, true, true};
        const GgufPreTokenizer tiktoken{{Llama3}};
        const GgufPreTokenizer qwen2{{Qwen2}};
        const GgufPreTokenizer gpt4o{{Gpt4o}};
        const GgufPreTokenizer bloom{{Bloom}};
        const GgufPreTokenizer bailing{{Bailing}};
        const GgufPreTokenizer deepseek3{{ThreeDigits, Kana, DeepSeek3}};
        std::map<std::string_view, GgufPreTokenizer> all{
            {"default", {{"[\\p{P}\\$\\+<=>\\^~\\|]+", Gpt2Word, "\\p{N}+", AsciiThreeDigits}}},
            {"falcon", {{"[\\p{P}\\$\\+<=>\\^~\\|`]+", Gpt2Word, AsciiThreeDigits}}},
            {"deepseek-llm", {{LineEnd, CasedLetters, WidePunctuation, TrailingSpace, Cjk, "\\p{N}+"}}},
            {"deepseek-coder", {{LineEnd, "\\p{White_Space}?\\p{L}+", "\\p{White_Space}?\\p{P}+", Cjk, Digit}}},
            {"tekken", {{Tekken}, true, true}},
            {"chameleon",
             {{"<sentinel:[0-9]+>", "IMGIMG[A-I]{1,4}Z", "[\\t\\n]|    |  ", Digit, "[\\p{P}!-/:-@\\[-`{-~]", Gpt2Word},
              false,
              true}},
            {"seed-coder", {{SeedCoder}}},
            {"qwen35", {{Qwen35}}},
            {"viking", {{Bloom, Digit}}},
        };
        const auto add = [&](const GgufPreTokenizer& entry, std::initializer_list<std::string_view> names) {
            for (const std::string_view name : names) all.emplace(name, entry);
        };
        add(gpt2, {"gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4", "gigachat", "mellum",
                   "modern-bert", "a.x-4.0", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "jina-v1-en", "jina-v2-code",
                   "roberta-bpe"});
        add(digits, {"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"});
        add(llama3, {"llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"});
        add(tiktoken, {"dbrx", "smaug-bpe", "glm4", "chatglm-bpe"});
        add(qwen2, {"qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez", "grok-2", "solar-open", "kormo"});
        add(gpt4o, {"gpt-4o", "llama4", "kanana2", "minimax-m2"});
        add(bloom, {"bloom", "poro-chat", "gpt3-finnish"});
        add(bailing, {"bailingmoe", "bailingmoe2", "llada-moe"});
        add(deepseek3, {"deepseek-v3", "hunyuan-dense", "joyai-llm"});
        return all;
    }();
    return made;
}

}  // namespace

const GgufPreTokenizer* ggufPreTokenizer(std::string_view name) {
    const auto found = table().find(name);
    return found == table().end() ? nullptr : &found->second;
}

std::string ggufPreTokenizerNames() {
    std::string names;
    for (const auto& entry : table()) {
        if (!names.empty()) names += ", ";
        names += entry.first;
    }
    return names;
}

}  // namespace lw
