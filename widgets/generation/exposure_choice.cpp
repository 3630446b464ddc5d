#include "widgets/generation/exposure_choice.h"

#include <algorithm>
#include <cmath>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double captionHeight = 18, chipHeight = 22, chipGap = 4, lineHeight = chipHeight + chipGap, widestChip = 130;
constexpr int mostLines = 2;  // of the text; of a longer one the part about the chosen place

double chipWidth(const std::string& text) { return std::clamp(textWidth(text, TypeSize::Label, true) + 14, 26.0, widestChip); }

void addChip(Picture& picture, const Rect& rect, const std::string& text, Colour fill, Colour frame, Colour colour, bool bold) {
    picture.box({.rect = rect, .fill = fill, .frame = frame, .frameWidth = bold ? 1.5 : 1.0, .radius = 5});
    picture.label({.rect = {rect.x + 5, rect.y, rect.w - 10, rect.h},
                   .text = text,
                   .size = TypeSize::Label,
                   .align = Align::Centre,
                   .colour = colour,
                   .bold = bold});
}

// The text, or as much of it about the chosen place as two lines hold; "…" goes on before and behind.
double addText(Picture& picture, const ExposureInput& in, double y, const Say& say) {
    const int T = static_cast<int>(in.pieces.size()), from = in.exposure.from;
    const auto widthAt = [&](int i) { return chipWidth(in.pieces[static_cast<std::size_t>(i)]) + chipGap; };
    // The first chip: 1 if all up to the chosen one fit, else so far before it that it ends the first line.
    const double more = chipWidth("…") + chipGap, line = picture.width - 2 * more;
    int begin = std::clamp(from, 1, T - 1);
    for (double used = widthAt(begin); begin > 1 && used + widthAt(begin - 1) <= line; --begin) used += widthAt(begin - 1);
    double x = 0;
    int lines = 1;
    const auto goOn = [&](int to) {
        const Rect rect{x, y, more - chipGap, chipHeight};
        addChip(picture, rect, "…", Ink::Panel, Ink::Line, Ink::Muted, false);
        picture.spot({.rect = rect,
                      .says = fill(say(QT_TRANSLATE_NOOP("Generation", "to position %1")), {std::to_string(to)}),
                      .action = "from:" + std::to_string(to)});
        x += more;
    };
    if (begin > 1) goOn(begin - 1);
    for (int i = begin; i < T; ++i) {
        const double w = widthAt(i) - chipGap;
        const bool lastLine = lines == mostLines;
        if (x + w > picture.width - (lastLine && i + 1 < T ? more : 0)) {
            if (lastLine) {
                goOn(i);
                break;
            }
            x = 0;
            y += lineHeight;
            ++lines;
        }
        const Rect rect{x, y, w, chipHeight};
        const std::string& text = in.pieces[static_cast<std::size_t>(i)];
        const bool chosen = i == from;
        addChip(picture, rect, text, chosen ? Ink::SelectedFill : Ink::Panel, chosen ? Ink::SelectedFrame : Ink::Line,
                i < from ? Ink::Muted : Ink::Text, chosen);
        picture.spot({.rect = rect,
                      .says = fill(say(QT_TRANSLATE_NOOP("Generation", "position %1 “%2”: let the wrong token stand here")),
                                   {std::to_string(i), text}),
                      .action = "from:" + std::to_string(i)});
        x += w + chipGap;
    }
    return y + lineHeight;
}

double addAlternatives(Picture& picture, const ExposureInput& in, double y, const Say& say) {
    const Exposure& e = in.exposure;
    const TokenId truth = e.steps.front().truth;
    std::vector<Bin> shown;
    bool seen = false;
    for (const Bin& bin : in.alternatives) {
        if (bin.id == truth) continue;
        shown.push_back(bin);
        seen = seen || e.wrongToken == bin.id;
    }
    // One that was written, or lies further down, stands in front of the others.
    if (e.wrongToken && !seen) {
        Bin own;
        own.id = *e.wrongToken;
        own.rawProbability = std::exp(-e.wrongLoss);
        shown.insert(shown.begin(), own);
    }
    double x = 0;
    for (const Bin& bin : shown) {
        const std::string text = in.piece(bin.id), p = printProbability(bin.rawProbability);
        const double name = std::min(widestChip, textWidth(text, TypeSize::Label, true) + 2),
                     number = textWidth(p, TypeSize::Small, false, true) + 2, w = name + number + 20;
        if (x + w > picture.width) {
            if (e.wrongToken != bin.id) continue;
            x = 0;  // the chosen one is always there
            y += lineHeight;
        }
        const bool chosen = e.wrongToken == bin.id;
        const Rect rect{x, y, w, chipHeight};
        picture.box({.rect = rect,
                     .fill = Ink::Panel,
                     .frame = chosen ? Ink::Erased : Ink::Line,
                     .frameWidth = chosen ? 1.5 : 1.0,
                     .radius = 5});
        picture.label({.rect = {x + 7, y, name, chipHeight},
                       .text = text,
                       .size = TypeSize::Label,
                       .colour = chosen ? Ink::Erased : Ink::Text,
                       .bold = chosen});
        picture.label({.rect = {x + 7 + name + 4, y, number, chipHeight},
                       .text = p,
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = Ink::Muted,
                       .mono = true});
        picture.spot(
            {.rect = rect,
             .says = fill(say(QT_TRANSLATE_NOOP("Generation", "“%1” as the wrong token; the model gives it %2")), {text, p}),
             .value = bin.rawProbability,
             .action = "wrong:" + std::to_string(bin.id)});
        x += w + chipGap;
    }
    return y + lineHeight;
}

}  // namespace

double addExposureChoice(Picture& picture, const ExposureInput& in, const Say& say) {
    const Exposure& e = in.exposure;
    double y = 0;
    const auto caption = [&](const std::string& text) {
        addCaption(picture, {0, y, picture.width, captionHeight}, text);
        y += captionHeight;
    };
    if (in.pieces.size() > 1) {
        caption(say(QT_TRANSLATE_NOOP("Generation", "where the wrong token stands, and its own words begin")));
        y = addText(picture, in, y, say);
    }
    if (!in.alternatives.empty() && !e.steps.empty()) {
        caption(fill(say(QT_TRANSLATE_NOOP("Generation", "instead of “%1”, which has %2 there: what the model finds probable")),
                     {in.piece(e.steps.front().truth), printProbability(std::exp(-e.steps.front().taught))}));
        y = addAlternatives(picture, in, y, say);
    }
    return y > 0 ? y + 4 : 0;
}

}  // namespace lw
