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

// DeepSeek's first models name the letters with upper and lower case one by one. Code points instead of characters: some of them
// are canonically equal to others (U+212A and K), which editors exchange.
constexpr std::string_view CasedLetters = LW_W
    "?["
    "\\x{41}-\\x{5A}\\x{61}-\\x{7A}\\x{B5}\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{1BA}\\x{1BC}-\\x{1BF}"
    "\\x{1C4}-\\x{293}\\x{295}-\\x{2AF}\\x{370}-\\x{373}\\x{376}\\x{377}\\x{37B}-\\x{37D}\\x{37F}\\x{386}"
    "\\x{388}-\\x{38A}\\x{38C}\\x{38E}-\\x{3A1}\\x{3A3}-\\x{3F5}\\x{3F7}-\\x{481}\\x{48A}-\\x{52F}\\x{531}-\\x{556}"
    "\\x{10A0}-\\x{10C5}\\x{13A0}-\\x{13F5}\\x{13F8}-\\x{13FD}\\x{1C90}-\\x{1CBA}\\x{1CBD}-\\x{1CBF}"
    "\\x{1D00}-\\x{1D2B}\\x{1D6B}-\\x{1D77}\\x{1D79}-\\x{1D9A}\\x{1E00}-\\x{1F15}\\x{1F18}-\\x{1F1D}"
    "\\x{1F20}-\\x{1F45}\\x{1F48}-\\x{1F4D}\\x{1F50}-\\x{1F57}\\x{1F59}\\x{1F5B}\\x{1F5D}\\x{1F5F}-\\x{1F7D}"
    "\\x{1F80}-\\x{1FB4}\\x{1FB6}-\\x{1FBC}\\x{1FBE}\\x{1FC2}-\\x{1FC4}\\x{1FC6}-\\x{1FCC}\\x{1FD0}-\\x{1FD3}"
    "\\x{1FD6}-\\x{1FDB}\\x{1FE0}-\\x{1FEC}\\x{1FF2}-\\x{1FF4}\\x{1FF6}-\\x{1FFC}\\x{2102}\\x{2107}"
    "\\x{210A}-\\x{2113}\\x{2115}\\x{2119}-\\x{211D}\\x{2124}\\x{2126}\\x{2128}\\x{212A}-\\x{212D}\\x{212F}-\\x{2134}"
    "\\x{2139}\\x{213C}-\\x{213F}\\x{2145}-\\x{2149}\\x{214E}\\x{2183}\\x{2184}\\x{2C00}-\\x{2C7B}\\x{2C7E}-\\x{2CE4}"
    "\\x{2CEB}-\\x{2CEE}\\x{2CF2}\\x{2CF3}\\x{A640}-\\x{A66D}\\x{A680}-\\x{A69B}\\x{A722}-\\x{A76F}"
    "\\x{A771}-\\x{A787}\\x{A78B}-\\x{A78E}\\x{AB70}-\\x{ABBF}\\x{FB00}-\\x{FB06}\\x{FB13}-\\x{FB17}"
    "\\x{FF21}-\\x{FF3A}\\x{FF41}-\\x{FF5A}\\x{10400}-\\x{1044F}\\x{104B0}-\\x{104D3}\\x{104D8}-\\x{104FB}"
    "\\x{10C80}-\\x{10CB2}\\x{10CC0}-\\x{10CF2}\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}"
    "]+";
constexpr std::string_view WidePunctuation =
    LW_W "?[!-/:-~\\x{FF01}-\\x{FF0F}\\x{FF1A}-\\x{FF5E}\\x{2018}-\\x{201F}\\x{3000}-\\x{3002}]+";
// White space up to a line's end. The look-behind changes nothing but saves trying every start inside a long run.
constexpr std::string_view TrailingSpace = "(?<!" LW_W ")" LW_W "+$";
constexpr std::string_view Cjk = "[\\x{4E00}-\\x{9FA5}\\x{800}-\\x{4E00}\\x{AC00}-\\x{D7FF}]+";
constexpr std::string_view Kana = "[\\x{4E00}-\\x{9FA5}\\x{3040}-\\x{30FF}]+";
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
