// The words of Qt-free pictures: a picture asks for its English sentences through a Say, which its view binds to the
// translator. In picture code a sentence is written  say(QT_TRANSLATE_NOOP("Block", "stream in"))  so that lupdate finds it
// (picture code gets the macro from widgets/shared/translate_noop.h, views from Qt).
#pragma once

#include <functional>
#include <initializer_list>
#include <string>

namespace lw {

using Say = std::function<std::string(const char*)>;

/// English as it is written: for tests and for what runs without a window.
inline std::string sayEnglish(const char* text) { return text; }

/// Puts parts for %1 … %9 in a sentence; a part that itself holds "%2" is not filled again.
inline std::string fill(const std::string& pattern, std::initializer_list<std::string> parts) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool mark = pattern[i] == '%' && i + 1 < pattern.size() && pattern[i + 1] >= '1' && pattern[i + 1] <= '9';
        const auto n = mark ? static_cast<std::size_t>(pattern[i + 1] - '1') : parts.size();
        if (n < parts.size()) {
            out += *(parts.begin() + static_cast<std::ptrdiff_t>(n));
            ++i;
        } else {
            out += pattern[i];
        }
    }
    return out;
}

}  // namespace lw
