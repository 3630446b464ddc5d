#include "widgets/shared/picture_painter.h"

#include <QBuffer>
#include <QSvgGenerator>

#include <cmath>

#include "tests/catch.h"
#include "widgets/shared/fonts.h"
#include "widgets/shared/raster_image.h"

using namespace lw;

namespace {

Look makeLook(bool dark = false) {
    Look look;
    look.palette = Palette(dark);
    look.sans = sansFont();
    look.mono = monoFont();
    return look;
}

QByteArray svgOf(const Picture& picture, const Look& look) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setViewBox(QRectF(0, 0, picture.width, picture.height));
    QPainter painter(&generator);
    paintPicture(painter, picture, look);
    painter.end();
    return bytes;
}

Picture rasterPicture(int rows, int cols, ColourMap map = ColourMap::Sequential) {
    Picture picture;
    picture.width = picture.height = 100;
    Raster raster{.rect = {0, 0, 100, 100}, .rows = rows, .cols = cols, .values = {}, .map = map};
    for (int i = 0; i < rows * cols; ++i) raster.values.push_back(static_cast<float>(i) / static_cast<float>(rows * cols));
    picture.raster(std::move(raster));
    return picture;
}

// Pixels of the text's colour on the panel.
int inked(const QImage& image, const Look& look) {
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) count += contrast(image.pixelColor(x, y), look.palette.of(Ink::Panel)) > 2;
    return count;
}

}  // namespace

TEST_CASE("A box fills exactly its pixels at 1x, 1.25x and 2x") {
    const Look look = makeLook();
    for (const double ratio : {1.0, 1.25, 2.0}) {
        Picture picture;
        picture.width = picture.height = 40;
        picture.box({.rect = {8, 8, 16, 16}, .fill = Ink::Accent});
        const QImage image = pictureImage(picture, look, ratio);
        CAPTURE(ratio);
        CHECK(image.width() == static_cast<int>(std::ceil(40 * ratio)));
        int filled = 0, other = 0;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x) {
                const QColor c = image.pixelColor(x, y);
                filled += c == look.palette.of(Ink::Accent);
                other += c != look.palette.of(Ink::Accent) && c != look.palette.of(Ink::Panel);
            }
        CHECK(filled == static_cast<int>(std::lround(16 * ratio) * std::lround(16 * ratio)));
        CHECK(other == 0);  // no blurred edges
    }
}

TEST_CASE("A frame lies inside its box") {
    const Look look = makeLook();
    Picture picture;
    picture.width = picture.height = 40;
    picture.box({.rect = {10, 10, 20, 20}, .fill = Ink::None, .frame = Ink::SelectedFrame, .frameWidth = 2});
    const QImage image = pictureImage(picture, look, 1);
    CHECK(image.pixelColor(10, 20) == look.palette.of(Ink::SelectedFrame));
    CHECK(image.pixelColor(11, 20) == look.palette.of(Ink::SelectedFrame));
    CHECK(image.pixelColor(12, 20) == look.palette.of(Ink::Panel));
    CHECK(image.pixelColor(9, 20) == look.palette.of(Ink::Panel));
    CHECK(image.pixelColor(29, 20) == look.palette.of(Ink::SelectedFrame));
    CHECK(image.pixelColor(30, 20) == look.palette.of(Ink::Panel));
}

TEST_CASE("Cells of a raster have hard edges and their map's colours") {
    const Look look = makeLook();
    const QImage image = pictureImage(rasterPicture(4, 4), look, 1);
    for (int row = 0; row < 4; ++row)
        for (int col = 0; col < 4; ++col) {
            const QColor want = look.palette.sequential((row * 4 + col) / 16.0);
            for (const int at : {0, 12, 24}) {
                const QColor got = image.pixelColor(col * 25 + at, row * 25 + at);
                CAPTURE(row, col, at, got.name().toStdString(), want.name().toStdString());
                CHECK(std::abs(got.red() - want.red()) <= 1);
                CHECK(std::abs(got.blue() - want.blue()) <= 1);
            }
        }
}

TEST_CASE("A masked cell is the panel, and a strong cell survives in a thumbnail") {
    const Look look = makeLook();
    Raster raster{.rect = {0, 0, 20, 20},
                  .rows = 200,
                  .cols = 200,
                  .values = std::vector<float>(40000, 0.01f),
                  .map = ColourMap::Sequential};
    raster.values[100 * 200 + 57] = 1;
    raster.values[0] = NAN;
    const QImage small = fittedRasterImage(raster, look.palette, 20, 20);
    CHECK(small.pixelColor(5, 10) == look.palette.sequential(1));
    CHECK(rasterImage(raster, look.palette).pixelColor(0, 0) == look.palette.of(Ink::Panel));
    raster.map = ColourMap::Diverging;
    raster.values[100 * 200 + 57] = -1;
    CHECK(fittedRasterImage(raster, look.palette, 20, 20).pixelColor(5, 10) == look.palette.diverging(-1));
}

TEST_CASE("A raster with too few values paints nothing") {
    const Look look = makeLook();
    Picture picture = rasterPicture(4, 4);
    std::get<Raster>(picture.items[0]).values.resize(3);
    CHECK(inked(pictureImage(picture, look, 1), look) == 0);
    CHECK_FALSE(svgOf(picture, look).contains("<image"));
}

TEST_CASE("In SVG small matrices are cells and large ones an image") {
    const Look look = makeLook();
    const QByteArray small = svgOf(rasterPicture(10, 10), look), large = svgOf(rasterPicture(101, 100), look);
    CHECK_FALSE(small.contains("<image"));
    CHECK(small.count("<rect") + small.count("<path") >= 90);
    CHECK(large.contains("<image"));
}

TEST_CASE("Text stays text in SVG, of any script") {
    const Look look = makeLook();
    Picture picture;
    picture.width = 400;
    picture.height = 100;
    for (const char* text : {"·sat 0.4127", "你好", "مرحبا"}) picture.label({.rect = {0, 0, 400, 20}, .text = text});
    const QString svg = QString::fromUtf8(svgOf(picture, look));
    CHECK(svg.contains("0.4127"));
    CHECK(svg.contains("你好"));
    CHECK(svg.contains("مرحبا"));
}

TEST_CASE("A label is cut to its rectangle, and one measured exactly is not") {
    const Look look = makeLook();
    const Measure measure = fontMeasure(look);
    const std::string text = "a rather long label";
    for (const double share : {1.0, 0.5}) {
        const double width = measure(text, TypeSize::Body, false, false) * share;
        Picture picture;
        picture.width = 400;
        picture.height = 20;
        picture.label({.rect = {0, 0, width, 20}, .text = text});
        const QString svg = QString::fromUtf8(svgOf(picture, look));
        CAPTURE(share, width);
        CHECK(svg.contains("long label") == (share == 1.0));
        CHECK(svg.contains("…") == (share < 1.0));
    }
}

TEST_CASE("Alignment and rotation put ink where they should") {
    const Look look = makeLook();
    const auto inkBox = [&](const Label& label) {
        Picture picture;
        picture.width = picture.height = 200;
        picture.label(label);
        const QImage image = pictureImage(picture, look, 1);
        QRect box;
        for (int y = 0; y < 200; ++y)
            for (int x = 0; x < 200; ++x)
                if (contrast(image.pixelColor(x, y), look.palette.of(Ink::Panel)) > 2) box |= QRect(x, y, 1, 1);
        return box;
    };
    Label label{.rect = {50, 50, 100, 20}, .text = "HHH"};
    CHECK(std::abs(inkBox(label).left() - 51) <= 2);
    label.align = Align::Right;
    CHECK(std::abs(inkBox(label).right() - 148) <= 2);
    label.align = Align::Centre;
    CHECK(std::abs(inkBox(label).center().x() - 100) <= 1);
    CHECK(std::abs(inkBox(label).center().y() - 60) <= 1);
    label.align = Align::Left;
    label.angle = 90;
    const QRect upright = inkBox(label);
    CHECK(upright.height() > upright.width());
    CHECK(upright.bottom() <= 70);  // turned about the left bottom corner, it rises
}

TEST_CASE("A label on a cell is black or white, whichever contrasts more") {
    for (const bool dark : {false, true}) {
        const Look look = makeLook(dark);
        for (const double v : {0.0, 0.5, 1.0}) {
            const Colour cell = Colour::mapped(ColourMap::Sequential, v);
            Picture picture;
            picture.width = picture.height = 40;
            picture.box({.rect = {0, 0, 40, 40}, .fill = cell});
            picture.label({.rect = {0, 0, 40, 40}, .text = "██", .align = Align::Centre, .on = cell});
            const QImage image = pictureImage(picture, look, 1);
            CAPTURE(dark, v);
            CHECK(contrast(image.pixelColor(20, 20), look.palette.of(cell)) >= 4.5);
        }
    }
}

TEST_CASE("Only what is visible is painted") {
    const Look look = makeLook();
    Picture picture;
    picture.width = 10000;
    picture.height = 20;
    picture.box({.rect = {0, 0, 10, 20}, .fill = Ink::Accent});
    picture.box({.rect = {5000, 0, 10, 20}, .fill = Ink::Accent});
    QImage image(100, 20, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.translate(-4990, 0);
    paintPicture(painter, picture, look, QRectF(4990, 0, 100, 20));
    painter.end();
    CHECK(image.pixelColor(15, 10) == look.palette.of(Ink::Accent));
    CHECK(image.pixelColor(5, 10) == QColor(Qt::white));
}

TEST_CASE("Chinese and emoji are drawn, not as empty boxes") {
    const Look look = makeLook();
    const auto drawn = [&](const std::string& text) {
        Picture picture;
        picture.width = 60;
        picture.height = 30;
        picture.label({.rect = {0, 0, 60, 30}, .text = text, .size = TypeSize::Title});
        return pictureImage(picture, look, 2);
    };
    // Two characters without a glyph look the same; these must not.
    CHECK(drawn("你") != drawn("好"));
    CHECK(inked(drawn("你"), look) > 60);
    if (look.sans.families().contains("Noto Color Emoji"))
        CHECK(drawn("👍🏽") != drawn("👎🏽"));
    else
        WARN("Noto Color Emoji is not installed: emoji are not tested");
}
