// Broken and lying safetensors files: each is refused with a sentence, at once, without much memory.
#include <nlohmann/json.hpp>

#include "core/formats/safetensors.h"
#include "tests/core/formats/hostile.h"
#include "tests/core/formats/temporary_folder.h"

using namespace lw;
using namespace lw::test;

namespace {

const std::string kGood = R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
                          R"("b":{"dtype":"I64","shape":[1],"data_offsets":[16,24]}})";
const std::string kData(24, 'd');

struct Case {
    const char* what;
    std::string header;
    std::string word;
    std::size_t dataBytes = 24;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

std::string repeated(const std::string& text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
}

}  // namespace

TEST_CASE("Lying safetensors headers are refused", "[safetensors][hostile]") {
    const TemporaryFolder folder;
    REQUIRE(SafetensorsFile::open(folder.write("good.safetensors", safetensorsBytes(kGood, kData))));
    const std::vector<Case> cases{
        {"no JSON", "x" + kGood, "not valid JSON at byte 0"},
        {"spaces only", std::string(40, ' '), "not valid JSON"},
        {"no header at all", "", "not valid JSON"},
        {"a list", "[]", "a list where an object"},
        {"a number", "17", "the number 17 where an object"},
        {"text after the object", kGood + " {}", "not valid JSON"},
        {"an entry is a number", replaced(kGood, R"({"dtype":"F32","shape":[2,2],"data_offsets":[0,16]})", "5"), "\"a\""},
        {"an entry is null", R"({"a":null})", "\"a\" is null"},
        {"metadata is a number", replaced(kGood, R"("v")", "3"), "\"k\""},
        {"metadata is nested", replaced(kGood, R"("v")", R"({"x":"y"})"), "an object where a text"},
        {"metadata twice", replaced(kGood, R"({"k":"v"})", R"({"k":"v","k":"w"})"), "twice"},
        {"a name twice", replaced(kGood, R"("b")", R"("a")"), "\"a\" is given twice"},
        {"a name twice, spelt otherwise", replaced(kGood, R"("b")", R"("\u0061")"), "\"a\" is given twice"},
        {"a field twice", replaced(kGood, R"("dtype":"I64")", R"("dtype":"I64","dtype":"I64")"), "\"dtype\" twice"},
        {"a field missing", replaced(kGood, R"("shape":[1],)", ""), "no field \"shape\""},
        {"an unknown field", replaced(kGood, R"("dtype":"I64")", R"("dtype":"I64","extra":1)"), "extra"},
        {"an unknown type", replaced(kGood, "I64", "Q77"), "Q77"},
        {"a type that is a list", replaced(kGood, R"("I64")", "[]"), "a list"},
        {"a negative length", replaced(kGood, "[2,2]", "[-2,-2]"), "-2"},
        {"a fractional length", replaced(kGood, "[2,2]", "[2.0,2]"), "2.0"},
        {"a length in words", replaced(kGood, "[2,2]", "[\"2\",2]"), "\"2\""},
        {"nested shape", replaced(kGood, "[2,2]", "[[2,2]]"), "a list in its shape"},
        {"shape beyond 64 bits", replaced(kGood, "[2,2]", "[18446744073709551616]"), "shape"},
        {"shape product overflows to 16 bytes", replaced(kGood, "[2,2]", "[4611686018427387906,4]"), "larger than any file"},
        {"shape product overflows with a zero", replaced(kGood, "[2,2]", "[4611686018427387906,4,0]"), "larger than any file"},
        {"bytes overflow", replaced(kGood, "[2,2]", "[4611686018427387905]"), "larger than any file"},
        {"a million dimensions", replaced(kGood, "[2,2]", "[1" + repeated(",1", 1'000'000) + "]"), "dimensions"},
        {"shape too large for its bytes", replaced(kGood, "[2,2]", "[2,3]"), "takes 24 bytes"},
        {"shape too small for its bytes", replaced(kGood, "[2,2]", "[2]"), "takes 8 bytes"},
        {"half a byte", replaced(kGood, R"("dtype":"F32","shape":[2,2])", R"("dtype":"F4","shape":[31])"), "takes 16 bytes"},
        {"offsets past the end", replaced(kGood, R"([1],"data_offsets":[16,24])", R"([2],"data_offsets":[16,32])"), "only 24"},
        {"offsets far past the end", replaced(kGood, "[16,24]", "[16,18446744073709551615]"), "takes 8 bytes"},
        {"offsets in the wrong order", replaced(kGood, "[16,24]", "[24,16]"), "takes 8 bytes"},
        {"three offsets", replaced(kGood, "[16,24]", "[16,24,32]"), "data_offsets"},
        {"one offset", replaced(kGood, "[16,24]", "[16]"), "not two numbers"},
        {"no offsets", replaced(kGood, "[16,24]", "[]"), "not two numbers"},
        {"a negative offset", replaced(kGood, "[0,16]", "[-16,0]"), "-16"},
        {"overlapping data", replaced(kGood, "[16,24]", "[8,16]"), "overlap"},
        {"the same data twice",
         replaced(kGood, R"("I64","shape":[1],"data_offsets":[16,24])", R"("F32","shape":[2,2],"data_offsets":[0,16])"),
         "overlap"},
        {"a hole", replaced(kGood, "[16,24]", "[24,32]"), "hole", 32},
        {"a hole at the start", R"({"b":{"dtype":"I64","shape":[1],"data_offsets":[16,24]}})", "hole"},
        {"bytes after the last tensor", kGood, "end at byte 24", 25},
        {"data missing", kGood, "only 23", 23},
        {"a million brackets", repeated("[", 1'000'000), "a list where an object"},
        {"a million objects", repeated("{\"a\":", 200'000), "unknown field"},
        {"a million brackets in a shape", replaced(kGood, "[2,2]", repeated("[", 1'000'000)), "a list in its shape"},
        {"a name of a megabyte", replaced(kGood, R"("a")", "\"" + std::string(1'000'000, 'n') + "\"") + "x", "not valid JSON"},
        {"a broken tensor with a name of a megabyte",
         replaced(replaced(kGood, R"("a")", "\"" + std::string(1'000'000, 'n') + "\""), "F32", "F33"), "nnn…\""},
        {"a name with control characters", replaced(replaced(kGood, R"("a")", R"("a\n\u0007")"), "F32", "F33"),
         "\"a\\x0A\\x07\""},
        {"a name that is no UTF-8", replaced(kGood, R"("a")", "\"a\xff\""), "UTF-8"},
    };
    for (const Case& each : cases) {
        const std::string bytes = safetensorsBytes(each.header, std::string(each.dataBytes, 'd'));
        const auto path = folder.write("bad.safetensors", bytes);
        checkRefused(each.what, path.string(), each.word, bytes.size(), [&] { return SafetensorsFile::open(path); });
    }
}

TEST_CASE("Lying header lengths are refused", "[safetensors][hostile]") {
    const TemporaryFolder folder;
    const std::string good = safetensorsBytes(kGood, kData);
    for (const std::uint64_t length :
         {1ULL << 63, ~0ULL, ~0ULL - 8, 1ULL << 62, 100'000'001ULL, static_cast<unsigned long long>(good.size()),
          static_cast<unsigned long long>(good.size() - 7)}) {
        const auto path = folder.write("bad.safetensors", bytesOf<std::uint64_t>(length) + good.substr(8));
        checkRefused(std::to_string(length), path.string(), "header", good.size(), [&] { return SafetensorsFile::open(path); });
    }
}

TEST_CASE("A safetensors file cut anywhere is refused", "[safetensors][hostile]") {
    const TemporaryFolder folder;
    const std::string good = safetensorsBytes(kGood, kData);
    for (std::size_t length = 0; length < good.size(); ++length) {
        const auto path = folder.write("cut.safetensors", good.substr(0, length));
        checkRefused("cut at " + std::to_string(length), path.string(), length == 0 ? "empty" : "", length,
                     [&] { return SafetensorsFile::open(path); });
    }
}
