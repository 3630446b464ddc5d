// Broken and lying GGUF files: each is refused with a sentence, at once, without much memory.
#include <functional>
#include <limits>

#include "core/formats/gguf.h"
#include "tests/core/formats/gguf_bytes.h"
#include "tests/core/formats/hostile.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Case {
    const char* what;
    std::function<void(GgufBytes&)> change;
    std::string word;
};

void setTensors(GgufBytes& file, std::vector<std::string> tensors) { file.tensors = std::move(tensors); }

std::string nestedLists(int depth) {
    std::string bytes;
    for (int i = 0; i < depth; ++i) bytes += bytesOf<std::uint32_t>(9) + bytesOf<std::uint64_t>(1);
    return bytes;
}

constexpr std::uint64_t kHuge = 1ULL << 63;

const std::vector<Case> kCases{
    {"another kind of file", [](auto& f) { f.magic = "PK\x03\x04"; }, "\"PK\\x03\\x04\""},
    {"an older kind", [](auto& f) { f.magic = "tjgg"; }, "no GGUF file"},
    {"version 1", [](auto& f) { f.version = 1; }, "version 1"},
    {"version 99", [](auto& f) { f.version = 99; }, "version 99"},
    {"version 0", [](auto& f) { f.version = 0; }, "version 0"},
    {"big-endian", [](auto& f) { f.version = 0x03000000; }, "big-endian"},
    {"2^63 tensors", [](auto& f) { f.moreTensors = std::numeric_limits<std::int64_t>::min(); }, "tensors"},
    {"2^62 settings", [](auto& f) { f.moreSettings = 1LL << 62; }, "settings"},
    {"minus one setting", [](auto& f) { f.moreSettings = -1 - static_cast<std::int64_t>(f.settings.size()); }, "settings"},
    {"one tensor too many", [](auto& f) { f.moreTensors = 1; }, "tensor"},
    {"one setting too many", [](auto& f) { f.moreSettings = 1; }, "cut short"},
    {"one tensor less listed than claimed", [](auto& f) { f.moreTensors = 100'000; }, "tensor"},
    {"a setting twice", [](auto& f) { f.settings.push_back(f.settings[0]); }, "\"general.architecture\" twice"},
    {"a key past the end", [](auto& f) { f.settings[0] = bytesOf<std::uint64_t>(1 << 20); }, "name"},
    {"a key of 2^64 − 1 bytes", [](auto& f) { f.settings[0] = bytesOf(~std::uint64_t{0}); }, "18446744073709551615"},
    {"an unknown setting type", [](auto& f) { f.settings.push_back(ggufSetting("odd", 13, "")); }, "unknown type 13"},
    {"an unknown list type", [](auto& f) { f.settings.push_back(ggufList("odd", 99, 0, "")); }, "unknown type 99"},
    {"a text past the end", [](auto& f) { f.settings.push_back(ggufSetting("odd", 8, bytesOf(kHuge))); }, "9223372036854775808"},
    {"true or false or two", [](auto& f) { f.settings.push_back(ggufSetting("odd", 7, "\x02")); }, "\"odd\""},
    {"true or false or two in a list", [](auto& f) { f.settings.push_back(ggufList("odd", 7, 1, "\x02")); }, "\"odd\""},
    {"a list of 2^63 bytes", [](auto& f) { f.settings.push_back(ggufList("odd", 0, kHuge, "")); }, "claims 9223372036854775808"},
    {"a list whose bytes overflow", [](auto& f) { f.settings.push_back(ggufList("odd", 10, (1ULL << 61) + 1, "")); }, "claims"},
    {"a list of 2^60 texts", [](auto& f) { f.settings.push_back(ggufList("odd", 8, 1ULL << 60, "")); }, "texts"},
    {"a list of 2^60 lists", [](auto& f) { f.settings.push_back(ggufList("odd", 9, 1ULL << 60, "")); }, "lists"},
    {"a list with a text past the end", [](auto& f) { f.settings.push_back(ggufList("odd", 8, 1, bytesOf(kHuge))); }, "text"},
    {"lists in lists, a million deep", [](auto& f) { f.settings.push_back(ggufSetting("odd", 9, nestedLists(1'000'000))); },
     "deep"},
    {"alignment 0", [](auto& f) { f.settings.push_back(ggufSetting("general.alignment", 4, bytesOf<std::uint32_t>(0))); },
     "alignment"},
    {"alignment 4", [](auto& f) { f.settings.push_back(ggufSetting("general.alignment", 4, bytesOf<std::uint32_t>(4))); },
     "alignment"},
    {"alignment 24", [](auto& f) { f.settings.push_back(ggufSetting("general.alignment", 4, bytesOf<std::uint32_t>(24))); },
     "24"},
    {"alignment 2^31", [](auto& f) { f.settings.push_back(ggufSetting("general.alignment", 4, bytesOf(1u << 31))); },
     "alignment"},
    {"alignment in words", [](auto& f) { f.settings.push_back(ggufSetting("general.alignment", 8, ggufText("32"))); },
     "alignment"},
    {"alignment as a list", [](auto& f) { f.settings.push_back(ggufList("general.alignment", 4, 0, "")); }, "alignment"},
    {"a negative alignment", [](auto& f) { f.settings.push_back(ggufSetting("general.alignment", 5, bytesOf(-32))); },
     "alignment"},
    {"a tensor twice",
     [](auto& f) {
         setTensors(f, {ggufTensor("a", {1}, 0, 0), ggufTensor("a", {1}, 0, 32)});
     },
     "two tensors of the name \"a\""},
    {"overlapping tensors",
     [](auto& f) {
         setTensors(f, {ggufTensor("a", {16}, 0, 0), ggufTensor("b", {1}, 0, 32)});
     },
     "overlap"},
    {"the same bytes twice",
     [](auto& f) {
         setTensors(f, {ggufTensor("a", {1}, 0, 0), ggufTensor("b", {1}, 0, 0)});
     },
     "overlap"},
    {"an odd place", [](auto& f) { setTensors(f, {ggufTensor("a", {1}, 0, 33)}); }, "alignment"},
    {"a place past the end", [](auto& f) { setTensors(f, {ggufTensor("a", {1}, 0, 1 << 20)}); }, "1048576"},
    {"a place near 2^64", [](auto& f) { setTensors(f, {ggufTensor("a", {1}, 0, ~std::uint64_t{31})}); }, "only"},
    {"an unknown type past the end", [](auto& f) { setTensors(f, {ggufTensor("a", {1}, 77, 1 << 20)}); }, "1048576"},
    {"an unknown type with 2^62 values", [](auto& f) { setTensors(f, {ggufTensor("a", {1ULL << 62}, 77, 0)}); }, "but only"},
    {"a tensor past the end", [](auto& f) { setTensors(f, {ggufTensor("a", {1000}, 0, 0)}); }, "takes 4000 bytes"},
    {"a shape that overflows",
     [](auto& f) {
         setTensors(f, {ggufTensor("a", {1ULL << 62, 4}, 0, 0)});
     },
     "cannot store"},
    {"a shape that overflows to few",
     [](auto& f) {
         setTensors(f, {ggufTensor("a", {(1ULL << 62) + 1, 4}, 0, 0)});
     },
     "cannot store"},
    {"bytes that overflow", [](auto& f) { setTensors(f, {ggufTensor("a", {(1ULL << 62) + 1}, 0, 0)}); }, "cannot store"},
    {"a length of 2^63", [](auto& f) { setTensors(f, {ggufTensor("a", {kHuge}, 0, 0)}); }, "9223372036854775808"},
    {"five dimensions",
     [](auto& f) {
         setTensors(f, {ggufTensor("a", {1, 1, 1, 1, 1}, 0, 0)});
     },
     "5 dimensions"},
    {"2^32 − 1 dimensions", [](auto& f) { setTensors(f, {ggufText("a") + bytesOf(~std::uint32_t{0})}); },
     "4294967295 dimensions"},
    {"half a block", [](auto& f) { setTensors(f, {ggufTensor("a", {48}, 8, 0)}); }, "Q8_0"},
    {"a name past the end", [](auto& f) { setTensors(f, {bytesOf(kHuge)}); }, "name"},
    {"a name of a megabyte", [](auto& f) { setTensors(f, {ggufTensor(std::string(1'000'000, 'n'), {1}, 0, 1)}); }, "nnn…\""},
    {"a name with control characters", [](auto& f) { setTensors(f, {ggufTensor("a\n\xff", {1}, 0, 1)}); }, "\"a\\x0A"},
};

}  // namespace

TEST_CASE("Lying GGUF files are refused", "[gguf][hostile]") {
    const TemporaryFolder folder;
    REQUIRE(GgufFile::open(folder.write("good.gguf", sampleGguf().bytes())));
    for (const Case& each : kCases) {
        GgufBytes file = sampleGguf();
        each.change(file);
        const std::string bytes = file.bytes();
        const auto path = folder.write("bad.gguf", bytes);
        checkRefused(each.what, path.string(), each.word, bytes.size(), [&] { return GgufFile::open(path); });
    }
}

TEST_CASE("A GGUF file cut anywhere is refused", "[gguf][hostile]") {
    const TemporaryFolder folder;
    const std::string good = sampleGguf().bytes();
    for (std::size_t length = 0; length < good.size(); ++length) {
        const auto path = folder.write("cut.gguf", good.substr(0, length));
        checkRefused("cut at " + std::to_string(length), path.string(), length == 0 ? "empty" : "", length,
                     [&] { return GgufFile::open(path); });
    }
}

TEST_CASE("A real GGUF file cut in the middle says which tensor is missing", "[gguf][hostile]") {
    const TemporaryFolder folder;
    const std::string good = contentOf(LAYERWALK_TEST_DATA "/stories260K/stories260K-Q4_0.gguf");
    for (const std::size_t length :
         {std::size_t{4}, std::size_t{20}, std::size_t{200}, std::size_t{4000}, good.size() / 2, good.size() - 64}) {
        const auto path = folder.write("cut.gguf", good.substr(0, length));
        checkRefused(std::to_string(length), path.string(), "cut short", length, [&] { return GgufFile::open(path); });
    }
}
