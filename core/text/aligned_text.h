// Text on its way to tokens that still knows, byte for byte, where in the original it came from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/range.h"

namespace lw {

struct AlignedText {
    std::string text;
    std::vector<Range> origin;  // one per byte of `text`: the bytes of the original it stands for; never decreasing

    /// A part of the original as it is. `at` = its offset there.
    static AlignedText plain(std::string_view part, std::uint32_t at);

    /// Bytes [from, to) of another text with their origins.
    void append(const AlignedText& other, Range part);
    /// New bytes in place of the original's `covers`.
    void append(std::string_view bytes, Range covers);
    void reserve(std::size_t bytes);

    /// The original's bytes that `part` stands for; an empty part lies at the place between its neighbours.
    Range covered(Range part) const;
    /// An empty range where the text begins in the original: for what is put in front.
    Range front() const;
};

}  // namespace lw
