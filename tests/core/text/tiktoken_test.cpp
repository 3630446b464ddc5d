// OpenAI's newer vocabularies, whose words are cut as llama-bpe's and gpt-4o's are: a check of those expressions and of whole
// words against kitoken's vectors. The files rank whole tokens; the merges are worked out here.
#include <unordered_map>

#include "core/text/byte_alphabet.h"
#include "core/text/gguf_vocabulary.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

std::string fromBase64(std::string_view text) {
    static const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = letters.find(c);
        if (value == std::string::npos) break;
        bits = (bits << 6) | static_cast<unsigned>(value);
        if ((count += 6) >= 8) out.push_back(static_cast<char>((bits >> (count -= 8)) & 0xFF));
    }
    return out;
}

GgufVocabulary fromTiktoken(const std::string& file, const std::string& pre) {
    GgufVocabulary made;
    made.model = "gpt2";
    made.pre = pre;
    std::vector<std::string> tokens;
    std::unordered_map<std::string, int> ranks;
    for (const std::string& line : test::splitAt(file, "\n")) {
        if (line.empty()) continue;
        const auto rank = static_cast<std::size_t>(std::stoul(line.substr(line.find(' ') + 1)));
        if (tokens.size() <= rank) tokens.resize(rank + 1);
        tokens[rank] = fromBase64(line);
        ranks[tokens[rank]] = static_cast<int>(rank);
    }
    for (std::size_t rank = 0; rank < tokens.size(); ++rank) {
        made.tokens.push_back(spellBytes(tokens[rank]));
        if (tokens[rank].size() < 2) continue;
        std::vector<std::string> parts;  // merged by the ranks below this one, two parts are left
        for (const char byte : tokens[rank]) parts.emplace_back(1, byte);
        while (parts.size() > 2) {
            std::size_t best = 0;
            int bestRank = static_cast<int>(rank);
            for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
                const auto found = ranks.find(parts[i] + parts[i + 1]);
                if (found != ranks.end() && found->second < bestRank) {
                    best = i;
                    bestRank = found->second;
                }
            }
            if (bestRank == static_cast<int>(rank)) break;
            parts[best] += parts[best + 1];
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
        }
        if (parts.size() == 2) made.merges.push_back(spellBytes(parts[0]) + " " + spellBytes(parts[1]));
    }
    return made;
}

void compare(const std::string& name, const std::string& pre) {
    const auto file = test::shared("tiktoken/" + name + ".tiktoken");
    if (!file) {
        WARN("skipped: " << name << " is not here");
        return;
    }
    const auto made = tokenizerFromGguf(fromTiktoken(*file, pre), name);
    if (!made) FAIL(made.error().message);
    const std::string vectors = "kitoken-vectors/";
    const auto lines = test::splitAt(*test::shared(vectors + "mixed_input.txt"), "\n");
    const auto ids = test::splitAt(*test::shared(vectors + "tiktoken/mixed_tokens_" + name + ".txt"), "\n");
    REQUIRE(lines.size() == ids.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CAPTURE(name, lines[i]);
        CHECK((*made)->encode(lines[i])->ids() == test::numbers(ids[i]));
    }
    CHECK((*made)->encode(*test::shared(vectors + "utf8_input.txt"))->ids() ==
          test::numbers(*test::shared(vectors + "tiktoken/utf8_tokens_" + name + ".txt")));
}

}  // namespace

TEST_CASE("cl100k_base, cut as llama-bpe") { compare("cl100k_base", "llama-bpe"); }

TEST_CASE("o200k_base, cut as gpt-4o") { compare("o200k_base", "gpt-4o"); }
