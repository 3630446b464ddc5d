// The weighted sum of the values: z = Σ weight · v, term by term.
#include <algorithm>

#include "widgets/attention/row_parts.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double stripHeight = 16;

/// One row of Dh coloured cells.
void addStrip(Picture& picture, Rect rect, const float* values, Eigen::Index count, double largest) {
    Raster raster{.rect = rect, .rows = 1, .cols = static_cast<int>(count), .values = {}, .map = ColourMap::Diverging};
    for (Eigen::Index i = 0; i < count; ++i)
        raster.values.push_back(largest > 0 ? values[i] / static_cast<float>(largest) : 0.0f);
    picture.raster(std::move(raster));
    picture.box({.rect = {rect.x - 0.5, rect.y - 0.5, rect.w + 1, rect.h + 1}, .fill = Ink::None, .frame = Ink::Line});
}

}  // namespace

double valueSumHeight(int terms) { return (terms + 2) * stripHeight + 22; }

void addValueSum(Picture& picture, const RowArithmeticInput& in, const std::vector<const RowTerm*>& terms, double y) {
    const ValueSum& sum = *in.values;
    const RowArithmetic& row = *in.row;
    const double left = 116, width = std::max(40.0, in.width - left - 4);
    const auto strip = [&](double at) { return Rect{left, at + 3, width, stripHeight - 5}; };
    Matrix rest = sum.parts.colwise().sum();
    const auto term = [&](const RowTerm& t) {
        for (std::size_t i = 0; i < sum.terms.size(); ++i) {
            if (sum.terms[i].key == t.key) return static_cast<Eigen::Index>(i);
        }
        return Eigen::Index(0);
    };
    const double cell = width / static_cast<double>(std::max<Eigen::Index>(1, sum.parts.cols()));
    for (const RowTerm* t : terms) {
        const Eigen::Index i = term(*t);
        rest -= sum.parts.row(i);
        const std::string& piece = pieceAt(in, t->key);
        picture.label({.rect = {0, y, 40, stripHeight},
                       .text = fixed3(t->weight),
                       .size = TypeSize::Small,
                       .colour = Ink::Muted,
                       .mono = true});
        picture.label(
            {.rect = {40, y, left - 46, stripHeight}, .text = "× v " + piece, .size = TypeSize::Label, .bold = in.key == t->key});
        addStrip(picture, strip(y), sum.parts.row(i).data(), sum.parts.cols(), sum.largest);
        for (Eigen::Index n = 0; n < sum.parts.cols(); ++n) {
            Locus place = placeOf(row, t->key, SiteId::Pattern);
            const double part = sum.parts(i, n);
            picture.spot(
                {.rect = {left + cell * static_cast<double>(n), y, cell, stripHeight},
                 .place = place,
                 .says = fill(in.say(QT_TRANSLATE_NOOP("Attention", "weight %1 × v of key %2 “%3” in dimension %4: %5")),
                              {printNumber(t->weight), std::to_string(t->key), piece, std::to_string(n), printNumber(part)}),
                 .value = part});
        }
        y += stripHeight;
    }
    if (sum.terms.size() > terms.size()) {
        picture.label(
            {.rect = {0, y, left - 4, stripHeight},
             .text = fill(in.say(QT_TRANSLATE_NOOP("Attention", "… %1 more")), {std::to_string(sum.terms.size() - terms.size())}),
             .size = TypeSize::Label,
             .colour = Ink::Muted});
        addStrip(picture, strip(y), rest.data(), rest.cols(), sum.largest);
        y += stripHeight;
    }
    picture.stroke({.points = {{0, y + 1.5}, {in.width - 2, y + 1.5}}, .colour = Ink::Line});
    y += 3;
    if (sum.z.size() > 0) {
        picture.label({.rect = {0, y, left - 4, stripHeight}, .text = "= z", .size = TypeSize::Label, .bold = true});
        addStrip(picture, strip(y), sum.z.data(), sum.z.size(), sum.largest);
        for (Eigen::Index n = 0; n < sum.z.size(); ++n) {
            Locus place;
            place.layer = row.place.layer;
            place.head = row.place.head;
            place.position = Position(row.query);
            place.unit = Unit(static_cast<int>(n));
            place.site = SiteId::Z;
            picture.spot({.rect = {left + cell * static_cast<double>(n), y, cell, stripHeight},
                          .place = place,
                          .says = fill(in.say(QT_TRANSLATE_NOOP("Attention", "z of query %1 in dimension %2: %3")),
                                       {std::to_string(row.query), std::to_string(n), printNumber(sum.z(n))}),
                          .value = sum.z(n)});
        }
        y += stripHeight + 1;
        addDivergingLegend(picture, left, y, std::min(width, 150.0), printNumber(-sum.largest, 3), printNumber(sum.largest, 3));
        picture.label({.rect = {0, y, left - 4, 12},
                       .text = fill(in.say(QT_TRANSLATE_NOOP("Attention", "off by %1")), {printNumber(sum.difference, 2)}),
                       .size = TypeSize::Small,
                       .colour = Ink::Muted});
    }
}

}  // namespace lw
