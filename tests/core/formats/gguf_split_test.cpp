// A model cut into several GGUF files: opened by any of its parts, and what is wrong with the parts is said.
#include "core/formats/gguf_split.h"

#include "tests/catch.h"
#include "tests/core/formats/gguf_bytes.h"

using namespace lw;
using namespace lw::test;

namespace {

// Part `number` (from 1) of `count`; the first has the settings, each one tensor [1, 2] of F32 with its number as value.
std::string part(std::uint16_t number, std::uint16_t count, std::int32_t tensors, const std::string& tensor) {
    GgufBytes file;
    if (number == 1) file.settings.push_back(ggufSetting("general.architecture", 8, ggufText("llama")));
    file.settings.push_back(ggufSetting("split.no", 2, bytesOf<std::uint16_t>(static_cast<std::uint16_t>(number - 1))));
    file.settings.push_back(ggufSetting("split.count", 2, bytesOf(count)));
    file.settings.push_back(ggufSetting("split.tensors.count", 5, bytesOf(tensors)));
    file.tensors = {ggufTensor(tensor, {2, 1}, 0, 0)};
    file.data = bytesOf(static_cast<float>(number)) + bytesOf(-1.0f);
    return file.bytes();
}

std::string partName(int number) { return "big-model-0000" + std::to_string(number) + "-of-00003.gguf"; }

void writeParts(const TemporaryFolder& folder) {
    for (int i = 1; i <= 3; ++i)
        folder.write(partName(i), part(static_cast<std::uint16_t>(i), 3, 3, "tensor" + std::to_string(i)));
}

std::string problem(const std::filesystem::path& path, ErrorKind kind) {
    const auto opened = openGguf(path);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == kind);
    return opened.error().message;
}

bool has(const std::string& text, const std::string& word) { return text.find(word) != std::string::npos; }

}  // namespace

TEST_CASE("Any part of a cut GGUF opens the whole model", "[gguf][split]") {
    const TemporaryFolder folder;
    writeParts(folder);
    for (int opened = 1; opened <= 3; ++opened) {
        const auto model = openGguf(folder / partName(opened));
        REQUIRE(model);
        CHECK(model->file->settings().json().at("general.architecture") == "llama");
        CHECK(model->weights->where() == (folder / partName(1)).string());
        REQUIRE(model->weights->entries().size() == 3);
        for (int i = 1; i <= 3; ++i) {
            const auto weight = model->weights->weight("tensor" + std::to_string(i));
            REQUIRE(weight);
            CHECK(weight->row(0)(0) == static_cast<float>(i));
        }
        CHECK(model->weights->intact());
        const auto head = openGgufHead(folder / partName(opened));
        REQUIRE(head);
        CHECK((*head)->where() == (folder / partName(1)).string());
    }
}

TEST_CASE("A missing part is named, and only the model needs it", "[gguf][split]") {
    const TemporaryFolder folder;
    writeParts(folder);
    std::filesystem::remove(folder / partName(2));
    const std::string message = problem(folder / partName(3), ErrorKind::NotFound);
    CHECK(has(message, "part 2 is missing"));
    CHECK(has(message, (folder / partName(2)).string()));
    CHECK(openGgufHead(folder / partName(3)));
    std::filesystem::remove(folder / partName(1));
    CHECK_FALSE(openGgufHead(folder / partName(3)));
}

TEST_CASE("Parts that do not belong together are refused", "[gguf][split]") {
    const TemporaryFolder folder;
    writeParts(folder);
    SECTION("another count") {
        folder.write(partName(2), part(2, 4, 3, "tensor2"));
        CHECK(has(problem(folder / partName(1), ErrorKind::Mismatch), "part 2 of 4, where part 2 of 3"));
    }
    SECTION("another place") {
        folder.write(partName(2), part(3, 3, 3, "tensor2"));
        CHECK(has(problem(folder / partName(1), ErrorKind::Mismatch), "part 3 of 3, where part 2 of 3"));
    }
    SECTION("a tensor twice") {
        folder.write(partName(2), part(2, 3, 3, "tensor1"));
        CHECK(has(problem(folder / partName(1), ErrorKind::Mismatch), "\"tensor1\""));
    }
    SECTION("fewer tensors than promised") {
        folder.write(partName(1), part(1, 3, 5, "tensor1"));
        CHECK(has(problem(folder / partName(1), ErrorKind::Mismatch), "promises 5 tensors"));
    }
    SECTION("a name that says nothing of the others") {
        folder.write("renamed.gguf", part(1, 3, 3, "tensor1"));
        CHECK(has(problem(folder / "renamed.gguf", ErrorKind::BadFormat), "-00001-of-00003.gguf"));
    }
    SECTION("more parts than there can be") {
        folder.write("big-model-00001-of-65535.gguf", part(1, 65535, 3, "tensor1"));
        problem(folder / "big-model-00001-of-65535.gguf", ErrorKind::BadFormat);
    }
}

TEST_CASE("The name of a part is read from its end", "[gguf][split]") {
    const auto name = ggufPartName("/a/Llama-3-00002-of-00003.gguf");
    REQUIRE(name);
    CHECK(name->model == "Llama-3");
    CHECK(name->number == 2);
    CHECK(name->count == 3);
    for (const char* whole : {"a.gguf", "-00001-of-00002.gguf", "a-00000-of-00002.gguf", "a-00003-of-00002.gguf",
                              "a-0001-of-0002.gguf", "a-00001-of-00002.bin", "a-0000x-of-00002.gguf"}) {
        CAPTURE(whole);
        CHECK_FALSE(ggufPartName(whole));
    }
}
