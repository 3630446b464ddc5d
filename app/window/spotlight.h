// Projector type: a ring that follows the pointer, so that the last row sees where it is.
#pragma once

#include <QWidget>

#include "widgets/shared/palette.h"

namespace lw {

class Spotlight : public QWidget {
    Q_OBJECT
public:
    Spotlight(const Look* look, QWidget* window);
    void setOn(bool on);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QRect around(QPoint point) const;
    const Look* m_look;
    QPoint m_at{-1000, -1000};
};

}  // namespace lw
