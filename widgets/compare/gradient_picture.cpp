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

constexpr double captionHeight = 20, legendHeight = 18, axisHeight = 30, sentenceHeight = 16, axisWidth = 58, least = 90;
constexpr Ink hues[] = {Ink::Recurrent, Ink::Attention, Ink::FeedForward, Ink::Written,
                        Ink::Erased,    Ink::Query,     Ink::Key,         Ink::Value};

struct Curve {
    const CompareRow* row;
    std::vector<double> back;  // bytes before the selected place, falling to 0
};

class Plot {
public:
    Plot(const CompareInput& in, double width, double height, const Say& say) : m_in(in), m_say(say), m_width(width) {
        const std::int64_t read = in.bytesRead();
        for (const CompareRow& row : in.rows) {
            if (!row.gradients || !row.reading) continue;
            Curve curve{&row, {}};
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
        m_top = captionHeight + legendHeight + 6 + static_cast<double>(failed) * sentenceHeight;
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
        addAxes();
        double x = axisWidth;
        for (std::size_t i = 0; i < m_curves.size(); ++i) {
            addCurve(m_curves[i], hues[i % std::size(hues)], i >= std::size(hues));
            x = addName(m_curves[i], hues[i % std::size(hues)], x);
        }
        addTables();
        return std::move(m_picture);
    }

private:
    // The selected place is on the right, the past to the left of it, as in the text.
    double across(double back) const {
        return m_farthest > 0 ? m_width - 8 - back / m_farthest * (m_width - 8 - axisWidth) : m_width - 8;
    }
    double up(double norm) const { return m_bottom - (std::log10(norm) - m_low) / (m_high - m_low) * (m_bottom - m_top); }

    // Why a row has no curve, under the caption and the names.
    void addProblems() {
        double y = captionHeight + legendHeight + 2;
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

    void addCurve(const Curve& curve, Ink hue, bool dashed) {
        Stroke line{.points = {}, .colour = hue, .width = 2, .dashed = dashed};
        for (std::size_t t = 0; t < curve.back.size(); ++t) {
            const double norm = curve.row->gradients->all[t];
            if (!(norm > 0)) continue;  // a log axis has no zero
            const Point at{across(curve.back[t]), up(norm)};
            line.points.push_back(at);
            m_picture.box({.rect = {at.x - 2, at.y - 2, 4, 4}, .fill = hue, .radius = 2});
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

    double addName(const Curve& curve, Ink hue, double x) {
        const double width = textWidth(curve.row->name, TypeSize::Label);
        m_picture.box({.rect = {x, captionHeight + 7, 14, 3}, .fill = hue, .radius = 1});
        m_picture.label({.rect = {x + 18, captionHeight, width, legendHeight}, .text = curve.row->name, .size = TypeSize::Label});
        return x + 18 + width + 14;
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
