#include "widgets/generation/path_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "widgets/generation/choice_words.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double rowHeight = 19, headHeight = 16, captionHeight = 20, numberWidth = 66;

// Three decimals under each other.
std::string logText(double value) {
    return std::isfinite(value) ? (value < 0 ? "−" : "") + fmt::format("{:.3f}", std::abs(value)) : printNumber(value);
}

void addNumber(Picture& picture, double x, double y, double w, const std::string& text, Colour colour = Ink::Text) {
    picture.label({.rect = {x, y, w, rowHeight},
                   .text = text,
                   .size = TypeSize::Label,
                   .align = Align::Right,
                   .colour = colour,
                   .mono = true});
}

void addTable(Picture& picture, const PathInput& in) {
    DataTable table{.name = "steps",
                    .columns = {"position", "id", "logit", "probability", "raw_probability", "draw", "forced", "kept",
                                "near_edge", "log_probability"}};
    for (const PathStep& step : in.steps) {
        table.rowNames.push_back(in.piece(step.choice.id));
        table.rows.push_back({static_cast<double>(step.position.value), static_cast<double>(step.choice.id), step.choice.logit,
                              step.choice.probability, step.choice.rawProbability, step.choice.draw.value_or(std::nan("")),
                              step.choice.forced ? 1.0 : 0.0, step.choice.kept ? 1.0 : 0.0, step.choice.nearEdge ? 1.0 : 0.0,
                              step.logProbability});
    }
    picture.tables.push_back(std::move(table));
}

}  // namespace

std::vector<PathStep> pathSteps(const RunNodePtr& node, int promptLength) {
    std::vector<PathStep> steps;
    double sum = 0;
    for (const RunNodePtr& at : pathTo(node)) {
        if (!at->parent()) continue;
        sum += std::log(at->choice().rawProbability);
        steps.push_back({Position(promptLength + static_cast<int>(steps.size())), at->choice(), sum});
    }
    return steps;
}

Picture pathPicture(const PathInput& in, double width, const Say& say) {
    Picture picture;
    picture.width = width;
    addTable(picture, in);
    if (in.steps.empty() && in.stepsA.empty()) {
        double y = 0;
        for (const char* line :
             {QT_TRANSLATE_NOOP("Generation", "Nothing has been generated yet."),
              QT_TRANSLATE_NOOP("Generation",
                                "Step → takes one token by the settings, R rolls the dice, G takes the most probable."),
              QT_TRANSLATE_NOOP("Generation", "A click on a node goes back to it; from there another token opens a branch.")}) {
            picture.label({.rect = {0, y, width, 19}, .text = say(line), .colour = Ink::Muted});
            y += 21;
        }
        picture.height = y;
        return picture;
    }
    const std::string caption = in.difference ? fill(say(QT_TRANSLATE_NOOP("Generation", "this path (B) beside %1")), {in.nameA})
                                              : say(QT_TRANSLATE_NOOP("Generation", "this path, step by step"));
    addCaption(picture, {0, 0, width, captionHeight}, in.note.empty() ? caption : caption + " · " + in.note);
    const double stepX = 0, stepWidth = 44, tokenX = stepX + stepWidth + 6,
                 tokenWidth = in.difference ? 110 : std::min(150.0, width * 0.2);
    const auto head = [&](double x, double w, const std::string& text, Align align) {
        picture.label({.rect = {x, captionHeight, w, headHeight},
                       .text = text,
                       .size = TypeSize::Small,
                       .align = align,
                       .colour = Ink::Muted});
    };
    head(stepX, stepWidth, say(QT_TRANSLATE_NOOP("Generation", "position")), Align::Right);
    double y = captionHeight + headHeight;
    const std::size_t rows = std::max(in.steps.size(), in.stepsA.size());
    if (in.difference) {
        const double pX = tokenX + tokenWidth, aX = pX + numberWidth + 18, paX = aX + tokenWidth, dX = paX + numberWidth,
                     sX = dX + numberWidth + 14;
        head(tokenX, tokenWidth, "B", Align::Left);
        head(pX, numberWidth, say(QT_TRANSLATE_NOOP("Generation", "probability")), Align::Right);
        head(aX, tokenWidth, "A", Align::Left);
        head(paX, numberWidth, say(QT_TRANSLATE_NOOP("Generation", "probability")), Align::Right);
        head(dX, numberWidth, "B − A", Align::Right);
        head(sX, numberWidth + 20, say(QT_TRANSLATE_NOOP("Generation", "Σ ln p, B − A")), Align::Right);
        for (std::size_t i = 0; i < rows; ++i, y += rowHeight) {
            const PathStep* b = i < in.steps.size() ? &in.steps[i] : nullptr;
            const PathStep* a = i < in.stepsA.size() ? &in.stepsA[i] : nullptr;
            addNumber(picture, stepX, y, stepWidth, std::to_string((b ? b : a)->position.value), Ink::Muted);
            const bool other = a && b && a->choice.id != b->choice.id;
            if (b) {
                picture.label({.rect = {tokenX, y, tokenWidth, rowHeight}, .text = in.piece(b->choice.id), .bold = other});
                addNumber(picture, pX, y, numberWidth, printProbability(b->choice.rawProbability));
            }
            if (a) {
                picture.label({.rect = {aX, y, tokenWidth, rowHeight}, .text = in.pieceA(a->choice.id), .bold = other});
                addNumber(picture, paX, y, numberWidth, printProbability(a->choice.rawProbability));
            }
            if (!a || !b) continue;
            const double d = b->choice.rawProbability - a->choice.rawProbability, s = b->logProbability - a->logProbability;
            addNumber(picture, dX, y, numberWidth, printNumber(d, 3));
            addNumber(picture, sX, y, numberWidth + 20, printNumber(s, 4));
            picture.spot({.rect = {0, y, width, rowHeight},
                          .place = {.step = Step(static_cast<int>(i) + 1), .position = b->position},
                          .says = fill(say(QT_TRANSLATE_NOOP("Generation", "step %1: “%2” %3 in B, “%4” %5 in A")),
                                       {std::to_string(i + 1), in.piece(b->choice.id), printProbability(b->choice.rawProbability),
                                        in.pieceA(a->choice.id), printProbability(a->choice.rawProbability)}),
                          .value = d});
        }
        picture.height = y;
        return picture;
    }
    const double howWidth = 84, logWidth = 84, right = width - 6;  // a selected row's frame ends right of its numbers
    const double logX = right - logWidth, howX = logX - howWidth - 10, rawX = howX - numberWidth - 10,
                 pX = rawX - numberWidth - 6;
    const double barX = tokenX + tokenWidth + 6, barWidth = std::max(20.0, pX - barX - 4);
    head(tokenX, tokenWidth, say(QT_TRANSLATE_NOOP("Generation", "token")), Align::Left);
    head(barX, barWidth + numberWidth + 4, say(QT_TRANSLATE_NOOP("Generation", "probability after temperature and filters")),
         Align::Left);
    head(rawX - 10, numberWidth + 10, say(QT_TRANSLATE_NOOP("Generation", "before them")), Align::Right);
    head(howX, howWidth, say(QT_TRANSLATE_NOOP("Generation", "chosen by")), Align::Right);
    head(logX, logWidth, say(QT_TRANSLATE_NOOP("Generation", "Σ ln p before")), Align::Right);
    for (std::size_t i = 0; i < rows; ++i, y += rowHeight) {
        const PathStep& step = in.steps[i];
        const Choice& c = step.choice;
        if (in.place.position == step.position)
            picture.box({.rect = {0, y + 0.5, width, rowHeight - 1},
                         .fill = Ink::SelectedFill,
                         .frame = Ink::SelectedFrame,
                         .radius = 4});
        addNumber(picture, stepX, y, stepWidth, std::to_string(step.position.value), Ink::Muted);
        picture.label(
            {.rect = {tokenX, y, tokenWidth, rowHeight}, .text = in.piece(c.id), .bold = in.place.position == step.position});
        picture.box({.rect = {barX, y + 4, barWidth, rowHeight - 8}, .fill = Ink::Grid, .radius = 2});
        picture.box({.rect = {barX, y + 4, std::max(1.0, barWidth * c.probability), rowHeight - 8},
                     .fill = Ink::FeedForward,
                     .radius = 2});
        addNumber(picture, pX, y, numberWidth, printProbability(c.probability));
        addNumber(picture, rawX, y, numberWidth, printProbability(c.rawProbability));
        picture.label({.rect = {howX, y, howWidth, rowHeight},
                       .text = howChosen(c, 4, say) + (c.nearEdge ? " ≈!" : ""),
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .colour = c.nearEdge          ? Ink::Erased
                                 : forcedByPerson(c) ? Ink::Accent
                                                     : Ink::Text});
        addNumber(picture, logX, y, logWidth, logText(step.logProbability));
        picture.spot(
            {.rect = {0, y, width, rowHeight},
             .place = {.step = Step(static_cast<int>(i) + 1), .position = step.position},
             .says = fill(say(QT_TRANSLATE_NOOP(
                              "Generation",
                              "step %1: “%2”, probability %3, %4 before temperature and filters; running log-probability %5")),
                          {std::to_string(i + 1), in.piece(c.id), printProbability(c.probability),
                           printProbability(c.rawProbability), printNumber(step.logProbability, 6)}),
             .value = c.probability});
    }
    picture.height = y;
    return picture;
}

}  // namespace lw
