#include "widgets/tokenizer/steps_picture.h"

#include <algorithm>

#include "core/text/byte_alphabet.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double chipHeight = 26, bracketHeight = 14, lineGap = 8, wordGap = 14, padding = 7, leastChip = 20;
constexpr double mergeWidth = 236, mergeHeight = 20, edgeHeight = 34;
constexpr int mergeRows = 12;  // in a column of the list

// What a grapheme is made of.
std::vector<ByteRange> codePoints(std::string_view text, const ByteRange& grapheme) {
    std::vector<ByteRange> points;
    for (std::int64_t at = grapheme.from; at < grapheme.to; ++at) {
        const bool continues = (static_cast<unsigned char>(text[static_cast<std::size_t>(at)]) & 0xc0u) == 0x80u;
        if (continues && !points.empty())
            ++points.back().to;
        else
            points.push_back({at, at + 1});
    }
    return points;
}

class StepsDrawing {
public:
    StepsDrawing(const StepsInput& in, double width, const Say& say) : m_in(in), m_steps(*in.steps), m_width(width), m_say(say) {}

    Picture make() {
        m_picture.width = m_width;
        for (const ByteRange& grapheme : m_steps.graphemes) {  // emoji of several signs have a second row of brackets
            if (m_steps.bytes && codePoints(m_steps.text, grapheme).size() > 1) m_above = 2 * bracketHeight;
        }
        addRule();
        const int active = m_steps.wordAt(m_in.step);
        const auto words = static_cast<int>(m_steps.encoding.steps.words.size());
        for (int word = 0; word < words; ++word) addWord(word, word == active);
        m_y += m_above + chipHeight + lineGap;
        addSpelled();
        addMerges();
        if (!m_steps.encoding.steps.lattices.empty()) addLattice();
        addTable();
        m_picture.height = m_y;
        return std::move(m_picture);
    }

private:
    void line(const std::string& text, Colour colour, bool bold = false) {
        m_picture.label({.rect = {0, m_y, m_width, 20}, .text = text, .colour = colour, .bold = bold});
        m_y += 20;
    }

    // What happened at this moment, in words.
    void addRule() {
        const Steps& s = m_steps.encoding.steps;
        if (m_in.step <= 0 || m_steps.count() == 0) {
            line(m_steps.count() == 0
                     ? m_say(QT_TRANSLATE_NOOP("Tokenizer", "Every word is decided at once: the best path through what fits."))
                     : m_say(QT_TRANSLATE_NOOP("Tokenizer", "The text is cut into words, and nothing is joined yet.")),
                 Ink::Text);
            if (m_steps.count() > 0) line("", Ink::Muted);
        } else if (!s.merges.empty()) {
            const Merge& merge = s.merges[static_cast<std::size_t>(m_in.step) - 1];
            const SeenMerge seen = seenMerge(m_steps, m_in.step);
            line(fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "“%1” + “%2” become one: rule %3 of the vocabulary")),
                      {seen.left, seen.right, std::to_string(merge.rank)}),
                 Ink::Text, true);
            line(merge.otherRank < 0
                     ? m_say(QT_TRANSLATE_NOOP("Tokenizer", "No other rule fits in this word now."))
                     : fill(m_say(QT_TRANSLATE_NOOP("Tokenizer",
                                                    "Otherwise “%1” + “%2” would have been joined (rule %3, learned later).")),
                            {seen.otherLeft, seen.otherRight, std::to_string(merge.otherRank)}),
                 Ink::Muted);
        } else {
            const Match& match = s.matches[static_cast<std::size_t>(m_in.step) - 1];
            const std::string entry = match.id < 0 ? std::string() : seen(std::string(m_steps.tokenizer->entry(match.id)));
            std::string what =
                match.id < 0
                    ? m_say(QT_TRANSLATE_NOOP("Tokenizer", "Nothing fits here: the whole word becomes the unknown token."))
                    : fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "“%1” is the longest entry that fits here")), {entry});
            if (match.id >= 0 && match.tried > 0)
                what += fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "; longer ones that were tried: %1")),
                             {std::to_string(match.tried)});
            line(what, Ink::Text, true);
            std::string shorter;
            for (const std::string& one : match.shorter) shorter += (shorter.empty() ? "" : ", ") + seen(one);
            line(shorter.empty() ? std::string()
                                 : fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "shorter ones that fit too: %1")), {shorter}),
                 Ink::Muted);
        }
        m_y += 6;
    }

    void addWord(int word, bool active) {
        const std::vector<std::string> spelled = m_steps.piecesAfter(word, m_in.step);
        const std::vector<std::string> pieces = visiblePieces(m_steps, word, spelled);
        const std::vector<ByteRange> bytes = pieceBytes(m_steps, word, spelled);
        std::vector<double> widths;
        double total = 0;
        for (const std::string& piece : pieces) {
            widths.push_back(std::max(leastChip, textWidth(piece, TypeSize::Body) + 2 * padding));
            total += widths.back() + 2;
        }
        if (m_x > 0 && m_x + total > m_width) {
            m_x = 0;
            m_y += m_above + chipHeight + lineGap;
        }
        const int done =
            m_steps.wordAt(m_in.step) == word
                ? static_cast<int>(std::ranges::upper_bound(m_steps.moments[static_cast<std::size_t>(word)], m_in.step) -
                                   m_steps.moments[static_cast<std::size_t>(word)].begin())
                : 0;  // of its own steps
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            if (m_x > 0 && m_x + widths[i] > m_width) {  // a word longer than a line goes on in the next
                m_x = 0;
                m_y += m_above + chipHeight + lineGap;
            }
            const Rect rect{m_x, m_y + m_above, widths[i], chipHeight};
            addChip(word, spelled[i], pieces[i], rect, active && isNew(i, done));
            if (active)
                m_picture.stroke({.points = {{rect.x, rect.bottom() + 3}, {rect.right(), rect.bottom() + 3}},
                                  .colour = Ink::SelectedFrame,
                                  .width = 2});
            m_chips.push_back({bytes.empty() ? ByteRange{} : bytes[i], rect});
            m_x += widths[i] + 2;
        }
        addBrackets();
        m_x += wordGap;
    }

    // Pieces that the vocabulary does not have end as the bytes they are made of, or as the unknown token.
    void addSpelled() {
        if (m_in.step < m_steps.count()) return;
        std::size_t pieces = 0;
        const auto words = static_cast<int>(m_steps.encoding.steps.words.size());
        for (int word = 0; word < words; ++word) pieces += m_steps.piecesAfter(word, m_in.step).size();
        const std::size_t tokens = m_steps.encoding.tokens.size();
        if (pieces == tokens) return;
        m_picture.label({.rect = {0, m_y, m_width, 20},
                         .text = fill(m_say(QT_TRANSLATE_NOOP(
                                          "Tokenizer", "%1 pieces become %2 tokens: what is no entry is spelled in bytes.")),
                                      {std::to_string(pieces), std::to_string(tokens)}),
                         .colour = Ink::Muted});
        m_y += 24;
    }

    // done: steps of the word that was changed last.
    bool isNew(std::size_t piece, int done) const {
        const Steps& s = m_steps.encoding.steps;
        if (m_in.step < 1) return false;
        if (!s.merges.empty()) return s.merges[static_cast<std::size_t>(m_in.step) - 1].at == static_cast<std::int64_t>(piece);
        return static_cast<int>(piece) == done - 1;
    }

    // An entry as it is seen in the text.
    std::string seen(const std::string& entry) const {
        const auto bytes = m_steps.bytes ? unspellBytes(entry) : std::nullopt;
        return bytes ? visiblePiece(*bytes) : entry;
    }

    void addChip(int word, const std::string& spelled, const std::string& piece, Rect rect, bool fresh) {
        m_picture.box({.rect = rect,
                       .fill = fresh ? Colour(Ink::SelectedFill) : Colour(Ink::Grid),
                       .frame = fresh ? Ink::SelectedFrame : Ink::Line,
                       .radius = 4});
        m_picture.label({.rect = rect, .text = piece, .align = Align::Centre});
        m_picture.spot({.rect = rect,
                        .place = {},
                        .says = fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "“%1”, in the vocabulary “%2”")), {piece, spelled}),
                        .action = "word:" + std::to_string(word)});
    }

    // Over pieces that are parts of one character: a bracket with the character. What a reader sees as one sign but is made of
    // several characters has a bracket of its own over those.
    void addBrackets() {
        if (m_chips.empty() || m_chips.front().bytes.to == 0) return m_chips.clear();
        const std::int64_t begin = m_chips.front().bytes.from, end = m_chips.back().bytes.to;
        auto grapheme = std::ranges::upper_bound(m_steps.graphemes, begin, {}, &ByteRange::to);
        for (; grapheme != m_steps.graphemes.end() && grapheme->from < end; ++grapheme) {
            const std::vector<ByteRange> points = codePoints(m_steps.text, *grapheme);
            for (const ByteRange& point : points) addBracket(point, 0);
            if (points.size() > 1) addBracket(*grapheme, bracketHeight);
        }
        m_chips.clear();
    }

    // `lift` above where a bracket is right over the chips. Where the chips go on in another line the bracket does, open-ended.
    void addBracket(const ByteRange& character, double lift) {
        std::vector<Rect> lines;  // what it spans, line by line
        int parts = 0;
        for (const auto& [bytes, rect] : m_chips) {
            if (bytes.from == bytes.to || bytes.from >= character.to || bytes.to <= character.from) continue;
            if (bytes.from <= character.from && bytes.to >= character.to) return;  // whole in one piece
            ++parts;
            if (lines.empty() || lines.back().y != rect.y) lines.push_back(rect);
            lines.back().w = rect.right() - lines.back().x;
        }
        if (parts < 2) return;
        const std::string text = visiblePiece(
            std::string_view(m_steps.text)
                .substr(static_cast<std::size_t>(character.from), static_cast<std::size_t>(character.to - character.from)));
        const auto widest = std::ranges::max_element(lines, {}, &Rect::w);
        for (auto line = lines.begin(); line != lines.end(); ++line) {
            const double y = line->y - lift, from = line->x + 1, to = line->right() - 1;
            std::vector<Point> points;
            if (line == lines.begin()) points.push_back({from, y - 1});
            points.push_back({from, y - 4});
            points.push_back({to, y - 4});
            if (line + 1 == lines.end()) points.push_back({to, y - 1});
            m_picture.stroke({.points = std::move(points), .colour = Ink::Muted});
            if (line != widest) continue;
            m_picture.label({.rect = {from - 1, y - bracketHeight - 2, std::max(16.0, line->w), bracketHeight - 2},
                             .text = text,
                             .size = TypeSize::Small,
                             .align = Align::Centre,
                             .colour = Ink::Muted});
        }
    }

    // The merges in order, some before and after the present one; a click goes there.
    void addMerges() {
        const auto count = static_cast<int>(m_steps.encoding.steps.merges.size());
        if (count == 0) return;
        const int columns = std::max(1, static_cast<int>(m_width / mergeWidth));
        const int shown = std::min(count, columns * mergeRows), rows = (shown + columns - 1) / columns;
        const int first = std::clamp(m_in.step - shown / 2, 1, count - shown + 1);
        addCaption(m_picture, {0, m_y, m_width, 20},
                   shown == count ? m_say(QT_TRANSLATE_NOOP("Tokenizer", "all merges in order, with the rule’s number"))
                                  : fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "merges %1 to %2 of %3, with the rule’s number")),
                                         {std::to_string(first), std::to_string(first + shown - 1), std::to_string(count)}));
        m_y += 24;
        for (int i = 0; i < shown; ++i) {
            const int step = first + i;
            const Merge& merge = m_steps.encoding.steps.merges[static_cast<std::size_t>(step) - 1];
            const SeenMerge pair = seenMerge(m_steps, step);
            const Rect row{mergeWidth * (i / rows), m_y + mergeHeight * (i % rows), mergeWidth - 12, mergeHeight};
            const bool now = step == m_in.step;
            const Colour ink = step <= m_in.step ? Colour(Ink::Text) : Colour(Ink::Muted);
            if (now) m_picture.box({.rect = row, .fill = Ink::SelectedFill, .frame = Ink::SelectedFrame, .radius = 3});
            m_picture.label({.rect = {row.x + 2, row.y, 30, row.h},
                             .text = std::to_string(step),
                             .size = TypeSize::Label,
                             .align = Align::Right,
                             .colour = Ink::Muted,
                             .mono = true});
            const std::string text = pair.left + " + " + pair.right;
            m_picture.label({.rect = {row.x + 40, row.y, row.w - 40 - 56, row.h}, .text = text, .colour = ink, .bold = now});
            m_picture.label({.rect = {row.right() - 56, row.y, 52, row.h},
                             .text = std::to_string(merge.rank),
                             .size = TypeSize::Label,
                             .align = Align::Right,
                             .colour = Ink::Muted,
                             .mono = true});
            m_picture.spot({.rect = row,
                            .place = {},
                            .says = fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "step %1: %2 by rule %3")),
                                         {std::to_string(step), text, std::to_string(merge.rank)}),
                            .action = "step:" + std::to_string(step)});
        }
        m_y += mergeHeight * rows + 8;
    }

    // Of one word: everything that fits, with its logarithm, and the best path.
    void addLattice() {
        const auto& lattices = m_steps.encoding.steps.lattices;
        const Lattice* shown = &lattices.front();
        for (const Lattice& one : lattices) {
            if (m_in.word >= 0 ? one.word == m_in.word : one.edges.size() > shown->edges.size()) shown = &one;
        }
        const WordCut& word = m_steps.encoding.steps.words[static_cast<std::size_t>(shown->word)];
        addCaption(
            m_picture, {0, m_y, m_width, 20},
            fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "what fits in “%1”, with ln p of each; the best path has ln p = %2")),
                 {word.text, printNumber(shown->logProbability)}));
        m_y += 24;
        // A column a character, however many bytes it has.
        std::vector<double> column;
        double characters = 0;
        for (const char c : word.text) {
            if ((static_cast<unsigned char>(c) & 0xc0u) != 0x80u) ++characters;
            column.push_back(characters - 1);
        }
        column.push_back(characters);
        const double unit = std::min(44.0, (m_width - 4) / std::max(1.0, characters));
        std::vector<double> ends;  // per line: where its last edge ends
        const double top = m_y;
        DataTable table{.name = "lattice", .columns = {"from_byte", "to_byte", "id", "log_probability", "best", "chosen"}};
        for (const LatticeEdge& edge : shown->edges) {
            const double x = unit * column[static_cast<std::size_t>(edge.from)],
                         right = unit * column[static_cast<std::size_t>(edge.to)];
            auto row =
                static_cast<std::size_t>(std::ranges::find_if(ends, [&](double end) { return end <= x + 0.01; }) - ends.begin());
            if (row == ends.size()) ends.push_back(0);
            ends[row] = right;
            const std::string entry(m_steps.tokenizer->entry(edge.id));
            const Rect rect{x + 1, top + static_cast<double>(row) * (edgeHeight + 3), right - x - 2, edgeHeight};
            m_picture.box({.rect = rect,
                           .fill = edge.chosen ? Colour(Ink::SelectedFill) : Colour(Ink::Panel),
                           .frame = edge.chosen ? Ink::SelectedFrame : Ink::Line,
                           .radius = 3});
            m_picture.label({.rect = {rect.x, rect.y + 2, rect.w, 17},
                             .text = entry,
                             .size = TypeSize::Label,
                             .align = Align::Centre,
                             .bold = edge.chosen});
            if (const std::string ln = printNumber(edge.logProbability, 3); textWidth(ln, TypeSize::Small, false, true) <= rect.w)
                m_picture.label({.rect = {rect.x, rect.y + 18, rect.w, 14},
                                 .text = ln,
                                 .size = TypeSize::Small,
                                 .align = Align::Centre,
                                 .colour = Ink::Muted,
                                 .mono = true});
            m_picture.spot(
                {.rect = rect,
                 .place = {},
                 .says = fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "“%1” (id %2): ln p = %3; best path that ends with it: %4")),
                              {entry, std::to_string(edge.id), printNumber(edge.logProbability), printNumber(edge.best)}),
                 .value = edge.logProbability});
            table.rowNames.push_back(entry);
            table.rows.push_back({static_cast<double>(edge.from), static_cast<double>(edge.to), static_cast<double>(edge.id),
                                  edge.logProbability, edge.best, edge.chosen ? 1.0 : 0.0});
        }
        m_y = top + static_cast<double>(ends.size()) * (edgeHeight + 3) + 4;
        m_picture.tables.push_back(std::move(table));
    }

    void addTable() {
        DataTable table{.name = "steps", .columns = {"word", "left", "right", "rank", "pieces"}};
        for (const Merge& merge : m_steps.encoding.steps.merges) {
            std::string pieces;
            for (const std::string& piece : merge.after) pieces += (pieces.empty() ? "" : " ") + piece;
            table.textRows.push_back({std::to_string(merge.word), merge.left, merge.right, std::to_string(merge.rank), pieces});
        }
        if (!table.textRows.empty()) m_picture.tables.push_back(std::move(table));
    }

    struct Chip {
        ByteRange bytes;
        Rect rect;
    };
    const StepsInput& m_in;
    const TokenSteps& m_steps;
    double m_width;
    const Say& m_say;
    double m_x = 0, m_y = 0, m_above = bracketHeight;  // m_above: room for brackets over a line
    std::vector<Chip> m_chips;                         // of the word that is drawn
    Picture m_picture;
};

}  // namespace

Picture stepsPicture(const StepsInput& input, double width, const Say& say) { return StepsDrawing(input, width, say).make(); }

}  // namespace lw
