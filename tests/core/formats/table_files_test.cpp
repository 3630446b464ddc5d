// NPY and CSV: bytes as NumPy writes them, and text that reads back to the same numbers.
#include <cmath>
#include <limits>

#include "core/formats/csv.h"
#include "core/formats/npy.h"
#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("NPY files have the bytes that NumPy writes", "[npy]") {
    const TemporaryFolder folder;
    const auto header = [](std::string text) {
        text.resize(117, ' ');
        return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + text + "\n";
    };
    const std::vector<float> floats{1.5f, -2.0f, std::numeric_limits<float>::infinity()};
    REQUIRE(writeNpy(folder / "f.npy", std::vector<std::int64_t>{3}, floats));
    CHECK(contentOf(folder / "f.npy") ==
          header("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }") + bytesOfAll<float>(floats));

    const std::vector<std::int64_t> integers{1, 2, 3, 4, 5, -6};
    REQUIRE(writeNpy(folder / "i.npy", std::vector<std::int64_t>{2, 3}, integers));
    CHECK(contentOf(folder / "i.npy") ==
          header("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }") + bytesOfAll<std::int64_t>(integers));

    const std::vector<double> number{2.25};
    REQUIRE(writeNpy(folder / "d.npy", {}, number));
    CHECK(contentOf(folder / "d.npy") ==
          header("{'descr': '<f8', 'fortran_order': False, 'shape': (), }") + bytesOfAll<double>(number));

    CHECK_FALSE(writeNpy(folder / "no/where.npy", {}, number));
}

TEST_CASE("CSV cells are quoted where they must be", "[csv]") {
    CHECK(csvText("plain") == "plain");
    CHECK(csvText("") == "");
    CHECK(csvText("a,b") == "\"a,b\"");
    CHECK(csvText("say \"hi\"") == "\"say \"\"hi\"\"\"");
    CHECK(csvText("two\nlines") == "\"two\nlines\"");
    CHECK(csvText(" cat") == "\" cat\"");
    CHECK(csvText("é🙂") == "é🙂");
    CHECK(csvText(std::int64_t{-42}) == "-42");
    CHECK(csvText(0.1f) == "0.1");
    CHECK(csvText(0.1) == "0.1");
    CHECK(csvText(static_cast<double>(0.1f)) == "0.10000000149011612");
    CHECK(csvText(-std::numeric_limits<float>::infinity()) == "-inf");
    CHECK(csvText(-std::numeric_limits<double>::quiet_NaN()) == "nan");
}

TEST_CASE("CSV numbers read back to the same numbers", "[csv]") {
    std::uint32_t state = 1;
    int wrong = 0;
    for (int i = 0; i < 20'000; ++i) {
        state = state * 1664525u + 1013904223u;
        float value;
        std::memcpy(&value, &state, sizeof value);
        if (!std::isfinite(value)) continue;
        wrong += std::strtof(csvText(value).c_str(), nullptr) != value;
    }
    CHECK(wrong == 0);
}

TEST_CASE("A CSV table is a header and its rows", "[csv]") {
    const TemporaryFolder folder;
    CsvTable table(std::vector<std::string>{"token", "id", "logit"});
    table.addRow(std::vector<CsvCell>{" the", std::int64_t{262}, -1.25f});
    REQUIRE(table.write(folder / "t.csv"));
    CHECK(contentOf(folder / "t.csv") == "token,id,logit\r\n\" the\",262,-1.25\r\n");
}
