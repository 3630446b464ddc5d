#include "core/text/byte_alphabet.h"

#include <array>

#include "core/text/utf8.h"

namespace lw {
namespace {

constexpr char32_t Letters = 0x144;  // letters lie below this

struct Tables {
    std::array<std::string, 256> letters;
    std::array<int, Letters> bytes;  // -1: no letter

    Tables() {
        bytes.fill(-1);
        char32_t next = 0x100;
        for (unsigned byte = 0; byte < 256; ++byte) {
            const bool itself = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
            const char32_t letter = itself ? byte : next++;
            utf8::append(letters[byte], letter);
            bytes[letter] = static_cast<int>(byte);
        }
    }
};

const Tables& tables() {
    static const Tables made;
    return made;
}

}  // namespace

std::string_view byteLetter(unsigned char byte) { return tables().letters[byte]; }

std::optional<unsigned char> letterByte(char32_t letter) {
    if (letter >= Letters || tables().bytes[letter] < 0) return std::nullopt;
    return static_cast<unsigned char>(tables().bytes[letter]);
}

std::string spellBytes(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 4);
    for (const char byte : bytes) out += byteLetter(static_cast<unsigned char>(byte));
    return out;
}

std::optional<std::string> unspellBytes(std::string_view spelling) {
    std::string out;
    for (std::size_t at = 0; at < spelling.size();) {
        const utf8::Step step = utf8::decode(spelling, at);
        const auto byte = step.ok ? letterByte(step.point) : std::nullopt;
        if (!byte) return std::nullopt;
        out.push_back(static_cast<char>(*byte));
        at += static_cast<std::size_t>(step.bytes);
    }
    return out;
}

}  // namespace lw
