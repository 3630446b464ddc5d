// Reading safetensors: real files, every numeric type, odd places, shards.
#include "core/formats/safetensors.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "core/formats/folder.h"
#include "core/formats/joined_source.h"
#include "core/formats/safetensors_index.h"
#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("The weights of a Hugging Face folder are found and read", "[safetensors]") {
    const auto folder = examineFolder(LAYERWALK_TEST_DATA "/zoo/llama");
    REQUIRE(folder);
    const auto weights = openSafetensors(folder->weights);
    REQUIRE(weights);
    const TensorEntry* entry = (*weights)->find("model.layers.2.mlp.down_proj.weight");
    REQUIRE(entry);
    CHECK(entry->shape == std::vector<std::int64_t>{32, 56});
    CHECK(entry->type == "F32");
    CHECK(entry->bytes == 32 * 56 * 4);
    CHECK((*weights)->find("model.layers.3.mlp.down_proj.weight") == nullptr);

    std::int64_t bytes = 0;
    for (const TensorEntry& each : (*weights)->entries()) {
        const auto weight = (*weights)->weight(each.name);
        REQUIRE(weight);
        CHECK(weight->bytes() == each.bytes);
        CHECK(weight->rows() == (each.shape.size() == 1 ? 1 : each.shape[0]));
        CHECK(weight->toMatrix().allFinite());
        bytes += each.bytes;
    }
    // vocabulary 97, width 32, 3 layers of 4 heads and 2 key/value heads of 8, inner width 56
    CHECK(bytes == 4 * (2 * 97 * 32 + 32 + 3 * (2 * 32 + 2 * 32 * 32 + 2 * 16 * 32 + 3 * 56 * 32)));

    const auto missing = (*weights)->weight("lm_head.bias");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::NotFound);
    CHECK(missing.error().message.find("lm_head.bias") != std::string::npos);
    CHECK(missing.error().message.find("zoo/llama/model.safetensors") != std::string::npos);
}

TEST_CASE("Arrays of a reference file are read by name", "[safetensors]") {
    const auto file = SafetensorsFile::open(LAYERWALK_TEST_DATA "/zoo/llama/expected.safetensors");
    REQUIRE(file);
    const auto ids = (*file)->integers("0.input_ids");
    REQUIRE(ids);
    CHECK(ids->size() == 17);
    const auto logits = (*file)->floats("0.logits");
    REQUIRE(logits);
    CHECK(logits->size() == 17 * 97);
    CHECK(std::isfinite(logits->back()));
    CHECK_FALSE((*file)->integers("0.logits"));
    CHECK_FALSE((*file)->floats("9.logits"));
}

TEST_CASE("Every folder of the zoo is read", "[safetensors]") {
    const std::filesystem::path zoo = LAYERWALK_SHARED_DATA "/zoo";
    if (!std::filesystem::exists(zoo)) {
        WARN("skipped: " << zoo.string() << " is not here");
        return;
    }
    for (const auto& each : std::filesystem::directory_iterator(zoo)) {
        CAPTURE(each.path());
        const auto folder = examineFolder(each.path());
        REQUIRE(folder);
        const auto weights = openSafetensors(folder->weights);
        REQUIRE(weights);
        for (const TensorEntry& entry : (*weights)->entries()) {
            const auto weight = (*weights)->weight(entry.name);
            REQUIRE(weight);
            CHECK(weight->toMatrix().allFinite());
        }
    }
}

TEST_CASE("Every numeric type is widened or narrowed", "[safetensors]") {
    const TemporaryFolder folder;
    nlohmann::json header;
    std::string data;
    const auto add = [&](const std::string& name, const std::string& dtype, const std::string& bytes, int count) {
        header[name] = {{"dtype", dtype}, {"shape", {count}}, {"data_offsets", {data.size(), data.size() + bytes.size()}}};
        data += bytes;
    };
    add("f64", "F64", bytesOf(1.5) + bytesOf(-0.1), 2);
    add("i64", "I64", bytesOf<std::int64_t>(-1) + bytesOf<std::int64_t>(1LL << 40), 2);
    add("u64", "U64", bytesOf<std::uint64_t>(7) + bytesOf<std::uint64_t>(1ULL << 63), 2);
    add("i32", "I32", bytesOf<std::int32_t>(-5), 1);
    add("u32", "U32", bytesOf<std::uint32_t>(4'000'000'000u), 1);
    add("f32", "F32", bytesOf(0.25f), 1);
    add("f16", "F16", bytesOf<std::uint16_t>(0x3e00), 1);
    add("bf16", "BF16", bytesOf<std::uint16_t>(0xc020), 1);
    add("i16", "I16", bytesOf<std::int16_t>(-300), 1);
    add("bool", "BOOL", std::string("\x00\x01\x01", 3), 3);
    add("i8", "I8", "\xff", 1);
    add("f8", "F8_E4M3", "\x01", 1);
    const auto file = SafetensorsFile::open(folder.write("t.safetensors", safetensorsBytes(header.dump(), data)));
    REQUIRE(file);
    CHECK((*file)->doubles("f64") == std::vector<double>{1.5, -0.1});
    CHECK((*file)->floats("f64") == std::vector<float>{1.5f, -0.1f});
    CHECK((*file)->integers("i64") == std::vector<std::int64_t>{-1, 1LL << 40});
    CHECK((*file)->floats("i64") == std::vector<float>{-1, 1099511627776.0f});
    CHECK_FALSE((*file)->integers("u64"));
    CHECK((*file)->doubles("u64") == std::vector<double>{7, 9223372036854775808.0});
    CHECK((*file)->integers("i32") == std::vector<std::int64_t>{-5});
    CHECK((*file)->integers("u32") == std::vector<std::int64_t>{4'000'000'000});
    CHECK((*file)->floats("f32") == std::vector<float>{0.25f});
    CHECK((*file)->floats("f16") == std::vector<float>{1.5f});
    CHECK((*file)->floats("bf16") == std::vector<float>{-2.5f});
    CHECK((*file)->integers("i16") == std::vector<std::int64_t>{-300});
    CHECK((*file)->integers("bool") == std::vector<std::int64_t>{0, 1, 1});
    CHECK((*file)->integers("i8") == std::vector<std::int64_t>{-1});
    CHECK_FALSE((*file)->floats("f8"));

    CHECK((*file)->weight("f64")->toMatrix() == (Matrix(1, 2) << 1.5f, -0.1f).finished());
    CHECK((*file)->weight("f16")->toMatrix()(0, 0) == 1.5f);
    CHECK((*file)->weight("bf16")->type() == StorageType::BF16);
    for (const char* name : {"i64", "bool", "f8"}) {
        const auto weight = (*file)->weight(name);
        REQUIRE_FALSE(weight);
        CAPTURE(weight.error().message);
        CHECK(weight.error().kind == ErrorKind::Unsupported);
        CHECK(weight.error().message.find((*file)->find(name)->type) != std::string::npos);
        CHECK(weight.error().message.find("Q4_1") != std::string::npos);
    }
}

TEST_CASE("Numbers at odd places, shapes of other ranks, and no values", "[safetensors]") {
    const TemporaryFolder folder;
    const std::string header = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                               R"("cube":{"dtype":"F32","shape":[2,1,2],"data_offsets":[1,17]},)"
                               R"("half":{"dtype":"F16","shape":[],"data_offsets":[17,19]},)"
                               R"("none":{"dtype":"F32","shape":[0,4],"data_offsets":[19,19]},)"
                               R"("__metadata__":{"format":"pt"}})";
    const std::vector<float> cube{1, 2, 3, 4};
    // The header is padded so that the data begin at a multiple of 8 and `cube` at an odd address.
    const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
    const auto path =
        folder.write("o.safetensors", safetensorsBytes(padded, "x" + bytesOfAll<float>(cube) + bytesOf<std::uint16_t>(0x3c00)));
    auto file = SafetensorsFile::open(path);
    REQUIRE(file);
    CHECK((*file)->metadata().at("format") == "pt");
    const auto weight = (*file)->weight("cube");
    REQUIRE(weight);
    CHECK(reinterpret_cast<std::uintptr_t>(weight->floats()) % alignof(float) == 0);
    file->reset();  // a weight outlives its file object
    CHECK(weight->toMatrix() == (Matrix(2, 2) << 1, 2, 3, 4).finished());

    const auto again = SafetensorsFile::open(path);
    REQUIRE(again);
    CHECK((*again)->weight("half")->toMatrix() == Matrix::Ones(1, 1));
    CHECK((*again)->floats("none")->empty());
    const auto none = (*again)->weight("none");
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("[0, 4]") != std::string::npos);
}

TEST_CASE("A file without tensors is a file", "[safetensors]") {
    const TemporaryFolder folder;
    const auto file = SafetensorsFile::open(folder.write("e.safetensors", safetensorsBytes("{}", "")));
    REQUIRE(file);
    CHECK((*file)->entries().empty());
}

TEST_CASE("A file of five gigabytes is opened at once and read at its end", "[safetensors]") {
    const TemporaryFolder folder;
    constexpr std::int64_t rows = 1'250'000;
    constexpr std::int64_t bytes = rows * 1000 * 4;
    const std::string header = R"({"big":{"dtype":"F32","shape":[1250000,1000],"data_offsets":[0,5000000000]}})";
    const auto path = folder.write("big.safetensors", safetensorsBytes(header, ""));
    std::error_code code;
    std::filesystem::resize_file(path, 8 + header.size() + bytes, code);  // holes take no room on the disk
    if (code) {
        WARN("skipped: no file of five gigabytes can be made here");
        return;
    }
    std::fstream(path, std::ios::binary | std::ios::in | std::ios::out).seekp(-4, std::ios::end).write(bytesOf(2.5f).data(), 4);
    const auto file = SafetensorsFile::open(path);
    REQUIRE(file);
    if ((8 + header.size()) % 4 != 0) FAIL("the header's length would make weight() copy it all");
    const auto weight = (*file)->weight("big");
    REQUIRE(weight);
    CHECK(weight->bytes() == bytes);
    CHECK(weight->row(rows - 1)(999) == 2.5f);
}

namespace {
std::string oneTensor(const std::string& name, float value) {
    return safetensorsBytes("{\"" + name + R"(":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", bytesOf(value));
}
}  // namespace

TEST_CASE("Shards are joined by their index", "[safetensors]") {
    const TemporaryFolder folder;
    folder.write("m-1.safetensors", oneTensor("a", 1));
    folder.write("m-2.safetensors", oneTensor("b", 2));
    const auto index = [&](const std::string& map) { return folder.write("model.safetensors.index.json", map); };
    const auto joined =
        openSafetensors(index(R"({"metadata":{"total_size":8},"weight_map":{"b":"m-2.safetensors","a":"m-1.safetensors"}})"));
    REQUIRE(joined);
    REQUIRE((*joined)->entries().size() == 2);
    CHECK((*joined)->entries()[0].name == "a");
    CHECK((*joined)->weight("b")->toMatrix()(0, 0) == 2);
    CHECK((*joined)->find("b")->bytes == 4);
    CHECK_FALSE((*joined)->weight("c"));

    const auto refused = [&](const std::string& map, const std::string& word) {
        CAPTURE(map);
        const auto source = openSafetensors(index(map));
        REQUIRE_FALSE(source);
        CAPTURE(source.error().message);
        CHECK(source.error().message.find(word) != std::string::npos);
        CHECK(source.error().message.find(folder.path().string()) != std::string::npos);
    };
    refused(R"([])", "weight_map");
    refused(R"({"weight_map":{}})", "weight_map");
    refused(R"({"weight_map":["m-1.safetensors"]})", "weight_map");
    refused(R"({"weight_map":{"a":7}})", "number");
    refused(R"({"weight_map":{"a":"../m-1.safetensors"}})", "same folder");
    refused(R"({"weight_map":{"a":"/etc/passwd"}})", "same folder");
    refused(R"({"weight_map":{"a":""}})", "same folder");
    refused(R"({"weight_map":{"a":"m-1.safetensors\u0000"}})", "same folder");
    refused(R"({"weight_map":{"a":"m-3.safetensors"}})", "m-3.safetensors");
    refused(R"({"weight_map":{"b":"m-1.safetensors"}})", "\"b\"");
    folder.write("m-2.safetensors", oneTensor("a", 2));
    folder.write("m-3.safetensors", oneTensor("b", 2));
    CHECK(openSafetensors(index(R"({"weight_map":{"a":"m-1.safetensors","b":"m-3.safetensors"}})")));
    const auto first = SafetensorsFile::open(folder / "m-1.safetensors");
    const auto second = SafetensorsFile::open(folder / "m-2.safetensors");
    const auto twice = JoinedSource::join("both", {*first, *second});
    REQUIRE_FALSE(twice);
    CHECK(twice.error().kind == ErrorKind::Mismatch);
    CHECK(twice.error().message.find("m-2.safetensors") != std::string::npos);
}
