#include "widgets/tokenizer/steps_picture.h"

#include <algorithm>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double chipHeight = 26, bracketHeight = 14, lineGap = 8, wordGap = 14, padding = 7, leastChip = 20;

class StepsDrawing {
public:
    StepsDrawing(const StepsInput& in, double width, const Say& say) : m_in(in), m_steps(*in.steps), m_width(width), m_say(say) {}

    Picture make() {
        m_picture.width = m_width;
        addRule();
        const int active = m_steps.wordAt(m_in.step);
        const auto words = static_cast<int>(m_steps.encoding.steps.words.size());
        for (int word = 0; word < words; ++word) addWord(word, word == active);
        m_y += bracketHeight + chipHeight + lineGap;
        addSpelled();
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
            line("", Ink::Muted);
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
            const std::string entry = match.id < 0 ? std::string() : std::string(m_steps.tokenizer->entry(match.id));
            line(match.id < 0
                     ? m_say(QT_TRANSLATE_NOOP("Tokenizer", "Nothing fits here: the whole word becomes the unknown token."))
                     : fill(m_say(QT_TRANSLATE_NOOP("Tokenizer",
                                                    "“%1” is the longest entry that fits here (%2 longer ones were tried)")),
                            {entry, std::to_string(match.tried)}),
                 Ink::Text, true);
            std::string shorter;
            for (const std::string& one : match.shorter) shorter += (shorter.empty() ? "" : ", ") + one;
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
            m_y += bracketHeight + chipHeight + lineGap;
        }
        const double left = m_x, top = m_y + bracketHeight;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            if (m_x > 0 && m_x + widths[i] > m_width) {  // a word longer than a line goes on in the next
                m_x = 0;
                m_y += bracketHeight + chipHeight + lineGap;
            }
            addChip(word, spelled[i], pieces[i], {m_x, m_y + bracketHeight, widths[i], chipHeight}, active && isNew(i));
            m_chips.push_back({bytes.empty() ? ByteRange{} : bytes[i], {m_x, m_y + bracketHeight, widths[i], chipHeight}});
            m_x += widths[i] + 2;
        }
        if (active && m_y + bracketHeight == top)
            m_picture.box({.rect = {left - 3, top - 3, m_x - left + 4, chipHeight + 6},
                           .frame = Ink::SelectedFrame,
                           .frameWidth = 2,
                           .radius = 5});
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

    bool isNew(std::size_t piece) const {
        const Steps& s = m_steps.encoding.steps;
        if (m_in.step < 1) return false;
        if (!s.merges.empty()) return s.merges[static_cast<std::size_t>(m_in.step) - 1].at == static_cast<std::int64_t>(piece);
        return true;
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

    // Over pieces that are parts of one character: a bracket with the character.
    void addBrackets() {
        if (m_chips.empty() || m_chips.front().bytes.to == 0) return m_chips.clear();
        const std::int64_t begin = m_chips.front().bytes.from, end = m_chips.back().bytes.to;
        auto character = std::ranges::upper_bound(m_steps.graphemes, begin, {}, &ByteRange::to);
        for (; character != m_steps.graphemes.end() && character->from < end; ++character) {
            double from = 0, to = 0, y = -1;
            int parts = 0;
            for (const auto& [bytes, rect] : m_chips) {
                if (bytes.from == bytes.to || bytes.from >= character->to || bytes.to <= character->from) continue;
                if (bytes.from <= character->from && bytes.to >= character->to) continue;  // whole in one piece
                if (parts++ == 0) from = rect.x;
                if (y >= 0 && rect.y != y) break;
                y = rect.y;
                to = rect.right();
            }
            if (parts < 2) continue;
            m_picture.stroke(
                {.points = {{from + 1, y - 1}, {from + 1, y - 4}, {to - 1, y - 4}, {to - 1, y - 1}}, .colour = Ink::Muted});
            m_picture.label({.rect = {from, y - bracketHeight - 2, std::max(16.0, to - from), bracketHeight - 2},
                             .text = visiblePiece(std::string_view(m_steps.text)
                                                      .substr(static_cast<std::size_t>(character->from),
                                                              static_cast<std::size_t>(character->to - character->from))),
                             .size = TypeSize::Small,
                             .align = Align::Centre,
                             .colour = Ink::Muted});
        }
        m_chips.clear();
    }

    // Of one word: everything that fits, with its logarithm, and the best path.
    void addLattice() {
        const auto& lattices = m_steps.encoding.steps.lattices;
        const Lattice* shown = &lattices.front();
        for (const Lattice& one : lattices) {
            if (m_in.word >= 0 ? one.word == m_in.word : one.edges.size() > shown->edges.size()) shown = &one;
        }
        const WordCut& word = m_steps.encoding.steps.words[static_cast<std::size_t>(shown->word)];
        addCaption(m_picture, {0, m_y, m_width, 20},
                   fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "what fits in “%1”; the best path has ln p = %2")),
                        {word.text, printNumber(shown->logProbability)}));
        m_y += 24;
        const auto length = static_cast<double>(std::max<std::size_t>(1, word.text.size()));
        const double unit = std::min(30.0, (m_width - 4) / length);
        std::vector<double> ends;  // per line: where its last edge ends
        const double top = m_y;
        DataTable table{.name = "lattice", .columns = {"from_byte", "to_byte", "id", "log_probability", "best", "chosen"}};
        for (const LatticeEdge& edge : shown->edges) {
            const double x = unit * static_cast<double>(edge.from), right = unit * static_cast<double>(edge.to);
            auto row =
                static_cast<std::size_t>(std::ranges::find_if(ends, [&](double end) { return end <= x + 0.01; }) - ends.begin());
            if (row == ends.size()) ends.push_back(0);
            ends[row] = right;
            const std::string entry(m_steps.tokenizer->entry(edge.id));
            const Rect rect{x + 1, top + static_cast<double>(row) * 22, right - x - 2, 19};
            m_picture.box({.rect = rect,
                           .fill = edge.chosen ? Colour(Ink::SelectedFill) : Colour(Ink::Panel),
                           .frame = edge.chosen ? Ink::SelectedFrame : Ink::Line,
                           .radius = 3});
            m_picture.label({.rect = rect, .text = entry, .size = TypeSize::Label, .align = Align::Centre, .bold = edge.chosen});
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
        m_y = top + static_cast<double>(ends.size()) * 22 + 4;
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
    double m_x = 0, m_y = 0;
    std::vector<Chip> m_chips;  // of the word that is drawn
    Picture m_picture;
};

}  // namespace

Picture stepsPicture(const StepsInput& input, double width, const Say& say) { return StepsDrawing(input, width, say).make(); }

}  // namespace lw
