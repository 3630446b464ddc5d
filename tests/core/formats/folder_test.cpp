// Which files of a model folder are taken, and what is said when they are not there.
#include "core/formats/folder.h"

#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"

using namespace lw;
using namespace lw::test;

namespace {
void refused(const std::filesystem::path& path, ErrorKind kind, const std::string& word) {
    const auto found = examineFolder(path);
    CAPTURE(word);
    REQUIRE_FALSE(found);
    CAPTURE(found.error().message);
    CHECK(found.error().kind == kind);
    CHECK(found.error().message.find(path.string()) != std::string::npos);
    CHECK(found.error().message.find(word) != std::string::npos);
}
}  // namespace

TEST_CASE("A complete model folder", "[folder]") {
    const TemporaryFolder folder;
    for (const char* name : {"config.json", "generation_config.json", "model.safetensors", "other.safetensors", "tokenizer.json",
                             "tokenizer_config.json", "vocab.json", "merges.txt", "pytorch_model.bin"}) {
        folder.write(name, "x");
    }
    const auto found = examineFolder(folder.path());
    REQUIRE(found);
    CHECK(found->config == folder / "config.json");
    CHECK(found->generationConfig == folder / "generation_config.json");
    CHECK(found->weights == folder / "model.safetensors");
    CHECK(found->tokenizer.tokenizerJson == folder / "tokenizer.json");
    CHECK(found->tokenizer.tokenizerConfig == folder / "tokenizer_config.json");
    CHECK(found->tokenizer.vocabJson == folder / "vocab.json");
    CHECK(found->tokenizer.mergesTxt == folder / "merges.txt");
    CHECK(examineFolder(folder.path() / "")->weights.filename() == "model.safetensors");

    const auto chosen = examineFolder(folder / "other.safetensors");
    REQUIRE(chosen);
    CHECK(chosen->weights == folder / "other.safetensors");
    CHECK(chosen->folder == folder.path());
}

TEST_CASE("Weights under other names", "[folder]") {
    const TemporaryFolder folder;
    folder.write("config.json", "x");
    folder.write("only.safetensors", "x");
    CHECK(examineFolder(folder.path())->weights == folder / "only.safetensors");
    CHECK_FALSE(examineFolder(folder.path())->tokenizer.any());
    folder.write("second.safetensors", "x");
    refused(folder.path(), ErrorKind::BadInput, "second.safetensors");
    folder.write("model.safetensors.index.json", "x");
    CHECK(examineFolder(folder.path())->weights == folder / "model.safetensors.index.json");
}

TEST_CASE("A vocabulary without its merges is no tokenizer", "[folder]") {
    const TemporaryFolder folder;
    folder.write("vocab.json", "x");
    CHECK_FALSE(findTokenizerFiles(folder.path()).any());
    folder.write("merges.txt", "x");
    CHECK(findTokenizerFiles(folder.path()).any());
}

TEST_CASE("Folders that hold no model that we read", "[folder]") {
    const TemporaryFolder folder;
    refused(folder / "missing", ErrorKind::NotFound, "no file or folder");
    refused(folder.path(), ErrorKind::NotFound, "config.json");
    refused(folder.write("alone.safetensors", "x"), ErrorKind::NotFound, "config.json");
    std::filesystem::remove(folder / "alone.safetensors");
    folder.write("config.json", "x");
    refused(folder.path(), ErrorKind::NotFound, "no weights");
    folder.write("training_args.bin", "x");
    refused(folder.path(), ErrorKind::NotFound, "no weights");
    folder.write("pytorch_model.bin", "x");
    refused(folder.path(), ErrorKind::Unsupported, "safe_serialization=True");
    refused(folder.path(), ErrorKind::Unsupported, "pytorch_model.bin");
    refused(folder.path(), ErrorKind::Unsupported, "from_pretrained");
}
