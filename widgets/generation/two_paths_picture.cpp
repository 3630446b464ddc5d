#include "widgets/generation/two_paths_picture.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double rowHeight = 19, headHeight = 16, captionHeight = 20, partHeight = 18, numberWidth = 64;

// Three decimals under each other.
std::string logText(double value) {
    return std::isfinite(value) ? (value < 0 ? "−" : "") + fmt::format("{:.3f}", std::abs(value)) : printNumber(value);
}

std::string totalWords(const std::vector<PathStep>& steps, const Say& say) {
    if (steps.empty()) return say(QT_TRANSLATE_NOOP("Generation", "no step yet"));
    const double sum = steps.back().logProbability;
    if (steps.size() == 1) return fill(say(QT_TRANSLATE_NOOP("Generation", "Σ ln p %1, one step")), {printNumber(sum, 4)});
    return fill(say(QT_TRANSLATE_NOOP("Generation", "Σ ln p %1 over %2 steps, %3 a step")),
                {printNumber(sum, 4), std::to_string(steps.size()), printNumber(sum / static_cast<double>(steps.size()), 4)});
}

}  // namespace

std::size_t partedAt(const std::vector<PathStep>& a, const std::vector<PathStep>& b) {
    std::size_t i = 0;
    while (i < std::min(a.size(), b.size()) && a[i].choice.id == b[i].choice.id) ++i;
    return i;
}

Picture twoPathsPicture(const TwoPathsInput& in, double width, const Say& say) {
    Picture picture;
    picture.width = width;
    picture.title = say(QT_TRANSLATE_NOOP("Generation", "Two paths"));
    const std::size_t parted = partedAt(in.a, in.b), rows = std::max(in.a.size(), in.b.size());
    const double left = 50, half = std::max(160.0, (width - left - 20) / 2), aX = left, bX = left + half + 14;
    const double tokenWidth = std::max(50.0, half - 2 * numberWidth - 16);
    const auto columns = [&](double x, const std::string& name, const std::vector<PathStep>& steps) {
        addCaption(picture, {x, 0, half, captionHeight}, name);
        picture.label(
            {.rect = {x, captionHeight - 3, half, headHeight}, .text = totalWords(steps, say), .size = TypeSize::Label});
        const auto head = [&](double at, double w, const std::string& text, Align align) {
            picture.label({.rect = {at, captionHeight + headHeight, w, headHeight},
                           .text = text,
                           .size = TypeSize::Small,
                           .align = align,
                           .colour = Ink::Muted});
        };
        head(x, tokenWidth, say(QT_TRANSLATE_NOOP("Generation", "token")), Align::Left);
        head(x + tokenWidth, numberWidth, say(QT_TRANSLATE_NOOP("Generation", "probability")), Align::Right);
        head(x + tokenWidth + numberWidth, numberWidth, "Σ ln p", Align::Right);
    };
    columns(aX, in.nameA, in.a);
    columns(bX, in.nameB, in.b);
    DataTable table{
        .name = "two_paths",
        .columns = {"position", "a_id", "a_probability", "a_log_probability", "b_id", "b_probability", "b_log_probability"}};
    double y = captionHeight + 2 * headHeight + 2;
    const auto cell = [&](double x, const PathStep& step, std::size_t i, bool mine) {
        const bool common = i < parted;
        picture.label({.rect = {x, y, tokenWidth, rowHeight},
                       .text = in.piece(step.choice.id),
                       .colour = common ? Ink::Muted : Ink::Text,
                       .bold = i == parted});
        const auto number = [&](double at, const std::string& text) {
            picture.label({.rect = {at, y, numberWidth, rowHeight},
                           .text = text,
                           .size = TypeSize::Label,
                           .align = Align::Right,
                           .colour = common ? Ink::Muted : Ink::Text,
                           .mono = true});
        };
        number(x + tokenWidth, printProbability(step.choice.rawProbability));
        number(x + tokenWidth + numberWidth, logText(step.logProbability));
        Spot spot{.rect = {x, y, half, rowHeight},
                  .says = fill(say(mine ? QT_TRANSLATE_NOOP("Generation", "this path, step %1: “%2”, probability %3, Σ ln p %4")
                                        : QT_TRANSLATE_NOOP("Generation",
                                                            "the other path, step %1: “%2”, probability %3, Σ ln p %4; click "
                                                            "to go there")),
                               {std::to_string(i + 1), in.piece(step.choice.id), printProbability(step.choice.rawProbability),
                                printNumber(step.logProbability, 6)}),
                  .value = step.logProbability};
        if (mine)
            spot.place = {.step = Step(static_cast<int>(i) + 1), .position = step.position};
        else
            spot.action = "path:" + std::to_string(i);
        picture.spot(std::move(spot));
    };
    const auto part = [&](const std::string& text) {
        picture.stroke(
            {.points = {{left, y + partHeight / 2}, {width - 6, y + partHeight / 2}}, .colour = Ink::Accent, .dashed = true});
        const double w = textWidth(text, TypeSize::Small, true) + 14;
        const Rect rect{left + (width - left - w) / 2, y + 1, w, partHeight - 3};
        picture.box({.rect = rect, .fill = Ink::Panel, .frame = Ink::Accent, .radius = 5});
        picture.label({.rect = rect, .text = text, .size = TypeSize::Small, .align = Align::Centre, .bold = true});
        y += partHeight;
    };
    const bool same = parted == in.a.size() && parted == in.b.size();
    for (std::size_t i = 0; i < rows; ++i, y += rowHeight) {
        if (i == parted)
            part(i < in.a.size() && i < in.b.size() ? say(QT_TRANSLATE_NOOP("Generation", "here they part"))
                                                    : say(QT_TRANSLATE_NOOP("Generation", "one of them ends here")));
        const PathStep* a = i < in.a.size() ? &in.a[i] : nullptr;
        const PathStep* b = i < in.b.size() ? &in.b[i] : nullptr;
        const Position position = (b ? b : a)->position;
        if (b && in.place.position == position)
            picture.box({.rect = {bX - 6, y + 0.5, half + 8, rowHeight - 1},
                         .fill = Ink::SelectedFill,
                         .frame = Ink::SelectedFrame,
                         .radius = 4});
        picture.label({.rect = {0, y, left - 12, rowHeight},
                       .text = std::to_string(position.value),
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .colour = Ink::Muted,
                       .mono = true});
        if (a) cell(aX, *a, i, false);
        if (b) cell(bX, *b, i, true);
        const double none = std::nan("");
        table.rowNames.push_back(std::to_string(position.value));
        table.rows.push_back({static_cast<double>(position.value), a ? static_cast<double>(a->choice.id) : none,
                              a ? a->choice.rawProbability : none, a ? a->logProbability : none,
                              b ? static_cast<double>(b->choice.id) : none, b ? b->choice.rawProbability : none,
                              b ? b->logProbability : none});
    }
    if (same && rows > 0) part(say(QT_TRANSLATE_NOOP("Generation", "they are the same")));
    if (!in.a.empty() && !in.b.empty() && !same) {
        const double d = in.b.back().logProbability - in.a.back().logProbability;
        picture.label({.rect = {left, y + 4, width - left, rowHeight},
                       .text = fill(say(QT_TRANSLATE_NOOP("Generation", "Σ ln p of this path less that of the other: %1")),
                                    {printNumber(d, 4)}),
                       .size = TypeSize::Label,
                       .colour = Ink::Muted});
        y += rowHeight + 4;
    }
    picture.height = y + 2;
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
