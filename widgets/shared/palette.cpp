// The colours of design: every token in both themes, and the maps.

#include "widgets/shared/palette.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "widgets/shared/oklab.h"
#include "widgets/shared/text_width.h"

namespace lw {

namespace {

struct Pair {
    QRgb light, dark;
};

// A colour given once for light; dark is that a quarter of the way to white.
constexpr QRgb lighter(QRgb c) {
    const auto up = [](QRgb v) { return v + (255 - v) / 4; };
    return 0xff000000u | up((c >> 16) & 255u) << 16 | up((c >> 8) & 255u) << 8 | up(c & 255u);
}

constexpr Pair tokens(Ink ink) {
    switch (ink) {
        case Ink::None:
            return {0x00000000, 0x00000000};
        case Ink::Ground:
            return {0xfff3f5f8, 0xff0e131a};
        case Ink::Panel:
            return {0xffffffff, 0xff151c25};
        case Ink::Line:
            return {0xffdde3ea, 0xff273240};
        case Ink::Grid:
            return {0xffeef1f5, 0xff1b2430};
        case Ink::Text:
            return {0xff17212e, 0xffe6edf5};
        case Ink::Muted:
            return {0xff5d6a7a, 0xff9fb0c2};
        case Ink::Faint:
            return {0xff9aa6b4, 0xff64748a};
        case Ink::Accent:
            return {0xff0b63c5, 0xff6db3ff};
        case Ink::SelectedFill:
            return {0xfffff1c9, 0xff3a2f12};
        case Ink::SelectedFrame:
            return {0xffb07400, 0xffe3ad2b};
        case Ink::Attention:
            return {0xff0b63c5, 0xff6db3ff};
        case Ink::FeedForward:
            return {0xff0b8a6a, 0xff3cc9a0};
        case Ink::Recurrent:
            return {0xff7b3fa0, 0xffd0a3f0};
        case Ink::Erased:
            return {0xffb4450f, 0xffff9d66};
        case Ink::Kept:
            return {0xff5d6a7a, 0xff9fb0c2};
        case Ink::Written:
            return {0xff0b8a6a, 0xff3cc9a0};
        case Ink::New:
            return {0xff0b63c5, 0xff6db3ff};
        case Ink::Read:
            return {0xff7b3fa0, 0xffd0a3f0};
        case Ink::Query:
            return {0xff0072b2, lighter(0xff0072b2)};
        case Ink::Key:
            return {0xffd55e00, lighter(0xffd55e00)};
        case Ink::Value:
            return {0xff009e73, lighter(0xff009e73)};
    }
    return {0, 0};
}

using Stops8 = std::array<QRgb, 8>;
using Stops7 = std::array<QRgb, 7>;
constexpr Stops8 bluesLight{0xffffffff, 0xffe3edf9, 0xffb9d3f0, 0xff86b2e2, 0xff4f89cc, 0xff2a5fa8, 0xff143a73, 0xff081f45};
constexpr Stops8 bluesDark{0xff151c25, 0xff1a3350, 0xff1f5184, 0xff2f77b5, 0xff5a9fd6, 0xff94c5ec, 0xffcfe6f8, 0xffffffff};
// viridis at 0, 1/7 … 1 (van der Walt and Smith 2015); turned round in light, so that more is dark there
constexpr Stops8 viridis{0xff440154, 0xff46327e, 0xff365c8d, 0xff277f8e, 0xff1fa187, 0xff4ac16d, 0xffa0da39, 0xfffde725};
constexpr Stops7 signedLight{0xff1f4e8c, 0xff6d9fd6, 0xffc9dcef, 0xffffffff, 0xfff6d9b8, 0xffe09a4c, 0xffa8520a};
constexpr Stops7 signedDark{0xff8fc1ff, 0xff4a86c9, 0xff22405f, 0xff151c25, 0xff4d3416, 0xffb9782f, 0xffffb765};

QColor between(std::span<const QRgb> stops, double at) {
    if (std::isnan(at)) at = 0;
    const double place = std::clamp(at, 0.0, 1.0) * static_cast<double>(stops.size() - 1);
    const auto i = std::min(static_cast<std::size_t>(place), stops.size() - 2);
    return mixPerceptually(QColor(stops[i]), QColor(stops[i + 1]), place - static_cast<double>(i));
}

double luminance(const QColor& c) {
    return 0.2126 * toLinear(c.redF()) + 0.7152 * toLinear(c.greenF()) + 0.0722 * toLinear(c.blueF());
}

}  // namespace

double contrast(const QColor& a, const QColor& b) {
    const auto [low, high] = std::minmax({luminance(a), luminance(b)});  // a list: copies, not references
    return (high + 0.05) / (low + 0.05);
}

Palette::Palette(bool dark, SequentialMap map) : m_dark(dark), m_map(map) {}

QColor Palette::of(Ink ink) const {
    const Pair pair = tokens(ink);
    return QColor::fromRgba(m_dark ? pair.dark : pair.light);
}

QColor Palette::of(const Colour& colour) const {
    QColor result = !colour.map                            ? of(colour.ink)
                    : *colour.map == ColourMap::Sequential ? sequential(colour.value)
                                                           : diverging(colour.value);
    if (colour.alpha < 1) result.setAlphaF(static_cast<float>(result.alphaF() * std::max(0.0, colour.alpha)));
    return result;
}

QColor Palette::sequential(double v) const {
    switch (m_map) {
        case SequentialMap::Blues:
            return between(m_dark ? bluesDark : bluesLight, v);
        case SequentialMap::Viridis:
            // Zero is the panel's own colour here too: the first eighth leads from it into the map.
            {
                const double w = std::isnan(v) ? 0 : std::clamp(v, 0.0, 1.0);
                constexpr double lead = 0.125;
                const QColor start = between(viridis, m_dark ? 0 : 1);
                if (w < lead) return mixPerceptually(of(Ink::Panel), start, w / lead);
                const double along = (w - lead) / (1 - lead);
                return between(viridis, m_dark ? along : 1 - along);
            }
        case SequentialMap::Grey: {
            const QColor most = m_dark ? QColor(255, 255, 255) : QColor(0, 0, 0);
            return mixPerceptually(of(Ink::Panel), most, std::isnan(v) ? 0 : std::clamp(v, 0.0, 1.0));
        }
    }
    return of(Ink::Panel);
}

QColor Palette::diverging(double v) const {
    return between(m_dark ? signedDark : signedLight, std::isnan(v) ? 0.5 : (std::clamp(v, -1.0, 1.0) + 1) / 2);
}

QColor Palette::textOn(const QColor& fill) const {
    QColor under = fill;
    if (fill.alpha() < 255) {  // what is seen is the fill over the panel
        const QColor panel = of(Ink::Panel);
        const auto over = [a = fill.alphaF()](float top, float bottom) { return a * top + (1 - a) * bottom; };
        under = QColor::fromRgbF(over(fill.redF(), panel.redF()), over(fill.greenF(), panel.greenF()),
                                 over(fill.blueF(), panel.blueF()));
    }
    const QColor black(0, 0, 0), white(255, 255, 255);
    return contrast(black, under) >= contrast(white, under) ? black : white;
}

QPalette Palette::qpalette() const {
    QPalette p;
    const auto set = [&p](QPalette::ColorRole role, const QColor& colour) { p.setColor(role, colour); };
    set(QPalette::Window, of(Ink::Ground));
    set(QPalette::WindowText, of(Ink::Text));
    set(QPalette::Base, of(Ink::Panel));
    set(QPalette::AlternateBase, of(Ink::Grid));
    set(QPalette::Text, of(Ink::Text));
    set(QPalette::PlaceholderText, of(Ink::Muted));
    set(QPalette::Button, of(Ink::Panel));
    set(QPalette::ButtonText, of(Ink::Text));
    set(QPalette::BrightText, of(Ink::Erased));
    set(QPalette::ToolTipBase, of(Ink::Panel));
    set(QPalette::ToolTipText, of(Ink::Text));
    set(QPalette::Highlight, of(Ink::Accent));
    set(QPalette::HighlightedText, textOn(of(Ink::Accent)));
    set(QPalette::Link, of(Ink::Accent));
    set(QPalette::LinkVisited, of(Ink::Accent));
    set(QPalette::Light, of(Ink::Panel));
    set(QPalette::Midlight, of(Ink::Grid));
    set(QPalette::Mid, of(Ink::Line));
    set(QPalette::Dark, of(Ink::Faint));
    set(QPalette::Shadow, of(Ink::Faint));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, of(Ink::Muted));
    p.setColor(QPalette::Disabled, QPalette::Highlight, of(Ink::Line));
    p.setColor(QPalette::Disabled, QPalette::HighlightedText, of(Ink::Muted));
    return p;
}

QFont Look::font(TypeSize size, bool bold, bool fixedPitch) const {
    QFont font = fixedPitch ? mono : sans;
    double pixels = typePixels(size) * scale();
    if (projector) pixels = std::max(pixels, 15.0);
    font.setPixelSize(static_cast<int>(std::lround(pixels)));
    font.setWeight(bold ? QFont::DemiBold : QFont::Normal);
    return font;
}

}  // namespace lw
