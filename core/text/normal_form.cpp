// Unicode's normal forms, with alignment. utf8proc normalizes a whole string and says nothing of what came from where, so the
// text is cut before every character that no normalization can join with what stands before it, and each run is normalized by
// itself. Source: Unicode Standard Annex 15.
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdlib>
#include <memory>

#include "core/text/normalizer.h"
#include "core/text/utf8.h"

namespace lw {
namespace {

constexpr utf8proc_int32_t Points = 0x30000;  // beyond these planes nothing is composed, decomposed or reordered
constexpr char32_t FirstToJoin = 0x300;       // below, every character is a starter that never joins backwards

utf8proc_option_t options(NormalForm form) {
    const bool compose = form == NormalForm::NFC || form == NormalForm::NFKC;
    const bool compatible = form == NormalForm::NFKC || form == NormalForm::NFKD;
    return static_cast<utf8proc_option_t>(UTF8PROC_STABLE | (compose ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE) |
                                          (compatible ? UTF8PROC_COMPAT : 0));
}

/// Characters that may be joined to, or move in front of, what stands before them: those with a combining class, those behind the
/// first in a canonical decomposition, and those whose own decomposition begins with one of these.
const std::bitset<Points>& joinsBackwards() {
    static const auto made = [] {
        auto set = std::make_unique<std::bitset<Points>>();
        std::array<utf8proc_int32_t, 32> parts{};
        int boundary = 0;
        const auto decompose = [&](utf8proc_int32_t point, int mode) {
            boundary = 0;
            return utf8proc_decompose_char(point, parts.data(), parts.size(), static_cast<utf8proc_option_t>(mode), &boundary);
        };
        for (utf8proc_int32_t point = FirstToJoin; point < Points; ++point) {
            if (utf8proc_get_property(point)->combining_class != 0) set->set(static_cast<std::size_t>(point));
        }
        const auto changes = [](utf8proc_int32_t point) { return utf8proc_get_property(point)->decomp_seqindex != UINT16_MAX; };
        // Hangul syllables have no table: vowels and final consonants join what stands before them.
        for (std::size_t point = 0x1161; point <= 0x1175; ++point) set->set(point);
        for (std::size_t point = 0x11A8; point <= 0x11C2; ++point) set->set(point);
        for (utf8proc_int32_t point = 0; point < Points; ++point) {
            if (!changes(point)) continue;
            const auto n = decompose(point, UTF8PROC_DECOMPOSE);
            for (utf8proc_ssize_t i = 1; i < n; ++i) set->set(static_cast<std::size_t>(parts[static_cast<std::size_t>(i)]));
        }
        for (utf8proc_int32_t point = FirstToJoin; point < Points; ++point) {
            if (!changes(point)) continue;
            for (const int mode : {int{UTF8PROC_DECOMPOSE}, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT}) {
                const auto n = decompose(point, mode);
                const auto kept = std::min<utf8proc_ssize_t>(n, static_cast<utf8proc_ssize_t>(parts.size()));
                if (kept > 0 && set->test(static_cast<std::size_t>(parts[0]))) set->set(static_cast<std::size_t>(point));
            }
        }
        return set;
    }();
    return *made;
}

void appendRun(AlignedText& out, const AlignedText& text, Range run, utf8proc_option_t mode) {
    utf8proc_uint8_t* made = nullptr;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.text.data()) + run.from;
    const auto length = utf8proc_map(bytes, static_cast<utf8proc_ssize_t>(run.to - run.from), &made, mode);
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
    const std::string_view before = std::string_view(text.text).substr(run.from, run.to - run.from);
    const std::string_view after(reinterpret_cast<const char*>(made), length > 0 ? static_cast<std::size_t>(length) : 0);
    if (length < 0 || after == before) {
        out.append(text, run);
    } else {
        out.append(after, text.covered(run));
    }
}

}  // namespace

AlignedText inNormalForm(AlignedText text, NormalForm form) {
    if (std::all_of(text.text.begin(), text.text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return text;
    const auto mode = options(form);
    const auto& joins = joinsBackwards();
    AlignedText out;
    out.reserve(text.text.size());
    std::uint32_t begin = 0;
    bool plain = true;  // the run so far is ASCII
    const auto flush = [&](std::uint32_t end) {
        if (begin == end) return;
        if (plain) {
            out.append(text, {begin, end});
        } else {
            appendRun(out, text, {begin, end}, mode);
        }
        begin = end;
        plain = true;
    };
    for (std::uint32_t at = 0; at < text.text.size();) {
        const utf8::Step step = utf8::decode(text.text, at);
        const bool ascii = step.point < 0x80;
        // An ASCII run stays one run until a character joins its last letter; then only that letter belongs to the new run.
        if (step.point < FirstToJoin || step.point >= Points || !joins.test(step.point)) {
            if (!(plain && ascii)) flush(at);
        } else if (plain && at > begin) {
            flush(at - 1);
        }
        plain = plain && ascii;
        at += static_cast<std::uint32_t>(step.bytes);
    }
    flush(static_cast<std::uint32_t>(text.text.size()));
    return out;
}

}  // namespace lw
