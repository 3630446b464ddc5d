// Help: every command has its own, with an example that works as it stands.
#include <sstream>

#include "tests/app/cli/program.h"

using namespace lw::test;

namespace {

const std::vector<std::string> commands{"models",     "inspect",   "sites",           "tokenizers", "tokenize",
                                        "detokenize", "merges",    "train-tokenizer", "run",        "generate",
                                        "lens",       "attribute", "neighbours",      "bench"};

}  // namespace

TEST_CASE("The program's help names every command", "[cli]") {
    const Ended help = cli({"--help"});
    CHECK(help.status == 0);
    CHECK(help.err.empty());
    for (const std::string& command : commands) CHECK(help.out.find("\n  " + command + " ") != std::string::npos);
    CHECK(cli({"--version"}).out.starts_with("layerwalk-cli "));
}

TEST_CASE("The example in every command's help works", "[cli]") {
    const TemporaryFolder folder;
    folder.write("stories.txt", "Once upon a time there was a little girl named Lily. She had a little dog.\n");
    for (const std::string& command : commands) {
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
        CHECK_FALSE(ran.out.empty());
    }
    CHECK(folder.files() == 3);  // the text, the tokenizer learned from it, and the trace that run's example writes
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
