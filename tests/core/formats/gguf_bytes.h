// Builds GGUF files for tests, honest or not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/core/formats/temporary_folder.h"

namespace lw::test {

inline std::string ggufText(const std::string& text) { return bytesOf<std::uint64_t>(text.size()) + text; }

inline std::string ggufSetting(const std::string& key, std::uint32_t type, const std::string& value) {
    return ggufText(key) + bytesOf(type) + value;
}

inline std::string ggufList(const std::string& key, std::uint32_t elementType, std::uint64_t count, const std::string& values) {
    return ggufSetting(key, 9, bytesOf(elementType) + bytesOf(count) + values);
}

inline std::string ggufTensor(const std::string& name, const std::vector<std::uint64_t>& lengths, std::uint32_t type,
                              std::uint64_t offset) {
    std::string bytes = ggufText(name) + bytesOf(static_cast<std::uint32_t>(lengths.size()));
    for (const std::uint64_t length : lengths) bytes += bytesOf(length);
    return bytes + bytesOf(type) + bytesOf(offset);
}

struct GgufBytes {
    std::string magic = "GGUF";
    std::uint32_t version = 3;
    std::vector<std::string> settings, tensors;
    std::string data;
    std::size_t alignment = 32;
    std::int64_t moreTensors = 0, moreSettings = 0;  // claimed beyond those that are there

    std::string bytes() const {
        std::string result = magic + bytesOf(version) +
                             bytesOf<std::uint64_t>(tensors.size() + static_cast<std::uint64_t>(moreTensors)) +
                             bytesOf<std::uint64_t>(settings.size() + static_cast<std::uint64_t>(moreSettings));
        for (const std::string& setting : settings) result += setting;
        for (const std::string& tensor : tensors) result += tensor;
        if (tensors.empty() && data.empty()) return result;
        result.append((alignment - result.size() % alignment) % alignment, '\0');
        return result + data;
    }
};

/// One setting of every type, and tensors of F32 [2, 3], Q8_0 [1, 32] and Q6_K [256].
inline GgufBytes sampleGguf() {
    GgufBytes file;
    file.settings = {
        ggufSetting("general.architecture", 8, ggufText("llama")),
        ggufSetting("u8", 0, bytesOf<std::uint8_t>(200)),
        ggufSetting("i8", 1, bytesOf<std::int8_t>(-3)),
        ggufSetting("u16", 2, bytesOf<std::uint16_t>(60000)),
        ggufSetting("i16", 3, bytesOf<std::int16_t>(-300)),
        ggufSetting("u32", 4, bytesOf<std::uint32_t>(4294967295u)),
        ggufSetting("i32", 5, bytesOf<std::int32_t>(-70000)),
        ggufSetting("eps", 6, bytesOf(1e-5f)),
        ggufSetting("yes", 7, bytesOf<std::uint8_t>(1)),
        ggufSetting("u64", 10, bytesOf<std::uint64_t>(1ULL << 63)),
        ggufSetting("i64", 11, bytesOf<std::int64_t>(-(1LL << 40))),
        ggufSetting("f64", 12, bytesOf(0.1)),
        ggufList("sections", 5, 3, bytesOf<std::int32_t>(1) + bytesOf<std::int32_t>(2) + bytesOf<std::int32_t>(-3)),
        ggufList("tags", 8, 2, ggufText("a") + ggufText("b")),
        ggufList(
            "nested", 9, 2,
            bytesOf<std::uint32_t>(0) + bytesOf<std::uint64_t>(2) + "xy" + bytesOf<std::uint32_t>(8) + bytesOf<std::uint64_t>(0)),
        ggufList("tokenizer.ggml.tokens", 8, 2, ggufText("<s>") + ggufText("caf\xe9")),
        ggufList("tokenizer.ggml.scores", 6, 2, bytesOf(0.0f) + bytesOf(-1.5f)),
    };
    file.tensors = {ggufTensor("floats", {3, 2}, 0, 0), ggufTensor("blocks", {32, 1}, 8, 32), ggufTensor("k", {256}, 14, 96)};
    const std::vector<float> floats{1, 2, 3, 4, 5, 6};
    file.data = bytesOfAll<float>(floats) + std::string(8, '\0');
    file.data += bytesOf<std::uint16_t>(0x3c00) + std::string(32, '\x07') + std::string(30, '\0');
    file.data += std::string(210, '\x01');
    return file;
}

}  // namespace lw::test
