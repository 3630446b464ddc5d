#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "widgets/generation/contrast_pictures.h"
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
    Columns c;
    c.position = 34;
    const double numbers = numberWidth * (wrong ? 3 : 2), bars = (width - c.position - numbers) * 0.4;
    c.word = std::max(60.0, (width - c.position - numbers - bars) / 2 - 8);
    c.bar = bars / (wrong ? 3 : 2);
    c.truth = c.position;
    c.taught = c.truth + c.word + 4;
    c.said = c.taught + c.bar + numberWidth + 6;
    c.free = c.said + c.word + 4;
    c.wrong = c.free + c.bar + numberWidth + 6;
    return c;
}

class Table {
public:
    Table(const Exposure& e, const PieceOf& piece, const Locus& place, double width, const Say& say)
        : m_e(e), m_piece(piece), m_place(place), m_say(say), m_columns(columnsOf(width, e.wrongToken.has_value())) {
        m_picture.width = width;
        for (const ExposureStep& step : e.steps)
            m_largest = std::max({m_largest, step.taught, step.free, step.wrong.value_or(0)});
    }

    Picture make() {
        line(fill(m_say(QT_TRANSLATE_NOOP("Generation",
                                          "From position %1 on: %2 nats a token with the true words, %3 with its own.")),
                  {std::to_string(m_e.from), printNumber(m_e.taughtMean(), 4), printNumber(m_e.freeMean(), 4)}),
             Ink::Text);
        const auto slip = m_e.firstSlip();
        line(slip ? fill(m_say(QT_TRANSLATE_NOOP("Generation", "Its own text first differs at position %1.")),
                         {std::to_string(*slip)})
                  : m_say(QT_TRANSLATE_NOOP("Generation", "Its own text is the true one to the end.")),
             Ink::Muted);
        if (m_e.wrongToken)
            line(fill(m_say(QT_TRANSLATE_NOOP("Generation",
                                              "With “%1” forced at position %2 the rest costs %3 nats a token instead of %4.")),
                      {m_piece(*m_e.wrongToken), std::to_string(m_e.from), printNumber(m_e.wrongMean(), 4),
                       printNumber(m_e.taughtMeanAfterFirst(), 4)}),
                 Ink::Text);
        m_y += 4;
        head(m_columns.truth, QT_TRANSLATE_NOOP("Generation", "true word"));
        head(m_columns.taught, QT_TRANSLATE_NOOP("Generation", "its loss, true words read"));
        head(m_columns.said, QT_TRANSLATE_NOOP("Generation", "its own word"));
        head(m_columns.free, QT_TRANSLATE_NOOP("Generation", "loss, own words read"));
        if (m_e.wrongToken) head(m_columns.wrong, QT_TRANSLATE_NOOP("Generation", "after the wrong word"));
        m_y += headHeight;
        for (const ExposureStep& step : m_e.steps) row(step);
        m_picture.height = m_y + 4;
        table();
        return std::move(m_picture);
    }

private:
    void line(const std::string& text, Colour colour) {
        m_picture.label({.rect = {0, m_y, m_picture.width, lineHeight}, .text = text, .colour = colour});
        m_y += lineHeight;
    }
    void head(double x, const char* text) {
        m_picture.label({.rect = {x, m_y, m_columns.bar + numberWidth, headHeight},
                         .text = m_say(text),
                         .size = TypeSize::Small,
                         .colour = Ink::Muted});
    }
    void word(double x, const std::string& text, Colour colour) {
        m_picture.label({.rect = {x, m_y, m_columns.word, rowHeight}, .text = text, .size = TypeSize::Label, .colour = colour});
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

    const Exposure& m_e;
    const PieceOf& m_piece;
    const Locus& m_place;
    const Say& m_say;
    Columns m_columns;
    Picture m_picture;
    double m_largest = 0, m_y = 0;
};

}  // namespace

Picture exposurePicture(const Exposure& exposure, const PieceOf& piece, const Locus& place, double width, const Say& say) {
    return Table(exposure, piece, place, width, say).make();
}

Picture bestOfPicture(const std::vector<SampledText>& texts, const PieceOf& piece, double width, const Say& say) {
    Picture picture;
    picture.width = width;
    addCaption(picture, {0, 0, width, 20},
               fill(say(QT_TRANSLATE_NOOP("Generation",
                                          "%1 rolled texts, the most probable a token first; a click puts one into the tree")),
                    {std::to_string(texts.size())}));
    constexpr double seedWidth = 70, meanWidth = 84, sumWidth = 84, textX = seedWidth + meanWidth + sumWidth + 10;
    double y = 22;
    const auto head = [&](double x, double w, const char* text) {
        picture.label({.rect = {x, y, w, headHeight},
                       .text = say(text),
                       .size = TypeSize::Small,
                       .align = x > 0 && w < 100 ? Align::Right : Align::Left,
                       .colour = Ink::Muted});
    };
    head(0, seedWidth, QT_TRANSLATE_NOOP("Generation", "seed"));
    head(seedWidth, meanWidth, QT_TRANSLATE_NOOP("Generation", "ln p a token"));
    head(seedWidth + meanWidth, sumWidth, QT_TRANSLATE_NOOP("Generation", "Σ ln p"));
    head(textX, width - textX, QT_TRANSLATE_NOOP("Generation", "text"));
    y += headHeight + 2;
    DataTable table{.name = "best_of", .columns = {"seed", "mean_log_probability", "log_probability", "tokens"}};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const SampledText& text = texts[i];
        std::string words;
        for (const Choice& step : text.steps) words += piece(step.id);
        const Rect rect{0, y, width, rowHeight + 3};
        if (i == 0) picture.box({.rect = rect, .fill = Ink::SelectedFill, .radius = 4});
        const auto number = [&](double x, double w, const std::string& value, bool bold) {
            picture.label({.rect = {x, y, w, rect.h},
                           .text = value,
                           .size = TypeSize::Label,
                           .align = Align::Right,
                           .bold = bold,
                           .mono = true});
        };
        picture.label(
            {.rect = {4, y, seedWidth - 4, rect.h}, .text = std::to_string(text.seed), .size = TypeSize::Label, .mono = true});
        number(seedWidth, meanWidth, printNumber(text.mean(), 4), i == 0);
        number(seedWidth + meanWidth, sumWidth, printNumber(text.logProbability, 4), false);
        picture.label({.rect = {textX, y, width - textX, rect.h}, .text = words, .size = TypeSize::Label});
        picture.spot({.rect = rect,
                      .place = {},
                      .says = fill(say(QT_TRANSLATE_NOOP("Generation", "seed %1: ln p a token %2, “%3”")),
                                   {std::to_string(text.seed), printNumber(text.mean()), words}),
                      .value = text.mean(),
                      .action = "adopt:" + std::to_string(i)});
        table.rowNames.push_back(words);
        table.rows.push_back(
            {static_cast<double>(text.seed), text.mean(), text.logProbability, static_cast<double>(text.steps.size())});
        y += rect.h;
    }
    picture.height = y + 4;
    picture.tables.push_back(std::move(table));
    return picture;
}

std::string loopSentence(const TokenLoop& loop, std::span<const TokenId> ids, const PieceOf& piece, const Say& say) {
    std::string words;
    for (int i = 0; i < loop.period && i < 12; ++i) words += piece(ids[static_cast<std::size_t>(loop.since + i)]);
    if (loop.period > 12) words += "…";
    return fill(
        say(QT_TRANSLATE_NOOP("Generation", "The text goes round in circles: “%1” stands there %2 times, from position %3 on.")),
        {words, std::to_string(loop.repeats), std::to_string(loop.since)});
}

}  // namespace lw
