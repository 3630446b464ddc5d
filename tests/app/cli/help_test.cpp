// Help: every command has its own, with an example that works as it stands.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/app/cli/program.h"

using namespace lw::test;

namespace {

// As the program's own help lists them.
std::vector<std::string> commands() {
    const Ended help = cli({"--help"});
    std::vector<std::string> names;
    const auto at = help.out.find("Subcommands:\n");
    if (at == std::string::npos) return names;
    std::istringstream lines(help.out.substr(at));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line) && line.starts_with("  ")) {
        if (line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    return names;
}

}  // namespace

TEST_CASE("The program's help names the promised commands, and its version", "[cli]") {
    const std::vector<std::string> all = commands();
    for (const char* promised : {"models", "inspect", "sites", "tokenize", "detokenize", "run", "generate", "lens", "attribute",
                                 "bench", "train", "train-tokenizer", "neighbours", "merges", "count-tokens"}) {
        CAPTURE(promised);
        CHECK(std::ranges::count(all, promised) == 1);
    }
    CHECK(cli({"--version"}).out.starts_with("layerwalk-cli "));
}

TEST_CASE("The example in every command's help works", "[cli]") {
    const TemporaryFolder folder;
    const std::string text = "Once upon a time there was a little girl named Lily. She had a little dog.\n";
    folder.write("stories.txt", text);
    folder.write("story.txt", text);
    // The project's own configuration, with fewer steps than a training takes.
    std::ifstream file(std::string(LAYERWALK_TEST_DATA) + "/../../training/induction.json");
    nlohmann::json training = nlohmann::json::parse(file);
    training["steps"] = 2;
    training["optimizer"]["warmup"] = 0;
    training.erase("snapshots");
    std::filesystem::create_directory(folder.path() / "training");
    folder.write("training/induction.json", training.dump());
    for (const std::string& command : commands()) {
        const Ended help = cli({command, "--help"});
        CHECK(help.status == 0);
        const auto at = help.out.find("Example:\n  layerwalk-cli " + command);
        CAPTURE(help.out);
        REQUIRE(at != std::string::npos);
        std::istringstream lines(help.out.substr(at));
        std::string example;
        std::getline(lines, example);
        std::getline(lines, example);
        if (command == "bench") example += " --repeat 1 --steps 4";  // the whole takes too long for a test
        CAPTURE(example);
        const std::string words = "PATH=\"" LAYERWALK_BIN ":$PATH\"; export PATH; " + example;
        const Ended ran = program("/bin/sh", {"-c", words}, {.folder = folder.path()});
        CAPTURE(ran.err);
        CHECK(ran.status == 0);
        CHECK_FALSE((ran.out + ran.err).empty());
    }
    for (const char* made : {"models/induction/model.safetensors"}) CHECK(std::filesystem::exists(folder.path() / made));
}

TEST_CASE("Wrong use gives status 2, one sentence and a hint", "[cli]") {
    const std::vector<std::vector<std::string>> wrong{
        {},
        {"frobnicate"},
        {"run"},
        {"run", "stories260K"},
        {"run", "stories260K", "--frob"},
        {"run", "stories260K", "--text", "a", "--ids", "1"},
        {"run", "stories260K", "--ids", "a,b"},
        {"run", "stories260K", "--ids", "1,,2"},
        {"run", "stories260K", "--ids", "99999999999"},
        {"run", "stories260K", "--text", "a", "--top", "-1"},
        {"run", "stories260K", "--text", "a", "--memory", "much"},
        {"generate", "stories260K", "--text", "a"},
        {"generate", "stories260K", "--text", "a", "-n", "-1"},
        {"generate", "stories260K", "--text", "a", "-n", "2", "--top-k", "0"},
        {"generate", "stories260K", "--text", "a", "-n", "2", "--seed", "-1"},
        {"generate", "stories260K", "--text", "a", "-n", "2", "--beam", "0"},
        {"lens", "stories260K", "--text", "a", "--top", "0"},
        {"attribute", "stories260K", "--text", "a", "--token", "1", "--token-text", "a"},
        {"tokenize", "--text", "a"},
        {"tokenize", "stories260K", "--tokenizer", "x.json", "--text", "a"},
        {"compare", "--text", "a"},
        {"compare", "--model", "stories260K"},
        {"compare", "--model", "stories260K", "--ids", "1,2"},
        {"tokenize", "stories260K", "--tokenizer", "bytes", "--tokenizer", "gpt2", "--text", "a"},
        {"detokenize", "--tokenizer", "bytes", "--tokenizer", "gpt2", "--ids", "1"},
        {"merges", "gpt2"},
        {"merges", "gpt2", "--ids", "1"},
        {"neighbours", "stories260K"},
        {"neighbours", "stories260K", "--token", "3", "-k", "0"},
        {"neighbours", "stories260K", "--token", "3", "--by", "distance"},
        {"neighbours", "stories260K", "--token", "3", "--table", "other"},
        {"neighbours", "stories260K", "--token", "3", "--token-text", "a"},
        {"bench", "stories260K", "--repeat", "0"},
    };
    for (const auto& arguments : wrong) {
        const Ended ended = cli(arguments);
        CAPTURE(arguments, ended.err);
        CHECK(ended.status == 2);
        CHECK(ended.out.empty());
        CHECK(ended.err.starts_with("layerwalk-cli: "));
        CHECK(ended.err.find("--help.\n") != std::string::npos);
        CHECK(ended.errorLines() == 2);
    }
}
