#include "widgets/shared/chart.h"

#include <QGraphicsTextItem>
#include <QGraphicsView>
#include <QImage>
#include <QLabel>
#include <QPainter>

#include <cmath>

#include "tests/catch.h"
#include "widgets/shared/fonts.h"

using namespace lw;

namespace {

Look makeLook() {
    Look look;
    look.sans = sansFont();
    look.mono = monoFont();
    return look;
}

ChartData twoSeries(ChartScale y) {
    ChartData data;
    data.title = "time";
    data.x.title = "context";
    data.y = {.title = "seconds", .scale = y, .low = {}, .high = {}};
    for (int k = 0; k < 2; ++k) {
        ChartSeries series{.name = k ? "LSTM" : "Transformer", .points = {}, .colour = k ? Ink::FeedForward : Ink::Attention};
        for (int i = 0; i < 10; ++i) series.points.push_back({std::pow(2.0, i), k ? 0.5 * i : 2.0 * i});
        data.series.push_back(series);
    }
    return data;
}

int pixelsOf(const QImage& image, const QColor& colour) {
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y) == colour;
    return count;
}

}  // namespace

TEST_CASE("A log axis leaves out what it cannot show, and says so") {
    const Look look = makeLook();
    Chart chart(&look);
    chart.setData(twoSeries(ChartScale::Log));
    CHECK(chart.leftOut() == 2);  // the zeros
    auto* note = chart.findChild<QLabel*>();
    REQUIRE(note);
    CHECK(note->text().contains("2"));
    CHECK_FALSE(note->isHidden());
    chart.setData(twoSeries(ChartScale::Linear));
    CHECK(chart.leftOut() == 0);
    CHECK(note->isHidden());
}

TEST_CASE("Both series are painted, also after their data was replaced and the axis changed") {
    const Look look = makeLook();
    Chart chart(&look);
    chart.resize(400, 300);
    for (const ChartScale scale : {ChartScale::Linear, ChartScale::Log, ChartScale::Linear}) {
        chart.setData(twoSeries(scale));
        QImage image(400, 300, QImage::Format_RGB32);
        QPainter painter(&image);
        chart.render(painter, QRectF(0, 0, 400, 300));
        painter.end();
        CAPTURE(static_cast<int>(scale));
        CHECK(pixelsOf(image, look.palette.of(Ink::Attention)) > 50);
        CHECK(pixelsOf(image, look.palette.of(Ink::FeedForward)) > 50);
    }
}

TEST_CASE("The table has one row an x") {
    const Look look = makeLook();
    Chart chart(&look);
    ChartData data = twoSeries(ChartScale::Linear);
    data.series[1].points.resize(3);
    chart.setData(data);
    const DataTable table = chart.table();
    CHECK(table.columns == std::vector<std::string>{"context", "Transformer", "LSTM"});
    REQUIRE(table.rows.size() == 10);
    CHECK(table.rows[2] == std::vector<double>{4, 4, 1});
    CHECK(std::isnan(table.rows[9][2]));
}

TEST_CASE("An empty chart and a single point do no harm") {
    const Look look = makeLook();
    Chart chart(&look);
    chart.resize(300, 200);
    chart.setData({});
    ChartData one;
    one.series.push_back({.name = "one", .points = {{1, std::nan("")}, {2, 3}}});
    one.marker = 2;
    chart.setData(one);
    CHECK_FALSE(chart.grab().isNull());
    CHECK(chart.leftOut() == 0);
}

TEST_CASE("However low the chart is, its axes say numbers, and whole ones where something is counted") {
    const Look look = makeLook();
    Chart chart(&look);
    ChartData data;
    data.x = {.title = "layers", .low = 0, .high = 3, .whole = true};
    data.y = {.title = "", .low = 0, .high = 1};
    data.series.push_back({.name = "one", .points = {{0, 0.1}, {3, 0.9}}});
    chart.setData(data);
    for (const int height : {120, 130, 230}) {
        chart.resize(200, height);
        chart.grab();
        QStringList texts;
        for (const auto* item : chart.findChild<QGraphicsView*>()->scene()->items())
            if (const auto* label = qgraphicsitem_cast<const QGraphicsTextItem*>(item)) texts << label->toPlainText();
        CAPTURE(height, texts.join("|").toStdString());
        CHECK(texts.filter("...").isEmpty());
        CHECK(texts.contains("1"));
        CHECK(texts.filter("0.5").isEmpty() == (height > 200));  // 0, 0.5, 1 on the low chart's y; never on x
    }
}
