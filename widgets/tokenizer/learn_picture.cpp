#include "widgets/tokenizer/learn_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/shared/axis.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"
#include "widgets/tokenizer/workshop_parts.h"

namespace lw {

namespace {

constexpr double rowHeight = 19, captionHeight = 20, gap = 18, columnsHeight = 8 * rowHeight;
constexpr std::size_t pairRows = 8, mergeRows = 8, textRows = 2, longestRows = 2;

class LearnDrawing {
public:
    LearnDrawing(const LearningFacts& facts, double width, const Say& say) : m_facts(facts), m_width(width), m_say(say) {}

    Picture make() {
        m_picture.width = m_width;
        m_picture.label({.rect = {0, 0, m_width, 20},
                         .text = learningSentence(m_facts, m_say),
                         .colour = m_facts.state == LearningState::Failed ? Ink::Erased : Ink::Text,
                         .bold = m_facts.state != LearningState::None && m_facts.state != LearningState::Failed});
        m_y = 22;
        if (m_facts.vocabulary == 0) {
            addInvitation();
        } else {
            addNumbers();
            addFollowed();
            addColumns();
            addLongest();
            addTables();
        }
        m_picture.height = m_y;
        return std::move(m_picture);
    }

private:
    void line(const std::string& text, Ink ink = Ink::Muted) {
        m_picture.label({.rect = {0, m_y, m_width, 18}, .text = text, .size = TypeSize::Label, .colour = ink});
        m_y += 18;
    }

    void addInvitation() {
        if (m_facts.state == LearningState::Reading) {
            if (m_facts.fraction >= 0) {
                m_picture.box({.rect = {0, m_y + 4, m_width, 6}, .fill = Ink::Grid, .radius = 3});
                m_picture.box({.rect = {0, m_y + 4, std::max(2.0, m_width * std::min(1.0, m_facts.fraction)), 6},
                               .fill = Ink::Accent,
                               .radius = 3});
            }
            m_y += 16;
            return;
        }
        line(m_say(QT_TRANSLATE_NOOP(
            "Tokenizer", "Every byte of the text is a token first: 256 of them. Then the pair of neighbours that occurs")));
        line(m_say(QT_TRANSLATE_NOOP(
            "Tokenizer", "most often becomes a new token, and so on, until the vocabulary is as large as you want it.")));
    }

    void addNumbers() {
        const double share = m_facts.goal > 256 ? std::clamp((m_facts.vocabulary - 256.0) / (m_facts.goal - 256.0), 0.0, 1.0) : 1;
        m_picture.box({.rect = {0, m_y, m_width, 4}, .fill = Ink::Grid, .radius = 2});
        m_picture.box({.rect = {0, m_y, std::max(2.0, m_width * share), 4}, .fill = Ink::Accent, .radius = 2});
        m_y += 8;
        line(fill(m_say(QT_TRANSLATE_NOOP(
                      "Tokenizer", "%1 bytes in %2 tokens: %3 bytes a token · %4 different words · %5 different pairs · %6 s")),
                  {grouped(m_facts.bytes), grouped(m_facts.tokens), printNumber(m_facts.bytesPerToken(), 4),
                   grouped(m_facts.words), grouped(m_facts.pairs), printNumber(m_facts.seconds, 3)}));
        m_y += 6;
    }

    void addColumns() {
        const bool three = m_width >= 560;
        const double column = three ? (m_width - 2 * gap) / 3 : (m_width - gap) / 2;
        addPairs(0, m_y, column);
        addMerges(column + gap, m_y, column);
        if (!three) m_y += captionHeight + columnsHeight + 10;
        const double left = three ? 2 * (column + gap) : 0;
        addCurve(left, m_y, m_width - left);
        m_y += captionHeight + columnsHeight + 12;
    }

    static std::string joined(const std::string& left, const std::string& right) {
        return visiblePiece(left) + " + " + visiblePiece(right);
    }

    // What would be merged next if nothing changed: a bar a pair.
    void addPairs(double x, double y, double width) {
        addCaption(m_picture, {x, y, width, captionHeight - 4}, m_say(QT_TRANSLATE_NOOP("Tokenizer", "most frequent pairs now")));
        y += captionHeight;
        if (m_facts.next.empty()) {
            m_picture.label({.rect = {x, y, width, rowHeight},
                             .text = m_say(QT_TRANSLATE_NOOP("Tokenizer", "none occurs twice any more")),
                             .size = TypeSize::Label,
                             .colour = Ink::Muted});
            return;
        }
        const double name = width * 0.46,
                     number = std::max(44.0, textWidth(grouped(m_facts.next.front().count), TypeSize::Label, false, true) + 2);
        const double most = static_cast<double>(m_facts.next.front().count), room = std::max(8.0, width - name - number - 8);
        for (std::size_t i = 0; i < std::min(pairRows, m_facts.next.size()); ++i) {
            const CountedPair& pair = m_facts.next[i];
            m_picture.label({.rect = {x, y, name, rowHeight},
                             .text = joined(pair.left, pair.right),
                             .size = TypeSize::Label,
                             .bold = i == 0});
            m_picture.box(
                {.rect = {x + name + 4, y + 4, std::max(1.0, room * static_cast<double>(pair.count) / most), rowHeight - 8},
                 .fill = i == 0 ? Ink::Accent : Ink::Attention,
                 .radius = 2});
            m_picture.label({.rect = {x + width - number, y, number, rowHeight},
                             .text = grouped(pair.count),
                             .size = TypeSize::Label,
                             .align = Align::Right,
                             .colour = Ink::Muted,
                             .mono = true});
            m_picture.spot({.rect = {x, y, width, rowHeight},
                            .place = {},
                            .says = fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "“%1” and “%2” are neighbours %3 times")),
                                         {visiblePiece(pair.left), visiblePiece(pair.right), grouped(pair.count)}),
                            .value = static_cast<double>(pair.count)});
            y += rowHeight;
        }
    }

    void addMerges(double x, double y, double width) {
        addCaption(m_picture, {x, y, width, captionHeight - 4},
                   m_say(QT_TRANSLATE_NOOP("Tokenizer", "last merges: rule, piece, times")));
        y += captionHeight;
        const double rank = 44, number = 58;
        for (std::size_t i = 0; i < std::min(mergeRows, m_facts.last.size()); ++i) {
            const LearnedMerge& merge = m_facts.last[i];
            m_picture.label({.rect = {x, y, rank - 6, rowHeight},
                             .text = std::to_string(merge.rank),
                             .size = TypeSize::Label,
                             .align = Align::Right,
                             .colour = Ink::Muted,
                             .mono = true});
            m_picture.label({.rect = {x + rank, y, std::max(10.0, width - rank - number), rowHeight},
                             .text = visiblePiece(merge.piece),
                             .size = TypeSize::Label,
                             .bold = i == 0});
            m_picture.label({.rect = {x + width - number, y, number, rowHeight},
                             .text = grouped(merge.count),
                             .size = TypeSize::Label,
                             .align = Align::Right,
                             .colour = Ink::Muted,
                             .mono = true});
            m_picture.spot(
                {.rect = {x, y, width, rowHeight},
                 .place = {},
                 .says = fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "Rule %1: “%2” + “%3” became “%4”, id %5, %6 times")),
                              {std::to_string(merge.rank), visiblePiece(merge.left), visiblePiece(merge.right),
                               visiblePiece(merge.piece), std::to_string(merge.id), grouped(merge.count)}),
                 .value = static_cast<double>(merge.count)});
            y += rowHeight;
        }
    }

    // Bytes a token of the training text against merges, with its axes.
    void addCurve(double x, double y, double width) {
        addCaption(m_picture, {x, y, width, captionHeight - 4}, m_say(QT_TRANSLATE_NOOP("Tokenizer", "compression")));
        y += captionHeight;
        double most = 1;
        for (const CompressionPoint& point : m_facts.curve) most = std::max(most, point.bytesPerToken);
        const Range range = niceRange(0, most * 1.02, 5);
        const double last = std::max(1, m_facts.goal - 256);
        const Rect plot{x + 26, y + 18, std::max(40.0, width - 34), columnsHeight - 52};
        const auto across = [&](double merges) { return plot.x + merges / last * plot.w; };
        const auto up = [&](double value) { return plot.bottom() - (value - range.low) / (range.high - range.low) * plot.h; };
        // the legend
        m_picture.stroke({.points = {{plot.x, y + 7}, {plot.x + 16, y + 7}}, .colour = Ink::Accent, .width = 2});
        m_picture.label({.rect = {plot.x + 20, y, plot.w - 14, 14},
                         .text = m_say(QT_TRANSLATE_NOOP("Tokenizer", "bytes a token, training text")),
                         .size = TypeSize::Small,
                         .colour = Ink::Muted});
        for (const Tick& tick : linearTicks(range.low, range.high, 5)) {
            m_picture.stroke({.points = {{plot.x, up(tick.value)}, {plot.right(), up(tick.value)}}, .colour = Ink::Grid});
            m_picture.label({.rect = {x, up(tick.value) - 7, 22, 14},
                             .text = tick.text,
                             .size = TypeSize::Small,
                             .align = Align::Right,
                             .colour = Ink::Muted,
                             .mono = true});
        }
        m_picture.stroke(
            {.points = {{plot.x, plot.y}, {plot.x, plot.bottom()}, {plot.right(), plot.bottom()}}, .colour = Ink::Line});
        double taken = -100;
        for (const Tick& tick : linearTicks(0, last, 4)) {
            const double at = across(tick.value), half = textWidth(tick.text, TypeSize::Small, false, true) / 2;
            const double left = std::min(at - half, x + width - 2 * half);
            if (left < taken + 6) continue;
            taken = left + 2 * half;
            m_picture.stroke({.points = {{at, plot.bottom()}, {at, plot.bottom() + 3}}, .colour = Ink::Line});
            m_picture.label({.rect = {left, plot.bottom() + 4, 2 * half, 12},
                             .text = tick.text,
                             .size = TypeSize::Small,
                             .align = Align::Centre,
                             .colour = Ink::Muted,
                             .mono = true});
        }
        m_picture.label({.rect = {plot.x, plot.bottom() + 17, plot.w, 14},
                         .text = m_say(QT_TRANSLATE_NOOP("Tokenizer", "merges")),
                         .size = TypeSize::Small,
                         .align = Align::Centre,
                         .colour = Ink::Muted});
        Stroke curve{.points = {}, .colour = Ink::Accent, .width = 2};
        for (const CompressionPoint& point : m_facts.curve)
            curve.points.push_back({across(point.merges), up(point.bytesPerToken)});
        if (curve.points.size() > 1) m_picture.stroke(curve);
        if (!curve.points.empty()) {
            const Point end = curve.points.back();
            m_picture.box({.rect = {end.x - 3, end.y - 3, 6, 6}, .fill = Ink::Accent, .radius = 3});
            m_picture.spot(
                {.rect = {plot.x, plot.y, plot.w, plot.h},
                 .place = {},
                 .says = fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "after %1 merges %2 bytes a token")),
                              {grouped(m_facts.curve.back().merges), printNumber(m_facts.curve.back().bytesPerToken, 4)}),
                 .value = m_facts.curve.back().bytesPerToken});
        }
    }

    // The person's own text, cut by what is known so far.
    void addFollowed() {
        if (m_facts.followed.empty()) return;
        addCaption(m_picture, {0, m_y, m_width, captionHeight - 4},
                   fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "your text as it is cut now: %1 tokens")),
                        {grouped(static_cast<std::int64_t>(m_facts.followed.size()))}));
        m_y += captionHeight;
        const TokenId newest = m_facts.last.empty() ? -1 : m_facts.last.front().id;
        std::vector<Chip> chips;
        for (const FollowedPiece& piece : m_facts.followed) {
            const std::string seen = visiblePiece(piece.bytes);
            chips.push_back({.text = seen,
                             .says = fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "“%1”, id %2")), {seen, std::to_string(piece.id)}),
                             .fresh = piece.id == newest});
        }
        addChipRows(chips, textRows);
    }

    void addLongest() {
        if (m_facts.longest.empty()) return;
        addCaption(m_picture, {0, m_y, m_width, captionHeight - 4}, m_say(QT_TRANSLATE_NOOP("Tokenizer", "longest pieces")));
        m_y += captionHeight;
        std::vector<Chip> chips;
        for (const std::string& piece : m_facts.longest) {
            const std::string seen = visiblePiece(piece);
            chips.push_back(
                {.text = seen,
                 .says = fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "“%1”: %2 bytes")), {seen, std::to_string(piece.size())})});
        }
        addChipRows(chips, longestRows);
    }

    void addChipRows(const std::vector<Chip>& chips, std::size_t rows) {
        const std::size_t drawn = addChips(m_picture, 0, m_y, m_width, rows, chips);
        if (drawn < chips.size()) {
            m_picture.label({.rect = {0, m_y + 1, m_width, 15},
                             .text = fill(m_say(QT_TRANSLATE_NOOP("Tokenizer", "and %1 more")),
                                          {grouped(static_cast<std::int64_t>(chips.size() - drawn))}),
                             .size = TypeSize::Small,
                             .colour = Ink::Muted});
            m_y += 15;
        }
        m_y += 8;
    }

    void addTables() {
        DataTable curve{.name = "compression", .columns = {"merges", "bytes_per_token"}};
        for (const CompressionPoint& point : m_facts.curve)
            curve.rows.push_back({static_cast<double>(point.merges), point.bytesPerToken});
        m_picture.tables.push_back(std::move(curve));
        DataTable merges{.name = "last_merges", .columns = {"rank", "left", "right", "piece", "id", "count"}};
        for (const LearnedMerge& merge : m_facts.last)
            merges.textRows.push_back({std::to_string(merge.rank), visiblePiece(merge.left), visiblePiece(merge.right),
                                       visiblePiece(merge.piece), std::to_string(merge.id), std::to_string(merge.count)});
        m_picture.tables.push_back(std::move(merges));
    }

    const LearningFacts& m_facts;
    double m_width, m_y = 0;
    const Say& m_say;
    Picture m_picture;
};

}  // namespace

std::string learningSentence(const LearningFacts& facts, const Say& say) {
    const std::string size = grouped(facts.vocabulary), goal = grouped(facts.goal), merges = grouped(facts.merges);
    switch (facts.state) {
        case LearningState::None:
            return say(QT_TRANSLATE_NOOP("Tokenizer", "Learn a vocabulary of your own: choose a text and a size, then Start."));
        case LearningState::Reading:
            return fill(say(QT_TRANSLATE_NOOP("Tokenizer", "Reading %1 …")), {facts.from});
        case LearningState::Running:
            return fill(say(QT_TRANSLATE_NOOP("Tokenizer", "Learning from %1: %2 of %3 ids, %4 merges")),
                        {facts.from, size, goal, merges});
        case LearningState::Paused:
            return fill(say(QT_TRANSLATE_NOOP("Tokenizer", "Paused, learning from %1: %2 of %3 ids, %4 merges")),
                        {facts.from, size, goal, merges});
        case LearningState::Finished:
            if (facts.exhausted())
                return fill(say(QT_TRANSLATE_NOOP(
                                "Tokenizer", "Nothing is left to merge: no pair occurs twice any more. %1 ids instead of %2.")),
                            {size, goal});
            return fill(say(QT_TRANSLATE_NOOP("Tokenizer", "Learned from %1: %2 ids, %3 merges")), {facts.from, size, merges});
        case LearningState::Stopped:
            return fill(say(QT_TRANSLATE_NOOP("Tokenizer", "Stopped, learned from %1: %2 of %3 ids, %4 merges")),
                        {facts.from, size, goal, merges});
        case LearningState::Failed:
            return facts.problem;
    }
    return {};
}

Picture learnPicture(const LearningFacts& facts, double width, const Say& say) { return LearnDrawing(facts, width, say).make(); }

}  // namespace lw
