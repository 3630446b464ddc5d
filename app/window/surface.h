// A plain surface in a role's colour, with hairlines where it meets its neighbours.
#pragma once

#include <QFrame>

#include "widgets/shared/palette.h"

namespace lw {

class Surface : public QFrame {
    Q_OBJECT
public:
    Surface(const Look* look, Ink fill, Qt::Edges lines, QWidget* parent = nullptr)
        : QFrame(parent), m_look(look), m_fill(fill), m_lines(lines) {}

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Look* m_look;
    Ink m_fill;
    Qt::Edges m_lines;
};

}  // namespace lw
