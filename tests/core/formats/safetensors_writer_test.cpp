// What is written reads back, comes in pieces in any order, and leaves nothing behind when it fails.
#include "core/formats/safetensors_writer.h"

#include <limits>

#include "core/formats/safetensors.h"
#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("Written arrays read back bit for bit", "[writer]") {
    const TemporaryFolder folder;
    const auto path = folder / "trace.safetensors";
    const std::vector<float> pattern{
        0.5f, -0.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::denorm_min(), 1e-38f, 6};
    const std::vector<std::int64_t> ids{3, -1, std::numeric_limits<std::int64_t>::max()};
    const std::vector<double> loss{0.1};
    const std::map<std::string, std::string> metadata{
        {"text", "Hello \"you\"\n\t小貓 🙂"}, {"model", "tiny"}, {"bad", "caf\xe9"}};
    auto writer = SafetensorsWriter::create(path,
                                            {{"blocks.0.attn.hook_pattern", "F32", {1, 2, 3}},
                                             {"input_ids", "I64", {3}},
                                             {"loss", "F64", {}},
                                             {"none", "F32", {0, 5}}},
                                            metadata);
    REQUIRE(writer);
    const std::span<const float> all(pattern);
    REQUIRE(writer->append(0, all.first(2)));
    REQUIRE(writer->append(1, ids));
    REQUIRE(writer->append(0, all.subspan(2, 1)));
    REQUIRE(writer->append(2, loss));
    REQUIRE(writer->append(0, all.subspan(3)));
    CHECK_FALSE(std::filesystem::exists(path));
    REQUIRE(writer->finish());
    CHECK(folder.files() <= 1);  // 0 where files without a name exist

    const auto file = SafetensorsFile::open(path);
    REQUIRE(file);
    CHECK((*file)->floats("blocks.0.attn.hook_pattern") == pattern);
    CHECK((*file)->find("blocks.0.attn.hook_pattern")->shape == std::vector<std::int64_t>{1, 2, 3});
    CHECK((*file)->integers("input_ids") == ids);
    CHECK((*file)->doubles("loss") == loss);
    CHECK((*file)->find("loss")->shape.empty());
    CHECK((*file)->find("none")->bytes == 0);
    CHECK((*file)->metadata().at("text") == metadata.at("text"));
    CHECK((*file)->metadata().at("bad") == "caf\xEF\xBF\xBD");
    const std::string bytes = contentOf(path);
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    CHECK((length + 8) % 64 == 0);
    for (const TensorEntry& entry : (*file)->entries()) {
        const auto data = (*file)->bytes(entry.name);
        CHECK(reinterpret_cast<std::uintptr_t>(data->data()) % (entry.type == "F32" ? 4 : 8) == 0);
    }
}

TEST_CASE("Many arrays are written in a moment", "[writer]") {
    const TemporaryFolder folder;
    std::vector<ArrayDeclaration> arrays;
    for (int i = 0; i < 20'000; ++i) arrays.push_back({"array." + std::to_string(i), "F32", {1}});
    auto writer = SafetensorsWriter::create(folder / "many.safetensors", arrays);
    REQUIRE(writer);
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        const auto value = static_cast<float>(i);
        REQUIRE(writer->append(i, std::span(&value, 1)));
    }
    REQUIRE(writer->finish());
    const auto file = SafetensorsFile::open(folder / "many.safetensors");
    REQUIRE(file);
    CHECK((*file)->floats("array.19999") == std::vector<float>{19999});
}

TEST_CASE("A writer that is dropped or too early at its end leaves nothing", "[writer]") {
    const TemporaryFolder folder;
    {
        auto writer = SafetensorsWriter::create(folder / "a.safetensors", {{"x", "F32", {2}}});
        REQUIRE(writer);
        REQUIRE(writer->append(0, std::vector<float>{1}));
        const auto early = writer->finish();
        REQUIRE_FALSE(early);
        CHECK(early.error().message.find("\"x\" has got 4 bytes too few") != std::string::npos);
        CHECK(folder.files() <= 1);  // the unfinished file, where a system has none without a name
    }
    CHECK(folder.files() == 0);
}

TEST_CASE("What cannot be written is refused with the file's name", "[writer]") {
    const TemporaryFolder folder;
    const auto refused = [&](const std::filesystem::path& path, std::vector<ArrayDeclaration> arrays, ErrorKind kind,
                             const std::string& word) {
        const auto writer = SafetensorsWriter::create(path, std::move(arrays));
        REQUIRE_FALSE(writer);
        CAPTURE(writer.error().message);
        CHECK(writer.error().kind == kind);
        CHECK(writer.error().message.find(path.string()) != std::string::npos);
        CHECK(writer.error().message.find(word) != std::string::npos);
        CHECK(folder.files() == 0);
    };
    const auto path = folder / "a.safetensors";
    refused(folder / "no/where.safetensors", {}, ErrorKind::NotWritable, "does not exist");
    refused(path, {{"x", "F32", {1}}, {"x", "I64", {1}}}, ErrorKind::BadInput, "\"x\" is taken");
    refused(path, {{"__metadata__", "F32", {1}}}, ErrorKind::BadInput, "taken");
    refused(path, {{"x", "Q4_0", {32}}}, ErrorKind::BadInput, "Q4_0");
    refused(path, {{"x", "F32", {-1}}}, ErrorKind::BadInput, "[-1]");
    refused(path, {{"x", "F32", {1LL << 40, 1LL << 40}}}, ErrorKind::BadInput, "too large");
    refused(path, {{"x", "U8", {1LL << 62}}, {"y", "U8", {1LL << 62}}}, ErrorKind::BadInput, "together");
}
