// Reading GGUF: settings of every type, tensors in the right order of lengths, and real files against GGUF's own reader.
#include "core/formats/gguf.h"

#include <fstream>

#include "core/formats/gguf_split.h"
#include "core/formats/gguf_types.h"
#include "tests/catch.h"
#include "tests/core/formats/gguf_bytes.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("Settings of every type", "[gguf]") {
    const TemporaryFolder folder;
    for (const std::uint32_t version : {2u, 3u}) {
        GgufBytes sample = sampleGguf();
        sample.version = version;
        const auto path = folder.write("s.gguf", sample.bytes());
        CHECK(looksLikeGguf(path));
        const auto file = GgufFile::open(path);
        REQUIRE(file);
        const GgufSettings& settings = (*file)->settings();
        const nlohmann::json& json = settings.json();
        CHECK(json["general.architecture"] == "llama");
        CHECK(json["u8"] == 200);
        CHECK(json["i8"] == -3);
        CHECK(json["u16"] == 60000);
        CHECK(json["i16"] == -300);
        CHECK(json["u32"] == 4294967295u);
        CHECK(json["i32"] == -70000);
        CHECK(json["eps"].dump() == "1e-05");
        CHECK(json["eps"].get<float>() == 1e-5f);
        CHECK(json["yes"] == true);
        CHECK(json["u64"] == 1ULL << 63);
        CHECK(json["i64"] == -(1LL << 40));
        CHECK(json["f64"] == 0.1);
        CHECK(json["sections"] == nlohmann::json({1, 2, -3}));
        CHECK(json["tags"] == nlohmann::json({"a", "b"}));
        CHECK(json["nested"] == "list of 2 lists");
        CHECK(json["tokenizer.ggml.tokens"] == "list of 2 texts");
        CHECK(settings.contains("eps"));
        CHECK_FALSE(settings.contains("ep"));

        CHECK(settings.texts("tokenizer.ggml.tokens") == std::vector<std::string>{"<s>", "caf\xe9"});  // bytes as they are
        CHECK(settings.floats("tokenizer.ggml.scores") == std::vector<float>{0, -1.5f});
        CHECK(settings.floats("sections") == std::vector<float>{1, 2, -3});
        CHECK(settings.integers("sections") == std::vector<std::int64_t>{1, 2, -3});
        CHECK(settings.texts("none").error().kind == ErrorKind::NotFound);
        CHECK(settings.texts("eps").error().message.find("list was expected") != std::string::npos);
        CHECK(settings.texts("sections").error().message.find("texts were expected") != std::string::npos);
        CHECK(settings.integers("tokenizer.ggml.scores").error().kind == ErrorKind::BadFormat);
        CHECK(settings.floats("tags").error().kind == ErrorKind::BadFormat);
        CHECK(settings.floats("nested").error().kind == ErrorKind::BadFormat);
    }
}

TEST_CASE("Tensors of a GGUF file", "[gguf]") {
    const TemporaryFolder folder;
    auto file = GgufFile::open(folder.write("t.gguf", sampleGguf().bytes()));
    REQUIRE(file);
    REQUIRE((*file)->entries().size() == 3);
    CHECK((*file)->entries()[1].name == "blocks");
    CHECK((*file)->find("floats")->shape == std::vector<std::int64_t>{2, 3});
    const TensorEntry* k = (*file)->find("k");
    REQUIRE(k);
    CHECK(k->type == "Q6_K");
    CHECK(k->bytes == 210);
    const auto refused = (*file)->weight("k");
    REQUIRE_FALSE(refused);
    CAPTURE(refused.error().message);
    CHECK(refused.error().kind == ErrorKind::Unsupported);
    for (const char* word : {"\"k\"", "Q6_K", "F32", "Q4_1", "IQ4_NL", "t.gguf"})
        CHECK(refused.error().message.find(word) != std::string::npos);
    CHECK((*file)->weight("x").error().kind == ErrorKind::NotFound);

    const auto floats = (*file)->weight("floats");
    const auto blocks = (*file)->weight("blocks");
    file->reset();
    CHECK(floats->toMatrix() == (Matrix(2, 3) << 1, 2, 3, 4, 5, 6).finished());
    CHECK(blocks->toMatrix() == Matrix::Constant(1, 32, 7));
}

TEST_CASE("Other alignments, unknown types and files of only a vocabulary", "[gguf]") {
    const TemporaryFolder folder;
    GgufBytes aligned = sampleGguf();
    aligned.alignment = 8;
    aligned.settings.push_back(ggufSetting("general.alignment", 4, bytesOf<std::uint32_t>(8)));
    aligned.tensors = {ggufTensor("floats", {3, 2}, 0, 0), ggufTensor("later", {100}, 77, 24)};
    const auto file = GgufFile::open(folder.write("a.gguf", aligned.bytes()));
    REQUIRE(file);
    CHECK((*file)->weight("floats")->toMatrix()(1, 2) == 6);
    CHECK((*file)->find("later")->type == "type 77");
    CHECK((*file)->find("later")->bytes == static_cast<std::int64_t>(aligned.data.size()) - 24);
    CHECK((*file)->weight("later").error().kind == ErrorKind::Unsupported);

    GgufBytes vocabulary = sampleGguf();
    vocabulary.tensors.clear();
    vocabulary.data.clear();
    const auto only = GgufFile::open(folder.write("v.gguf", vocabulary.bytes()));
    REQUIRE(only);
    CHECK((*only)->entries().empty());
    CHECK((*only)->settings().texts("tokenizer.ggml.tokens")->size() == 2);
}

TEST_CASE("Real GGUF files agree with GGUF's own reader", "[gguf]") {
    const std::filesystem::path folder = LAYERWALK_TEST_DATA "/stories260K";
    nlohmann::json reference;
    std::ifstream(folder / "tensors.json") >> reference;
    for (const auto& [name, tensors] : reference.items()) {
        CAPTURE(name);
        const auto file = GgufFile::open(folder / name);
        REQUIRE(file);
        CHECK((*file)->entries().size() == tensors.size());
        double largest = 0;
        for (const auto& [tensor, want] : tensors.items()) {
            CAPTURE(tensor);
            const TensorEntry* entry = (*file)->find(tensor);
            REQUIRE(entry);
            CHECK(entry->type == want["type"]);
            CHECK(entry->shape == want["shape"].get<std::vector<std::int64_t>>());
            CHECK(entry->bytes == want["bytes"]);
            const auto weight = (*file)->weight(tensor);
            REQUIRE(weight);
            const MatrixD values = weight->toMatrix().cast<double>();
            largest = std::max(largest, std::abs(values.sum() - want["sum"].get<double>()));
            largest = std::max(largest, std::abs(values.squaredNorm() - want["sum_of_squares"].get<double>()));
            CHECK(values(values.rows() - 1, values.cols() - 1) == want["last"].get<double>());
        }
        CAPTURE(largest);
        CHECK(largest < 1e-7);
    }
}

TEST_CASE("The vocabulary of a real GGUF file", "[gguf]") {
    const auto file = GgufFile::open(LAYERWALK_TEST_DATA "/stories260K/stories260K-Q8_0.gguf");
    REQUIRE(file);
    const auto tokens = (*file)->settings().texts("tokenizer.ggml.tokens");
    REQUIRE(tokens);
    REQUIRE(tokens->size() == 512);
    CHECK(tokens->at(0) == "<unk>");
    CHECK(tokens->at(1) == "<s>");
    CHECK((*file)->settings().integers("tokenizer.ggml.token_type")->size() == 512);
    CHECK((*file)->settings().json()["llama.context_length"] == 512);
}

TEST_CASE("All shared GGUF files are read", "[gguf]") {
    const std::filesystem::path shared = LAYERWALK_SHARED_DATA;
    if (!std::filesystem::exists(shared)) {
        WARN("skipped: " << shared.string() << " is not here");
        return;
    }
    for (const auto& each : std::filesystem::recursive_directory_iterator(shared)) {
        if (each.path().extension() != ".gguf") continue;
        CAPTURE(each.path());
        const auto model = openGguf(each.path());
        REQUIRE(model);
        CHECK(model->file->settings().texts("tokenizer.ggml.tokens")->size() > 500);
        for (const TensorEntry& entry : model->weights->entries()) CHECK(model->weights->weight(entry.name));
    }
}

TEST_CASE("Block sizes of known types", "[gguf]") {
    CHECK(ggufType(12)->name == "Q4_K");
    CHECK(ggufType(12)->blockBytes == 144);
    CHECK(ggufType(4) == nullptr);
    for (std::uint32_t number = 0; number < 50; ++number) {
        const GgufType* type = ggufType(number);
        if (type) CHECK(type->number == number);
    }
}
