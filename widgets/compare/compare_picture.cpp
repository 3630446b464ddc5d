#include "widgets/compare/compare_picture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/trace/capture_spec.h"
#include "widgets/compare/compare_columns.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

int CompareInput::position() const { return std::min(place.position.value_or(Position(length() - 1)).value, length() - 1); }

std::int64_t CompareInput::bytesRead() const { return position() < 0 ? 0 : columns[static_cast<std::size_t>(position())].to; }
std::int64_t CompareInput::bytesBefore() const { return position() < 0 ? 0 : columns[static_cast<std::size_t>(position())].from; }

namespace {

constexpr double leastName = 158, mostName = 226, figureWidth = 68, leastCell = 46, mostCell = 84, gap = 12;
constexpr double narrowName = 96;  // where the window leaves no more
constexpr int mostFigures = 3;

// How many of the figures at the right there is room for, the most telling first.
int figuresThatFit(double width) {
    return static_cast<int>(std::clamp((width - narrowName - gap - leastCell) / figureWidth, 1.0, double(mostFigures)));
}

double tableWidth(const CompareInput& in, double width) {
    return std::max(leastCell, width - compareNameWidth(in, width) - gap - figuresThatFit(width) * figureWidth);
}

std::string millions(std::int64_t parameters) {
    if (parameters >= 1'000'000) return printNumber(static_cast<double>(parameters) / 1e6, 3) + " M";
    if (parameters >= 1'000) return printNumber(static_cast<double>(parameters) / 1e3, 3) + " k";
    return std::to_string(parameters);
}

class Table {
public:
    Table(const CompareInput& in, double width, const Say& say)
        : m_in(in),
          m_say(say),
          m_width(width),
          m_nameWidth(compareNameWidth(in, width)),
          m_figures(figuresThatFit(width)),
          m_shown(compareColumnsThatFit(in, width)),
          m_first(std::clamp(in.firstColumn, 0, std::max(0, in.length() - m_shown))),
          m_cell(m_shown > 0 ? std::min(mostCell, tableWidth(in, width) / m_shown) : leastCell),
          m_columns(in.columns, m_first, m_shown, m_nameWidth, m_cell) {}

    Picture make() {
        addHead();
        double y = compareHeadHeight;
        for (const CompareRow& row : m_in.rows) {
            addName(row, y);
            if (row.reading) addReading(row, y);
            if (!row.reading) addSentence(row, y);
            y += compareRowHeight;
        }
        addSelection(y);
        addTables();
        m_picture.width = m_width;
        m_picture.height = y + 4;
        return std::move(m_picture);
    }

private:
    double figuresLeft() const { return m_width - m_figures * figureWidth; }

    void addHead() {
        for (int c = m_first; c < m_first + m_shown; ++c) {
            const bool selected = c == m_in.position();
            const std::string& piece = m_in.pieces[static_cast<std::size_t>(c)];
            const Rect rect{m_columns.left(c), 2, m_cell - 2, compareHeadHeight - 6};
            m_picture.label({.rect = rect, .text = piece, .size = TypeSize::Label, .align = Align::Centre, .bold = selected});
            m_picture.spot({.rect = rect,
                            .place = {.position = Position(c)},
                            .says = fill(m_say(QT_TRANSLATE_NOOP("Compare", "position %1 “%2”")), {std::to_string(c), piece})});
        }
        m_picture.label({.rect = {0, 2, m_nameWidth - 8, 13},
                         .text = m_say(QT_TRANSLATE_NOOP("Compare", "word: it would say next")),
                         .size = TypeSize::Small,
                         .colour = Ink::Muted});
        m_picture.label({.rect = {0, 15, m_nameWidth - 8, 13},
                         .text = m_say(QT_TRANSLATE_NOOP("Compare", "number: it gave what follows")),
                         .size = TypeSize::Small,
                         .colour = Ink::Muted});
        const char* heads[mostFigures] = {QT_TRANSLATE_NOOP("Compare", "bits a byte"), QT_TRANSLATE_NOOP("Compare", "carries on"),
                                          QT_TRANSLATE_NOOP("Compare", "a step")};
        for (int i = 0; i < m_figures; ++i) {
            m_picture.label({.rect = {figuresLeft() + i * figureWidth, 2, figureWidth, compareHeadHeight - 6},
                             .text = m_say(heads[i]),
                             .size = TypeSize::Small,
                             .align = Align::Right,
                             .colour = Ink::Muted});
        }
    }

    void addName(const CompareRow& row, double y) {
        const Rect rect{0, y, m_nameWidth - 8, compareRowHeight - 4};
        m_picture.label({.rect = {0, y + 3, m_nameWidth - 8, 18}, .text = row.name, .bold = true});
        const std::string below = row.parameters > 0 ? millions(row.parameters) + " · " + row.architecture : row.architecture;
        m_picture.label({.rect = {0, y + 20, m_nameWidth - 8, 14}, .text = below, .size = TypeSize::Small, .colour = Ink::Muted});
        if (row.open) {
            m_picture.box({.rect = {-6, y + 4, 3, compareRowHeight - 12}, .fill = Ink::Accent, .radius = 1});
            m_picture.spot({.rect = rect,
                            .place = {},
                            .says = fill(m_say(QT_TRANSLATE_NOOP("Compare", "%1 (%2): the model that the other views show")),
                                         {row.name, below})});
        } else {
            m_picture.spot({.rect = rect,
                            .place = {},
                            .says = fill(m_say(QT_TRANSLATE_NOOP("Compare", "Open %1 (%2) in all views")), {row.name, below}),
                            .action = "use:" + row.asked});
        }
    }

    void addSentence(const CompareRow& row, double y) {
        const std::string text = !row.problem.empty() ? row.problem : m_say(QT_TRANSLATE_NOOP("Compare", "is reading …"));
        m_picture.label({.rect = {m_nameWidth, y, m_width - m_nameWidth, compareRowHeight - 4},
                         .text = text,
                         .size = TypeSize::Label,
                         .colour = row.problem.empty() ? Ink::Muted : Ink::Erased});
    }

    void addReading(const CompareRow& row, double y) {
        const Reading& reading = *row.reading;
        for (std::size_t i = 0; i < reading.tokens.size(); ++i) addCell(row, i, y);
        if (reading.leftOut > 0) addEnd(reading, y);
        const auto figure = [&](int column, const std::string& text, const std::string& says, std::optional<double> value,
                                const std::string& below = {}) {
            if (column >= m_figures) return;
            const Rect rect{figuresLeft() + column * figureWidth, y, figureWidth, compareRowHeight - 4};
            Label label{.rect = rect, .text = text, .size = TypeSize::Label, .align = Align::Right, .mono = column != 1};
            if (!below.empty()) {
                label.rect = {rect.x, y + 3, rect.w, 17};
                m_picture.label({.rect = {rect.x, y + 20, rect.w, 14},
                                 .text = below,
                                 .size = TypeSize::Small,
                                 .align = Align::Right,
                                 .colour = Ink::Muted});
            }
            m_picture.label(std::move(label));
            m_picture.spot({.rect = rect, .place = {}, .says = says, .value = value});
        };
        const auto bits = reading.bitsPerByte();
        const auto nats = reading.natsPerToken();
        // A mean over a part of the text stands beside means over all of it: it says so.
        const std::string partly =
            reading.leftOut > 0 ? fill(m_say(QT_TRANSLATE_NOOP("Compare", "first %1")), {std::to_string(reading.tokens.size())})
                                : std::string();
        figure(0, bits ? printNumber(*bits, 3) : "—",
               bits ? fill(m_say(QT_TRANSLATE_NOOP("Compare", "%1: %2 bits a byte over %3 bytes; %4 %5 a token")),
                           {row.name, printNumber(*bits), std::to_string(reading.predictedBytes()),
                            printNumber(inUnit(*nats, m_in.unit)), std::string(unitName(m_in.unit))})
                    : fill(m_say(QT_TRANSLATE_NOOP("Compare", "%1 has predicted nothing yet")), {row.name}),
               bits, partly);
        const int at = reading.endedBefore(m_in.bytesRead()) ? -1 : reading.tokenAt(m_in.bytesRead());
        const std::int64_t state = at < 0 ? 0 : reading.tokens[static_cast<std::size_t>(at)].stateBytes;
        figure(1, at < 0 ? "—" : printBytes(state),
               at < 0 ? fill(m_say(QT_TRANSLATE_NOOP("Compare", "%1 has not read up to the selected place")), {row.name})
                      : fill(m_say(QT_TRANSLATE_NOOP("Compare", "%1 carries %2 on from the selected place")),
                             {row.name, printBytes(state)}),
               at < 0 ? std::optional<double>() : static_cast<double>(state));
        const double ms = reading.secondsPerStep() * 1000;
        figure(2, printNumber(ms, 2) + " ms",
               fill(m_say(QT_TRANSLATE_NOOP("Compare", "%1: median time of a step, measured over %2 steps: %3 ms")),
                    {row.name, std::to_string(reading.tokens.size()), printNumber(ms)}),
               ms);
    }

    // Where the model's context ends, and how much it has not read.
    void addEnd(const Reading& reading, double y) {
        const std::int64_t end = reading.tokens.back().to;
        const auto span = m_columns.of(end, m_in.columns.back().to);
        if (!span.visible || end >= m_in.columns.back().to) return;
        const std::string text = fill(m_say(QT_TRANSLATE_NOOP("Compare", "its context of %1 tokens ended here; %2 are not read")),
                                      {std::to_string(reading.tokens.size()), std::to_string(reading.leftOut)});
        const Rect rect{span.from, y, std::max(1.0, span.to - span.from - 2), compareRowHeight - 4};
        m_picture.box({.rect = rect, .frame = Ink::Line, .radius = 3, .dashed = true});
        m_picture.label({.rect = {rect.x + 4, rect.y, std::max(1.0, rect.w - 8), rect.h},
                         .text = text,
                         .size = TypeSize::Small,
                         .colour = Ink::Muted});
        m_picture.spot({.rect = rect, .place = {}, .says = text});
    }

    void addCell(const CompareRow& row, std::size_t i, double y) {
        const ReadToken& token = row.reading->tokens[i];
        const auto span = m_columns.of(token.from, token.to);
        if (!span.visible || token.next.empty()) return;
        const ReadToken* following = i + 1 < row.reading->tokens.size() ? &row.reading->tokens[i + 1] : nullptr;
        const ExpectedToken& first = token.next.front();
        const Rect rect{span.from, y, std::max(1.0, span.to - span.from - 2), compareRowHeight - 4};
        const std::string said = visiblePiece(first.bytes);
        std::string says;
        double value = first.token.probability;
        if (following && following->surprise) {
            value = std::exp(-*following->surprise);
            const Colour shade =
                Colour::mapped(ColourMap::Sequential, 0.75 * std::min(1.0, *following->surprise / compareFullShade));
            m_picture.box({.rect = rect, .fill = shade, .radius = 3});
            addText(rect, said, printProbability(value), shade);
            says = fill(m_say(QT_TRANSLATE_NOOP("Compare", "%1 after “%2”: would say “%3” (%4); gave “%5”, which follows, %6")),
                        {row.name, visiblePiece(token.bytes), said, printProbability(first.token.probability),
                         visiblePiece(following->bytes), printProbability(value)});
        } else {
            m_picture.box({.rect = rect, .fill = Ink::Panel, .frame = Ink::Line, .radius = 3, .dashed = true});
            addText(rect, said, printProbability(value), {});
            says = fill(m_say(QT_TRANSLATE_NOOP("Compare", "%1 after “%2”: says “%3” next, probability %4")),
                        {row.name, visiblePiece(token.bytes), said, printProbability(value)});
        }
        Spot spot{.rect = rect, .place = {}, .says = std::move(says), .value = value};
        const int column = CompareColumns::columnOf(m_in.columns, token.from, token.to);
        if (column >= 0) spot.place.position = Position(column);
        if (row.open && column >= 0) {  // a number of the open model: the inspector explains it
            spot.place.site = SiteId::Logits;
            spot.place.unit = Unit(following ? following->id : first.token.id);
        }
        m_picture.spot(std::move(spot));
    }

    // What would be said over the number; where a cell is narrow the number, or nothing, is left out.
    void addText(Rect rect, const std::string& said, const std::string& number, std::optional<Colour> on) {
        if (rect.w < 12) return;
        const bool both = rect.w >= 36;
        Label label{.rect = {rect.x + 1, both ? rect.y + 3 : rect.y, rect.w - 2, both ? 17 : rect.h},
                    .text = said,
                    .size = TypeSize::Label,
                    .align = Align::Centre,
                    .on = on};
        m_picture.label(std::move(label));
        if (!both) return;
        m_picture.label({.rect = {rect.x + 1, rect.y + 20, rect.w - 2, 14},
                         .text = number,
                         .size = TypeSize::Small,
                         .align = Align::Centre,
                         .colour = Ink::Muted,
                         .on = on});
    }

    void addSelection(double bottom) {
        const int position = m_in.position();
        if (position < m_first || position >= m_first + m_shown) return;
        m_picture.box({.rect = {m_columns.left(position) - 2, 0, m_cell + 2, bottom},
                       .frame = Ink::SelectedFrame,
                       .frameWidth = 2,
                       .radius = 4});
    }

    void addTables() {
        for (const CompareRow& row : m_in.rows) {
            if (!row.reading) continue;
            DataTable table{.name = "compare_" + row.name,
                            .columns = {"from_byte", "to_byte", "id", "surprise_nats", "expected_id", "expected_probability",
                                        "entropy_nats", "state_bytes", "seconds"}};
            for (const ReadToken& token : row.reading->tokens) {
                table.rowNames.push_back(visiblePiece(token.bytes));
                const bool any = !token.next.empty();
                table.rows.push_back({static_cast<double>(token.from), static_cast<double>(token.to),
                                      static_cast<double>(token.id),
                                      token.surprise.value_or(std::numeric_limits<double>::quiet_NaN()),
                                      any ? token.next.front().token.id : -1.0, any ? token.next.front().token.probability : 0.0,
                                      token.entropy, static_cast<double>(token.stateBytes), token.seconds});
            }
            m_picture.tables.push_back(std::move(table));
        }
    }

    const CompareInput& m_in;
    const Say& m_say;
    double m_width, m_nameWidth;
    int m_figures;
    int m_shown, m_first;
    double m_cell;
    CompareColumns m_columns;
    Picture m_picture;
};

}  // namespace

double compareNameWidth(const CompareInput& input, double width) {
    double wanted = leastName;
    for (const CompareRow& row : input.rows) wanted = std::max(wanted, textWidth(row.name, TypeSize::Body, true) + 12);
    const double room = width - gap - figuresThatFit(width) * figureWidth - leastCell;
    return std::max(narrowName, std::min({wanted, mostName, room}));
}

int compareColumnsThatFit(const CompareInput& input, double width) {
    return std::clamp(static_cast<int>(tableWidth(input, width) / leastCell), std::min(1, input.length()), input.length());
}

double compareWholeWidth(const CompareInput& input) {
    const double names = compareNameWidth(input, std::numeric_limits<double>::max());
    return names + gap + mostFigures * figureWidth + leastCell * input.length() + 1;
}

Picture comparePicture(const CompareInput& input, double width, const Say& say) { return Table(input, width, say).make(); }

}  // namespace lw
