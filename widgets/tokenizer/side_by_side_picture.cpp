#include "widgets/tokenizer/side_by_side_picture.h"

#include <algorithm>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"
#include "widgets/tokenizer/workshop_parts.h"

namespace lw {

namespace {

constexpr double headHeight = 20, rowHeight = 50, captionHeight = 18, boxHeight = 26, leastColumn = 17;

// Where each byte of the text stands: characters in columns as wide as they need, bytes of a character share its column.
class Columns {
public:
    Columns(const SideBySideInput& in, const Measure& measure) : m_in(in) {
        for (const ByteRange& character : in.graphemes) {
            m_left.push_back(m_right);
            m_right += std::max(leastColumn, measure(visible(character), TypeSize::Body, false, false) + 7);
        }
    }
    // Wider, where there is room, until every token's id fits.
    void widen(double room) {
        double factor = 1;
        for (const CutText& row : m_in.rows) {
            for (const Token& token : row.tokens) {
                const double has = at(token.to) - at(token.from);
                const double wants = textWidth(std::to_string(token.id), TypeSize::Small, false, true) + 3;
                if (has > 0) factor = std::max(factor, wants / has);
            }
        }
        factor = std::min(factor, room / std::max(1.0, m_right));
        if (factor <= 1) return;
        for (double& left : m_left) left *= factor;
        m_right *= factor;
    }
    std::string visible(const ByteRange& character) const {
        return visiblePiece(std::string_view(m_in.text).substr(static_cast<std::size_t>(character.from),
                                                               static_cast<std::size_t>(character.to - character.from)));
    }
    double left(std::size_t column) const { return m_left[column]; }
    double width(std::size_t column) const {
        return (column + 1 < m_left.size() ? m_left[column + 1] : m_right) - m_left[column];
    }
    double right() const { return m_right; }
    double at(std::int64_t byte) const {
        const auto character = std::ranges::upper_bound(m_in.graphemes, byte, {}, &ByteRange::to);
        if (character == m_in.graphemes.end()) return m_right;
        const auto column = static_cast<std::size_t>(character - m_in.graphemes.begin());
        const auto inside = static_cast<double>(std::max<std::int64_t>(0, byte - character->from));
        return m_left[column] + inside / static_cast<double>(character->to - character->from) * width(column);
    }

private:
    const SideBySideInput& m_in;
    std::vector<double> m_left;
    double m_right = 0;
};

// Characters are code points, as in tokenizers, and not what a reader sees as one.
std::string perCharacter(const SideBySideInput& in, const CutText& row) {
    const auto characters =
        std::ranges::count_if(in.text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; });
    return printNumber(static_cast<double>(row.tokens.size()) / static_cast<double>(std::max<std::int64_t>(1, characters)), 3);
}

// Where spaces cut a text into words at all.
std::string perWord(const SideBySideInput& in, const CutText& row) {
    return in.words > 1 ? printNumber(static_cast<double>(row.tokens.size()) / in.words, 3) : std::string("—");
}

}  // namespace

Picture sideBySidePicture(const SideBySideInput& in, double width, const Measure& measure, const Say& say) {
    Picture picture;
    Columns columns(in, measure);
    columns.widen(width - 4);
    double names = 0;
    for (const CutText& row : in.rows) names = std::max(names, textWidth(row.name, TypeSize::Body, true));
    picture.width = std::max(width, columns.right() + 4);
    for (std::size_t c = 0; c < in.graphemes.size(); ++c) {
        picture.label({.rect = {columns.left(c), 0, columns.width(c), headHeight},
                       .text = columns.visible(in.graphemes[c]),
                       .align = Align::Centre,
                       .colour = Ink::Muted});
    }
    DataTable table{.name = "tokenizers",
                    .columns = {"tokenizer", "kind", "vocabulary", "tokens", "tokens_per_character", "tokens_per_word", "ids"}};
    double y = headHeight + 4;
    for (const CutText& row : in.rows) {
        picture.label({.rect = {0, y, names, captionHeight}, .text = row.name, .bold = true});
        const double x = names + 12;
        if (row.tokens.empty()) {
            picture.label({.rect = {x, y, std::max(60.0, width - x), captionHeight},
                           .text = row.problem.empty() ? say(QT_TRANSLATE_NOOP("Tokenizer", "is being read …")) : row.problem,
                           .size = TypeSize::Label,
                           .colour = row.problem.empty() ? Ink::Muted : Ink::Erased});
            y += rowHeight - boxHeight + 4;
            continue;
        }
        const std::string size = grouped(row.tokenizer->size());
        const std::string counts =
            in.words > 1
                ? fill(say(QT_TRANSLATE_NOOP("Tokenizer", "%1 tokens · %2 a character · %3 a word · %4, %5 entries")),
                       {std::to_string(row.tokens.size()), perCharacter(in, row), perWord(in, row), row.tokenizer->kind(), size})
                : fill(say(QT_TRANSLATE_NOOP("Tokenizer", "%1 tokens · %2 a character · %3, %4 entries")),
                       {std::to_string(row.tokens.size()), perCharacter(in, row), row.tokenizer->kind(), size});
        picture.label({.rect = {x, y, std::max(60.0, width - x), captionHeight},
                       .text = counts,
                       .size = TypeSize::Label,
                       .colour = Ink::Muted});
        picture.spot({.rect = {0, y, std::max(60.0, width), captionHeight},
                      .place = {},
                      .says = row.name + ": " + (row.what.empty() ? counts : row.what)});
        std::string ids;
        bool odd = false;
        for (const Token& token : row.tokens) {
            ids += (ids.empty() ? "" : " ") + std::to_string(token.id);
            const double from = columns.at(token.from), to = columns.at(token.to);
            const Rect rect{from + 0.5, y + captionHeight, std::max(1.5, to - from - 1), boxHeight};
            odd = !odd;
            picture.box({.rect = rect, .fill = odd ? Colour(Ink::Grid) : Colour(Ink::Line), .frame = Ink::Line, .radius = 3});
            const std::string id = std::to_string(token.id);
            if (textWidth(id, TypeSize::Small, false, true) <= rect.w)
                picture.label({.rect = rect, .text = id, .size = TypeSize::Small, .align = Align::Centre, .mono = true});
            picture.spot({.rect = rect,
                          .place = {},
                          .says = fill(say(QT_TRANSLATE_NOOP("Tokenizer", "%1: “%2”, id %3, bytes %4–%5")),
                                       {row.name, visiblePiece(row.tokenizer->bytes(token.id)), id, std::to_string(token.from),
                                        std::to_string(token.to)}),
                          .value = static_cast<double>(token.id)});
        }
        table.textRows.push_back({row.name, row.tokenizer->kind(), std::to_string(row.tokenizer->size()),
                                  std::to_string(row.tokens.size()), perCharacter(in, row), perWord(in, row), ids});
        y += rowHeight;
    }
    picture.height = y;
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
