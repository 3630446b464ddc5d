#include "widgets/embeddings/context_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/embeddings/map_picture.h"
#include "widgets/shared/axis.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double line = 18, chipHeight = 20;
constexpr Ink inkA = Ink::Attention, inkB = Ink::Erased;

// Tokens on as many lines as they need; the chosen one framed.
double addText(Picture& picture, const ContextInput& in, double y, bool first) {
    const std::vector<std::string>& pieces = first ? in.piecesA : in.piecesB;
    const std::string letter = first ? "A" : "B";
    picture.label({.rect = {0, y, 18, chipHeight}, .text = letter, .colour = first ? inkA : inkB, .bold = true});
    double x = 22;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const double w = std::min(in.width - 30, textWidth(pieces[i], TypeSize::Body) + 6);
        if (x + w > in.width && x > 22) {
            x = 22;
            y += chipHeight + 3;
        }
        const bool chosen = static_cast<int>(i) == (first ? in.a : in.b);
        const Rect rect{x, y, w, chipHeight};
        picture.box({.rect = rect,
                     .fill = chosen ? Colour(Ink::SelectedFill) : Colour(Ink::Grid),
                     .frame = chosen ? Colour(Ink::SelectedFrame) : Colour(Ink::None),
                     .frameWidth = 1.5,
                     .radius = 3});
        picture.label({.rect = rect, .text = pieces[i], .align = Align::Centre, .bold = chosen});
        Spot spot{.rect = rect,
                  .place = {},
                  .says = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "text %1, position %2: “%3”")),
                               {letter, std::to_string(i), pieces[i]})};
        if (first) {
            spot.place.position = Position(static_cast<int>(i));
        } else {
            spot.action = "second:" + std::to_string(i);
        }
        picture.spot(std::move(spot));
        x += w + 3;
    }
    return y + chipHeight + 5;
}

void addCurves(Picture& picture, const ContextInput& in, Rect area) {
    const ContextFacts& facts = *in.facts;
    addCaption(picture, {area.x, area.y, area.w, line}, in.say(QT_TRANSLATE_NOOP("Embeddings", "cosine of A and B by layer")));
    const Rect plot{area.x + 34, area.y + line + 6, area.w - 44, area.h - line - 62};
    double low = 0;
    for (const ContextState& state : facts.states) {
        low = std::min(low, state.cosine);
        if (std::isfinite(state.others)) low = std::min(low, state.others);
    }
    const Range range = low < 0 ? niceRange(low, 1, 5) : Range{0, 1};
    const auto n = static_cast<double>(std::max<std::size_t>(2, facts.states.size()));
    const auto at = [&](std::size_t i, double v) {
        return Point{plot.x + plot.w * static_cast<double>(i) / (n - 1),
                     plot.bottom() - plot.h * (v - range.low) / (range.high - range.low)};
    };
    for (const Tick& tick : linearTicks(range.low, range.high, 5)) {
        const double y = at(0, tick.value).y;
        picture.stroke({.points = {{plot.x, y}, {plot.right(), y}}, .colour = tick.value == 0 ? Ink::Muted : Ink::Grid});
        picture.label({.rect = {area.x, y - 7, 30, 14},
                       .text = tick.text,
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = Ink::Muted,
                       .mono = true});
    }
    Stroke both{.points = {}, .colour = Ink::Accent, .width = 2},
        itself{.points = {}, .colour = Ink::Muted, .width = 1.5, .dashed = true},
        others{.points = {}, .colour = Ink::Kept, .width = 1.5};
    double lastLabel = -100;
    for (std::size_t i = 0; i < facts.states.size(); ++i) {
        const ContextState& state = facts.states[i];
        both.points.push_back(at(i, state.cosine));
        itself.points.push_back(at(i, state.itself));
        if (std::isfinite(state.others)) others.points.push_back(at(i, state.others));
        const double x = at(i, range.low).x, w = textWidth(state.name, TypeSize::Small) + 2;
        if (x - w / 2 > lastLabel + 4) {
            picture.label({.rect = {x - w / 2, plot.bottom() + 7, w, 13},
                           .text = state.name,
                           .size = TypeSize::Small,
                           .align = Align::Centre,
                           .colour = Ink::Muted});
            lastLabel = x + w / 2;
        }
    }
    picture.stroke(std::move(itself));
    if (others.points.size() > 1) picture.stroke(std::move(others));
    const std::vector<Point> points = both.points;
    picture.stroke(std::move(both));
    for (std::size_t i = 0; i < points.size(); ++i) {
        picture.box({.rect = {points[i].x - 3.5, points[i].y - 3.5, 7, 7}, .fill = Ink::Accent, .radius = 3.5});
        Locus place = facts.states[i].place;
        place.position = facts.a;
        picture.spot({.rect = {points[i].x - 6, points[i].y - 6, 12, 12},
                      .place = place,
                      .says = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "%1: cosine of A and B %2")),
                                   {facts.states[i].name, printNumber(facts.states[i].cosine)}),
                      .value = facts.states[i].cosine});
    }
    double y = plot.bottom() + 22;
    const struct {
        Ink ink;
        std::string text;
    } legend[] = {{Ink::Accent, in.say(QT_TRANSLATE_NOOP("Embeddings", "● A with B"))},
                  {Ink::Muted, in.say(QT_TRANSLATE_NOOP("Embeddings", "┄ control: A with itself"))},
                  {Ink::Kept, in.say(QT_TRANSLATE_NOOP("Embeddings", "— A with B’s other tokens, mean"))}};
    double x = area.x;
    for (const auto& one : legend) {
        const double w = textWidth(one.text, TypeSize::Label);
        if (x + w > area.right() && x > area.x) {
            x = area.x;
            y += 15;
        }
        picture.label({.rect = {x, y, w, 14}, .text = one.text, .size = TypeSize::Label, .colour = one.ink});
        x += w + 10;
    }
}

void addWays(Picture& picture, const ContextInput& in, Rect area) {
    const ContextFacts& facts = *in.facts;
    addCaption(picture, {area.x, area.y, area.w, line}, in.say(QT_TRANSLATE_NOOP("Embeddings", "both ways through the layers")));
    const Rect plot{area.x, area.y + line + 2, area.w, area.h - line - 22};
    picture.box({.rect = plot, .frame = Ink::Line, .radius = 2});
    MatrixD all(facts.pathA.rows() * 2, 2);
    all << facts.pathA, facts.pathB;
    std::vector<Eigen::Index> always;
    for (Eigen::Index i = 0; i < all.rows(); ++i) always.push_back(i);
    const MapScale scale = scaleFor(all, always, {plot.x + 4, plot.y + 4, plot.w - 8, plot.h - 8});
    std::vector<Rect> taken;  // marks and labels
    for (const MatrixD* path : {&facts.pathA, &facts.pathB}) {
        for (Eigen::Index i = 0; i < path->rows(); ++i) {
            const Point p = scale.at((*path)(i, 0), (*path)(i, 1));
            taken.push_back({p.x - 4, p.y - 4, 8, 8});
        }
    }
    for (const bool first : {true, false}) {
        const MatrixD& path = first ? facts.pathA : facts.pathB;
        const Ink ink = first ? inkA : inkB;
        Stroke way{.points = {}, .colour = ink, .width = 1.5, .dashed = !first};
        for (Eigen::Index i = 0; i < path.rows(); ++i) way.points.push_back(scale.at(path(i, 0), path(i, 1)));
        const std::vector<Point> points = way.points;
        picture.stroke(std::move(way));
        for (std::size_t i = 0; i < points.size(); ++i) {
            const Point p = points[i];
            picture.box({.rect = {p.x - 3.5, p.y - 3.5, 7, 7}, .fill = ink, .radius = first ? 3.5 : 0});
            const std::string name = (first ? "A " : "B ") + facts.states[i].name;
            // Right of its mark or left, above or below it, wherever nothing stands yet; else it is told by hovering.
            const double w = textWidth(name, TypeSize::Small) + 2;
            for (const Rect rect : {Rect{p.x + 6, p.y - 13, w, 13}, Rect{p.x + 6, p.y, w, 13}, Rect{p.x - 6 - w, p.y - 13, w, 13},
                                    Rect{p.x - 6 - w, p.y, w, 13}}) {
                const bool inside =
                    rect.x >= plot.x && rect.right() <= plot.right() && rect.y >= plot.y && rect.bottom() <= plot.bottom();
                if (!inside || std::ranges::any_of(taken, [&](const Rect& other) {
                        return rect.x < other.right() && other.x < rect.right() && rect.y < other.bottom() &&
                               other.y < rect.bottom();
                    }))
                    continue;
                picture.label({.rect = rect, .text = name, .size = TypeSize::Small, .colour = ink});
                taken.push_back(rect);
                break;
            }
            picture.spot({.rect = {p.x - 5, p.y - 5, 10, 10},
                          .place = {},
                          .says = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "text %1, %2: length %3")),
                                       {first ? "A" : "B", facts.states[i].name,
                                        printNumber(first ? facts.states[i].lengthA : facts.states[i].lengthB)})});
        }
    }
    picture.label({.rect = {area.x, plot.bottom() + 2, area.w, 16},
                   .text = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "→ %1 %, ↑ %2 % of the variance")),
                                {printNumber(100 * facts.pca.share(0), 3),
                                 facts.pca.variances.size() > 1 ? printNumber(100 * facts.pca.share(1), 3) : "0"}),
                   .size = TypeSize::Label,
                   .colour = Ink::Muted});
}

double addTable(Picture& picture, const ContextInput& in, double y) {
    const ContextFacts& facts = *in.facts;
    const double column = 62;
    const std::string heads[] = {in.say(QT_TRANSLATE_NOOP("Embeddings", "state")), "cos A,B", "cos A,A", "|A|", "|B|"};
    // As many blocks of the table side by side as there is room for.
    const int blocks = std::max(1, static_cast<int>((in.width + 20) / (5 * column + 20)));
    const auto rows = static_cast<int>(facts.states.size()), each = (rows + blocks - 1) / blocks;
    DataTable data{.name = "contexts", .columns = {"cosine", "control", "others", "length_A", "length_B"}};
    for (int b = 0; b < blocks && b * each < rows; ++b) {
        const double x = b * (5 * column + 20);
        for (int c = 0; c < 5; ++c)
            picture.label({.rect = {x + c * column, y, column - 6, line},
                           .text = heads[c],
                           .size = TypeSize::Label,
                           .align = c == 0 ? Align::Left : Align::Right,
                           .colour = Ink::Muted,
                           .bold = true});
        for (int i = b * each; i < std::min(rows, (b + 1) * each); ++i) {
            const ContextState& state = facts.states[static_cast<std::size_t>(i)];
            const double top = y + line * (i - b * each + 1);
            picture.label({.rect = {x, top, column - 6, line}, .text = state.name});
            const double values[] = {state.cosine, state.itself, state.lengthA, state.lengthB};
            for (int c = 0; c < 4; ++c)
                picture.label({.rect = {x + (c + 1) * column, top, column - 6, line},
                               .text = printNumber(values[c]),
                               .size = TypeSize::Label,
                               .align = Align::Right,
                               .mono = true});
        }
    }
    for (const ContextState& state : facts.states) {
        data.rowNames.push_back(state.name);
        data.rows.push_back({state.cosine, state.itself, state.others, state.lengthA, state.lengthB});
    }
    picture.tables.push_back(std::move(data));
    return y + line * (each + 1);
}

}  // namespace

Picture contextPicture(const ContextInput& in) {
    Picture picture;
    picture.width = in.width;
    double y = addText(picture, in, 0, true);
    if (!in.piecesB.empty()) y = addText(picture, in, y, false);
    if (!in.note.empty()) {
        picture.label({.rect = {0, y, in.width, line}, .text = in.note, .size = TypeSize::Label, .colour = Ink::Muted});
        y += line + 4;
    }
    if (in.facts) {
        const double half = (in.width - 24) / 2, height = 236;
        addCurves(picture, in, {0, y, half, height});
        addWays(picture, in, {half + 24, y, half, height});
        y = addTable(picture, in, y + height + 8);
    }
    picture.height = y + 4;
    return picture;
}

}  // namespace lw
