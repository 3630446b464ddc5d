// Word vectors in their three forms, and what every reader owes every broken file.
#include "core/formats/word_vectors.h"

#include <array>
#include <cstring>
#include <fstream>
#include <limits>

#include "tests/core/formats/hostile.h"
#include "tests/core/formats/temporary_folder.h"

using namespace lw;
using namespace lw::test;

namespace {

std::filesystem::path write(const TemporaryFolder& folder, const std::string& name, const std::string& bytes) {
    const std::filesystem::path path = folder.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

std::string binary(const std::vector<std::pair<std::string, std::vector<float>>>& rows, bool breaks) {
    std::string bytes = std::to_string(rows.size()) + " " + std::to_string(rows.front().second.size()) + "\n";
    for (const auto& [word, values] : rows) {
        bytes += word + " ";
        bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * 4);
        if (breaks) bytes += "\n";
    }
    return bytes;
}

}  // namespace

TEST_CASE("text, text under a header, and binary hold the same") {
    const TemporaryFolder folder;
    const std::vector<std::pair<std::string, std::vector<float>>> rows{
        {"cat", {1.5f, -2.0f, 0.25f}}, {"蘋果", {0.0f, 1e-7f, 3.0f}}, {"at a", {4.0f, 5.0f, -6.5f}}};
    // A word of the binary form ends at its first space.
    auto joined = rows;
    joined[2].first = "at_a";
    const std::string lines = "cat 1.5 -2 0.25\n蘋果 0 1e-7 +3.0\nat a 4 5 -6.5\n";
    const std::vector<std::array<std::string, 3>> files{
        {"a.txt", lines, "text"},
        {"b.vec", "3 3\n" + lines, "word2vec text"},
        {"c.bin", binary(joined, false), "word2vec binary"},
        {"d.bin", binary(joined, true), "word2vec binary"},
        {"e.txt", "cat\t1.5 -2 0.25 \r\n蘋果 0 1e-7 3\r\n\nat a 4 5 -6.5", "text"}};
    for (const auto& [name, bytes, kind] : files) {
        CAPTURE(name);
        const auto read = readWordVectors(write(folder, name, bytes));
        if (!read) FAIL(read.error().message);
        CHECK(read->kind == kind);
        REQUIRE(read->words.size() == 3);
        CHECK_FALSE(read->cut);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(read->words[i] == (kind == "word2vec binary" ? joined : rows)[i].first);
            for (int c = 0; c < 3; ++c)
                CHECK(read->vectors(static_cast<Eigen::Index>(i), c) == rows[i].second[static_cast<std::size_t>(c)]);
        }
    }
}

TEST_CASE("only so many words are read, and it is said that there were more") {
    const TemporaryFolder folder;
    const auto path = write(folder, "a.txt", "a 1 2\nb 3 4\nc 5 6\n");
    const auto two = readWordVectors(path, {.words = 2});
    REQUIRE(two);
    CHECK(two->words.size() == 2);
    CHECK(two->cut);
    const auto one = readWordVectors(path, {.bytes = 8});
    REQUIRE(one);
    CHECK(one->words.size() == 1);
    const auto header =
        readWordVectors(write(folder, "b.bin", binary({{"a", {1, 2}}, {"b", {3, 4}}, {"c", {5, 6}}}, true)), {.words = 1});
    REQUIRE(header);
    CHECK(header->leftOut == 2);
}

TEST_CASE("broken files are refused with a sentence that names the file and the line") {
    const TemporaryFolder folder;
    const float infinity = std::numeric_limits<float>::infinity();
    const std::string longName(5000, 'x');
    struct Case {
        const char *what, *word;
        std::string bytes;
    };
    const std::vector<Case> cases{
        {"no numbers", "no numbers", "hello world\n"},
        {"a short line", "line 2", "a 1 2 3\nb 1 2\n"},
        {"a short line of numbers alone", "line 2", "a 1 2 3\n1 2\n"},
        {"a word among the numbers", "line 3", "a 1 2\nb 1 2\nc 1 x\n"},
        {"a number that is not finite", "line 2", "a 1 2\nb 1 nan\n"},
        {"a number beyond float", "line 2", "a 1 2\nb 1 1e300\n"},
        {"a longer line", "line 2", "a 1 2\nb 1 2 3 4 5 6\n"},
        {"a header that promises too much", "99999999", "99999999 300\nabc"},
        {"a header that promises nothing", "0 words", "0 10\nabc"},
        {"negative sizes", "-5", "-5 -10\nabc"},
        {"too wide", "4096", "2 100000\nabc"},
        {"fewer lines than promised", "promises 3", "3 2\na 1 2\nb 3 4\n"},
        {"binary that ends in a vector", "word 2", binary({{"a", {1, 2, 3, 4}}, {"b", {3, 4, 5, 6}}}, false).substr(0, 34)},
        {"binary without a space", "word 1", "1 2\n" + longName},
        {"binary that is not finite", "not finite", binary({{"a", {1.1f, infinity}}, {"b", {3, 4}}}, false)},
        {"a word without an end", "line 2", "a 1 2\n" + longName + " 1 2\n"},
        {"only line breaks", "no numbers", "\n\n\n"},
    };
    for (const Case& one : cases) {
        const auto path = write(folder, "broken.vec", one.bytes);
        checkRefused(one.what, "broken.vec", one.word, one.bytes.size(), [&] { return readWordVectors(path); });
    }
    checkRefused("nothing there", "none.txt", "none.txt", 0, [&] { return readWordVectors(folder.path() / "none.txt"); });
    checkRefused("empty", "empty.txt", "empty.txt", 0, [&] { return readWordVectors(write(folder, "empty.txt", "")); });
}

TEST_CASE("reading can be cancelled, and bytes at random are never trusted") {
    const TemporaryFolder folder;
    std::string lines;
    for (int i = 0; i < 10'000; ++i) lines += "w" + std::to_string(i) + " 1 2 3\n";
    std::stop_source stop;
    stop.request_stop();
    CHECK(readWordVectors(write(folder, "a.txt", lines), {}, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
    const std::string whole = binary({{"cat", {1, 2, 3}}, {"dog", {4, 5, 6}}, {"bear", {7, 8, 9}}}, true);
    unsigned state = 7;
    for (int round = 0; round < 2'000; ++round) {
        std::string bytes = whole;
        for (int change = 0; change < 3; ++change) {
            state = state * 1664525u + 1013904223u;
            bytes[(state >> 8) % bytes.size()] = static_cast<char>(state >> 24);
        }
        const auto read = readWordVectors(write(folder, "m.bin", bytes));
        if (read) {
            CHECK(read->vectors.allFinite());
            CHECK(read->words.size() == static_cast<std::size_t>(read->vectors.rows()));
        } else {
            CHECK(read.error().message.find("m.bin") != std::string::npos);
        }
    }
}
