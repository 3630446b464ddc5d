// The colours, sizes and fonts of the program: the only file that writes a colour. Light and dark; projector type.
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>

#include "widgets/shared/picture.h"

namespace lw {

enum class SequentialMap { Blues, Viridis, Grey };

class Palette {
public:
    Palette(bool dark, SequentialMap map = SequentialMap::Blues);
    bool dark() const { return m_dark; }
    QColor of(Ink ink) const;
    QColor of(const Colour& colour) const;
    QColor sequential(double v) const;  // 0…1, perceptual interpolation (OKLab)
    QColor diverging(double v) const;   // −1…1, 0 = the panel's colour
    /// Black or white, whichever contrasts more on `fill`.
    QColor textOn(const QColor& fill) const;
    QPalette qpalette() const;   // for Qt's own widgets (Fusion)
    QString styleSheet() const;  // for Qt's own widgets: buttons, fields, tabs as in the look

private:
    bool m_dark;
    SequentialMap m_map;
};

/// WCAG contrast ratio, 1…21.
double contrast(const QColor& a, const QColor& b);

// What the whole window shares in looks. Changing it repaints everything.
struct Look {
    Palette palette{false};
    double fontScale = 1;    // Ctrl+plus / Ctrl+minus
    bool projector = false;  // larger type, thicker lines, fewer decimals
    bool animate = true;
    QFont sans, mono;  // families only (sansFont(), monoFont() of widgets/shared/fonts.h); sizes come from font()
    double scale() const { return fontScale * (projector ? 1.25 : 1.0); }
    /// Scaled, in whole pixels: for Qt's own widgets. Pictures are painted at scale 1 under a scaled painter.
    QFont font(TypeSize size, bool bold, bool fixedPitch) const;
};

}  // namespace lw
