#include <fmt/format.h>

#include <cmath>

#include "widgets/generation/contrast_pictures.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double headHeight = 18, rowHeight = 19;

// Three decimals under each other.
std::string decimals(double value) {
    return std::isfinite(value) ? (value < 0 ? "−" : "") + fmt::format("{:.3f}", std::abs(value)) : printNumber(value);
}

}  // namespace

Picture bestOfPicture(const std::vector<SampledText>& texts, RankBy by, const PieceOf& piece, double width, const Say& say) {
    Picture picture;
    picture.width = width;
    picture.title = say(QT_TRANSLATE_NOOP("Generation", "Best of"));
    const bool byMean = by == RankBy::Mean;
    const std::vector<Pill> pills = {
        {say(QT_TRANSLATE_NOOP("Generation", "mean")), "rank:mean", byMean,
         say(QT_TRANSLATE_NOOP("Generation", "rank by the mean log-probability of a token, (1/T) Σ ln p"))},
        {say(QT_TRANSLATE_NOOP("Generation", "total")), "rank:total", !byMean,
         say(QT_TRANSLATE_NOOP("Generation", "rank by the log-probability of the whole text, Σ ln p"))}};
    addCaption(picture, {0, 0, width - pillsWidth(pills) - 12, pillHeight},
               fill(say(byMean ? QT_TRANSLATE_NOOP("Generation", "%1 rolled texts, the largest (1/T) Σ ln p first")
                               : QT_TRANSLATE_NOOP("Generation", "%1 rolled texts, the largest Σ ln p first")),
                    {std::to_string(texts.size())}));
    addPills(picture, width - pillsWidth(pills), 0, pills);
    double y = pillHeight + 2;
    for (const char* words : {QT_TRANSLATE_NOOP("Generation",
                                                "p is the model's own probability, at temperature 1 and nothing struck; T the "
                                                "number of tokens."),
                              QT_TRANSLATE_NOOP("Generation",
                                                "The sum favours texts that end early, the mean does not. A click puts a text "
                                                "into the tree.")}) {
        picture.label({.rect = {0, y, width, 17}, .text = say(words), .size = TypeSize::Label, .colour = Ink::Muted});
        y += 17;
    }
    y += 4;
    constexpr double seedWidth = 60, lengthWidth = 30, sumWidth = 76, meanWidth = 84;
    constexpr double sumX = seedWidth + lengthWidth, meanX = sumX + sumWidth, textX = meanX + meanWidth + 12;
    const auto head = [&](double x, double w, const char* text, Align align) {
        picture.label(
            {.rect = {x, y, w, headHeight}, .text = say(text), .size = TypeSize::Small, .align = align, .colour = Ink::Muted});
    };
    head(4, seedWidth - 4, QT_TRANSLATE_NOOP("Generation", "seed"), Align::Left);
    head(seedWidth, lengthWidth, QT_TRANSLATE_NOOP("Generation", "T"), Align::Right);
    head(sumX, sumWidth, QT_TRANSLATE_NOOP("Generation", "Σ ln p"), Align::Right);
    head(meanX, meanWidth, QT_TRANSLATE_NOOP("Generation", "(1/T) Σ ln p"), Align::Right);
    head(textX, width - textX, QT_TRANSLATE_NOOP("Generation", "text"), Align::Left);
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
        number(seedWidth, lengthWidth, std::to_string(text.steps.size()), false);
        number(sumX, sumWidth, decimals(text.logProbability), i == 0 && !byMean);
        number(meanX, meanWidth, decimals(text.mean()), i == 0 && byMean);
        picture.label({.rect = {textX, y, width - textX, rect.h}, .text = words, .size = TypeSize::Label});
        picture.spot(
            {.rect = rect,
             .place = {},
             .says =
                 fill(say(QT_TRANSLATE_NOOP("Generation", "seed %1: Σ ln p %2, a token %3: “%4”; click to put it into the tree")),
                      {std::to_string(text.seed), printNumber(text.logProbability), printNumber(text.mean()), words}),
             .value = byMean ? text.mean() : text.logProbability,
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
