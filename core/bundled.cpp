#include "core/bundled.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

#include "core/formats/gguf_split.h"

namespace lw {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view ours = "GPL-3.0-or-later, as this program";

constexpr std::array<BundledModel, 30> table{{
    {"layerwalk-transformer-large",
     "A Transformer of four million parameters that has read ten million tokens of stories, tales and Tang poems.", ours,
     "layerwalk-cli train, from this project's training/transformer-large.json", "models/layerwalk-transformer-large",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{4303616, 3.1408, 1.3411, 0.0000, 10000384, 7688,
                     "layerwalk-cli train training/transformer-large.json --data texts --out out/transformer-large"}},
    {"stories260K", "A Llama-style model with 260,032 parameters that learned to tell short stories in English.",
     "MIT, by its model card",
     "llama2.c by Andrej Karpathy (tinyllamas/stories260K), trained on TinyStories; converted to GGUF with llama.cpp",
     "models/stories260K.gguf", "Once upon a time, there was a little girl named Lily. She loved to play"},
    {"gpt-nano-sort", "The smallest Transformer that does something: it sorts six letters A, B, C.", "MIT",
     "llm-viz by Brendan Bycroft, after minGPT by Andrej Karpathy; converted to config.json and safetensors",
     "models/gpt-nano-sort", "CBABBC"},
    {"lstm-shakespeare", "A character LSTM of two layers that learned Shakespeare's plays.", "MIT",
     "ml5-data-and-models by the ml5.js project (charRNN); converted to config.json and safetensors", "models/lstm-shakespeare",
     "ROMEO: What light is this?"},
    {"lstm-bronte", "A character LSTM of two layers that learned Charlotte Brontë's novels.", "MIT",
     "ml5-data-and-models by the ml5.js project (charRNN); converted to config.json and safetensors", "models/lstm-bronte",
     "I walked over the moor and thought of"},
    {"rwkv7-reverse", "An RWKV-7 with 31,000 parameters that reverses up to 60 digits, which it keeps in a memory of fixed size.",
     "Apache-2.0", "RWKV-LM by Bo Peng (RWKV-v8/260123_reverse_L2_only_rwkv7); converted to config.json and safetensors",
     "models/rwkv7-reverse", "31415926535897932384,"},
    {"layerwalk-transformer",
     "A Transformer of a million parameters that has read eight million tokens of stories and Tang poems.", ours,
     "layerwalk-cli train, from this project's training/transformer.json", "models/layerwalk-transformer",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1070208, 3.3995, 1.4515, 0.0000, 8000512, 1354,
                     "layerwalk-cli train training/transformer.json --data texts --out out/transformer"}},
    {"layerwalk-ngram", "Counts of runs of up to four tokens, smoothed (Kneser–Ney): what can be said without any layer.", ours,
     "layerwalk-cli train, from this project's training/ngram.json", "models/layerwalk-ngram",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{867934, 3.7345, 1.5946, 0.0000, 2420736, 4,
                     "layerwalk-cli train training/ngram.json --data texts --out out/ngram"}},
    {"layerwalk-gated-deltanet",
     "A Gated DeltaNet of a million parameters: a memory that fades and is corrected, on the same text as the others.", ours,
     "layerwalk-cli train, from this project's training/gated-deltanet.json", "models/layerwalk-gated-deltanet",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1047840, 3.3413, 1.4267, 0.0000, 8000512, 1957,
                     "layerwalk-cli train training/gated-deltanet.json --data texts --out out/gated-deltanet"}},
    {"layerwalk-rwkv7",
     "An RWKV-7 of a million parameters: every key fades at a pace of its own and is corrected, on the same text as the others.",
     ours, "layerwalk-cli train, from this project's training/rwkv7.json", "models/layerwalk-rwkv7",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{957696, 3.2594, 1.3917, 0.0000, 8000512, 2111,
                     "layerwalk-cli train training/rwkv7.json --data texts --out out/rwkv7"}},
    {"layerwalk-mamba", "A Mamba of a million parameters: it chooses by the token what to keep, on the same text as the others.",
     ours, "layerwalk-cli train, from this project's training/mamba.json", "models/layerwalk-mamba",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{978560, 3.3348, 1.4239, 0.0000, 8000512, 2027,
                     "layerwalk-cli train training/mamba.json --data texts --out out/mamba"}},
    {"layerwalk-mamba2",
     "Mamba-2, a million parameters: a selective state-space model whose memory is a matrix that fades as a whole, on the same "
     "text as the others.",
     ours, "layerwalk-cli train, from this project's training/mamba2.json", "models/layerwalk-mamba2",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{950240, 3.3373, 1.4250, 0.0000, 8000512, 2373,
                     "layerwalk-cli train training/mamba2.json --data texts --out out/mamba2"}},
    {"layerwalk-hybrid",
     "A hybrid of a million parameters: three blocks of Gated DeltaNet, then one of attention, on the same text as the others.",
     ours, "layerwalk-cli train, from this project's training/hybrid.json", "models/layerwalk-hybrid",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1028856, 3.3276, 1.4208, 0.0000, 8000512, 1941,
                     "layerwalk-cli train training/hybrid.json --data texts --out out/hybrid"}},
    {"layerwalk-s4d",
     "S4D, a million parameters: a linear system that is the same for every token, on the same text as the others.", ours,
     "layerwalk-cli train, from this project's training/s4d.json", "models/layerwalk-s4d",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{940672, 3.4485, 1.4724, 0.0000, 8000512, 2101,
                     "layerwalk-cli train training/s4d.json --data texts --out out/s4d"}},
    {"layerwalk-lstm", "An LSTM of a million parameters, two layers of gated cells, on the same text as the others.", ours,
     "layerwalk-cli train, from this project's training/lstm.json", "models/layerwalk-lstm",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1056160, 3.5270, 1.5060, 0.0000, 8000512, 1222,
                     "layerwalk-cli train training/lstm.json --data texts --out out/lstm"}},
    {"layerwalk-retnet",
     "A RetNet of a million parameters: a memory that fades at a constant rate, on the same text as the others.", ours,
     "layerwalk-cli train, from this project's training/retnet.json", "models/layerwalk-retnet",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1037568, 3.5221, 1.5039, 0.0000, 8000512, 1628,
                     "layerwalk-cli train training/retnet.json --data texts --out out/retnet"}},
    {"layerwalk-gla",
     "Gated linear attention, a million parameters: every row of the memory fades as the token says, on the same text as the "
     "others.",
     ours, "layerwalk-cli train, from this project's training/gla.json", "models/layerwalk-gla",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1054464, 3.4795, 1.4857, 0.0000, 8000512, 2664,
                     "layerwalk-cli train training/gla.json --data texts --out out/gla"}},
    {"layerwalk-deltanet",
     "A DeltaNet of a million parameters: what stands under a key is replaced, on the same text as the others.", ours,
     "layerwalk-cli train, from this project's training/deltanet.json", "models/layerwalk-deltanet",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1041664, 3.5156, 1.5011, 0.0000, 8000512, 2984,
                     "layerwalk-cli train training/deltanet.json --data texts --out out/deltanet"}},
    {"layerwalk-linear-attention",
     "Linear attention, a million parameters: a memory that only adds, on the same text as the others.", ours,
     "layerwalk-cli train, from this project's training/linear-attention.json", "models/layerwalk-linear-attention",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1039616, 4.0775, 1.7410, 0.0000, 8000512, 3638,
                     "layerwalk-cli train training/linear-attention.json --data texts --out out/linear-attention"}},
    {"layerwalk-gru", "A GRU of a million parameters, on the same text as the others.", ours,
     "layerwalk-cli train, from this project's training/gru.json", "models/layerwalk-gru",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1081824, 3.4294, 1.4643, 0.0000, 8000512, 1504,
                     "layerwalk-cli train training/gru.json --data texts --out out/gru"}},
    {"layerwalk-rnn", "A plain RNN of a million parameters, on the same text as the others.", ours,
     "layerwalk-cli train, from this project's training/rnn.json", "models/layerwalk-rnn",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1009888, 3.8140, 1.6285, 0.0000, 8000512, 1284,
                     "layerwalk-cli train training/rnn.json --data texts --out out/rnn"}},
    {"layerwalk-nplm",
     "A feed-forward language model: a window of eight embeddings and one hidden layer, on the same text as the others.", ours,
     "layerwalk-cli train, from this project's training/nplm.json", "models/layerwalk-nplm",
     "Once upon a time, there was a little girl named Lily. She loved to play",
     BundledTraining{1012896, 3.8918, 1.6617, 0.0000, 8000512, 1069,
                     "layerwalk-cli train training/nplm.json --data texts --out out/nplm"}},
    {"layerwalk-induction",
     "Two layers of attention alone that learned to repeat what they have seen once; its folder holds 20 stages of the learning.",
     ours, "layerwalk-cli train, from this project's training/induction.json", "models/layerwalk-induction", "wyEmckzbDswyEmckzb",
     BundledTraining{37056, 0.0019, 0, 0.9997, 1980450, 111, "layerwalk-cli train training/induction.json --out out/induction"}},
    {"layerwalk-recall-deltanet", "A DeltaNet that learned to look up values by keys that it has read: its state is the table.",
     ours, "layerwalk-cli train, from this project's training/recall-deltanet.json", "models/layerwalk-recall-deltanet",
     "a2l7n5o4e7|e7l7n5o",
     BundledTraining{38496, 0.0000, 0, 1.0000, 1534122, 157,
                     "layerwalk-cli train training/recall-deltanet.json --out out/recall-deltanet"}},
    {"layerwalk-selective-copy-mamba", "A Mamba that learned to keep letters and to let the dots between them pass.", ours,
     "layerwalk-cli train, from this project's training/selective-copy-mamba.json", "models/layerwalk-selective-copy-mamba",
     "b.....g......d.f|bgd",
     BundledTraining{66752, 0.0000, 0, 1.0000, 1920000, 368,
                     "layerwalk-cli train training/selective-copy-mamba.json --out out/selective-copy-mamba"}},
    {"layerwalk-recall-linear-attention",
     "Linear attention on the task of the DeltaNet beside it: to look up values by keys that it has read.", ours,
     "layerwalk-cli train, from this project's training/recall-linear-attention.json", "models/layerwalk-recall-linear-attention",
     "a2l7n5o4e7|e7l7n5o",
     BundledTraining{37984, 0.0001, 0.0000, 1.0000, 1534122, 483,
                     "layerwalk-cli train training/recall-linear-attention.json --out out/recall-linear-attention"}},
    {"layerwalk-recall-transformer",
     "Two layers of attention on the same task: the first looks one token back, the second finds the key and reads its value.",
     ours, "layerwalk-cli train, from this project's training/recall-transformer.json", "models/layerwalk-recall-transformer",
     "a2l7n5o4e7|e7l7n5o",
     BundledTraining{36416, 0.0000, 0.0000, 1.0000, 9216362, 1372,
                     "layerwalk-cli train training/recall-transformer.json --data texts --out out/recall-transformer"}},
    {"layerwalk-parity-at-once",
     "Two layers of attention that must say at once whether the ones are odd: right for short strings only.", ours,
     "layerwalk-cli train, from this project's training/parity-at-once.json", "models/layerwalk-parity-at-once", "01101001=",
     BundledTraining{82624, 0.4997, 0.0000, 0.5859, 3648914, 2785,
                     "layerwalk-cli train training/parity-at-once.json --out out/parity-at-once"}},
    {"layerwalk-parity-in-steps",
     "The same two layers with the same training, but allowed to write the parity so far after every bit.", ours,
     "layerwalk-cli train, from this project's training/parity-in-steps.json", "models/layerwalk-parity-in-steps", "0110100110=",
     BundledTraining{82624, 0.0003, 0.0000, 1.0000, 6529828, 2897,
                     "layerwalk-cli train training/parity-in-steps.json --out out/parity-in-steps"}},
    {"layerwalk-selective-copy-s4d",
     "An S4D, the same for every token, on the task of the Mamba beside it: to keep letters and to let dots pass.", ours,
     "layerwalk-cli train, from this project's training/selective-copy-s4d.json", "models/layerwalk-selective-copy-s4d",
     "b.....g......d.f|bgd",
     BundledTraining{59328, 0.0009, 0.0000, 1.0000, 1920000, 1447,
                     "layerwalk-cli train training/selective-copy-s4d.json --out out/selective-copy-s4d"}},
}};

fs::path environment(const char* name) {
    const char* value = std::getenv(name);
    return value && *value ? fs::path(value) : fs::path();
}

bool isThere(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

}  // namespace

std::span<const BundledModel> bundledModels() { return table; }

const BundledModel* bundledModel(std::string_view name) {
    const auto row = std::ranges::find(table, name, &BundledModel::name);
    return row == table.end() ? nullptr : &*row;
}

fs::path resourcesFolder() {
    if (const fs::path named = environment("LAYERWALK_RESOURCES"); !named.empty()) return named;
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (!error) {
        const fs::path installed = program.parent_path().parent_path() / "share" / "layerwalk";
        if (isThere(installed / "models")) return installed;
    }
    if (isThere(LAYERWALK_SOURCE_RESOURCES)) return LAYERWALK_SOURCE_RESOURCES;
    return LAYERWALK_INSTALL_RESOURCES;
}

fs::path modelsFolder() {
    if (const fs::path named = environment("LAYERWALK_MODELS"); !named.empty()) return named;
    if (const fs::path data = environment("XDG_DATA_HOME"); !data.empty()) return data / "layerwalk" / "models";
    return environment("HOME") / ".local" / "share" / "layerwalk" / "models";
}

std::vector<fs::path> foundModels() {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator it(modelsFolder(), error), end; !error && it != end; it.increment(error)) {
        const fs::path& path = it->path();
        const auto part = ggufPartName(path);
        if (part && part->number > 1) continue;  // the first part stands for all
        if (path.extension() == ".gguf" || isThere(path / "config.json")) found.push_back(path);
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace lw
