// What every reader owes every broken file: an error with a sentence that names the file, soon, and without asking for much
// memory.
#pragma once

#include <cstddef>
#include <string>

#include "core/base/result.h"
#include "tests/catch.h"
#include "tests/cpu_seconds.h"

namespace lw::test {

/// The largest single request to operator new since the last call, in bytes.
std::size_t takeLargestRequest();

/// `open` gives a Result. `word` must appear in the error's sentence.
template <class Open>
void checkRefused(const std::string& what, const std::string& fileName, const std::string& word, std::size_t fileBytes,
                  Open open) {
    CAPTURE(what);
    takeLargestRequest();
    const double begin = cpuSeconds();
    const auto opened = open();
    const double seconds = cpuSeconds() - begin;
    const std::size_t largest = takeLargestRequest();
    CHECK_FALSE(opened);
    if (opened) return;
    const std::string& message = opened.error().message;
    CAPTURE(message, seconds, largest);
    CHECK(message.find(fileName) != std::string::npos);
    CHECK(message.find(word) != std::string::npos);
    CHECK(message.size() > fileName.size() + 10);
    CHECK(message.size() < 1000);
    CHECK(message.find('\n') == std::string::npos);
    CHECK(message.back() == '.');
    CHECK(opened.error().where.find(fileName) != std::string::npos);
    CHECK(seconds < 2);
    CHECK(largest < 100'000 + 20 * fileBytes);
}

}  // namespace lw::test
