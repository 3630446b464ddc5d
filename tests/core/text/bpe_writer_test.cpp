// A trained tokenizer.json in the hands of the `tokenizers` library. Skipped where Python does not have it.
#include "core/text/bpe_writer.h"

#include <sys/wait.h>

#include <cstdlib>
#include <random>

#include "core/text/tokenizer_json.h"
#include "core/text/utf8.h"
#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"
#include "tests/core/text/files.h"

using namespace lw;

TEST_CASE("the tokenizers library gives the same ids for a thousand lines") {
    auto words = WordCounts::make({"<|endoftext|>"});
    REQUIRE(words);
    const std::string corpus = test::reference("bpe-training/corpus.en");
    REQUIRE(words->add(corpus, 1, "corpus.en"));
    const auto learned = trainBpe(*words, {.vocabulary = 1000, .special = {"<|endoftext|>"}});
    REQUIRE(learned);
    const std::string json = tokenizerJsonOf(*learned);

    auto lines = test::splitAt(corpus, "\n");
    lines.resize(700);
    std::mt19937 random(11);
    while (lines.size() < 1000) {
        std::string line;
        for (unsigned i = static_cast<unsigned>(random()) % 60; i > 0; --i) {
            const unsigned kind = random() % 4;
            auto point = static_cast<char32_t>(kind == 0 ? random() % 0x80 : kind == 1 ? random() % 0x3000 : random() % 0x110000);
            if (kind == 3) point = 0x4E00 + static_cast<char32_t>(random()) % 0x5000;
            if (point == '\n' || (point >= 0xD800 && point < 0xE000)) point = ' ';
            utf8::append(line, point);
        }
        if (random() % 10 == 0) line += "<|endoftext|>";
        lines.push_back(line);
    }

    const test::TemporaryFolder folder;
    folder.write("tokenizer.json", json);
    std::string joined;
    for (const std::string& line : lines) joined += (joined.empty() ? "" : "\n") + line;
    folder.write("lines", joined);
    const std::string command = "python3 " LAYERWALK_TEST_DATA "/scripts/encode_lines.py " +
                                (folder / "tokenizer.json").string() + " " + (folder / "lines").string() + " > " +
                                (folder / "ids").string();
    const int status = std::system(command.c_str());
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127) {
        WARN("skipped: python3 with the tokenizers library is not here");
        return;
    }
    REQUIRE(WEXITSTATUS(status) == 0);
    const auto ids = test::splitAt(test::readFile((folder / "ids").string()), "\n");
    REQUIRE(ids.size() == lines.size() + 1);
    const auto tokenizer = tokenizerFromJson(json, "what was learned");
    REQUIRE(tokenizer);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CAPTURE(lines[i]);
        CHECK((*tokenizer)->encode(lines[i], {.parseSpecial = true})->ids() == test::numbers(ids[i]));
    }
}
