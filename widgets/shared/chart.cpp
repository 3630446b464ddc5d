#include "widgets/shared/chart.h"

#include <QChart>
#include <QChartView>
#include <QGraphicsLayout>
#include <QLabel>
#include <QLegend>
#include <QLegendMarker>
#include <QLineSeries>
#include <QLogValueAxis>
#include <QPainter>
#include <QVBoxLayout>
#include <QValueAxis>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "widgets/shared/axis.h"
#include "widgets/shared/format.h"

namespace lw {

namespace {

constexpr std::size_t mostPoints = 2000;  // of a series on the screen; more only cost time

bool fits(const Point& p, const ChartData& data) {
    return std::isfinite(p.x) && std::isfinite(p.y) && (data.x.scale == ChartScale::Linear || p.x > 0) &&
           (data.y.scale == ChartScale::Linear || p.y > 0);
}

// Every n-th part of the line shows its lowest and highest point, so that no peak is lost.
QList<QPointF> thinned(const std::vector<Point>& points, const ChartData& data) {
    QList<QPointF> all;
    for (const Point& p : points)
        if (fits(p, data)) all << QPointF(p.x, p.y);
    if (static_cast<std::size_t>(all.size()) <= mostPoints) return all;
    QList<QPointF> result;
    const qsizetype parts = mostPoints / 2;
    for (qsizetype i = 0; i < parts; ++i) {
        const auto from = all.begin() + i * all.size() / parts, to = all.begin() + (i + 1) * all.size() / parts;
        auto [low, high] = std::minmax_element(from, to, [](const QPointF& a, const QPointF& b) { return a.y() < b.y(); });
        if (high < low) std::swap(low, high);
        result << *low;
        if (high != low) result << *high;
    }
    return result;
}

QAbstractAxis* makeAxis(ChartScale scale) {
    QAbstractAxis* made = nullptr;
    if (scale == ChartScale::Log) {
        auto* axis = new QLogValueAxis;
        axis->setBase(10);
        axis->setLabelFormat("%g");
        made = axis;
    } else {
        auto* axis = new QValueAxis;
        axis->setTickType(QValueAxis::TicksDynamic);
        made = axis;
    }
    made->setTruncateLabels(false);  // in a low chart every number would become three dots
    return made;
}

}  // namespace

struct Chart::Parts {
    QChart* chart = nullptr;
    QChartView* view = nullptr;
    QLabel* note = nullptr;
    QAbstractAxis* x = nullptr;
    QAbstractAxis* y = nullptr;
    QList<QLineSeries*> series;
    QLineSeries* marker = nullptr;
    double left = 0, right = 0, bottom = 0, top = 0;  // of the data

    void makeAxes(const ChartData& data) {
        const auto isLog = [](const QAbstractAxis* axis) { return axis->type() == QAbstractAxis::AxisTypeLogValue; };
        const auto renew = [&](QAbstractAxis*& axis, ChartScale scale, Qt::Alignment where) {
            if (axis && isLog(axis) == (scale == ChartScale::Log)) return;
            if (axis) {
                for (QLineSeries* line : series) line->clear();  // what was drawn may not exist on the other scale
                if (marker) marker->clear();
                chart->removeAxis(axis);
                delete axis;
            }
            axis = makeAxis(scale);
            chart->addAxis(axis, where);
            for (QLineSeries* line : series) line->attachAxis(axis);
            if (marker) marker->attachAxis(axis);
        };
        renew(x, data.x.scale, Qt::AlignBottom);
        renew(y, data.y.scale, Qt::AlignLeft);
    }

    QLineSeries* addLine() {
        auto* line = new QLineSeries;
        chart->addSeries(line);
        line->attachAxis(x);
        line->attachAxis(y);
        return line;
    }

    // marks: room around the ends, so that a dot on one is whole.
    static void setRange(QAbstractAxis* axis, const ChartAxis& wish, double low, double high, int ticks, bool marks) {
        if (!(low <= high)) {  // nothing to show
            low = wish.scale == ChartScale::Log ? 1 : 0;
            high = wish.scale == ChartScale::Log ? 10 : 1;
        }
        if (wish.scale == ChartScale::Log) {
            low = wish.low.value_or(std::pow(10, std::floor(std::log10(low) + 1e-9)));
            high = wish.high.value_or(std::pow(10, std::ceil(std::log10(high) - 1e-9)));
            if (low > 0) axis->setRange(low, high > low ? high : low * 10);
            return;
        }
        const Range nice = niceRange(low, high, ticks);
        low = wish.low.value_or(nice.low);
        high = wish.high.value_or(nice.high);
        if (!(high > low)) high = low + 1;
        const double around = marks ? 0.03 * (high - low) : 0;
        axis->setRange(low - around, high + around);
        if (wish.whole) ticks = std::min(ticks, std::max(1, static_cast<int>(high - low)));
        const auto at = linearTicks(low, high, ticks);
        auto* linear = static_cast<QValueAxis*>(axis);
        if (at.size() >= 2) {
            const double step = at[1].value - at[0].value;
            linear->setTickAnchor(at[0].value);
            linear->setTickInterval(step);
            const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 9);
            linear->setLabelFormat(std::max(std::abs(low), std::abs(high)) >= 1e5 || decimals > 4
                                       ? QString("%.3g")
                                       : QString("%.%1f").arg(decimals));
        }
    }
};

Chart::Chart(const Look* look, QWidget* parent) : QWidget(parent), m_parts(std::make_unique<Parts>()), m_look(look) {
    Parts& p = *m_parts;
    p.chart = new QChart;
    p.chart->setMargins(QMargins(0, 4, 8, 0));
    p.chart->setBackgroundRoundness(0);
    p.chart->layout()->setContentsMargins(0, 0, 0, 0);
    p.chart->legend()->setAlignment(Qt::AlignTop);
    p.chart->legend()->setMarkerShape(QLegend::MarkerShapeFromSeries);
    p.view = new QChartView(p.chart, this);
    p.view->setRenderHint(QPainter::Antialiasing);
    p.view->setFrameShape(QFrame::NoFrame);
    p.view->setFocusPolicy(Qt::NoFocus);
    p.note = new QLabel(this);
    p.note->setProperty("muted", true);
    p.note->setWordWrap(true);
    p.note->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(p.view, 1);
    layout->addWidget(p.note);
    setData({});
}

Chart::~Chart() = default;

void Chart::setData(ChartData data) {
    Parts& p = *m_parts;
    if (p.y && data == m_data) return;  // it is drawn already
    m_data = std::move(data);
    p.makeAxes(m_data);

    const auto wanted = static_cast<qsizetype>(m_data.series.size());
    while (p.series.size() > wanted) {
        QLineSeries* line = p.series.takeLast();
        p.chart->removeSeries(line);
        delete line;
    }
    while (p.series.size() < wanted) {
        const int index = static_cast<int>(p.series.size());
        QLineSeries* line = p.addLine();
        p.series << line;
        const auto original = [this, line, index](const QPointF& at) {  // the point as it was given, before thinning
            const auto& points = m_data.series[static_cast<std::size_t>(index)].points;
            int best = -1;
            double least = std::numeric_limits<double>::infinity();
            const QPointF here = m_parts->chart->mapToPosition(at, line);
            for (std::size_t i = 0; i < points.size(); ++i) {
                if (!fits(points[i], m_data)) continue;
                const QPointF there = m_parts->chart->mapToPosition({points[i].x, points[i].y}, line) - here;
                const double distance = QPointF::dotProduct(there, there);
                if (distance < least) {
                    least = distance;
                    best = static_cast<int>(i);
                }
            }
            return best;
        };
        connect(line, &QLineSeries::clicked, this, [this, index, original](const QPointF& at) {
            const int point = original(at);
            if (point >= 0) Q_EMIT pointClicked(index, point);
        });
        connect(line, &QLineSeries::hovered, this, [this, index, original](const QPointF& at, bool inside) {
            const int point = inside ? original(at) : -1;
            if (point < 0) {
                Q_EMIT pointHovered(-1, -1, {});
                return;
            }
            const ChartSeries& series = m_data.series[static_cast<std::size_t>(index)];
            const Point& here = series.points[static_cast<std::size_t>(point)];
            const std::string says =
                series.name + " · " + m_data.x.title + " " + printNumber(here.x) + ": " + printNumber(here.y);
            Q_EMIT pointHovered(index, point, QString::fromStdString(says));
        });
    }

    m_leftOut = 0;
    constexpr double infinite = std::numeric_limits<double>::infinity();
    p.left = p.bottom = infinite;
    p.right = p.top = -infinite;
    for (qsizetype i = 0; i < wanted; ++i) {
        const ChartSeries& series = m_data.series[static_cast<std::size_t>(i)];
        for (const Point& point : series.points) {
            if (!fits(point, m_data)) {
                if (std::isfinite(point.x) && std::isfinite(point.y)) ++m_leftOut;
                continue;
            }
            p.left = std::min(p.left, point.x);
            p.right = std::max(p.right, point.x);
            p.bottom = std::min(p.bottom, point.y);
            p.top = std::max(p.top, point.y);
        }
        QLineSeries* line = p.series[i];
        line->setName(QString::fromStdString(series.name));
        line->setPointsVisible(series.marks);
        line->replace(thinned(series.points, m_data));
    }
    p.x->setTitleText(QString::fromStdString(m_data.x.title));
    p.y->setTitleText(QString::fromStdString(m_data.y.title));

    if (m_data.marker && !p.marker) p.marker = p.addLine();
    scaleAxes();
    if (p.marker) {
        p.marker->setVisible(m_data.marker.has_value());
        for (QLegendMarker* mark : p.chart->legend()->markers(p.marker)) mark->setVisible(false);
    }
    p.chart->setTitle(QString::fromStdString(m_data.title));
    p.chart->legend()->setVisible(m_data.legend && wanted > 1);
    p.note->setVisible(m_leftOut > 0);
    p.note->setText(tr("%n point(s) that are zero or negative cannot be drawn on a logarithmic axis.", nullptr, m_leftOut));
    setAccessibleName(QString::fromStdString(m_data.title.empty() ? m_data.y.title : m_data.title));
    lookChanged();
}

// As many ticks as there is room for their numbers.
void Chart::scaleAxes() {
    Parts& p = *m_parts;
    const double scale = m_look->scale();
    const auto ticks = [scale](int pixels, double each, int most) {
        return std::clamp(static_cast<int>(pixels / (each * scale)), 2, most);
    };
    const bool marks = std::ranges::any_of(m_data.series, &ChartSeries::marks);
    Parts::setRange(p.x, m_data.x, p.left, p.right, ticks(width(), 34, 6), marks);
    Parts::setRange(p.y, m_data.y, p.bottom, p.top, ticks(height() - 50, 22, 5), marks);
    if (!p.marker || !m_data.marker) return;
    const auto ends = [](const QAbstractAxis* axis) {
        if (const auto* log = qobject_cast<const QLogValueAxis*>(axis)) return std::pair(log->min(), log->max());
        const auto* linear = static_cast<const QValueAxis*>(axis);
        return std::pair(linear->min(), linear->max());
    };
    const auto [low, high] = ends(p.y);
    p.marker->replace({QPointF(*m_data.marker, low), QPointF(*m_data.marker, high)});
}

void Chart::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    scaleAxes();
}

void Chart::lookChanged() {
    Parts& p = *m_parts;
    const Palette& palette = m_look->palette;
    p.chart->setBackgroundBrush(palette.of(Ink::Panel));
    p.chart->setBackgroundPen(Qt::NoPen);
    p.view->setBackgroundBrush(palette.of(Ink::Panel));
    p.chart->setTitleBrush(palette.of(Ink::Text));
    p.chart->setTitleFont(m_look->font(TypeSize::Label, true, false));
    p.chart->legend()->setLabelBrush(palette.of(Ink::Text));
    p.chart->legend()->setFont(m_look->font(TypeSize::Label, false, false));
    for (QAbstractAxis* axis : {p.x, p.y}) {
        axis->setLabelsBrush(palette.of(Ink::Muted));
        axis->setLabelsFont(m_look->font(TypeSize::Small, false, true));
        axis->setTitleBrush(palette.of(Ink::Muted));
        axis->setTitleFont(m_look->font(TypeSize::Label, false, false));
        axis->setLinePen(QPen(palette.of(Ink::Line), 1));
        axis->setGridLinePen(QPen(palette.of(Ink::Line), 1));
        axis->setMinorGridLineVisible(false);
    }
    for (qsizetype i = 0; i < p.series.size(); ++i) {
        const ChartSeries& series = m_data.series[static_cast<std::size_t>(i)];
        QPen pen(palette.of(series.colour), series.width * (m_look->projector ? 1.5 : 1));
        if (series.dashed) pen.setStyle(Qt::DashLine);
        p.series[i]->setPen(pen);
        p.series[i]->setMarkerSize(6);
    }
    if (p.marker) p.marker->setPen(QPen(palette.of(Ink::SelectedFrame), 2));
}

void Chart::render(QPainter& painter, const QRectF& target) {
    painter.fillRect(target, m_look->palette.of(Ink::Panel));
    m_parts->view->scene()->render(&painter, target, m_parts->view->sceneRect());
}

DataTable Chart::table() const {
    DataTable table{.name = m_data.title, .columns = {m_data.x.title}, .rowNames = {}, .rows = {}, .textRows = {}};
    std::map<double, std::vector<double>> rows;
    for (std::size_t i = 0; i < m_data.series.size(); ++i) {
        table.columns.push_back(m_data.series[i].name);
        for (const Point& point : m_data.series[i].points) {
            auto& row = rows[point.x];
            row.resize(m_data.series.size(), std::numeric_limits<double>::quiet_NaN());
            row[i] = point.y;
        }
    }
    for (auto& [x, values] : rows) {
        values.insert(values.begin(), x);
        table.rows.push_back(std::move(values));
    }
    return table;
}

}  // namespace lw
