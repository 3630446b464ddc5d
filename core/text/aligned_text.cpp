#include "core/text/aligned_text.h"

namespace lw {

AlignedText AlignedText::plain(std::string_view part, std::uint32_t at) {
    AlignedText made;
    made.text = std::string(part);
    made.origin.resize(part.size());
    for (std::uint32_t i = 0; i < part.size(); ++i) made.origin[i] = {at + i, at + i + 1};
    return made;
}

void AlignedText::append(const AlignedText& other, Range part) {
    text.append(other.text, part.from, part.to - part.from);
    origin.insert(origin.end(), other.origin.begin() + part.from, other.origin.begin() + part.to);
}

void AlignedText::append(std::string_view bytes, Range covers) {
    text += bytes;
    origin.insert(origin.end(), bytes.size(), covers);
}

void AlignedText::reserve(std::size_t bytes) {
    text.reserve(bytes);
    origin.reserve(bytes);
}

Range AlignedText::covered(Range part) const {
    if (part.from < part.to) return {origin[part.from].from, origin[part.to - 1].to};
    if (origin.empty()) return {};
    const std::uint32_t place = part.from < origin.size() ? origin[part.from].from : origin.back().to;
    return {place, place};
}

Range AlignedText::front() const { return covered({0, 0}); }

}  // namespace lw
