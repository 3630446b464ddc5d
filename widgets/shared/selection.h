// The one selected place and the one hovered place. Every view listens to this and to nothing else.
#pragma once

#include <QObject>

#include "core/trace/locus.h"

namespace lw {

class Selection : public QObject {
    Q_OBJECT
public:
    explicit Selection(QObject* parent = nullptr) : QObject(parent) {}
    const Locus& current() const { return m_current; }
    const Locus& hover() const { return m_hover; }
    const QString& hoverText() const { return m_hoverText; }

public Q_SLOTS:
    /// Lays the parts that `place` has over the current place (a click pins). Emits currentChanged if anything changed.
    void select(const lw::Locus& place);
    /// Replaces the whole place (restore, undo, --place).
    void replace(const lw::Locus& place);
    void setHover(const lw::Locus& place, const QString& says);
    void clearHover();
    /// Esc: takes the last-named part off (site, unit, key, head, layer in this order; never the position).
    void unpinOne();

Q_SIGNALS:
    void currentChanged(const lw::Locus& current);
    void hoverChanged(const lw::Locus& hover, const QString& says);

private:
    Locus m_current, m_hover;
    QString m_hoverText;
};

}  // namespace lw
