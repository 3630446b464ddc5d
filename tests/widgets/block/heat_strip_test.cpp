// Strips of cells: every number has one cell, and the point in a cell finds its number.
#include "widgets/block/heat_strip.h"

#include <set>

#include "tests/catch.h"

using namespace lw;

TEST_CASE("A strip has a cell for every number inside its room") {
    const int count = GENERATE(1, 7, 64, 172, 576, 1536, 4096, 14336);
    const double width = GENERATE(84.0, 220.0, 404.0), height = GENERATE(12.0, 30.0);
    CAPTURE(count, width, height);
    const HeatStrip strip = layoutStrip(count, 10, 20, width, height);
    REQUIRE(strip.columns * strip.rows >= count);
    CHECK(strip.columns * (strip.rows - 1) < count);
    CHECK(strip.rect.w <= width);
    // cells of a pixel may need more height than there is; larger ones never do
    if (strip.cell > 1) CHECK(strip.rect.h <= height);
    std::set<std::pair<double, double>> corners;
    for (int i = 0; i < count; ++i) {
        const Rect cell = strip.cellRect(i);
        REQUIRE(strip.cellAt(cell.x + cell.w / 2, cell.y + cell.h / 2) == i);
        REQUIRE(corners.emplace(cell.x, cell.y).second);
    }
    CHECK_FALSE(strip.cellAt(9, 25));
    if (strip.columns * strip.rows > count) {
        const Rect last = strip.cellRect(strip.columns * strip.rows - 1);
        CHECK_FALSE(strip.cellAt(last.x + last.w / 2, last.y + last.h / 2));
    }
}

TEST_CASE("The colours reach to the largest value unless a few outliers would leave the rest pale") {
    RowVector even = RowVector::LinSpaced(200, -1, 1);
    CHECK(stripLimit(even) == 1);
    RowVector outlier = even;
    outlier(3) = 90;
    CHECK(stripLimit(outlier) < 1.01);
    CHECK(stripLimit(outlier) > 0.9);
    CHECK(stripLimit(RowVector()) == 0);
    CHECK(stripLimit(RowVector::Zero(5)) == 0);

    HeatStrip strip = layoutStrip(200, 0, 0, 300, 30);
    strip.limit = stripLimit(outlier);
    strip.largest = 90;
    CHECK(stripScale(strip).find("(90") != std::string::npos);
    Picture picture;
    addStrip(picture, strip, outlier, "a strip");
    REQUIRE(picture.spots.size() == 1);
    CHECK(picture.spots[0].raster);
    const auto& raster = std::get<Raster>(picture.items.back());
    CHECK(raster.values[3] > 1);  // the painter clamps it
    CHECK(raster.values[199] == Approx(1 / strip.limit));
}
