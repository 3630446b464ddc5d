// What stands over the text, all on the same columns: what is read (or the state itself), its size, the gates, how long what the
// chosen position wrote survives, and the effective attention of that position.
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"
#include "widgets/shared/wrap_text.h"
#include "widgets/state/state_parts.h"

namespace lw {

namespace {

constexpr double labelColumn = 136, gap = 6, stripHeight = 18, meanHeight = 5, curveHeight = 64;
constexpr double smallestBox = 5, numberColumn = 34;
constexpr double fewHeads = 11, slantedHead = 17;  // under the one only the chosen column has a head; the room of a slanted one
constexpr int mostSpots = 256;

std::string scaleTo(double limit) { return "±" + printNumber(limit, 3); }

// With two digits or, where those would touch the next column's, one; empty where neither fits.
std::string numberWithin(double width, double value) {
    for (const int digits : {2, 1}) {
        std::string text = printNumber(value, digits);
        if (textWidth(text, TypeSize::Small, false, true) <= width) return text;
    }
    return {};
}

class Writer {
public:
    Writer(StateDrawing& drawing, const StateInput& in)
        : m_drawing(drawing),
          m_picture(drawing.picture),
          m_in(in),
          m_facts(*in.facts),
          m_columns(textColumns(in.width, in.facts->trace->length())) {}

    double write(double y) {
        const bool few = m_columns.width < fewHeads;
        const double above = y;
        y = heads(y);
        const double top = few ? y : above;  // one head over narrow columns is wider than its own
        y = heat(y + 2);
        y = sizes(y + gap);
        for (const GateStrip& gate : m_facts.text->gates) y = this->gate(gate, y + gap);
        for (const StateVector& vector : m_facts.text->vectors) y = this->vector(vector, y + gap);
        double strips = y;  // the frame of the place ends with them: sentences that stand for a strip are not in columns
        y = survivalCurve(y + gap + 2);
        const bool survives = m_facts.survivalFailure.empty();
        if (survives) strips = y;
        y = effective(y + gap + 2);
        if (survives && m_facts.effective.size() > 0) strips = y;
        const int p = m_facts.place.position.value;
        m_picture.box({.rect = {m_columns.x(p) - 1.5, top, std::max(3.0, m_columns.width + 2), strips - top},
                       .fill = Ink::None,
                       .frame = Ink::SelectedFrame,
                       .frameWidth = 2,
                       .radius = 3});
        return matrix(y + gap + 2);
    }

private:
    int T() const { return m_columns.count; }
    std::string say(const char* text) const { return m_in.say(text); }

    // Name and scale at the left of a strip; the scale stands beside the name where there is only one line.
    void name(double y, double height, const std::string& text, const std::string& scale, Colour colour = Ink::Text) {
        const double room = labelColumn - 8;
        if (height >= 28) {
            const double middle = y + height / 2;
            m_picture.label({.rect = {0, middle - 14, room, 14}, .text = text, .size = TypeSize::Label, .colour = colour});
            m_picture.label(
                {.rect = {0, middle, room, 14}, .text = scale, .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
            return;
        }
        const double width = std::min(room, textWidth(scale, TypeSize::Small, false, true));
        m_picture.label({.rect = {0, y, room - width - 2, height}, .text = text, .size = TypeSize::Label, .colour = colour});
        m_picture.label({.rect = {room - width, y, width, height},
                         .text = scale,
                         .size = TypeSize::Small,
                         .align = Align::Right,
                         .colour = Ink::Muted,
                         .mono = true});
    }

    Locus at(int position) const {
        Locus place;
        place.layer = m_facts.place.layer;
        place.position = Position(position);
        return place;
    }

    void area(StateArea::Kind kind, Rect rect, Matrix values, const std::string& title, std::optional<SiteId> site, bool ofHead) {
        StateArea area{.kind = kind, .rect = rect, .values = std::move(values), .name = title};
        area.place.layer = m_facts.place.layer;
        area.place.site = site;
        if (ofHead) area.place.head = m_facts.place.head;
        m_picture.spot({.rect = rect, .place = {.layer = m_facts.place.layer}, .says = title, .raster = true});
        m_drawing.areas.push_back(std::move(area));
    }

    // The tokens over the columns.
    double heads(double y) {
        const double w = m_columns.width;
        const bool slanted = w < 26, few = w < fewHeads;
        const int step = slanted && !few ? std::max(1, static_cast<int>(std::ceil(slantedHead / w))) : 1;
        const double height = slanted && !few ? 46 : 18;
        const int chosen = m_facts.place.position.value;
        for (int p = 0; p < T(); ++p) {
            if ((few && p != chosen) || (p - chosen) % step != 0) continue;
            Label label{.text = pieceAt(m_in, p), .size = TypeSize::Small, .bold = p == chosen};
            if (few) {
                const double width = 80, x = std::clamp(m_columns.centre(p) - width / 2, m_columns.left, m_in.width - width);
                label.rect = {x, y, width, height};
                const double centre = m_columns.centre(p) - x;
                label.align = centre > width / 2 + 1 ? Align::Right : centre < width / 2 - 1 ? Align::Left : Align::Centre;
                label.text = std::to_string(p) + " " + label.text;
            } else if (slanted) {
                label.rect = {m_columns.centre(p) - 2, y + height - 12, 58, 12};
                label.angle = 45;
            } else {
                label.rect = {m_columns.x(p) + 1, y, w - 2, height};
                label.align = Align::Centre;
            }
            m_picture.label(std::move(label));
        }
        if (T() <= mostSpots)
            for (int p = 0; p < T(); ++p)
                m_picture.spot(
                    {.rect = {m_columns.x(p), y, w, height},
                     .place = {.position = Position(p)},
                     .says = fill(say(QT_TRANSLATE_NOOP("State", "position %1 “%2”")), {std::to_string(p), pieceAt(m_in, p)})});
        return y + height;
    }

    Rect strip(double y, double height) const { return {m_columns.left, y, m_columns.width * T(), height}; }

    double heat(double y) {
        const HeadOverText& text = *m_facts.text;
        if (text.heat.size() == 0) return y;
        const auto rows = static_cast<double>(text.heat.cols());
        const double height = std::clamp(rows * 8, 32.0, std::max(56.0, m_in.height * 0.2));
        const std::string title = text.read ? say(QT_TRANSLATE_NOOP("State", "what is read"))
                                            : say(text.heatSite == SiteId::CellC ? QT_TRANSLATE_NOOP("State", "cells c")
                                                                                 : QT_TRANSLATE_NOOP("State", "state h"));
        name(y, height, title,
             fill(say(QT_TRANSLATE_NOOP("State", "%1 units, %2")), {std::to_string(text.heat.cols()), scaleTo(text.limit)}),
             text.read ? Ink::Read : Ink::New);
        const Rect rect = strip(y, height);
        addCells(m_picture, rect, text.heat.transpose(), text.limit, ColourMap::Diverging);
        StateArea::Kind kind = StateArea::Kind::OverText;
        area(kind, rect, text.heat.transpose(), title, text.heatSite, m_facts.mixer.isMatrixMemory());
        if (m_facts.mixer.kind == MixerKind::Mamba2)  // all heads stand beside each other in the site
            m_drawing.areas.back().firstUnit = m_facts.place.head.value * m_facts.mixer.valueWidth;
        DataTable table{.name = text.read ? "read_over_text" : "state_over_text"};
        for (Eigen::Index u = 0; u < text.heat.cols(); ++u) table.columns.push_back(std::to_string(u));
        addRows(table, text.heat);
        return y + height;
    }

    void addRows(DataTable& table, const Matrix& values) {
        for (Eigen::Index r = 0; r < values.rows(); ++r) {
            table.rowNames.push_back(std::to_string(r) + " " + pieceAt(m_in, static_cast<int>(r)));
            std::vector<double> row;
            for (Eigen::Index c = 0; c < values.cols(); ++c) row.push_back(static_cast<double>(values(r, c)));
            table.rows.push_back(std::move(row));
        }
        m_picture.tables.push_back(std::move(table));
    }

    double sizes(double y) {
        if (!m_facts.sizes || m_facts.sizes->size() == 0) return y;
        const Matrix& sizes = *m_facts.sizes;
        const double largest = static_cast<double>(sizes.maxCoeff());
        const auto heads = static_cast<int>(sizes.cols());
        const double height = heads == 1 ? stripHeight : std::clamp(heads * 9.0, 18.0, 72.0);
        const std::string title =
            heads == 1 ? say(QT_TRANSLATE_NOOP("State", "size ‖·‖")) : say(QT_TRANSLATE_NOOP("State", "size, by head"));
        name(y, height, title, "0 … " + printNumber(largest, 3));
        const Rect rect = strip(y, height);
        if (heads == 1) {
            numbers(rect, sizes.col(0), largest, ColourMap::Sequential, title, std::nullopt, false, 0);
        } else {
            addCells(m_picture, rect, sizes.transpose(), largest, ColourMap::Sequential);
            area(StateArea::Kind::Heads, rect, sizes.transpose(), title, std::nullopt, false);
            const Rect own{rect.x - 1, rect.y + rect.h / heads * m_facts.place.head.value - 0.5, rect.w + 1, rect.h / heads};
            m_picture.box({.rect = own, .frame = Ink::SelectedFrame});
        }
        DataTable table{.name = "state_size"};
        for (int h = 0; h < heads; ++h) table.columns.push_back("H" + std::to_string(h));
        addRows(table, sizes);
        return y + height;
    }

    // The place of a weight with which the chosen position reads a key. Of a scan the head is the channel.
    Locus weightAt(int key) const {
        Locus place = at(m_facts.place.position.value);
        place.site = SiteId::MixerEffectivePattern;
        place.head = m_facts.mixer.isScan() ? Head(m_facts.channel) : m_facts.place.head;
        place.key = Position(key);
        return place;
    }

    // One number a column; byKey: the columns are keys that the chosen position reads.
    void numbers(Rect rect, const RowVector& values, double limit, ColourMap map, const std::string& title,
                 std::optional<SiteId> site, bool ofHead, int unit, bool byKey = false) {
        const double w = m_columns.width;
        if (w < smallestBox || T() > mostSpots) {
            addCells(m_picture, rect, values, limit, map);
            area(byKey ? StateArea::Kind::Keys : StateArea::Kind::OverText, rect, values, title, site, ofHead);
            m_drawing.areas.back().firstUnit = unit;
            if (byKey) {
                m_drawing.areas.back().place = weightAt(0);
                m_drawing.areas.back().place.key.reset();
            }
            return;
        }
        for (int p = 0; p < T(); ++p) {
            const double v = static_cast<double>(values(p));
            const Rect cell{m_columns.x(p), rect.y, w - 1, rect.h};
            if (std::isnan(v)) {
                m_picture.box({.rect = cell, .fill = Ink::Grid, .radius = 2});
                continue;
            }
            const Colour colour = Colour::mapped(map, limit > 0 ? v / limit : 0);
            m_picture.box({.rect = cell, .fill = colour, .frame = Ink::Grid, .radius = 2});
            const std::string number = w >= numberColumn ? numberWithin(w - 4, v) : std::string();
            if (!number.empty())
                m_picture.label(
                    {.rect = cell, .text = number, .size = TypeSize::Small, .align = Align::Centre, .on = colour, .mono = true});
            Locus place = byKey ? weightAt(p) : at(p);
            if (site) {
                place.site = site;
                place.unit = Unit(unit);
                if (ofHead) place.head = m_facts.place.head;
            }
            m_picture.spot({.rect = cell,
                            .place = place,
                            .says = fill(say(QT_TRANSLATE_NOOP("State", "%1 at %2 “%3”: %4")),
                                         {title, std::to_string(p), pieceAt(m_in, p), printNumber(v)}),
                            .value = v});
        }
    }

    // Which unit of a gate of many stands in its strip.
    int unitOf(const GateStrip& gate) const {
        if (gate.values.cols() <= 1 || !m_facts.terms) return 0;
        const StateCell cell = chosenCell(m_facts, m_in.place);
        const int unit = m_facts.mixer.isCell() ? cell.column : cell.row;  // gates of a memory lie along its key
        return std::clamp(unit, 0, static_cast<int>(gate.values.cols()) - 1);
    }

    double gate(const GateStrip& gate, double y) {
        const bool many = gate.values.cols() > 1;
        const int unit = unitOf(gate);
        std::string title = say(gate.name) + " " + gate.symbol;
        std::string brief = title;
        const std::string scale = "0…" + printNumber(gate.high, 2);
        if (many) {
            const std::string which = " " + fill(say(m_facts.mixer.isScan() ? QT_TRANSLATE_NOOP("State", "channel %1")
                                                                            : QT_TRANSLATE_NOOP("State", "unit %1")),
                                                 {std::to_string(unit)});
            title += which;
            const double room = labelColumn - 12 - textWidth(scale, TypeSize::Small, false, true);
            brief = textWidth(title, TypeSize::Label) <= room ? title : gate.symbol + which;
        }
        name(y, stripHeight, brief, scale);
        // The number of a head stands at the head's own column where the site has one number a head and no head axis.
        const bool headAxis = siteOf(gate.site).axes == Axes::PositionHeadUnit;
        const int placed = gate.sharedByHeads && !headAxis ? m_facts.place.head.value : unit;
        const Rect rect = strip(y, stripHeight);
        numbers(rect, gate.values.col(unit), gate.high, ColourMap::Sequential, title, gate.site, gate.sharedByHeads && headAxis,
                placed);
        double bottom = y + stripHeight;
        if (many) {
            const Rect line = strip(bottom + 1, meanHeight);
            const RowVector mean = gate.values.rowwise().mean().transpose();
            addCells(m_picture, line, mean, gate.high, ColourMap::Sequential);
            m_picture.box({.rect = {line.x - 1, line.y - 0.5, line.w + 1, line.h + 1}, .frame = Ink::Grid});
            const std::string mean_ = fill(say(QT_TRANSLATE_NOOP("State", "mean of %1")), {std::to_string(gate.values.cols())});
            StateArea mean_area{
                .kind = StateArea::Kind::OverText, .rect = line, .values = mean, .name = mean_ + " " + gate.symbol};
            mean_area.onlyPosition = true;
            m_picture.spot({.rect = line, .place = {.layer = m_facts.place.layer}, .says = mean_area.name, .raster = true});
            m_drawing.areas.push_back(std::move(mean_area));
            bottom += meanHeight + 1;
        }
        DataTable table{.name = "gate_" + gate.symbol};
        for (Eigen::Index u = 0; u < gate.values.cols(); ++u) table.columns.push_back(std::to_string(u));
        addRows(table, gate.values);
        return bottom;
    }

    // B and C of a scan: a column for each token, a row for each state.
    double vector(const StateVector& vector, double y) {
        const double height = 32;
        const std::string title = say(vector.name) + " " + vector.symbol;
        name(y, height, title,
             fill(say(QT_TRANSLATE_NOOP("State", "%1 states, %2")),
                  {std::to_string(vector.values.cols()), scaleTo(vector.limit)}));
        const Rect rect = strip(y, height);
        addCells(m_picture, rect, vector.values.transpose(), vector.limit, ColourMap::Diverging);
        area(StateArea::Kind::OverText, rect, vector.values.transpose(), title, vector.site, false);
        m_drawing.areas.back().firstUnit = vector.firstUnit;
        DataTable table{.name = vector.symbol + "_over_text"};
        for (Eigen::Index n = 0; n < vector.values.cols(); ++n) table.columns.push_back(std::to_string(n));
        addRows(table, vector.values);
        return y + height;
    }

    // A sentence instead of a strip.
    double note(double y, const std::string& text) {
        for (const std::string& line : wrapText(text, m_in.width, TypeSize::Label, false, textWidth)) {
            m_picture.label({.rect = {0, y, m_in.width, 16}, .text = line, .size = TypeSize::Label, .colour = Ink::Muted});
            y += 16;
        }
        return y;
    }

    double survivalCurve(double y) {
        if (!m_facts.survivalFailure.empty()) return note(y, m_facts.survivalFailure);
        const std::vector<double>& share = m_facts.survival;
        const int from = m_facts.place.position.value;
        const auto [low, high] = std::minmax_element(share.begin(), share.end());
        const double bottom = std::min(0.0, *low), top = std::max(1.0, *high);
        const Rect rect = strip(y, curveHeight);
        const auto height = [&](double v) { return rect.bottom() - 3 - (v - bottom) / (top - bottom) * (rect.h - 6); };
        m_picture.box({.rect = rect, .fill = Ink::None, .frame = Ink::Grid});
        const auto level = [&](double v, bool dashed) {
            m_picture.stroke({.points = {{rect.x, height(v)}, {rect.right(), height(v)}}, .colour = Ink::Line, .dashed = dashed});
        };
        level(0, false);
        level(0.5, true);
        const double middle = y + curveHeight / 2;
        const double room = labelColumn - 8;
        const auto line = [&](double at, const std::string& text, TypeSize size, Colour colour, bool mono = false) {
            m_picture.label({.rect = {0, at, room, 14}, .text = text, .size = size, .colour = colour, .mono = mono});
        };
        line(middle - 28, fill(say(QT_TRANSLATE_NOOP("State", "what “%1” wrote,")), {pieceAt(m_in, from)}), TypeSize::Label,
             Ink::Written);
        // Every unit of a cell and every channel of a scan forgets at a pace of its own.
        const int of = m_facts.mixer.isCell() || m_facts.mixer.isScan() ? m_facts.mixer.inner : 1;
        line(middle - 14,
             of > 1 ? say(QT_TRANSLATE_NOOP("State", "mean share left")) : say(QT_TRANSLATE_NOOP("State", "share still there")),
             TypeSize::Label, Ink::Written);
        const std::string ofAll =
            of > 1 ? fill(say(QT_TRANSLATE_NOOP("State", " (mean of %1)")), {std::to_string(of)}) : std::string();
        line(middle, printNumber(bottom, 2) + " … ½ … " + printNumber(top, 3), TypeSize::Small, Ink::Muted, true);
        line(middle + 13,
             m_facts.halfLife ? fill(say(QT_TRANSLATE_NOOP("State", "half-life %1 tokens")), {printNumber(*m_facts.halfLife, 3)})
             : share.size() > 1 ? fill(say(QT_TRANSLATE_NOOP("State", "over ½ to the end: %1")), {printNumber(share.back(), 3)})
                                : say(QT_TRANSLATE_NOOP("State", "the last token")),
             TypeSize::Small, Ink::Text);
        Stroke curve{.points = {}, .colour = Ink::Written, .width = 2};
        for (std::size_t d = 0; d < share.size(); ++d) {
            const int p = from + static_cast<int>(d);
            curve.points.push_back({m_columns.centre(p), height(share[d])});
            if (m_columns.width >= 10)
                m_picture.box(
                    {.rect = {m_columns.centre(p) - 2.5, height(share[d]) - 2.5, 5, 5}, .fill = Ink::Written, .radius = 2.5});
        }
        if (curve.points.size() > 1) m_picture.stroke(std::move(curve));
        for (int p = 0; p < T() && T() <= mostSpots; ++p) {
            const int d = p - from;
            const double v = d >= 0 ? share[static_cast<std::size_t>(d)] : 0;
            const std::string says =
                d >= 0
                    ? fill(say(QT_TRANSLATE_NOOP("State", "%1 tokens after “%2”, at “%3”: %4 of what it wrote is still there")),
                           {std::to_string(d), pieceAt(m_in, from), pieceAt(m_in, p), printNumber(v)}) +
                          ofAll
                    : fill(say(QT_TRANSLATE_NOOP("State", "position %1 “%2”")), {std::to_string(p), pieceAt(m_in, p)});
            m_picture.spot({.rect = {m_columns.x(p), y, m_columns.width, curveHeight},
                            .place = at(p),
                            .says = says,
                            .value = d >= 0 ? std::optional(v) : std::nullopt});
        }
        DataTable table{.name = "survival", .columns = {"distance", "share"}};
        for (std::size_t d = 0; d < share.size(); ++d) table.rows.push_back({static_cast<double>(d), share[d]});
        m_picture.tables.push_back(std::move(table));
        return y + curveHeight;
    }

    double effective(double y) {
        if (m_facts.effective.size() == 0) {
            if (m_facts.mixer.isCell())
                return note(y, say(QT_TRANSLATE_NOOP("State",
                                                     "No effective attention: the gates of a cell read its own state, so what it "
                                                     "shows is no weighted sum of what was written.")));
            return note(y, m_facts.effectiveFailure);
        }
        const int query = m_facts.place.position.value;
        RowVector row = m_facts.effective;
        const double limit = static_cast<double>(row.cwiseAbs().maxCoeff());
        const double height = 30;
        const std::string title =
            m_facts.mixer.isScan() ? fill(say(QT_TRANSLATE_NOOP("State", "effective, ch. %1")), {std::to_string(m_facts.channel)})
                                   : say(QT_TRANSLATE_NOOP("State", "effective attention"));
        name(y, height, title,
             fill(say(QT_TRANSLATE_NOOP("State", "%1, sum %2")),
                  {scaleTo(limit), printNumber(static_cast<double>(row.cast<double>().sum()), 3)}));
        for (int p = query + 1; p < T(); ++p) row(p) = std::numeric_limits<float>::quiet_NaN();
        const Rect rect = strip(y + (height - stripHeight) / 2, stripHeight);
        numbers(rect, row, limit, ColourMap::Diverging,
                fill(say(QT_TRANSLATE_NOOP("State", "weight with which “%1” reads what was written")), {pieceAt(m_in, query)}),
                std::nullopt, false, 0, true);
        DataTable table{.name = "effective_attention", .columns = {"weight"}};
        addRows(table, m_facts.effective.transpose());
        return y + height;
    }

    double matrix(double y) {
        if (!m_facts.effectiveMatrix) {
            if (m_facts.effective.size() == 0) return y;
            return note(y,
                        fill(say(QT_TRANSLATE_NOOP("State",
                                                   "The effective attention of every position is drawn for texts of at most %1 "
                                                   "tokens; this one has %2.")),
                             {std::to_string(largestEffectiveMatrix), std::to_string(T())}));
        }
        const Matrix& all = *m_facts.effectiveMatrix;
        Matrix shown = all;
        for (int q = 0; q < T(); ++q)
            for (int k = q + 1; k < T(); ++k) shown(q, k) = std::numeric_limits<float>::quiet_NaN();
        const double limit = static_cast<double>(all.cwiseAbs().maxCoeff());
        const double line = std::clamp(m_columns.width * 0.5, 5.0, 14.0), height = line * T();
        addCaption(m_picture, {m_columns.left, y, m_in.width - m_columns.left, 16},
                   fill(say(QT_TRANSLATE_NOOP("State", "effective attention of every position (rows) to every earlier one, %1")),
                        {scaleTo(limit)}));
        y += 18;
        const Rect rect = strip(y, height);
        addCells(m_picture, rect, shown, limit, ColourMap::Diverging);
        area(StateArea::Kind::Queries, rect, shown, say(QT_TRANSLATE_NOOP("State", "effective attention")),
             SiteId::MixerEffectivePattern, false);
        m_drawing.areas.back().place.head = weightAt(0).head;
        if (line >= 9)
            for (int q = 0; q < T(); ++q)
                m_picture.label({.rect = {0, y + line * q, labelColumn - 6, line},
                                 .text = pieceAt(m_in, q),
                                 .size = TypeSize::Small,
                                 .align = Align::Right,
                                 .bold = q == m_facts.place.position.value});
        const int query = m_facts.place.position.value;
        m_picture.box({.rect = {rect.x - 1.5, y + line * query - 1.5, rect.w + 2, line + 2},
                       .frame = Ink::SelectedFrame,
                       .frameWidth = 2,
                       .radius = 3});
        DataTable table{.name = "effective_attention_all"};
        for (int k = 0; k < T(); ++k) table.columns.push_back(std::to_string(k) + " " + pieceAt(m_in, k));
        addRows(table, all);
        return y + height + 4;
    }

    StateDrawing& m_drawing;
    Picture& m_picture;
    const StateInput& m_in;
    const StateFacts& m_facts;
    const TextColumns m_columns;
};

}  // namespace

TextColumns textColumns(double width, int tokens) {
    const double room = std::max(40.0, width - labelColumn - 2);
    return {.left = labelColumn, .width = std::min(56.0, room / std::max(1, tokens)), .count = tokens};
}

double addOverText(StateDrawing& drawing, const StateInput& input, double y) { return Writer(drawing, input).write(y); }

}  // namespace lw
