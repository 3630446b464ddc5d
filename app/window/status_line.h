// The last row of the window: the selected place (its parts can be clicked), what the pointer is on or what the program is
// doing (with cancel), the time of the last run and the memory it keeps.
#pragma once

#include <QTimer>

#include "app/window/surface.h"
#include "app/workspace.h"

class QLabel;
class QToolButton;

namespace lw {

class StatusLine : public Surface {
    Q_OBJECT
public:
    StatusLine(Workspace* workspace, const Look* look, QWidget* parent = nullptr);
    QString placeText() const;  // what is spelled out, without marks
    /// Says something for a few seconds.
    void say(const QString& sentence);

private:
    void showPlace();
    void showMiddle();
    void showTiming();
    void offerPart(const QString& letter);

    Workspace* m_workspace;
    const Look* m_look;
    QLabel *m_place, *m_middle, *m_timing;
    QToolButton* m_cancel;
    QTimer m_shownAfter, m_cancelAfter, m_saidUntil;
    QString m_working, m_said, m_plain;
};

}  // namespace lw
