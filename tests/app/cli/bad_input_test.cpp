// What the world can do wrong: each time status 1, one sentence that names it, nothing on standard output, nothing left behind.
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sched.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <limits>

#include <nlohmann/json.hpp>

#include "tests/app/cli/program.h"

using namespace lw::test;

namespace fs = std::filesystem;

namespace {

const std::string data = LAYERWALK_TEST_DATA;
const std::string zooLlama = data + "/zoo/llama", storiesFile = data + "/stories260K/stories260K-Q8_0.gguf";

// The sentence, which must hold every word; a line that tells the memory of captures may stand before it.
void refuses(const std::vector<std::string>& arguments, const std::vector<std::string>& words, const Start& start = {}) {
    const Ended ended = cli(arguments, start);
    CAPTURE(arguments, ended.err);
    CHECK(ended.status == 1);
    CHECK(ended.out.empty());
    const auto at = ended.err.find("layerwalk-cli: ");
    REQUIRE(at != std::string::npos);
    const std::string sentence = ended.err.substr(at);
    CHECK(std::count(sentence.begin(), sentence.end(), '\n') == 1);
    CHECK(sentence.size() < 600);
    for (const std::string& word : words) {
        CAPTURE(word);
        CHECK(sentence.find(word) != std::string::npos);
    }
}

void refusesModel(const std::string& path, const std::vector<std::string>& words) {
    refuses({"run", path, "--ids", "3,4,5"}, words);
}

// A copy of the small Llama, its configuration and its weights changed.
struct Copy : TemporaryFolder {
    explicit Copy(const std::function<void(nlohmann::json&)>& change, const std::function<void(std::string&)>& weights = {}) {
        auto config = nlohmann::json::parse(contentOf(zooLlama + "/config.json"));
        if (change) change(config);
        write("config.json", config.dump());
        std::string bytes = contentOf(zooLlama + "/model.safetensors");
        if (weights) weights(bytes);
        write("model.safetensors", bytes);
    }
};

}  // namespace

TEST_CASE("A text that cannot be run", "[cli][bad]") {
    const TemporaryFolder folder;
    refuses({"run", "stories260K", "--text", ""}, {"nothing to run"});
    refuses({"generate", "stories260K", "--text-file", folder.write("empty", "").string(), "-n", "3"}, {"nothing to run"});
    refuses({"lens", "stories260K", "--ids", ""}, {"nothing to run"});
    refuses({"run", "stories260K", "--text-file", (folder / "missing").string()}, {(folder / "missing").string()});
    refuses({"run", "stories260K", "--text-file", folder.write("latin", "caf\xe9 \xff").string()}, {"UTF-8", "byte 3", "0xE9"});
    refuses({"tokenize", "stories260K", "--text-file", (folder / "latin").string()}, {"UTF-8"});
    std::string words;
    while (words.size() < 200'000) words += "word ";
    folder.write("long", words);
    refuses({"run", "stories260K", "--text-file", (folder / "long").string()}, {"120002 tokens", "512", "--beyond-context"});
    refuses({"run", "stories260K", "-"}, {"120002 tokens"}, {.input = words});
    refuses({"run", "gpt-nano-sort", "--text", "ABCABCABCABCABC", "--beyond-context"}, {"15 tokens", "11", "cannot go beyond"});
    refuses({"run", zooLlama, "--text", "hello"}, {"no tokenizer", "--ids"});
    CHECK(cliJson({"tokenize", "stories260K", "--text", ""})["ids"].empty());
    CHECK(cliJson({"tokenize", "stories260K", "-"}, {.input = words})["ids"].size() == 120'002);
}

TEST_CASE("A text that nothing can be learned from", "[cli][bad]") {
    const TemporaryFolder folder;
    const std::string out = (folder / "tokenizer.json").string();
    const std::string text = folder.write("text", "a b").string(), marks = folder.write("marks", "<|end|>").string();
    refuses({"train-tokenizer", folder.write("empty", "").string(), "--vocabulary", "300", "--out", out}, {"empty"});
    refuses({"train-tokenizer", marks, "--vocabulary", "300", "--special", "<|end|>", "--out", out},
            {"the training text is empty"});
    refuses({"train-tokenizer", text, "--vocabulary", "200", "--out", out},
            {"A vocabulary of 200 is smaller than the alphabet", "256"});
    refuses({"train-tokenizer", folder.write("latin", "caf\xe9").string(), "--vocabulary", "300", "--out", out},
            {"UTF-8", "latin"});
    CHECK(folder.files() == 4);
}

TEST_CASE("A file whose tokens cannot be counted", "[cli][bad]") {
    const TemporaryFolder folder;
    const std::string text = folder.write("text", "a b").string();
    refuses({"count-tokens", "no such file"}, {"no such file"});
    refuses({"count-tokens", folder.write("odd", "caf\xe9!").string(), "--tokenizer", "bytes"}, {"odd", "byte 3", "0xE9"});
    refuses({"count-tokens", folder.write("empty", "").string(), "--tokenizer", "bytes"}, {"empty"});
    refuses({"count-tokens", text, "--tokenizer", "gpt3"}, {"gpt3", "cl100k"});
    refuses({"count-tokens", folder.path().string(), "--tokenizer", "bytes"}, {"folder"});
    const auto counted = cliJson({"count-tokens", text, "--tokenizer", "bytes", "--tokenizer", "gpt2"});
    CHECK(counted["bytes"] == 3);
    CHECK(counted["words"] == 2);
    CHECK(counted["tokenizers"][0]["count"] == 3);
    CHECK(counted["tokenizers"][1]["count"] == cliJson({"tokenize", "--tokenizer", "gpt2", "--text", "a b"})["ids"].size());
    const std::string many = folder.write("many", "床前 明月光\n👩‍👩‍👧 unhappy ").string();
    const auto mixed = cliJson({"count-tokens", many, "--tokenizer", "bytes", "--tokenizer", "characters"});
    CHECK(mixed["characters"] == 21);  // code points: 7, an emoji of five, 9
    CHECK(mixed["words"] == 4);
    CHECK(mixed["tokenizers"][0]["count"] == mixed["bytes"]);
    CHECK(mixed["tokenizers"][1]["count"] == mixed["characters"]);
}

TEST_CASE("Ids and places that are not there", "[cli][bad]") {
    refuses({"run", "stories260K", "--ids", "3,512"}, {"id 512", "position 1", "0 to 511"});
    refuses({"run", "stories260K", "--ids", "-1"}, {"id -1"});
    refuses({"detokenize", "stories260K", "--ids", "512"}, {"512", "0 to 511"});
    refuses({"attribute", "stories260K", "--text", "a", "--token", "512"}, {"512", "0 to 511"});
    refuses({"neighbours", "stories260K", "--token", "512"}, {"512", "0 to 511"});
    refuses({"neighbours", "stories260K", "--token-text", "no such token"}, {"No single token", "no such token"});
    refuses({"neighbours", zooLlama, "--token-text", "a"}, {"no tokenizer"});
    refuses({"tokenize", "--tokenizer", "gpt3", "--text", "a"}, {"gpt3", "cl100k", "rwkv-world"});
    refuses({"tokenize", "--tokenizer", "bytes", "--tokenizer", "gpt3", "--text", "a"}, {"gpt3"});
    refuses({"merges", "gpt2", "--text-file", "no such file"}, {"no such file"});
    refuses({"attribute", "stories260K", "--text", "a", "--token-text", "zzz"}, {"zzz"});
    refuses({"lens", "stories260K", "--text", "a", "--position", "9"}, {"position 9"});
    refuses({"run", "stories260K", "--text", "a", "--capture", "blocks.9.nothing"}, {"blocks.9.nothing"});
    refuses({"run", "stories260K", "--text", "a", "--capture", "all", "--memory", "1kB"}, {"needs", "1.0 kB"});
    refuses({"generate", "stories260K", "--text", "a", "-n", "2", "--temperature", "0"}, {"temperature is 0"});
    refuses({"generate", "stories260K", "--text", "a", "-n", "2", "--top-p", "1.5"}, {"top-p is 1.5"});
}

TEST_CASE("Models that cannot be opened", "[cli][bad]") {
    const TemporaryFolder folder;
    refusesModel((folder / "none.gguf").string(), {"none.gguf", "no such file", "layerwalk-transformer-large"});
    refusesModel(folder.write("empty.gguf", "").string(), {"empty.gguf", "0 bytes"});
    refusesModel(folder.path().string(), {"config.json"});
    const std::string gguf = contentOf(storiesFile);
    for (const std::size_t bytes : {std::size_t{4}, std::size_t{20}, std::size_t{4000}, gguf.size() / 2, gguf.size() - 64})
        refusesModel(folder.write("cut.gguf", gguf.substr(0, bytes)).string(), {"cut.gguf", "cut short"});
    std::string lie = gguf;
    lie.replace(8, 8, bytesOf<std::uint64_t>(1ULL << 63));
    refusesModel(folder.write("lie.gguf", lie).string(), {"lie.gguf", "9223372036854775808 tensors"});

    fs::create_directory(folder / "pickled");
    folder.write("pickled/config.json", contentOf(zooLlama + "/config.json"));
    folder.write("pickled/pytorch_model.bin", "x");
    refusesModel((folder / "pickled").string(), {"pytorch_model.bin", "safe_serialization=True"});

    using Json = nlohmann::json;
    refusesModel(Copy([](Json& c) { c.erase("hidden_size"); }).path().string(), {"config.json", "hidden_size is missing"});
    refusesModel(Copy([](Json& c) { c["num_attention_heads"] = 5; }).path().string(), {"5 query heads", "2 key/value heads"});
    refusesModel(Copy([](Json& c) { c["num_hidden_layers"] = -3; }).path().string(), {"num_hidden_layers is -3"});
    refusesModel(Copy([](Json& c) { c["num_hidden_layers"] = 9; }).path().string(), {"model.layers.3.", "missing"});
    refusesModel(Copy([](Json& c) { c["vocab_size"] = 98; }).path().string(), {"embed_tokens", "[97, 32]", "[98, 32]"});
    refusesModel(Copy([](Json& c) { c["model_type"] = "frobnicate"; }).path().string(), {"frobnicate", "gpt2, llama"});
    refusesModel(Copy({}, [](std::string& b) { b.resize(b.size() / 2); }).path().string(), {"model.safetensors", "cut short"});
    refusesModel(Copy({}, [](std::string& b) { b.replace(0, 8, bytesOf<std::uint64_t>(1ULL << 63)); }).path().string(),
                 {"model.safetensors", "header of 9223372036854775808 bytes"});
    refusesModel(Copy({}, [](std::string& b) { b[8] = 'x'; }).path().string(), {"model.safetensors", "not valid JSON"});
}

TEST_CASE("Files that cannot be written leave nothing behind", "[cli][bad]") {
    const TemporaryFolder folder;
    const auto writing = [&](const fs::path& path) {
        return std::vector<std::string>{"run",       "stories260K", "--text", "Once upon a time",
                                        "--capture", "all",         "--out",  path.string()};
    };
    refuses(writing(folder / "no/where.safetensors"), {"where.safetensors", (folder / "no").string() + " does not exist"});
    refuses(writing(folder.path()), {"it is a folder"});
    refuses(writing("/dev/full"), {"no ordinary file"});
    folder.write("old.safetensors", "old");
    // A file that may not grow: without care the system would end the program.
    refuses(writing(folder / "old.safetensors"), {"old.safetensors", "larger than allowed"}, {.before = [] {
                const rlimit small{8192, 8192};
                ::setrlimit(RLIMIT_FSIZE, &small);
            }});
    CHECK(contentOf(folder / "old.safetensors") == "old");
    CHECK(folder.files() == 1);

    fs::create_directory(folder / "locked");
    ::chmod((folder / "locked").c_str(), 0555);
    if (::geteuid() != 0) refuses(writing(folder / "locked/a.safetensors"), {"a.safetensors", "permission is missing"});
    CHECK(fs::is_empty(folder / "locked"));

    const Ended full = cli({"run", "stories260K", "--text", "a", "--json"}, {.out = "/dev/full"});
    CHECK(full.status == 1);
    CHECK(full.err == "layerwalk-cli: Standard output cannot be written.\n");
}

TEST_CASE("A full disk", "[cli][bad]") {
    // A disk of 32 KiB of its own; where that is not allowed the test says so.
    const TemporaryFolder folder;
    static std::string place;
    place = folder.path().string();
    const Start start{.before = [] {
        if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount("tmpfs", place.c_str(), "tmpfs", 0, "size=32k") != 0)
            ::_exit(77);
    }};
    const std::vector<std::string> arguments{"run",       "stories260K", "--text", "Once upon a time",
                                             "--capture", "all",         "--out",  (folder / "a.safetensors").string()};
    if (cli(arguments, start).status == 77) {
        WARN("skipped: a disk cannot be mounted here");
        return;
    }
    refuses(arguments, {"a.safetensors", "the disk is full"}, start);
    // The disk is gone with its process; in the same one nothing is left either.
    const std::string words = cliPath + " run stories260K --text 'Once upon a time' --capture all --out " +
                              (folder / "a.safetensors").string() + "; ls -A " + folder.path().string();
    const Ended after = program("/bin/sh", {"-c", words}, start);
    CHECK(after.out.empty());
}

TEST_CASE("What needs a residual stream says that a model without one has none, and what it has instead", "[cli]") {
    for (const char* command : {"lens", "attribute"}) {
        CAPTURE(command);
        for (const char* model : {"layerwalk-ngram", "lstm-bronte"}) {
            const Ended refused = cli({command, model, "--text", "Once upon"});
            CAPTURE(refused.err);
            CHECK(refused.status == 1);
            CHECK(refused.err.find("has no residual stream") != std::string::npos);
        }
        CHECK(cli({command, "layerwalk-ngram", "--text", "Once upon"}).err.find("orders") != std::string::npos);
        for (const char* cells : {"layerwalk-rnn", "layerwalk-lstm", "lstm-bronte"})
            CHECK(cli({command, cells, "--text", "Once upon"}).err.find("Its cells carry numbers") != std::string::npos);
        CHECK(cli({command, "layerwalk-nplm", "--text", "Once upon"}).err.find("the last few tokens at once") !=
              std::string::npos);
    }
}

TEST_CASE("A weight that is no number is named, and nothing is run with it", "[cli]") {
    const TemporaryFolder folder;
    for (const char* name : {"mamba", "gpt2"}) {
        const fs::path model = folder.path() / name;
        fs::copy(data + "/zoo/" + name, model, fs::copy_options::recursive);
        // The first tensor's first number, behind the header.
        std::fstream file(model / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
        std::uint64_t header = 0;
        file.read(reinterpret_cast<char*>(&header), sizeof header);
        const float none = std::numeric_limits<float>::quiet_NaN();
        file.seekp(static_cast<std::streamoff>(8 + header + 40));
        file.write(reinterpret_cast<const char*>(&none), sizeof none);
        file.close();
        refuses({"run", model.string(), "--ids", "3,4,5"}, {"the tensor ", "holds nan where a number is expected", "column"});
    }
}

TEST_CASE("Weights so large that the logits are no numbers are refused, not printed", "[cli]") {
    const TemporaryFolder folder;
    const fs::path model = folder.path() / "large";
    fs::copy(fs::path(data) / "../../resources/models/layerwalk-transformer", model, fs::copy_options::recursive);
    std::fstream file(model / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
    std::uint64_t size = 0;
    file.read(reinterpret_cast<char*>(&size), sizeof size);
    std::string header(size, ' ');
    file.read(header.data(), static_cast<std::streamsize>(size));
    const auto at = nlohmann::json::parse(header).at("model.layers.1.input_layernorm.weight").at("data_offsets");
    file.seekp(static_cast<std::streamoff>(8 + size + at[0].get<std::uint64_t>()));
    for (auto i = at[0].get<std::uint64_t>(); i < at[1].get<std::uint64_t>(); ++i) file.put('\x7f');  // 3.4e38 as bfloat16
    file.close();
    for (const char* form : {"--top=5", "--json"})
        refuses({"run", model.string(), "--text", "Once upon a time", form}, {"no distribution", "position 0"});
    refuses({"evaluate", model.string(), "--text-file", folder.write("story", "Once upon a time.").string()},
            {"no distribution"});
}
