#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "widgets/generation/contrast_pictures.h"
#include "widgets/generation/exposure_choice.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double lineHeight = 18, headHeight = 18, rowHeight = 19, numberWidth = 62;

struct Columns {
    double position = 0, truth = 0, taught = 0, said = 0, free = 0, wrong = 0, bar = 0, word = 0;
};

Columns columnsOf(double width, bool wrong) {
    constexpr double gap = 14;
    Columns c;
    c.position = 34;
    const double losses = wrong ? 3 : 2, room = width - c.position - losses * (numberWidth + gap);
    c.word = std::clamp(room * 0.26, 60.0, 130.0);
    c.bar = std::max(20.0, (room - 2 * c.word) / losses);
    c.truth = c.position;
    c.taught = c.truth + c.word;
    c.wrong = c.taught + c.bar + numberWidth + gap;
    c.said = wrong ? c.wrong + c.bar + numberWidth + gap : c.wrong;
    c.free = c.said + c.word;
    return c;
}

class Table {
public:
    Table(const ExposureInput& in, double width, const Say& say)
        : m_in(in),
          m_e(in.exposure),
          m_piece(in.piece),
          m_place(in.place),
          m_say(say),
          m_columns(columnsOf(width, m_e.wrongToken && m_e.steps.size() > 1)) {
        m_picture.width = width;
        m_picture.title = say(QT_TRANSLATE_NOOP("Generation", "Own words"));
        for (const ExposureStep& step : m_e.steps)
            m_largest = std::max({m_largest, step.taught, step.free, step.wrong.value_or(0)});
    }

    Picture make() {
        m_y = addExposureChoice(m_picture, m_in, m_say);
        if (m_e.wrongToken && m_e.steps.size() > 1)
            line(fill(m_say(QT_TRANSLATE_NOOP("Generation",
                                              "With “%1” forced at position %2 the rest costs %3 nats a token instead of %4: %5 "
                                              "together.")),
                      {m_piece(*m_e.wrongToken), std::to_string(m_e.from), printNumber(m_e.wrongMean(), 4),
                       printNumber(m_e.taughtMeanAfterFirst(), 4), signedNumber(m_e.wrongCost())}),
                 Ink::Text);
        else if (m_e.wrongToken)
            line(m_say(QT_TRANSLATE_NOOP(
                     "Generation", "The wrong token would stand at the end: no rest comes after it. Choose an earlier one.")),
                 Ink::Muted);
        line(fill(m_say(QT_TRANSLATE_NOOP("Generation",
                                          "From position %1 on: %2 nats a token with the true words, %3 with its own.")),
                  {std::to_string(m_e.from), printNumber(m_e.taughtMean(), 4), printNumber(m_e.freeMean(), 4)}),
             Ink::Text);
        const auto slip = m_e.firstSlip();
        line(slip ? fill(m_say(QT_TRANSLATE_NOOP("Generation", "Its own text first differs at position %1.")),
                         {std::to_string(*slip)})
                  : m_say(QT_TRANSLATE_NOOP("Generation", "Its own text is the true one to the end.")),
             Ink::Muted);
        m_y += 4;
        const double loss = m_columns.bar + numberWidth;
        head(m_columns.truth, m_columns.word, QT_TRANSLATE_NOOP("Generation", "true word"));
        head(m_columns.taught, loss, QT_TRANSLATE_NOOP("Generation", "its loss"));
        if (wrong()) head(m_columns.wrong, loss, QT_TRANSLATE_NOOP("Generation", "after the wrong one"));
        head(m_columns.said, m_columns.word, QT_TRANSLATE_NOOP("Generation", "its own word"));
        head(m_columns.free, loss, QT_TRANSLATE_NOOP("Generation", "loss, own words read"));
        m_y += headHeight;
        for (const ExposureStep& step : m_e.steps) row(step);
        m_picture.height = m_y + 4;
        table();
        return std::move(m_picture);
    }

private:
    bool wrong() const { return m_e.wrongToken && m_e.steps.size() > 1; }
    static std::string signedNumber(double value) { return (value > 0 ? "+" : "") + printNumber(value, 4); }
    void line(const std::string& text, Colour colour) {
        m_picture.label({.rect = {0, m_y, m_picture.width, lineHeight}, .text = text, .colour = colour});
        m_y += lineHeight;
    }
    void head(double x, double width, const char* text) {
        m_picture.label(
            {.rect = {x, m_y, width, headHeight}, .text = m_say(text), .size = TypeSize::Small, .colour = Ink::Muted});
    }
    void word(double x, const std::string& text, Colour colour) {
        m_picture.label(
            {.rect = {x, m_y, m_columns.word - 4, rowHeight}, .text = text, .size = TypeSize::Label, .colour = colour});
    }
    void loss(double x, double value, Colour colour) {
        const double length = m_largest > 0 ? value / m_largest * (m_columns.bar - 4) : 0;
        m_picture.box({.rect = {x, m_y + 5, std::max(1.0, length), rowHeight - 10}, .fill = colour, .radius = 2});
        m_picture.label({.rect = {x + m_columns.bar, m_y, numberWidth - 6, rowHeight},
                         .text = fmt::format("{:.4f}", value),
                         .size = TypeSize::Label,
                         .align = Align::Right,
                         .mono = true});
    }
    void row(const ExposureStep& step) {
        Locus place;
        place.position = Position(step.position);
        if (m_place.position == place.position)
            m_picture.box({.rect = {0, m_y, m_picture.width, rowHeight}, .fill = Ink::SelectedFill, .radius = 4});
        m_picture.label({.rect = {0, m_y, m_columns.position - 6, rowHeight},
                         .text = std::to_string(step.position),
                         .size = TypeSize::Label,
                         .colour = Ink::Muted,
                         .mono = true});
        word(m_columns.truth, m_piece(step.truth), Ink::Text);
        loss(m_columns.taught, step.taught, Ink::Accent);
        word(m_columns.said, (step.agrees() ? "= " : "≠ ") + m_piece(step.said), step.agrees() ? Ink::Muted : Ink::Erased);
        loss(m_columns.free, step.free, Ink::Written);
        if (step.wrong) loss(m_columns.wrong, *step.wrong, Ink::Erased);
        std::string says = fill(m_say(QT_TRANSLATE_NOOP("Generation",
                                                        "position %1: “%2” costs %3 nats after the true words, %4 after its own; "
                                                        "it would say “%5”")),
                                {std::to_string(step.position), m_piece(step.truth), printNumber(step.taught),
                                 printNumber(step.free), m_piece(step.said)});
        if (step.wrong)
            says += fill(m_say(QT_TRANSLATE_NOOP("Generation", "; %1 after the wrong word")), {printNumber(*step.wrong)});
        m_picture.spot({.rect = {0, m_y, m_picture.width, rowHeight}, .place = place, .says = says, .value = step.taught});
        m_y += rowHeight;
    }
    void table() {
        DataTable table{.name = "exposure", .columns = {"position", "token", "taught", "best", "said", "free", "wrong"}};
        for (const ExposureStep& step : m_e.steps) {
            table.rowNames.push_back(m_piece(step.truth));
            table.rows.push_back({static_cast<double>(step.position), static_cast<double>(step.truth), step.taught,
                                  static_cast<double>(step.best), static_cast<double>(step.said), step.free,
                                  step.wrong.value_or(std::nan(""))});
        }
        m_picture.tables.push_back(std::move(table));
    }

    const ExposureInput& m_in;
    const Exposure& m_e;
    const PieceOf& m_piece;
    const Locus& m_place;
    const Say& m_say;
    Columns m_columns;
    Picture m_picture;
    double m_largest = 0, m_y = 0;
};

}  // namespace

Picture exposurePicture(const ExposureInput& input, double width, const Say& say) { return Table(input, width, say).make(); }

}  // namespace lw
