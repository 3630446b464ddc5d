#include "widgets/shared/picture_painter.h"

#include <QFontMetricsF>
#include <QGuiApplication>
#include <QPaintEngine>
#include <QScreen>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "widgets/shared/raster_image.h"
#include "widgets/shared/text_width.h"

namespace lw {

namespace {

constexpr int vectorCells = 10000;  // a raster up to this size is drawn cell by cell in SVG and PDF

double screenDpi() {
    const QScreen* screen = QGuiApplication::primaryScreen();
    return screen ? screen->logicalDotsPerInchY() : 96;
}

QRectF toQt(const Rect& r) { return {r.x, r.y, r.w, r.h}; }

class Painting {
public:
    Painting(QPainter& painter, const Look& look, LabelCache& labels)
        : m_painter(painter), m_look(look), m_labels(labels), m_vector(isVector(painter)), m_scale(pixelsPerUnit(painter)) {}

    void draw(const Box& box);
    void draw(const Label& label);
    void draw(const Stroke& stroke);
    void draw(const Raster& raster);

    static QRectF boundsOf(const Box& box) { return toQt(box.rect).adjusted(-1, -1, 1, 1); }
    static QRectF boundsOf(const Raster& raster) { return toQt(raster.rect); }
    static QRectF boundsOf(const Label& label) {
        if (label.angle == 0) return toQt(label.rect).adjusted(-2, -8, 2, 8);
        const double reach = label.rect.w + label.rect.h;
        return {label.rect.x - reach, label.rect.bottom() - reach, 2 * reach, 2 * reach};
    }
    static QRectF boundsOf(const Stroke& stroke) {
        if (stroke.points.empty()) return {};
        double left = stroke.points[0].x, right = left, top = stroke.points[0].y, bottom = top;
        for (const Point& p : stroke.points) {
            left = std::min(left, p.x);
            right = std::max(right, p.x);
            top = std::min(top, p.y);
            bottom = std::max(bottom, p.y);
        }
        const double pad = stroke.width + (stroke.arrow ? 8 : 1);
        return QRectF(left, top, right - left, bottom - top).adjusted(-pad, -pad, pad, pad);
    }

private:
    static bool isVector(const QPainter& painter) {
        const auto type = painter.paintEngine()->type();
        return type == QPaintEngine::SVG || type == QPaintEngine::Pdf || type == QPaintEngine::Picture;
    }
    // Device pixels per unit, if the painter only shifts and scales on a pixel device; else 0 (nothing to snap to).
    double pixelsPerUnit(const QPainter& painter) const {
        const QTransform& t = painter.deviceTransform();
        if (m_vector || t.type() > QTransform::TxScale || t.m11() <= 0) return 0;
        return t.m11();
    }
    // Edges on whole device pixels, so that fills and frames are sharp at every scale.
    QRectF snapped(const Rect& r) const {
        if (m_scale == 0) return toQt(r);
        const QTransform t = m_painter.deviceTransform();
        const double left = std::round(r.x * m_scale + t.dx()), right = std::round(r.right() * m_scale + t.dx());
        const double top = std::round(r.y * m_scale + t.dy()), bottom = std::round(r.bottom() * m_scale + t.dy());
        return {(left - t.dx()) / m_scale, (top - t.dy()) / m_scale, std::max(right - left, r.w > 0 ? 1.0 : 0.0) / m_scale,
                std::max(bottom - top, r.h > 0 ? 1.0 : 0.0) / m_scale};
    }
    QColor colour(const Colour& c) const { return m_look.palette.of(c); }
    QPen pen(const Colour& c, double width, bool dashed) const {
        QPen pen(colour(c), width);
        pen.setCapStyle(Qt::FlatCap);
        pen.setJoinStyle(Qt::RoundJoin);
        if (dashed) pen.setDashPattern({3 / std::max(1.0, width), 2 / std::max(1.0, width)});
        return pen;
    }
    void arrowHead(const Point& from, const Point& to, const QColor& c, double width);

    QPainter& m_painter;
    const Look& m_look;
    LabelCache& m_labels;
    bool m_vector;
    double m_scale;
};

void Painting::draw(const Box& box) {
    const bool framed = box.frame.ink != Ink::None || box.frame.map;
    const bool filled = box.fill.ink != Ink::None || box.fill.map;
    QRectF rect = snapped(box.rect);
    if (!framed && filled && box.radius <= 0) {
        m_painter.fillRect(rect, colour(box.fill));
        return;
    }
    if (framed) {
        const double inset = box.frameWidth / 2;
        rect.adjust(inset, inset, -inset, -inset);
    }
    m_painter.setRenderHint(QPainter::Antialiasing, box.radius > 0 || m_vector);
    m_painter.setPen(framed ? pen(box.frame, box.frameWidth, box.dashed) : QPen(Qt::NoPen));
    m_painter.setBrush(filled ? QBrush(colour(box.fill)) : QBrush(Qt::NoBrush));
    const double radius = std::min({box.radius, rect.width() / 2, rect.height() / 2});
    if (radius > 0) {
        m_painter.drawRoundedRect(rect, radius, radius);
    } else {
        QPen square = m_painter.pen();
        square.setJoinStyle(Qt::MiterJoin);
        m_painter.setPen(square);
        m_painter.drawRect(rect);
    }
}

void Painting::draw(const Label& label) {
    if (label.text.empty()) return;
    const LabelCache::Laid& laid = m_labels.of(label);
    m_painter.setPen(label.on ? m_look.palette.textOn(colour(*label.on)) : colour(label.colour));
    m_painter.setRenderHint(QPainter::TextAntialiasing);
    const double spare = label.rect.w - laid.width, y = (label.rect.h - laid.height) / 2;
    const double x = label.align == Align::Left ? 0 : label.align == Align::Centre ? spare / 2 : spare;
    if (label.angle == 0) {
        laid.layout->draw(&m_painter, {label.rect.x + x, label.rect.y + y});
        return;
    }
    m_painter.save();
    m_painter.translate(label.rect.x, label.rect.bottom());
    m_painter.rotate(-label.angle);
    laid.layout->draw(&m_painter, {x, y - label.rect.h});
    m_painter.restore();
}

void Painting::draw(const Stroke& stroke) {
    if (stroke.points.empty()) return;
    QPolygonF line;
    line.reserve(static_cast<qsizetype>(stroke.points.size()));
    for (const Point& p : stroke.points) line << QPointF(p.x, p.y);
    const bool lined = stroke.colour.ink != Ink::None || stroke.colour.map;
    m_painter.setPen(lined ? pen(stroke.colour, stroke.width, stroke.dashed) : QPen(Qt::NoPen));
    const bool filled = stroke.closed && (stroke.fill.ink != Ink::None || stroke.fill.map);
    m_painter.setBrush(filled ? QBrush(colour(stroke.fill)) : QBrush(Qt::NoBrush));

    // Horizontal and vertical lines lie on whole pixels and stay sharp.
    const bool straight = line.size() == 2 && !stroke.closed && (line[0].x() == line[1].x() || line[0].y() == line[1].y());
    m_painter.setRenderHint(QPainter::Antialiasing, !(straight && m_scale > 0));
    if (stroke.closed)
        m_painter.drawPolygon(line);
    else
        m_painter.drawPolyline(line);
    if (stroke.arrow && line.size() >= 2)
        arrowHead(stroke.points[stroke.points.size() - 2], stroke.points.back(), colour(stroke.colour), stroke.width);
}

void Painting::arrowHead(const Point& from, const Point& to, const QColor& c, double width) {
    const double length = std::hypot(to.x - from.x, to.y - from.y);
    if (length == 0) return;
    const double dx = (to.x - from.x) / length, dy = (to.y - from.y) / length, size = 4 + 1.5 * width;
    const QPolygonF head{{to.x, to.y},
                         {to.x - size * dx + size / 2 * dy, to.y - size * dy - size / 2 * dx},
                         {to.x - size * dx - size / 2 * dy, to.y - size * dy + size / 2 * dx}};
    m_painter.setRenderHint(QPainter::Antialiasing);
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(c);
    m_painter.drawPolygon(head);
}

void Painting::draw(const Raster& raster) {
    m_painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    const auto cells = static_cast<std::int64_t>(raster.rows) * raster.cols;
    if (m_scale > 0) {
        const QRectF rect = snapped(raster.rect);
        const int width = static_cast<int>(std::lround(rect.width() * m_scale));
        const int height = static_cast<int>(std::lround(rect.height() * m_scale));
        const QImage image = fittedRasterImage(raster, m_look.palette, width, height);
        if (!image.isNull()) m_painter.drawImage(rect, image);
        return;
    }
    const QImage image = rasterImage(raster, m_look.palette);
    if (image.isNull()) return;
    if (cells > vectorCells) {
        // Some viewers smooth an image they enlarge; several pixels a cell keep its edges.
        const int enlarge = std::clamp(static_cast<int>(4096 / std::max(raster.rows, raster.cols)), 1, 8);
        m_painter.drawImage(toQt(raster.rect), image.scaled(image.width() * enlarge, image.height() * enlarge));
        return;
    }
    const double w = raster.rect.w / raster.cols, h = raster.rect.h / raster.rows;
    m_painter.setRenderHint(QPainter::Antialiasing, false);
    for (int row = 0; row < raster.rows; ++row) {
        for (int col = 0; col < raster.cols;) {  // neighbours of one colour are one rectangle
            int end = col + 1;
            while (end < raster.cols && image.pixel(end, row) == image.pixel(col, row)) ++end;
            m_painter.fillRect(QRectF(raster.rect.x + col * w, raster.rect.y + row * h, (end - col) * w, h),
                               QColor(image.pixel(col, row)));
            col = end;
        }
    }
}

}  // namespace

void paintPicture(QPainter& painter, const Picture& picture, const Look& look, const QRectF& visible, LabelCache* labels) {
    painter.save();
    LabelCache own;
    LabelCache& cache = labels ? *labels : own;
    cache.prepare(look, painter.device());
    Painting painting(painter, look, cache);
    for (const PictureItem& item : picture.items) {
        std::visit(
            [&](const auto& part) {
                if (visible.isEmpty() || Painting::boundsOf(part).intersects(visible)) painting.draw(part);
            },
            item);
    }
    painter.restore();
}

QFont pictureFont(const Look& look, TypeSize size, bool bold, bool mono, const QPaintDevice* device) {
    QFont font = mono ? look.mono : look.sans;
    double pixels = typePixels(size);
    if (look.projector) pixels = std::max(pixels, 12.0);  // 15 on the screen at the projector's 1.25
    // In points of the device: the only way to a size of half pixels.
    const double dpi = device ? device->logicalDpiY() : screenDpi();
    font.setPointSizeF(pixels * 72 / dpi);
    font.setWeight(bold ? QFont::DemiBold : QFont::Normal);
    return font;
}

Measure fontMeasure(const Look& look) {
    // [size][bold][mono]; families and projector type may change under us, so they are part of what is remembered.
    struct Memory {
        QString families;
        bool projector = false;
        std::array<std::optional<QFontMetricsF>, 20> metrics;
        std::array<std::unordered_map<std::string, double>, 20> widths;
    };
    auto memory = std::make_shared<Memory>();
    return [&look, memory](std::string_view text, TypeSize size, bool bold, bool mono) {
        const QString families = look.sans.families().join('|') + look.mono.families().join('|');
        if (memory->families != families || memory->projector != look.projector) {
            *memory = {};
            memory->families = families;
            memory->projector = look.projector;
        }
        const std::size_t kind = static_cast<std::size_t>(size) * 4 + (bold ? 2 : 0) + (mono ? 1 : 0);
        auto& widths = memory->widths[kind];
        const std::string key(text);
        if (const auto known = widths.find(key); known != widths.end()) return known->second;
        auto& metrics = memory->metrics[kind];
        if (!metrics) metrics.emplace(pictureFont(look, size, bold, mono));
        if (widths.size() > 20000) widths.clear();
        return widths[key] = metrics->horizontalAdvance(QString::fromStdString(key));
    };
}

QImage pictureImage(const Picture& picture, const Look& look, double devicePixelRatio) {
    const double scale = std::max(0.1, devicePixelRatio);
    const QSize size(std::max(1, static_cast<int>(std::ceil(picture.width * scale))),
                     std::max(1, static_cast<int>(std::ceil(picture.height * scale))));
    QImage image(size, QImage::Format_ARGB32_Premultiplied);
    if (image.isNull()) return image;  // too large for memory
    image.setDevicePixelRatio(scale);
    image.fill(look.palette.of(Ink::Panel));
    QPainter painter(&image);
    paintPicture(painter, picture, look);
    return image;
}

}  // namespace lw
