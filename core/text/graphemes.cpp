#include "core/text/graphemes.h"

#include <utf8proc.h>

#include "core/text/utf8.h"

namespace lw {

std::vector<ByteRange> graphemes(std::string_view text) {
    std::vector<ByteRange> clusters;
    utf8proc_int32_t state = 0;
    bool joinable = false;  // the previous step was a character
    char32_t previous = 0;
    for (std::size_t at = 0; at < text.size();) {
        const utf8::Step step = utf8::decode(text, at);
        const bool breaks = !step.ok || !joinable ||
                            utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(previous),
                                                             static_cast<utf8proc_int32_t>(step.point), &state);
        if (!joinable || !step.ok) state = 0;
        const auto begin = static_cast<std::int64_t>(at);
        const auto end = begin + step.bytes;
        if (breaks) {
            clusters.push_back({begin, end});
        } else {
            clusters.back().to = end;
        }
        joinable = step.ok;
        previous = step.point;
        at += static_cast<std::size_t>(step.bytes);
    }
    return clusters;
}

}  // namespace lw
