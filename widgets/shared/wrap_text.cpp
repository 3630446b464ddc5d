#include "widgets/shared/wrap_text.h"

namespace lw {

namespace {

// How many bytes of a word that is wider than the line fit on it, in whole characters, at least one.
std::size_t fitting(const std::string& word, double width, TypeSize size, bool mono, const Measure& measure) {
    std::size_t taken = 0;
    while (taken < word.size()) {
        std::size_t next = taken + 1;
        while (next < word.size() && (static_cast<unsigned char>(word[next]) & 0xc0) == 0x80) ++next;
        if (taken > 0 && measure(word.substr(0, next), size, false, mono) > width) break;
        taken = next;
    }
    return taken;
}

}  // namespace

std::vector<std::string> wordsWithSpaces(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    for (std::size_t i = 0; i < text.size(); ++i) {
        word += text[i];
        const bool last = i + 1 == text.size();
        if (last || (text[i] == ' ' && text[i + 1] != ' ')) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    return words;
}

std::string withoutEndSpaces(std::string text) {
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

std::vector<std::string> wrapText(std::string_view text, double width, TypeSize size, bool mono, const Measure& measure) {
    std::vector<std::string> lines;
    std::string line;
    for (std::string word : wordsWithSpaces(text)) {
        if (!line.empty() && measure(line + withoutEndSpaces(word), size, false, mono) > width) {
            lines.push_back(withoutEndSpaces(std::move(line)));
            line.clear();
        }
        while (line.empty() && measure(withoutEndSpaces(word), size, false, mono) > width && word.size() > 1) {
            const std::size_t taken = fitting(word, width, size, mono, measure);
            if (taken >= word.size()) break;
            lines.push_back(word.substr(0, taken));
            word.erase(0, taken);
        }
        line += word;
    }
    lines.push_back(withoutEndSpaces(std::move(line)));
    return lines;
}

}  // namespace lw
