#include "core/text/sentencepiece_normalizer.h"

#include "core/text/utf8.h"

namespace lw::normalizers {

Normalizer sentencePiece(SentencePieceNormalizer rules) {
    return [rules = std::move(rules)](AlignedText text) -> Result<AlignedText> {
        const std::string_view body(text.text);
        const std::string_view space = rules.escapeSpaces ? "▁" : " ";
        struct Next {
            std::uint32_t bytes;  // of the body
            std::string_view by;
        };
        const auto nextAt = [&](std::uint32_t at) -> Next {
            const std::string_view rest = body.substr(at);
            if (const auto symbol = rules.kept.longest(rest); symbol.bytes > 0)
                return {static_cast<std::uint32_t>(symbol.bytes), rest.substr(0, symbol.bytes)};
            if (const auto hit = rules.map.longest(rest); hit.bytes > 0) return {static_cast<std::uint32_t>(hit.bytes), hit.by};
            const auto bytes = static_cast<std::uint32_t>(utf8::decode(body, at).bytes);
            return {bytes, body.substr(at, bytes)};
        };
        std::uint32_t at = 0;
        if (rules.removeExtraSpaces) {
            while (at < body.size()) {
                const Next next = nextAt(at);
                if (next.by != " ") break;
                at += next.bytes;
            }
        }
        AlignedText out;
        if (at == body.size()) return out;
        out.reserve(body.size() + body.size() / 4);
        if (rules.addDummyPrefix && !rules.spaceBehind) out.append(space, text.covered({at, at}));
        bool afterSpace = rules.removeExtraSpaces;
        while (at < body.size()) {
            const Next next = nextAt(at);
            const Range covers = text.covered({at, at + next.bytes});
            std::string_view by = next.by;
            while (afterSpace && by.starts_with(' ')) by.remove_prefix(1);
            const bool itself = by.data() == body.data() + at;
            for (std::uint32_t i = 0; i < by.size(); ++i) {
                if (by[i] == ' ')
                    out.append(space, covers);
                else if (itself)
                    out.append(text, {at + i, at + i + 1});
                else
                    out.append(by.substr(i, 1), covers);
            }
            if (auto good = checkLength(out); !good) return tl::unexpected(good.error());
            if (!by.empty()) afterSpace = by.ends_with(' ');
            if (!rules.removeExtraSpaces) afterSpace = false;
            at += next.bytes;
        }
        if (rules.removeExtraSpaces) {
            while (out.text.ends_with(space)) {
                out.text.resize(out.text.size() - space.size());
                out.origin.resize(out.text.size());
            }
        }
        if (rules.addDummyPrefix && rules.spaceBehind) {
            const auto end = out.origin.empty() ? std::uint32_t{0} : out.origin.back().to;
            out.append(space, {end, end});
        }
        return out;
    };
}

}  // namespace lw::normalizers
