// Thousands of damaged headers, always the same ones: whatever a reader makes of them, it must not crash, hang or read elsewhere.
// Most useful under the sanitizers.
#include <algorithm>
#include <array>
#include <random>

#include "core/formats/config_json.h"
#include "core/formats/gguf.h"
#include "core/formats/safetensors.h"
#include "tests/catch.h"
#include "tests/core/formats/gguf_bytes.h"

using namespace lw;
using namespace lw::test;

namespace {

// Uses everything that a source offers; gives whether it was opened.
void useAll(const WeightSource& source) {
    for (const TensorEntry& entry : source.entries()) {
        REQUIRE(source.find(entry.name) == &entry);
        const auto weight = source.weight(entry.name);
        if (!weight) {
            REQUIRE(!weight.error().message.empty());
            continue;
        }
        std::vector<float> row(static_cast<std::size_t>(weight->cols()));
        for (std::int64_t r = 0; r < weight->rows(); ++r) weight->readRow(r, row.data());
    }
}

bool openSafetensorsAll(const std::filesystem::path& path) {
    const auto file = SafetensorsFile::open(path);
    if (!file) {
        REQUIRE(file.error().message.find(path.string()) != std::string::npos);
        return false;
    }
    useAll(**file);
    for (const TensorEntry& entry : (*file)->entries()) {
        (void)(*file)->floats(entry.name);
        (void)(*file)->integers(entry.name);
    }
    return true;
}

bool openGgufAll(const std::filesystem::path& path) {
    const auto file = GgufFile::open(path);
    if (!file) {
        REQUIRE(file.error().message.find(path.string()) != std::string::npos);
        return false;
    }
    useAll(**file);
    const GgufSettings& settings = (*file)->settings();
    REQUIRE_NOTHROW(settings.json().dump());
    for (const auto& [key, value] : settings.json().items()) {
        (void)settings.texts(key);
        (void)settings.floats(key);
        (void)settings.integers(key);
    }
    return true;
}

// 1 to 4 changes: a byte set, a bit turned, a piece taken out or doubled, or a number put where eight bytes were.
std::string mutated(std::string bytes, std::size_t headerBytes, std::mt19937& random) {
    const auto below = [&](std::size_t limit) { return random() % limit; };
    for (std::size_t change = 0; change <= below(4); ++change) {
        const std::size_t at = below(std::min(headerBytes, bytes.size()));
        switch (below(5)) {
            case 0:
                bytes[at] = static_cast<char>(below(256));
                break;
            case 1:
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
                break;
            case 2:
                bytes.erase(at, 1 + below(9));
                break;
            case 3:
                bytes.insert(at, bytes.substr(at, 1 + below(9)));
                break;
            case 4: {
                constexpr std::array<std::uint64_t, 8> kNumbers{0, 1, 8, 255, 65'536, 1ULL << 31, 1ULL << 63, ~0ULL};
                bytes.replace(at, 8, bytesOf(kNumbers[below(kNumbers.size())]));
                break;
            }
        }
        if (bytes.empty()) break;
    }
    return bytes;
}

template <class Open>
void mutate(const std::string& good, std::size_t headerBytes, const std::string& name, Open open) {
    const TemporaryFolder folder;
    REQUIRE(open(folder.write(name, good)));
    std::mt19937 random(12'345);
    int opened = 0;
    for (int i = 0; i < 3000; ++i) {
        CAPTURE(i);
        opened += open(folder.write(name, mutated(good, headerBytes, random)));
    }
    CAPTURE(opened);
    CHECK(opened < 3000);  // some changes do no harm (a letter of a name), most do
}

}  // namespace

TEST_CASE("Damaged safetensors headers never crash the reader", "[safetensors][hostile]") {
    const std::string header =
        R"({"__metadata__":{"format":"pt","note":"\u00e9"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
        R"("b":{"dtype":"I64","shape":[1],"data_offsets":[16,24]},"c":{"dtype":"F64","shape":[],"data_offsets":[24,32]}})";
    mutate(safetensorsBytes(header, std::string(32, 'd')), header.size() + 8, "m.safetensors", openSafetensorsAll);
}

TEST_CASE("Damaged GGUF headers never crash the reader", "[gguf][hostile]") {
    const std::string good = sampleGguf().bytes();
    mutate(good, good.size() - sampleGguf().data.size(), "m.gguf", openGgufAll);
}

TEST_CASE("Damaged JSON never crashes the parser", "[json][hostile]") {
    const std::string good = R"({"a": [1, -2.5e3, true, null, {"b": "\u00e9\n\"x\""}], "c": {"d": {"e": [[[0]]]}}, "f": "小貓"})";
    std::mt19937 random(12'345);
    for (int i = 0; i < 3000; ++i) {
        CAPTURE(i);
        const auto json = parseJson(mutated(good, good.size(), random), "m.json");
        if (json) {
            REQUIRE_NOTHROW(json->dump());
        } else {
            REQUIRE(json.error().message.find("m.json") == 0);
        }
    }
}
