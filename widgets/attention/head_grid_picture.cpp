#include "widgets/attention/head_grid_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double gap = 2, nameColumn = 20;

const AttentionInfo& attentionOf(const ModelInfo& model, Layer layer) {
    return model.blocks[static_cast<std::size_t>(layer.value)].attention;
}

int mostHeads(const ModelInfo& model) {
    int heads = 1;
    for (const BlockInfo& block : model.blocks) heads = std::max(heads, block.attention.heads);
    return heads;
}

std::string nameOf(HeadPlace place) { return "L" + std::to_string(place.layer.value) + "H" + std::to_string(place.head.value); }

void addThumb(Picture& picture, const HeadGridInput& in, HeadPlace place, Rect rect, const std::string& says,
              std::optional<double> score) {
    const HeadThumb* thumb = in.thumb ? in.thumb(place) : nullptr;
    const bool chosen = in.selected == place;
    picture.box({.rect = rect, .fill = thumb ? Ink::Panel : Ink::Grid, .frame = Ink::Line, .radius = 1});
    if (thumb) {
        picture.raster({.rect = {rect.x + 1, rect.y + 1, rect.w - 2, rect.h - 2},
                        .rows = thumb->size,
                        .cols = thumb->size,
                        .values = thumb->cells,
                        .map = in.difference ? ColourMap::Diverging : ColourMap::Sequential});
    }
    if (chosen) {
        picture.box({.rect = {rect.x - 1, rect.y - 1, rect.w + 2, rect.h + 2},
                     .fill = Ink::None,
                     .frame = Ink::SelectedFrame,
                     .frameWidth = 2,
                     .radius = 3});
    }
    Locus at;
    at.layer = place.layer;
    at.head = place.head;
    at.site = SiteId::Pattern;
    picture.spot(
        {.rect = {rect.x - gap / 2, rect.y - gap / 2, rect.w + gap, rect.h + gap}, .place = at, .says = says, .value = score});
}

std::string layerHeadSays(const HeadGridInput& in, HeadPlace place) {
    return fill(in.say(QT_TRANSLATE_NOOP("Attention", "layer %1, head %2")),
                {std::to_string(place.layer.value), std::to_string(place.head.value)});
}

// The side of a thumbnail in rows of layers: as large as fits without scrolling, but never so small that nothing can be seen;
// then the grid scrolls.
double sideByLayer(const HeadGridInput& in) {
    constexpr double smallest = 9;  // also before there is any room, when the widget has not been laid out yet
    const double across = std::max(smallest, (in.width - nameColumn - 4) / mostHeads(*in.model) - gap);
    const double down = (in.height - (in.numbered ? headNumbersHeight : 0)) / std::max(1, in.model->layers()) - gap;
    return std::floor(std::clamp(down, std::min(across, 24.0), std::min(across, 64.0)));
}

void byLayer(Picture& picture, const HeadGridInput& in) {
    const int layers = in.model->layers();
    const double side = sideByLayer(in), top = in.numbered ? headNumbersHeight : 0;
    picture.width = nameColumn + mostHeads(*in.model) * (side + gap) + 2;
    picture.height = top + layers * (side + gap) + 2;
    if (in.numbered) addHeadNumbers(picture, in, 0, 0);
    for (int row = 0; row < layers; ++row) {
        const int layer = layers - 1 - row;  // the output is on top, as in the layer map
        const double y = top + row * (side + gap) + 1;
        const bool chosen = in.selected && in.selected->layer.value == layer;
        picture.label({.rect = {0, y, nameColumn - 5, side},
                       .text = std::to_string(layer),
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = chosen ? Ink::Text : Ink::Muted,
                       .bold = chosen});
        if (const BlockInfo& block = in.model->block(Layer(layer)); block.hasMixer()) {  // a hybrid: what it has instead
            const std::string name(mixerKindTitle(block.mixer.kind));
            picture.label({.rect = {nameColumn, y, picture.width - nameColumn, side},
                           .text = name,
                           .size = TypeSize::Small,
                           .colour = Ink::Recurrent});
        }
        for (int h = 0; h < attentionOf(*in.model, Layer(layer)).heads; ++h) {
            const HeadPlace place{Layer(layer), Head(h)};
            addThumb(picture, in, place, {nameColumn + h * (side + gap), y, side, side}, layerHeadSays(in, place), std::nullopt);
        }
    }
}

void sorted(Picture& picture, const HeadGridInput& in) {
    std::vector<const HeadScores*> order;
    for (const HeadScores& s : in.scores) order.push_back(&s);
    // Entropy: the sharpest heads first; all other scores: the highest first.
    std::stable_sort(order.begin(), order.end(), [&](const HeadScores* a, const HeadScores* b) {
        const double x = headScore(*a, in.order), y = headScore(*b, in.order);
        return in.order == HeadOrder::Entropy ? x < y : x > y;
    });
    constexpr double cell = 44, side = 36, names = 24;
    const int columns = std::max(1, static_cast<int>((in.width - 4) / cell));
    const int rows = (static_cast<int>(order.size()) + columns - 1) / columns;
    picture.width = columns * cell + 2;
    picture.height = rows * (side + names + 4) + 2;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const HeadPlace place{order[i]->layer, order[i]->head};
        const double x = static_cast<double>(i % static_cast<std::size_t>(columns)) * cell + 2;
        const double y = static_cast<double>(i / static_cast<std::size_t>(columns)) * (side + names + 4) + 2;
        const double score = headScore(*order[i], in.order);
        const std::string number = printNumber(score, 2);
        addThumb(picture, in, place, {x + (cell - 4 - side) / 2, y, side, side},
                 layerHeadSays(in, place) + ": " + headOrderName(in.order, in.say) + " " + printNumber(score), score);
        picture.label({.rect = {x, y + side + 2, cell - 2, 11},
                       .text = nameOf(place),
                       .size = TypeSize::Small,
                       .align = Align::Centre,
                       .colour = in.selected == place ? Ink::Text : Ink::Muted,
                       .bold = in.selected == place});
        picture.label({.rect = {x, y + side + 12, cell - 2, 11},
                       .text = number,
                       .size = TypeSize::Small,
                       .align = Align::Centre,
                       .colour = Ink::Text,
                       .mono = true});
    }
}

}  // namespace

void addHeadNumbers(Picture& picture, const HeadGridInput& in, double y, double shift) {
    const double side = sideByLayer(in);
    const int every = static_cast<int>(std::ceil(13 / (side + gap)));
    for (int h = 0; h < mostHeads(*in.model); h += every) {
        const double x = nameColumn + h * (side + gap) - shift;
        if (x < 0) continue;
        picture.label({.rect = {x - 4, y, side + 8, headNumbersHeight - 2},
                       .text = std::to_string(h),
                       .size = TypeSize::Small,
                       .align = Align::Centre,
                       .colour = Ink::Muted,
                       .bold = in.selected && in.selected->head.value == h});
    }
}

std::string headOrderName(HeadOrder order, const Say& say) {
    switch (order) {
        case HeadOrder::ByLayer:
            return say(QT_TRANSLATE_NOOP("Attention", "by layer"));
        case HeadOrder::PreviousToken:
            return say(QT_TRANSLATE_NOOP("Attention", "previous token"));
        case HeadOrder::FirstToken:
            return say(QT_TRANSLATE_NOOP("Attention", "first token"));
        case HeadOrder::SameToken:
            return say(QT_TRANSLATE_NOOP("Attention", "same token"));
        case HeadOrder::Induction:
            return say(QT_TRANSLATE_NOOP("Attention", "induction"));
        case HeadOrder::Entropy:
            return say(QT_TRANSLATE_NOOP("Attention", "entropy"));
    }
    return {};
}

std::string_view headOrderId(HeadOrder order) {
    switch (order) {
        case HeadOrder::ByLayer:
            return "layer";
        case HeadOrder::PreviousToken:
            return "previous";
        case HeadOrder::FirstToken:
            return "first";
        case HeadOrder::SameToken:
            return "same";
        case HeadOrder::Induction:
            return "induction";
        case HeadOrder::Entropy:
            return "entropy";
    }
    return {};
}

double headScore(const HeadScores& scores, HeadOrder order) {
    switch (order) {
        case HeadOrder::ByLayer:
            return 0;
        case HeadOrder::PreviousToken:
            return scores.previousToken;
        case HeadOrder::FirstToken:
            return scores.firstToken;
        case HeadOrder::SameToken:
            return scores.sameToken;
        case HeadOrder::Induction:
            return scores.induction;
        case HeadOrder::Entropy:
            return scores.entropy;
    }
    return 0;
}

std::string headSentence(const HeadScores& s, InformationUnit unit, const Say& say) {
    struct Kind {
        double score;
        const char* text;
    };
    const Kind kinds[] = {
        {s.induction,
         QT_TRANSLATE_NOOP("Attention", "reads what followed the same token earlier: %1 of its attention, on this text")},
        {s.sameToken,
         QT_TRANSLATE_NOOP("Attention", "reads earlier copies of the token itself: %1 of its attention, on this text")},
        {s.previousToken, QT_TRANSLATE_NOOP("Attention", "reads the token before: %1 of its attention, on this text")},
        {s.selfToken, QT_TRANSLATE_NOOP("Attention", "reads the token itself: %1 of its attention, on this text")},
        {s.firstToken, QT_TRANSLATE_NOOP("Attention", "rests on the first token: %1 of its attention, on this text")},
    };
    const Kind* best = &kinds[0];
    for (const Kind& kind : kinds) {
        if (kind.score > best->score) best = &kind;
    }
    if (best->score < 0.35) {
        // None of the patterns: so many tokens, all alike, have this entropy.
        return fill(say(QT_TRANSLATE_NOOP("Attention", "spreads over about %1 tokens a row: entropy %2 %3, on this text")),
                    {printNumber(std::exp(s.entropy), 2), printNumber(inUnit(s.entropy, unit), 3), std::string(unitName(unit))});
    }
    return fill(say(best->text), {printNumber(best->score, 2)});
}

Picture headGridPicture(const HeadGridInput& in) {
    Picture picture;
    if (in.order == HeadOrder::ByLayer || in.scores.empty()) {
        byLayer(picture, in);
    } else {
        sorted(picture, in);
    }
    if (!in.scores.empty()) {
        DataTable table;
        table.name = "head_scores_on_this_text";
        table.columns = {"layer", "head", "previous_token", "first_token", "same_token", "induction", "entropy", "self"};
        for (const HeadScores& s : in.scores) {
            table.rows.push_back({static_cast<double>(s.layer.value), static_cast<double>(s.head.value), s.previousToken,
                                  s.firstToken, s.sameToken, s.induction, s.entropy, s.selfToken});
        }
        picture.tables.push_back(std::move(table));
    }
    return picture;
}

std::optional<Rect> thumbRect(const Picture& picture, HeadPlace place) {
    for (const Spot& spot : picture.spots) {
        if (spot.place.layer == place.layer && spot.place.head == place.head) return spot.rect;
    }
    return std::nullopt;
}

std::string headGridNote(const HeadGridInput& in, int pool) {
    std::string text = in.say(in.difference ? QT_TRANSLATE_NOOP("Attention", "weights B − A, −1 to 1")
                                            : QT_TRANSLATE_NOOP("Attention", "weights, 0 to 1"));
    if (pool > 1) text += fill(in.say(QT_TRANSLATE_NOOP("Attention", " · dot = largest of %1 × %1")), {std::to_string(pool)});
    if (in.order != HeadOrder::ByLayer) {
        text =
            fill(in.say(in.order == HeadOrder::Entropy ? QT_TRANSLATE_NOOP("Attention", "%1 on this text, sharpest first")
                                                       : QT_TRANSLATE_NOOP("Attention", "%1 score on this text, highest first")),
                 {headOrderName(in.order, in.say)}) +
            " · " + text;
    }
    return text;
}

}  // namespace lw
