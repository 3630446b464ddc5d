// A line chart from plain data, so that the library that draws it can be replaced. Colours come from the palette; series and
// axes are kept and their data replaced. Paints into any device for export.
#pragma once

#include <QWidget>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "widgets/shared/palette.h"
#include "widgets/shared/picture.h"

namespace lw {

struct ChartSeries {
    std::string name;
    std::vector<Point> points;  // NaN: a gap is not drawn, the point is left out
    Colour colour = Ink::Accent;
    double width = 2;
    bool dashed = false;
    bool marks = false;  // a dot at every point
    friend bool operator==(const ChartSeries&, const ChartSeries&) = default;
};

enum class ChartScale { Linear, Log };

struct ChartAxis {
    std::string title;
    ChartScale scale = ChartScale::Linear;
    std::optional<double> low, high;  // fixed ends; else from the data, rounded
    bool whole = false;               // counts something: no ticks between whole numbers
    friend bool operator==(const ChartAxis&, const ChartAxis&) = default;
};

struct ChartData {
    std::string title;
    ChartAxis x, y;
    std::vector<ChartSeries> series;
    std::optional<double> marker;  // a vertical line at the selected x
    bool legend = true;            // where there is more than one series
    friend bool operator==(const ChartData&, const ChartData&) = default;
};

class Chart : public QWidget {
    Q_OBJECT
public:
    explicit Chart(const Look* look, QWidget* parent = nullptr);
    ~Chart() override;

    void setData(ChartData data);
    const ChartData& data() const { return m_data; }
    /// Points a log axis cannot show (zero or negative); the chart says so in its own words too.
    int leftOut() const { return m_leftOut; }
    void lookChanged();
    /// Paints the chart into `target`: the export.
    void render(QPainter& painter, const QRectF& target);
    DataTable table() const;  // x in the first column, then one column a series; rows by x
    QSize sizeHint() const override { return {320, 180}; }
    QSize minimumSizeHint() const override { return {200, 120}; }

Q_SIGNALS:
    void pointClicked(int series, int point);
    void pointHovered(int series, int point, const QString& says);  // −1, −1 when left

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void scaleAxes();
    struct Parts;
    std::unique_ptr<Parts> m_parts;
    const Look* m_look;
    ChartData m_data;
    int m_leftOut = 0;
};

}  // namespace lw
