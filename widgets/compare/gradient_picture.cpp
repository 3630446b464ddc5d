#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/compare/compare_columns.h"
#include "widgets/compare/compare_picture.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double captionHeight = 20, legendHeight = 18, axisHeight = 30, sentenceHeight = 16, axisWidth = 58, least = 90,
                 nameRoom = 24;
// Hues that are told apart by colour-blind eyes; after them dashed once more. Neighbours have different marks, too.
constexpr Ink hues[] = {Ink::Recurrent, Ink::Erased, Ink::Attention, Ink::FeedForward, Ink::Text};

struct Curve {
    const CompareRow* row;
    std::vector<double> back;  // bytes before the selected place, falling to 0
    Point name = {};           // where its name stands
};

class Plot {
public:
    Plot(const CompareInput& in, double width, double height, const Say& say) : m_in(in), m_say(say), m_width(width) {
        const std::int64_t read = in.bytesRead();
        for (const CompareRow& row : in.rows) {
            if (!row.gradients || !row.reading) continue;
            Curve curve{&row, {}, {}};
            for (std::size_t t = 0; t < row.gradients->all.size(); ++t) {
                curve.back.push_back(static_cast<double>(read - row.reading->tokens[t].to));
                m_farthest = std::max(m_farthest, curve.back.back());
                const double norm = row.gradients->all[t];
                if (norm > 0) {
                    m_low = std::min(m_low, std::floor(std::log10(norm)));
                    m_high = std::max(m_high, std::ceil(std::log10(norm)));
                }
            }
            m_curves.push_back(std::move(curve));
        }
        if (m_high <= m_low) m_high = m_low + 1;
        const auto failed = std::ranges::count_if(in.rows, [](const CompareRow& row) { return !row.gradientProblem.empty(); });
        placeNames();
        m_top = captionHeight + legendHeight * m_legendLines + 6 + static_cast<double>(failed) * sentenceHeight;
        m_bottom = std::max(m_top + least, height - axisHeight);
    }

    Picture make() {
        m_picture.width = m_width;
        m_picture.height = m_bottom + axisHeight;
        addCaption(m_picture, {0, 0, m_width, captionHeight},
                   m_say(QT_TRANSLATE_NOOP("Compare", "how far back the loss of the next token reaches: ‖∂loss/∂state‖")));
        addProblems();
        if (m_curves.empty()) {
            m_picture.label(
                {.rect = {0, m_top, m_width, 20},
                 .text = m_say(QT_TRANSLATE_NOOP("Compare", "No model here has a state to follow: choose one that carries one.")),
                 .size = TypeSize::Label,
                 .colour = Ink::Muted});
            return std::move(m_picture);
        }
        if (m_farthest <= 0) {
            m_picture.label(
                {.rect = {0, m_top, m_width, 20},
                 .text = m_say(QT_TRANSLATE_NOOP("Compare", "Nothing stands before the selected place: choose a later token.")),
                 .size = TypeSize::Label,
                 .colour = Ink::Muted});
            addTables();
            return std::move(m_picture);
        }
        addAxes();
        for (std::size_t i = 0; i < m_curves.size(); ++i) {
            addCurve(m_curves[i], lookOf(i));
            addName(m_curves[i], lookOf(i));
        }
        addTables();
        return std::move(m_picture);
    }

private:
    struct CurveLook {
        Ink hue;
        bool dashed, round;
    };
    static CurveLook lookOf(std::size_t i) { return {hues[i % std::size(hues)], i >= std::size(hues), i % 2 == 0}; }

    // Names beside each other, in as many lines as they need.
    void placeNames() {
        double x = axisWidth;
        int line = 0;
        for (Curve& curve : m_curves) {
            const double width = nameRoom + textWidth(curve.row->name, TypeSize::Label) + 14;
            if (x > axisWidth && x + width > m_width) {
                x = axisWidth;
                ++line;
            }
            curve.name = {x, captionHeight + legendHeight * line};
            x += width;
        }
        m_legendLines = line + 1;
    }

    void addMark(Point at, const CurveLook& look) {
        const double half = look.round ? 2.5 : 2.25;
        m_picture.box(
            {.rect = {at.x - half, at.y - half, 2 * half, 2 * half}, .fill = look.hue, .radius = look.round ? half : 0.0});
    }

    // The selected place is on the right, the past to the left of it, as in the text.
    double across(double back) const {
        return m_farthest > 0 ? m_width - 8 - back / m_farthest * (m_width - 8 - axisWidth) : m_width - 8;
    }
    double up(double norm) const { return m_bottom - (std::log10(norm) - m_low) / (m_high - m_low) * (m_bottom - m_top); }

    // Why a row has no curve, under the caption and the names.
    void addProblems() {
        double y = captionHeight + legendHeight * m_legendLines + 2;
        for (const CompareRow& row : m_in.rows) {
            if (row.gradientProblem.empty()) continue;
            m_picture.label({.rect = {0, y, m_width, sentenceHeight},
                             .text = row.name + ": " + row.gradientProblem,
                             .size = TypeSize::Label,
                             .colour = Ink::Erased});
            y += sentenceHeight;
        }
    }

    void addAxes() {
        const int step = std::max(1, static_cast<int>(std::ceil((m_high - m_low) / std::max(1.0, (m_bottom - m_top) / 22))));
        for (int power = static_cast<int>(m_low); power <= static_cast<int>(m_high); power += step) {
            const double y = up(std::pow(10.0, power));
            m_picture.stroke({.points = {{axisWidth, y}, {m_width - 8, y}}, .colour = Ink::Grid});
            m_picture.label({.rect = {0, y - 7, axisWidth - 6, 14},
                             .text = printNumber(std::pow(10.0, power), 2),
                             .size = TypeSize::Small,
                             .align = Align::Right,
                             .colour = Ink::Muted,
                             .mono = true});
        }
        for (int part = 0; part <= 4; ++part) {
            const double back = std::round(m_farthest * part / 4);
            m_picture.label({.rect = {across(back) - 24, m_bottom + 2, 32, 12},
                             .text = printNumber(back, 4),
                             .size = TypeSize::Small,
                             .align = Align::Right,
                             .colour = Ink::Muted,
                             .mono = true});
        }
        m_picture.label({.rect = {axisWidth, m_bottom + 14, m_width - axisWidth - 8, 14},
                         .text = m_say(QT_TRANSLATE_NOOP("Compare", "bytes of text back from the selected place")),
                         .size = TypeSize::Small,
                         .align = Align::Right,
                         .colour = Ink::Muted});
    }

    void addCurve(const Curve& curve, const CurveLook& look) {
        Stroke line{.points = {}, .colour = look.hue, .width = 2, .dashed = look.dashed};
        for (std::size_t t = 0; t < curve.back.size(); ++t) {
            const double norm = curve.row->gradients->all[t];
            if (!(norm > 0)) continue;  // a log axis has no zero
            const Point at{across(curve.back[t]), up(norm)};
            line.points.push_back(at);
            addMark(at, look);
            const ReadToken& token = curve.row->reading->tokens[t];
            Spot spot{.rect = {at.x - 5, at.y - 5, 10, 10},
                      .place = {},
                      .says = fill(m_say(QT_TRANSLATE_NOOP(
                                       "Compare", "%1: ‖∂loss/∂state‖ after “%2”, %3 bytes back: %4 (loss of “%5”: %6 nats)")),
                                   {curve.row->name, visiblePiece(token.bytes), printNumber(curve.back[t]), printNumber(norm),
                                    target(curve), printNumber(curve.row->gradients->loss)}),
                      .value = norm};
            const int column = CompareColumns::columnOf(m_in.columns, token.from, token.to);
            if (column >= 0) spot.place.position = Position(column);
            m_picture.spot(std::move(spot));
        }
        if (line.points.size() > 1) m_picture.stroke(std::move(line));
    }

    std::string target(const Curve& curve) const {
        const Reading& reading = *curve.row->reading;
        const auto next = static_cast<std::size_t>(curve.row->gradients->position) + 1;
        if (next < reading.tokens.size()) return visiblePiece(reading.tokens[next].bytes);
        return visiblePiece(reading.tokens.back().next.front().bytes);
    }

    void addName(const Curve& curve, const CurveLook& look) {
        const auto [x, y] = curve.name;
        const double middle = y + legendHeight / 2;
        m_picture.stroke(
            {.points = {{x, middle}, {x + nameRoom - 4, middle}}, .colour = look.hue, .width = 2, .dashed = look.dashed});
        addMark({x + (nameRoom - 4) / 2, middle}, look);
        m_picture.label({.rect = {x + nameRoom, y, textWidth(curve.row->name, TypeSize::Label) + 4, legendHeight},
                         .text = curve.row->name,
                         .size = TypeSize::Label});
    }

    void addTables() {
        for (const Curve& curve : m_curves) {
            DataTable table{.name = "state_gradient_" + curve.row->name, .columns = {"to_byte", "bytes_back", "norm"}};
            for (const Layer layer : curve.row->gradients->layers)
                table.columns.push_back("norm_L" + std::to_string(layer.value));
            for (std::size_t t = 0; t < curve.back.size(); ++t) {
                const ReadToken& token = curve.row->reading->tokens[t];
                table.rowNames.push_back(visiblePiece(token.bytes));
                std::vector<double> row{static_cast<double>(token.to), curve.back[t], curve.row->gradients->all[t]};
                for (const auto& layer : curve.row->gradients->norms) row.push_back(layer[t]);
                table.rows.push_back(std::move(row));
            }
            m_picture.tables.push_back(std::move(table));
        }
    }

    const CompareInput& m_in;
    const Say& m_say;
    int m_legendLines = 1;
    double m_width, m_top = 0, m_bottom = 0, m_farthest = 0;
    double m_low = std::numeric_limits<double>::max(), m_high = std::numeric_limits<double>::lowest();
    std::vector<Curve> m_curves;
    Picture m_picture;
};

}  // namespace

Picture gradientPicture(const CompareInput& input, double width, double height, const Say& say) {
    return Plot(input, width, height, say).make();
}

}  // namespace lw
