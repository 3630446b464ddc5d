#include "widgets/embeddings/map_picture.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr Ink hues[mostLists] = {Ink::Attention, Ink::Erased, Ink::FeedForward, Ink::Recurrent,
                                 Ink::Key,       Ink::Kept,   Ink::Query,       Ink::SelectedFrame};
constexpr double sideWidth = 206, line = 18;
constexpr std::size_t mostDots = 6000;  // rows beyond so many are drawn as a density

// A mark for each list, so that nothing depends on the hue alone.
void addMark(Picture& picture, Point at, int list, double r = 5) {
    const Ink ink = hues[static_cast<std::size_t>(list) % mostLists];
    const auto polygon = [&](std::vector<Point> points) {
        for (Point& p : points) p = {at.x + p.x * r, at.y + p.y * r};
        picture.stroke({.points = std::move(points), .colour = ink, .width = 1.5, .closed = true, .fill = Colour(ink, 0.35)});
    };
    switch (list % 8) {
        case 0:
            picture.box({.rect = {at.x - r, at.y - r, 2 * r, 2 * r},
                         .fill = Colour(ink, 0.35),
                         .frame = ink,
                         .frameWidth = 1.5,
                         .radius = r});
            break;
        case 1:
            polygon({{0, -1.2}, {1.1, 0.8}, {-1.1, 0.8}});
            break;
        case 2:
            polygon({{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}});
            break;
        case 3:
            polygon({{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}});
            break;
        case 4:
            polygon({{0, 1.2}, {1.1, -0.8}, {-1.1, -0.8}});
            break;
        case 5:
            polygon({{-1.2, 0}, {-0.6, -1}, {0.6, -1}, {1.2, 0}, {0.6, 1}, {-0.6, 1}});
            break;
        case 6:
            polygon({{-1.3, -0.5}, {1.3, -0.5}, {1.3, 0.5}, {-1.3, 0.5}});
            break;
        default:
            polygon({{-0.5, -1.3}, {0.5, -1.3}, {0.5, 1.3}, {-0.5, 1.3}});
            break;
    }
}

bool overlaps(const Rect& a, const Rect& b) { return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom(); }

// Labels that find room: right of their point, left, above, below; else none.
class Labels {
public:
    Labels(Picture& picture, Rect area) : m_picture(picture), m_area(area) {}
    void keep(const Rect& rect) { m_taken.push_back(rect); }
    bool add(Point at, const std::string& text, Colour colour, bool bold = false) {
        const double w = textWidth(text, TypeSize::Label, bold) + 2, h = 14;
        for (const Rect rect : {Rect{at.x + 8, at.y - h / 2, w, h}, Rect{at.x - 8 - w, at.y - h / 2, w, h},
                                Rect{at.x - w / 2, at.y - 8 - h, w, h}, Rect{at.x - w / 2, at.y + 8, w, h}}) {
            if (rect.x < m_area.x || rect.right() > m_area.right() || rect.y < m_area.y || rect.bottom() > m_area.bottom())
                continue;
            if (std::ranges::any_of(m_taken, [&](const Rect& other) { return overlaps(rect, other); })) continue;
            m_picture.label({.rect = rect, .text = text, .size = TypeSize::Label, .colour = colour, .bold = bold});
            m_taken.push_back(rect);
            return true;
        }
        return false;
    }

private:
    Picture& m_picture;
    Rect m_area;
    std::vector<Rect> m_taken;
};

void addDensity(Picture& picture, const MatrixD& points, const MapScale& scale) {
    const int columns = std::max(8, static_cast<int>(scale.area.w / 5)), rows = std::max(8, static_cast<int>(scale.area.h / 5));
    std::vector<float> counts(static_cast<std::size_t>(rows * columns), 0.0f);
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
        const Point at = scale.at(points(i, 0), points(i, 1));
        const int c = static_cast<int>((at.x - scale.area.x) / scale.area.w * columns),
                  r = static_cast<int>((at.y - scale.area.y) / scale.area.h * rows);
        if (c >= 0 && c < columns && r >= 0 && r < rows) counts[static_cast<std::size_t>(r * columns + c)] += 1;
    }
    const float most = std::log1p(*std::ranges::max_element(counts));
    for (float& count : counts) count = most > 0 ? 0.3f * std::log1p(count) / most : 0;
    picture.raster(
        {.rect = scale.area, .rows = rows, .cols = columns, .values = std::move(counts), .map = ColourMap::Sequential});
}

double addSum(Picture& picture, const MapInput& in, double x, double y, double width) {
    addCaption(picture, {x, y, width, line}, in.say(QT_TRANSLATE_NOOP("Embeddings", "sum of unit rows: nearest")));
    y += line + 2;
    if (!in.sum->problem.empty()) {
        picture.label(
            {.rect = {x, y, width, line},
             .text = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "“%1” is no row of %2")), {in.sum->problem, in.map->table.name}),
             .size = TypeSize::Label,
             .colour = Ink::Erased});
        return y + line + 6;
    }
    DataTable table{.name = "arithmetic", .columns = {"rank", "id", "token", "cosine", "input"}};
    int rank = 0;
    for (const RankedToken& one : in.sum->ranking) {
        ++rank;
        picture.label({.rect = {x, y, 20, line},
                       .text = std::to_string(rank),
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .colour = Ink::Muted,
                       .mono = true});
        const std::string input = one.input ? in.say(QT_TRANSLATE_NOOP("Embeddings", "input")) : std::string();
        const double inputWidth = one.input ? textWidth(input, TypeSize::Small) + 8 : 0;
        picture.label({.rect = {x + 26, y, width - 26 - 50 - inputWidth, line},
                       .text = one.piece,
                       .colour = one.input ? Colour(Ink::Muted) : Colour(Ink::Text)});
        if (one.input) {
            const Rect chip{x + width - 50 - inputWidth, y + 3, inputWidth, line - 6};
            picture.box({.rect = chip, .frame = Ink::Line, .radius = 3});
            picture.label({.rect = chip, .text = input, .size = TypeSize::Small, .align = Align::Centre, .colour = Ink::Muted});
        }
        picture.label({.rect = {x + width - 46, y, 46, line},
                       .text = printNumber(one.near.cosine, 3),
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .mono = true});
        picture.spot({.rect = {x, y, width, line},
                      .place = {},
                      .says = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "%1: “%2”, cosine %3 with the sum")),
                                   {std::to_string(rank), one.piece, printNumber(one.near.cosine)}),
                      .value = one.near.cosine,
                      .action = "token:" + std::to_string(one.near.id)});
        table.textRows.push_back({std::to_string(rank), std::to_string(one.near.id), one.piece, printNumber(one.near.cosine, 7),
                                  one.input ? "1" : "0"});
        y += line;
    }
    picture.tables.push_back(std::move(table));
    return y + 6;
}

double addLegend(Picture& picture, const MapInput& in, double x, double y, double width) {
    addCaption(picture, {x, y, width, line}, in.say(QT_TRANSLATE_NOOP("Embeddings", "lists")));
    y += line + 2;
    for (std::size_t list = 0; list < in.lists->names.size(); ++list) {
        const auto number = static_cast<int>(list);
        const auto found = std::ranges::count(in.lists->found, number, &ListedWord::list);
        std::string missing;
        std::int64_t without = 0;
        for (const auto& [of, word] : in.lists->missing) {
            if (of != number) continue;
            ++without;
            missing += (missing.empty() ? "" : ", ") + word;
        }
        addMark(picture, {x + 8, y + line / 2}, number);
        const std::string count = without ? std::to_string(found) + "/" + std::to_string(found + without) : std::to_string(found);
        picture.label({.rect = {x + 20, y, width - 70, line}, .text = in.lists->names[list]});
        picture.label({.rect = {x + width - 48, y, 48, line},
                       .text = count,
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .colour = Ink::Muted,
                       .mono = true});
        picture.spot({.rect = {x, y, width, line},
                      .place = {},
                      .says = missing.empty()
                                  ? fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "%1: %2 words, all in the table")),
                                         {in.lists->names[list], std::to_string(found)})
                                  : fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "%1: %2 in the table; not there: %3")),
                                         {in.lists->names[list], std::to_string(found), missing})});
        y += line;
    }
    return y + 8;
}

}  // namespace

MapScale scaleFor(const MatrixD& points, const std::vector<Eigen::Index>& always, Rect area) {
    MapScale scale;
    scale.area = area;
    const auto range = [&](int column, double pixels, double& first, double& per) {
        std::vector<double> sorted(static_cast<std::size_t>(points.rows()));
        for (Eigen::Index i = 0; i < points.rows(); ++i) sorted[static_cast<std::size_t>(i)] = points(i, column);
        std::ranges::sort(sorted);
        const std::size_t cut = sorted.size() / 200;
        double low = sorted.empty() ? 0 : sorted[cut], high = sorted.empty() ? 1 : sorted[sorted.size() - 1 - cut];
        for (const Eigen::Index i : always) {
            low = std::min(low, points(i, column));
            high = std::max(high, points(i, column));
        }
        const double room = std::max(1e-12, (high - low) * 0.05);
        first = low - room;
        per = pixels / (high - low + 2 * room);
    };
    range(0, area.w, scale.x0, scale.perX);
    range(1, area.h, scale.y0, scale.perY);
    return scale;
}

Picture mapPicture(const MapInput& in) {
    Picture picture;
    picture.width = in.width;
    const double side = in.width >= 560 ? sideWidth : 0;
    const Rect area{0, 0, in.width - side - (side > 0 ? 14 : 0), std::max(220.0, in.height - 20)};
    picture.box({.rect = area, .frame = Ink::Line, .radius = 2});
    const bool tsne = in.words != nullptr;
    const MatrixD& points = tsne ? in.words->layout.points : in.map->points;
    const auto idOf = [&](Eigen::Index row) {
        return tsne ? in.words->ids[static_cast<std::size_t>(row)] : static_cast<TokenId>(row);
    };
    std::unordered_map<TokenId, Eigen::Index> rowOf;
    if (tsne) {
        for (std::size_t i = 0; i < in.words->ids.size(); ++i) rowOf[in.words->ids[i]] = static_cast<Eigen::Index>(i);
    }
    const auto row = [&](TokenId id) -> Eigen::Index {
        if (!tsne) return id >= 0 && id < points.rows() ? id : -1;
        const auto at = rowOf.find(id);
        return at == rowOf.end() ? -1 : at->second;
    };
    std::vector<Eigen::Index> always;
    for (const ListedWord& word : in.lists->found)
        if (const Eigen::Index at = row(word.id); at >= 0) always.push_back(at);
    if (const Eigen::Index at = row(in.selected); at >= 0) always.push_back(at);
    const MapScale scale = scaleFor(points, always, {area.x + 1, area.y + 1, area.w - 2, area.h - 2});
    const auto place = [&](Eigen::Index i) { return scale.at(points(i, 0), points(i, 1)); };
    const auto inside = [&](Point p) { return area.contains(p.x, p.y); };

    const bool few = points.rows() <= 120;
    Labels labels(picture, area);
    Eigen::Index outside = 0;
    for (Eigen::Index i = 0; i < points.rows(); ++i) outside += !inside(place(i));
    const bool dots = static_cast<std::size_t>(points.rows()) <= mostDots;
    if (!dots) addDensity(picture, points, scale);
    const auto addSpot = [&](Eigen::Index i, double r) {
        const Point at = place(i);
        const TokenId id = idOf(i);
        picture.spot(
            {.rect = {at.x - r, at.y - r, 2 * r, 2 * r},
             .place = {},
             .says = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "“%1”, id %2 at %3, %4")),
                          {in.map->table.piece(id), std::to_string(id), printNumber(points(i, 0)), printNumber(points(i, 1))}),
             .action = "token:" + std::to_string(id)});
    };
    for (Eigen::Index i = 0; dots && i < points.rows(); ++i) {
        const Point at = place(i);
        if (!inside(at)) continue;
        const double r = few ? 3 : 1.5;
        picture.box({.rect = {at.x - r, at.y - r, 2 * r, 2 * r}, .fill = Ink::Faint, .radius = r});
        if (in.settled) addSpot(i, 3);
    }
    DataTable table{.name = tsne ? "tsne" : "pca", .columns = {"list", "id", "token", "x", "y"}};
    for (const ListedWord& word : in.lists->found) {
        const Eigen::Index at = row(word.id);
        if (at < 0) continue;
        const Point p = place(at);
        addMark(picture, p, word.list);
        labels.keep({p.x - 5, p.y - 5, 10, 10});
    }
    if (const Eigen::Index at = row(in.selected); at >= 0) {
        const Point p = place(at);
        picture.box({.rect = {p.x - 8, p.y - 8, 16, 16}, .frame = Ink::SelectedFrame, .frameWidth = 2, .radius = 8});
        labels.add(p, in.map->table.piece(in.selected), Ink::Text, true);
    }
    for (const ListedWord& word : in.lists->found) {
        const Eigen::Index at = row(word.id);
        if (at < 0) continue;
        labels.add(place(at), word.word, hues[static_cast<std::size_t>(word.list) % mostLists]);
        addSpot(at, 6);
        table.textRows.push_back({in.lists->names[static_cast<std::size_t>(word.list)], std::to_string(word.id),
                                  in.map->table.piece(word.id), printNumber(points(at, 0), 7), printNumber(points(at, 1), 7)});
    }
    if (few) {
        for (Eigen::Index i = 0; i < points.rows(); ++i) labels.add(place(i), in.map->table.piece(idOf(i)), Ink::Muted);
    }
    std::string under;
    if (tsne) {
        under = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "%1 words · step %2 of %3 · KL %4 nats · perplexity %5")),
                     {std::to_string(points.rows()), std::to_string(in.words->layout.steps), std::to_string(settledAfter),
                      printNumber(in.words->divergence), printNumber(in.words->perplexity, 3)});
    } else {
        under = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "%1 rows · → %2 %, ↑ %3 % of the variance")),
                     {std::to_string(points.rows()), printNumber(100 * in.map->pca.share(0), 3),
                      in.map->pca.variances.size() > 1 ? printNumber(100 * in.map->pca.share(1), 3) : "0"});
        if (!dots) under += in.say(QT_TRANSLATE_NOOP("Embeddings", " · shade: how many rows lie there"));
        if (outside > 0) under += fill(in.say(QT_TRANSLATE_NOOP("Embeddings", " · %1 outside")), {std::to_string(outside)});
    }
    picture.label({.rect = {0, area.bottom() + 3, area.w, 16}, .text = under, .size = TypeSize::Label, .colour = Ink::Muted});
    picture.height = area.bottom() + 20;
    if (side > 0) {
        double y = addLegend(picture, in, area.right() + 14, 0, side);
        if (in.sum && !(in.sum->terms.empty() && in.sum->problem.empty())) y = addSum(picture, in, area.right() + 14, y, side);
        picture.height = std::max(picture.height, y);
    }
    picture.tables.insert(picture.tables.begin(), std::move(table));
    return picture;
}

}  // namespace lw
