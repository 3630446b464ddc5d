#include "widgets/shared/selection.h"

namespace lw {

void Selection::select(const Locus& place) {
    Locus next = m_current.with(place);
    if (place.site) {  // a unit belongs to its site: what was chosen in another one means nothing here
        next.unit = place.unit;
        next.unit2 = place.unit2;
    }
    replace(next);
}

void Selection::replace(const Locus& place) {
    if (place == m_current) return;
    m_current = place;
    Q_EMIT currentChanged(m_current);
}

void Selection::setHover(const Locus& place, const QString& says) {
    if (place == m_hover && says == m_hoverText) return;
    m_hover = place;
    m_hoverText = says;
    Q_EMIT hoverChanged(m_hover, m_hoverText);
}

void Selection::clearHover() { setHover({}, {}); }

void Selection::unpinOne() {
    Locus place = m_current;
    if (place.site) {
        place.site.reset();
    } else if (place.unit || place.unit2) {
        place.unit.reset();
        place.unit2.reset();
    } else if (place.key) {
        place.key.reset();
    } else if (place.head) {
        place.head.reset();
    } else {
        place.layer.reset();
    }
    replace(place);
}

}  // namespace lw
