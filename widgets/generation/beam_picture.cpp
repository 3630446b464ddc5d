#include "widgets/generation/beam_picture.h"

#include <algorithm>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double rowHeight = 24, nodeHeight = 20, columnGap = 34, headHeight = 18, numberWidth = 50;
constexpr int mostDropped = 6;  // drawn a depth; the others are counted

// The candidates of one depth that were kept, in order: the beams of the next depth.
std::vector<const BeamCandidate*> keptOf(const std::vector<BeamCandidate>& candidates) {
    std::vector<const BeamCandidate*> kept;
    for (const BeamCandidate& candidate : candidates)
        if (candidate.kept) kept.push_back(&candidate);
    return kept;
}

}  // namespace

std::vector<TokenId> beamTokens(const BeamResult& result, int depth, int kept) {
    std::vector<TokenId> tokens;
    for (int d = depth, n = kept; d >= 0; --d) {
        if (d >= static_cast<int>(result.candidates.size())) return {};
        const auto list = keptOf(result.candidates[static_cast<std::size_t>(d)]);
        if (n < 0 || n >= static_cast<int>(list.size())) return {};
        const BeamCandidate& candidate = *list[static_cast<std::size_t>(n)];
        if (candidate.id >= 0) tokens.push_back(candidate.id);  // −1: an ended beam goes on as it is
        n = candidate.parentBeam;
    }
    std::reverse(tokens.begin(), tokens.end());
    return tokens;
}

Picture beamPicture(const BeamInput& in, const Say& say) {
    Picture picture;
    picture.title = say(QT_TRANSLATE_NOOP("Generation", "Beam search"));
    const auto& depths = in.result.candidates;
    DataTable table{.name = "beam_candidates", .columns = {"depth", "parent_beam", "id", "log_probability", "score", "kept"}};

    const std::string ended = say(QT_TRANSLATE_NOOP("Generation", "ended"));
    const auto text = [&](const BeamCandidate& c) { return c.id < 0 ? ended : in.piece(c.id); };
    const double rootWidth = std::min(150.0, textWidth(in.prompt, TypeSize::Body, true) + 20);
    picture.box(
        {.rect = {0, headHeight, rootWidth, nodeHeight}, .fill = Ink::Panel, .frame = Ink::Muted, .radius = nodeHeight / 2});
    picture.label({.rect = {8, headHeight, rootWidth - 16, nodeHeight}, .text = in.prompt, .align = Align::Centre});

    // on the way to the best beam: those are drawn strong
    std::vector<int> best(depths.size(), -1);
    for (int d = static_cast<int>(depths.size()) - 1, n = 0; d >= 0; --d) {
        best[static_cast<std::size_t>(d)] = n;
        const auto kept = keptOf(depths[static_cast<std::size_t>(d)]);
        if (n < 0 || n >= static_cast<int>(kept.size())) break;
        n = kept[static_cast<std::size_t>(n)]->parentBeam;
    }

    std::vector<Rect> parents{{0, headHeight, rootWidth, nodeHeight}};
    double x = rootWidth + columnGap, bottom = headHeight + nodeHeight;
    for (std::size_t d = 0; d < depths.size(); ++d) {
        double nodeWidth = 44;
        int dropped = 0;
        for (const BeamCandidate& c : depths[d])
            if (c.kept || ++dropped <= mostDropped)
                nodeWidth = std::max(nodeWidth, std::min(120.0, textWidth(text(c), TypeSize::Body, true) + 20));
        picture.label({.rect = {x, 0, nodeWidth + numberWidth, 14},
                       .text = in.lengthPenalty == 0
                                   ? fill(say(QT_TRANSLATE_NOOP("Generation", "step %1 · Σ ln p")), {std::to_string(d + 1)})
                                   : fill(say(QT_TRANSLATE_NOOP("Generation", "step %1 · score")), {std::to_string(d + 1)}),
                       .size = TypeSize::Small,
                       .colour = Ink::Muted});
        std::vector<Rect> here;
        double y = headHeight;
        int kept = 0;
        dropped = 0;
        const auto draw = [&](const BeamCandidate& c) {
            const Rect rect{x, y, nodeWidth, nodeHeight};
            const bool strong = c.kept && best[d] == kept;
            const auto p = static_cast<std::size_t>(c.parentBeam);
            if (p < parents.size() && c.kept) {
                const Rect& from = parents[p];
                const double a = from.y + from.h / 2, b = rect.y + rect.h / 2;
                picture.stroke({.points = {{from.right() + (d == 0 ? 0 : numberWidth), a}, {x - 14, a}, {x - 8, b}, {x, b}},
                                .colour = strong ? Ink::Muted : Ink::Line,
                                .width = strong ? 2.0 : 1.25});
            }
            picture.box({.rect = rect,
                         .fill = strong ? Ink::SelectedFill : Ink::Panel,
                         .frame = strong   ? Ink::SelectedFrame
                                  : c.kept ? Ink::Muted
                                           : Ink::Line,
                         .radius = nodeHeight / 2,
                         .dashed = !c.kept});
            const Rect inner{rect.x + 8, rect.y, rect.w - 16, rect.h};
            picture.label({.rect = inner,
                           .text = text(c),
                           .align = Align::Centre,
                           .colour = c.kept ? Ink::Text : Ink::Muted,
                           .bold = strong});
            if (!c.kept) {
                const double w = std::min(inner.w, textWidth(text(c), TypeSize::Body)) / 2, m = rect.x + rect.w / 2;
                picture.stroke(
                    {.points = {{m - w, rect.y + rect.h / 2 + 1}, {m + w, rect.y + rect.h / 2 + 1}}, .colour = Ink::Erased});
            }
            picture.label({.rect = {rect.right() + 2, y, numberWidth - 4, nodeHeight},
                           .text = printNumber(c.score, 4),
                           .size = TypeSize::Small,
                           .align = Align::Right,
                           .colour = c.kept ? Ink::Text : Ink::Muted,
                           .mono = true});
            std::string says =
                fill(say(c.kept ? QT_TRANSLATE_NOOP("Generation", "step %1: “%2” kept, running log-probability %3")
                                : QT_TRANSLATE_NOOP("Generation", "step %1: “%2” dropped, running log-probability %3")),
                     {std::to_string(d + 1), text(c), printNumber(c.logProbability, 6)});
            if (in.lengthPenalty != 0)
                says += fill(say(QT_TRANSLATE_NOOP("Generation", ", score %1")), {printNumber(c.score, 6)});
            if (c.kept) says += say(QT_TRANSLATE_NOOP("Generation", "; click to walk there"));
            Spot spot{.rect = {x, y, nodeWidth + numberWidth, nodeHeight}, .says = says, .value = c.score};
            if (c.kept) spot.action = "walk:" + std::to_string(d) + ":" + std::to_string(kept);
            picture.spot(std::move(spot));
            y += rowHeight;
        };
        for (const BeamCandidate& c : depths[d]) {
            table.rowNames.push_back(text(c));
            table.rows.push_back({static_cast<double>(d + 1), static_cast<double>(c.parentBeam), static_cast<double>(c.id),
                                  c.logProbability, c.score, c.kept ? 1.0 : 0.0});
            if (!c.kept) continue;
            here.push_back({x, y, nodeWidth, nodeHeight});
            draw(c);
            ++kept;
        }
        y += 6;
        for (const BeamCandidate& c : depths[d])
            if (!c.kept && ++dropped <= mostDropped) draw(c);
        if (dropped > mostDropped)
            picture.label(
                {.rect = {x, y, nodeWidth + numberWidth, 16},
                 .text = fill(say(QT_TRANSLATE_NOOP("Generation", "… %1 more dropped")), {std::to_string(dropped - mostDropped)}),
                 .size = TypeSize::Small,
                 .colour = Ink::Muted}),
                y += 18;
        bottom = std::max(bottom, y);
        parents = std::move(here);
        x += nodeWidth + numberWidth + columnGap;
    }
    picture.width = depths.empty() ? rootWidth : x - columnGap;
    picture.height = bottom;
    const auto line = [&](const std::string& words, Colour colour, bool bold) {
        picture.label({.rect = {0, picture.height + 4, std::max(picture.width, textWidth(words, TypeSize::Body, bold) + 4), 18},
                       .text = words,
                       .colour = colour,
                       .bold = bold});
        picture.width = std::max(picture.width, textWidth(words, TypeSize::Body, bold) + 4);
        picture.height += 20;
    };
    if (in.lengthPenalty != 0)
        line(fill(say(QT_TRANSLATE_NOOP(
                      "Generation",
                      "Score: Σ ln p ÷ T^%1, T the tokens so far. It matters where beams end early: the longer ones gain.")),
                  {printNumber(in.lengthPenalty, 3)}),
             Ink::Muted, false);
    if (in.greedy && !in.result.beams.empty()) {
        const Beam &found = in.result.beams.front(), &greedy = *in.greedy;
        const auto words = [&](const Beam& beam) {
            std::string all;
            for (const TokenId id : beam.ids) all += in.piece(id);
            return all;
        };
        if (found.ids == greedy.ids)
            line(fill(say(QT_TRANSLATE_NOOP("Generation", "Greedy finds the same: “%1”, Σ ln p %2.")),
                      {words(greedy), printNumber(greedy.logProbability, 4)}),
                 Ink::Muted, false);
        else if (found.logProbability > greedy.logProbability && found.ids.size() == greedy.ids.size())
            line(fill(say(QT_TRANSLATE_NOOP("Generation",
                                            "Greedy misses it: “%1” has Σ ln p %2, “%3” of the same length only %4.")),
                      {words(found), printNumber(found.logProbability, 4), words(greedy), printNumber(greedy.logProbability, 4)}),
                 Ink::Text, true);
        else
            line(fill(say(QT_TRANSLATE_NOOP("Generation", "Greedy: “%1”, Σ ln p %2; the best beam: “%3”, %4.")),
                      {words(greedy), printNumber(greedy.logProbability, 4), words(found), printNumber(found.logProbability, 4)}),
                 Ink::Muted, false);
    }
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
