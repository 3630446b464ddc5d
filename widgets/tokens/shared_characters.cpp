#include "widgets/tokens/shared_characters.h"

#include <cstddef>

#include "widgets/shared/format.h"

namespace lw {

namespace {

// Bytes of the UTF-8 character that begins at `at`, 0 if there is none (stray, overlong, surrogate or cut bytes).
std::size_t characterLength(const std::string& text, std::size_t at) {
    const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(at);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : (lead & 0xf0) == 0xe0       ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    if (length == 0 || at + length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(at + i) & 0xc0) != 0x80) return 0;
    if (length >= 3) {
        const unsigned char second = byte(at + 1);
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) || (lead == 0xf0 && second < 0x90) ||
            (lead == 0xf4 && second >= 0x90))
            return 0;
    }
    return length;
}

}  // namespace

std::vector<SharedCharacter> sharedCharacters(const std::vector<std::string>& bytes) {
    std::string text;
    std::vector<int> tokenOf;  // by byte
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        text += bytes[i];
        tokenOf.resize(text.size(), static_cast<int>(i));
    }
    std::vector<SharedCharacter> groups;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = characterLength(text, at);
        if (length == 0) {
            ++at;
            continue;
        }
        const int first = tokenOf[at], last = tokenOf[at + length - 1];
        if (last > first) {
            const std::string shown = visiblePiece(text.substr(at, length));
            if (!groups.empty() && groups.back().last >= first) {  // a token that ends one character and begins the next
                groups.back().last = last;
                groups.back().text += shown;
            } else {
                groups.push_back({first, last, shown});
            }
        }
        at += length;
    }
    return groups;
}

}  // namespace lw
