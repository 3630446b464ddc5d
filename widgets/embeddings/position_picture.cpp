#include "widgets/embeddings/position_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/embeddings/heat.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double line = 18;

void frameRow(Picture& picture, Rect area, int row, int rows) {
    if (row < 0 || row >= rows) return;
    const double h = area.h / rows;
    picture.box({.rect = {area.x - 2, area.y + row * h - 1, area.w + 4, std::max(4.0, h + 2)},
                 .frame = Ink::SelectedFrame,
                 .frameWidth = 1.5});
}

// Rows that can be pointed at: one each where there is room, else in bands.
void addRowSpots(Picture& picture, const PositionInput& in, Rect area, int rows, bool likeness) {
    const int each = std::max(1, static_cast<int>(4 / (area.h / rows)));
    for (int p = 0; p < rows; p += each) {
        const double y = area.y + area.h * p / rows, h = area.h * std::min(each, rows - p) / rows;
        std::string says = fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "position %1 “%2”")), {std::to_string(p), pieceAt(in, p)});
        if (likeness)
            says += fill(in.say(QT_TRANSLATE_NOOP("Embeddings", ": cosine %1 with position %2")),
                         {printNumber(static_cast<double>(in.table->alike(p, std::min(in.position, rows - 1)))),
                          std::to_string(std::min(in.position, rows - 1))});
        Spot spot{.rect = {area.x, y, area.w, h}, .place = {}, .says = std::move(says)};
        if (likeness) spot.value = static_cast<double>(in.table->alike(p, std::min(in.position, rows - 1)));
        if (p < static_cast<int>(in.pieces.size())) spot.place.position = Position(p);
        picture.spot(std::move(spot));
    }
}

double addAddition(Picture& picture, const PositionInput& in, double y) {
    const AddedRows& added = *in.added;
    addCaption(picture, {0, y, in.width, line},
               fill(in.say(QT_TRANSLATE_NOOP("Embeddings", "what is added to what at position %1 “%2”")),
                    {std::to_string(in.position), pieceAt(in, in.position)}));
    y += line + 2;
    Matrix all(3, added.sum.size());
    all << added.embed, added.position, added.sum;
    const double limit = largestMagnitude(all), names = 96;
    const struct {
        const char* name;
        const RowVector* values;
        SiteId site;
    } rows[] = {{"embed", &added.embed, SiteId::Embed},
                {"+ pos_embed", &added.position, SiteId::PosEmbed},
                {"= resid_pre", &added.sum, SiteId::ResidPre}};
    const int columns = std::max(1, static_cast<int>((in.width - names) / numberWidth));
    const int count = static_cast<int>(added.sum.size());
    for (const auto& row : rows) {
        picture.label({.rect = {0, y, names - 6, 14}, .text = row.name, .size = TypeSize::Label, .align = Align::Right});
        addHeat(picture, {names, y, in.width - names, 12}, *row.values, limit);
        y += 16;
    }
    y += 4;
    for (int first = 0; first < std::min(count, 1024); first += columns) {
        for (const auto& row : rows) {
            picture.label({.rect = {0, y, names - 6, numberHeight},
                           .text = row.name,
                           .size = TypeSize::Label,
                           .align = Align::Right,
                           .colour = Ink::Muted});
            Locus place{.position = Position(in.position), .site = row.site};
            if (row.site == SiteId::ResidPre) place.layer = Layer(0);
            for (int i = first; i < std::min(count, first + columns); ++i) {
                const auto value = static_cast<double>((*row.values)(i));
                const Rect rect{names + numberWidth * (i - first), y, numberWidth, numberHeight};
                addNumberCell(picture, rect, value, limit);
                place.unit = Unit(i);
                picture.spot({.rect = rect,
                              .place = place,
                              .says = std::string(row.name) + " [" + std::to_string(i) + "]: " + printNumber(value),
                              .value = value});
            }
            y += numberHeight;
        }
        y += 5;
    }
    return y;
}

}  // namespace

Picture positionTablePicture(const PositionInput& in) {
    Picture picture;
    picture.width = in.width;
    const PositionTable& table = *in.table;
    const int rows = static_cast<int>(table.rows.rows());
    const double limit = largestMagnitude(table.rows), gap = 48;
    const double height = std::clamp(in.height - 76 - (in.added ? 134 : 0), 120.0, std::min(460.0, rows * 26.0 + 20));
    const double side = std::min(height, in.width * 0.42), left = 34;
    const Rect heat{left, line + 4, in.width - side - gap - left, height}, alike{in.width - side, line + 4, side, height};
    addCaption(picture, {0, 0, heat.right(), line},
               fill(table.kind == PositionKind::Learned
                        ? in.say(QT_TRANSLATE_NOOP("Embeddings", "W_pos: %1 positions × %2 numbers, learned"))
                        : in.say(QT_TRANSLATE_NOOP("Embeddings", "sinusoidal: %1 positions × %2 numbers, computed")),
                    {std::to_string(rows) + (table.all > rows ? " / " + std::to_string(table.all) : ""),
                     std::to_string(table.rows.cols())}));
    addCaption(picture, {alike.x - 34, 0, alike.w + 34, line}, in.say(QT_TRANSLATE_NOOP("Embeddings", "likeness (cosine)")));
    addHeat(picture, heat, table.rows, limit);
    addHeat(picture, alike, table.alike, 1);
    const int every = std::max(1, static_cast<int>(std::ceil(rows * 16.0 / height)));
    for (const Rect& area : {heat, alike}) {
        for (int p = 0; p < rows; p += every)
            picture.label({.rect = {area.x - 34, area.y + area.h * (p + 0.5) / rows - 7, 28, 14},
                           .text = std::to_string(p),
                           .size = TypeSize::Small,
                           .align = Align::Right,
                           .colour = Ink::Muted,
                           .mono = true});
        frameRow(picture, area, in.position, rows);
    }
    addRowSpots(picture, in, heat, rows, false);
    addRowSpots(picture, in, alike, rows, true);
    double y = heat.bottom() + 6;
    addDivergingLegend(picture, heat.x, y, std::min(180.0, heat.w), "−" + printNumber(limit, 3), printNumber(limit, 3));
    addDivergingLegend(picture, alike.x, y, std::min(140.0, alike.w), "−1", "1");
    y += 22;
    if (in.added) {
        y = addAddition(picture, in, y);
    } else if (table.kind == PositionKind::Sinusoidal) {
        picture.label({.rect = {0, y, in.width, line},
                       .text = in.say(QT_TRANSLATE_NOOP(
                           "Embeddings",
                           "sin and cos of p / 10000^(2i/D): a table by formula, for comparison; this model does not "
                           "add it.")),
                       .size = TypeSize::Label,
                       .colour = Ink::Muted});
        y += line;
    }
    picture.height = y;
    DataTable data{.name = table.kind == PositionKind::Learned ? "W_pos" : "sinusoidal"}, like{.name = "likeness"};
    for (int p = 0; p < rows; ++p) {
        std::vector<double> values, cosine;
        for (Eigen::Index c = 0; c < table.rows.cols(); ++c) values.push_back(static_cast<double>(table.rows(p, c)));
        for (Eigen::Index c = 0; c < table.alike.cols(); ++c) cosine.push_back(static_cast<double>(table.alike(p, c)));
        data.rows.push_back(std::move(values));
        like.rows.push_back(std::move(cosine));
    }
    picture.tables.push_back(std::move(data));
    picture.tables.push_back(std::move(like));
    return picture;
}

}  // namespace lw
