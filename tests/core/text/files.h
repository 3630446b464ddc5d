// Reading references for the tokenizer tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/index.h"

namespace lw::test {

inline std::string readFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

/// A file of tests/data/tokenizers; the tests that use it never skip.
inline std::string reference(const std::string& name) { return readFile(LAYERWALK_TEST_DATA "/tokenizers/" + name); }

/// A tokenizer that comes with the program.
inline std::string resource(const std::string& name) {
    return readFile(LAYERWALK_TEST_DATA "/../../resources/tokenizers/" + name);
}

/// A big file that is only read where it is; nothing if it is not there.
inline std::optional<std::string> shared(const std::string& name) {
    const std::string path = LAYERWALK_SHARED_DATA "/tokenizers/" + name;
    if (!std::filesystem::exists(path)) return std::nullopt;
    return readFile(path);
}

inline std::vector<std::string> splitAt(const std::string& text, const std::string& mark) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    for (std::size_t end = text.find(mark); end != std::string::npos; end = text.find(mark, at)) {
        parts.push_back(text.substr(at, end - at));
        at = end + mark.size();
    }
    parts.push_back(text.substr(at));
    return parts;
}

/// Numbers with anything that is no digit between them.
inline std::vector<TokenId> numbers(const std::string& text) {
    std::vector<TokenId> ids;
    bool open = false;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            open = false;
            continue;
        }
        if (!open) ids.push_back(0);
        ids.back() = ids.back() * 10 + (c - '0');
        open = true;
    }
    return ids;
}

/// The texts of the ggml-vocab cases.
inline std::vector<std::string> ggmlTexts() { return splitAt(reference("ggml-vocab/cases.inp"), "\n__ggml_vocab_test__\n"); }

/// The ids of those texts in one vocabulary.
inline std::vector<std::vector<TokenId>> ggmlIds(const std::string& vocabulary) {
    std::vector<std::vector<TokenId>> all;
    for (const std::string& line : splitAt(reference("ggml-vocab/" + vocabulary + ".out"), "\n")) all.push_back(numbers(line));
    return all;
}

}  // namespace lw::test
