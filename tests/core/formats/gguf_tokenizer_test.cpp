// The vocabulary of GGUF files as the tokenizers get it.
#include "core/formats/gguf_tokenizer.h"

#include "tests/catch.h"
#include "tests/core/formats/gguf_bytes.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("The vocabulary of a real file", "[gguf]") {
    const auto file = GgufFile::open(LAYERWALK_TEST_DATA "/stories260K/stories260K-Q4_0.gguf");
    REQUIRE(file);
    const auto vocabulary = readGgufVocabulary(**file);
    REQUIRE(vocabulary);
    CHECK(vocabulary->model == "llama");
    CHECK(vocabulary->pre.empty());
    REQUIRE(vocabulary->tokens.size() == 512);
    CHECK(vocabulary->tokens[2] == "</s>");
    CHECK(vocabulary->scores.size() == 512);
    CHECK(vocabulary->types.size() == 512);
    CHECK(vocabulary->merges.empty());
    CHECK(vocabulary->bos == 1);
    CHECK(vocabulary->eos == 2);
    CHECK_FALSE(vocabulary->eot);
    CHECK_FALSE(vocabulary->addBos);
}

TEST_CASE("Every field of a vocabulary", "[gguf]") {
    const TemporaryFolder folder;
    GgufBytes bytes;
    bytes.settings = {
        ggufSetting("tokenizer.ggml.model", 8, ggufText("gpt2")),
        ggufSetting("tokenizer.ggml.pre", 8, ggufText("qwen2")),
        ggufList("tokenizer.ggml.tokens", 8, 2, ggufText("a") + ggufText("b")),
        ggufList("tokenizer.ggml.merges", 8, 1, ggufText("a b")),
        ggufList("tokenizer.ggml.token_type", 5, 2, bytesOf<std::int32_t>(1) + bytesOf<std::int32_t>(3)),
        ggufSetting("tokenizer.ggml.bos_token_id", 4, bytesOf<std::uint32_t>(0xFFFFFFFFu)),
        ggufSetting("tokenizer.ggml.eos_token_id", 5, bytesOf<std::int32_t>(-1)),
        ggufSetting("tokenizer.ggml.eot_token_id", 10, bytesOf<std::uint64_t>(1)),
        ggufSetting("tokenizer.ggml.add_bos_token", 7, std::string(1, '\1')),
        ggufSetting("tokenizer.ggml.add_eos_token", 7, std::string(1, '\0')),
        ggufSetting("tokenizer.ggml.add_space_prefix", 7, std::string(1, '\0')),
        ggufSetting("tokenizer.ggml.seperator_token_id", 4, bytesOf<std::uint32_t>(1)),
        ggufSetting("tokenizer.ggml.cls_token_id", 4, bytesOf<std::uint32_t>(0)),
        ggufSetting("tokenizer.ggml.remove_extra_whitespaces", 7, std::string(1, '\1')),
        ggufList("tokenizer.ggml.precompiled_charsmap", 1, 3, std::string("\xFF\0a", 3)),
    };
    const auto read = [&](const GgufBytes& file) {
        return readGgufVocabulary(**GgufFile::open(folder.write("v.gguf", file.bytes())));
    };
    const auto vocabulary = read(bytes);
    REQUIRE(vocabulary);
    CHECK(vocabulary->pre == "qwen2");
    CHECK(vocabulary->merges == std::vector<std::string>{"a b"});
    CHECK(vocabulary->types == std::vector<std::int32_t>{1, 3});
    CHECK(vocabulary->bos == 0xFFFFFFFFLL);
    CHECK(vocabulary->eos == -1);
    CHECK(vocabulary->eot == 1);
    CHECK_FALSE(vocabulary->unknown);
    CHECK(vocabulary->addBos == true);
    CHECK(vocabulary->addEos == false);
    CHECK(vocabulary->addSpacePrefix == false);
    CHECK(vocabulary->separator == 1);
    CHECK(vocabulary->classifier == 0);
    CHECK(vocabulary->removeExtraSpaces == true);
    CHECK(vocabulary->charsMap == std::string("\xFF\0a", 3));  // written as signed bytes

    const auto refused = [&](std::size_t index, const std::string& setting, const std::string& word) {
        GgufBytes broken = bytes;
        broken.settings[index] = setting;
        const auto result = read(broken);
        CAPTURE(word);
        REQUIRE_FALSE(result);
        CAPTURE(result.error().message);
        CHECK(result.error().message.find("v.gguf") != std::string::npos);
        CHECK(result.error().message.find(word) != std::string::npos);
    };
    refused(0, ggufSetting("tokenizer.ggml.model", 4, bytesOf<std::uint32_t>(7)), "tokenizer.ggml.model");
    refused(0, ggufSetting("other", 8, ggufText("x")), "tokenizer.ggml.model");
    refused(2, ggufSetting("other", 8, ggufText("x")), "tokenizer.ggml.tokens");
    refused(2, ggufSetting("tokenizer.ggml.tokens", 8, ggufText("x")), "list was expected");
    refused(2, ggufList("tokenizer.ggml.tokens", 5, 1, bytesOf<std::int32_t>(1)), "texts were expected");
    refused(4, ggufList("tokenizer.ggml.token_type", 5, 2, bytesOf<std::int32_t>(1) + bytesOf<std::int32_t>(-3)), "-3");
    refused(5, ggufSetting("tokenizer.ggml.bos_token_id", 8, ggufText("one")), "an id was expected");
    refused(5, ggufSetting("tokenizer.ggml.bos_token_id", 10, bytesOf(~std::uint64_t{0})), "18446744073709551615");
    refused(14, ggufList("tokenizer.ggml.precompiled_charsmap", 5, 1, bytesOf<std::int32_t>(256)),
            "a list of bytes was expected");
    refused(8, ggufSetting("tokenizer.ggml.add_bos_token", 0, std::string(1, '\1')), "true or false was expected");
}
