// The thin line that shows that something is running: after 150 ms; with a cancel button after 1 s.
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include "widgets/shared/latest_job.h"
#include "widgets/shared/palette.h"

class QToolButton;

namespace lw {

class BusyLine : public QWidget {
    Q_OBJECT
public:
    explicit BusyLine(const Look* look, QWidget* parent = nullptr);

    /// Shows this job's progress and lets it be cancelled.
    void follow(LatestJobBase* job);
    /// By hand: begin … setProgress … end.
    void begin();
    void setProgress(double fraction, const QString& what);  // a negative fraction: not known
    void end();
    bool showing() const { return m_showing; }
    QString what() const { return m_what; }
    QSize sizeHint() const override;

Q_SIGNALS:
    void cancelRequested();
    void whatChanged(const QString& what);  // for the status bar

protected:
    void paintEvent(QPaintEvent*) override;
    void resizeEvent(QResizeEvent*) override;

private:
    const Look* m_look;
    QToolButton* m_cancel;
    QTimer m_show, m_offerCancel, m_move;
    QElapsedTimer m_since;
    QString m_what;
    double m_fraction = -1;
    bool m_showing = false;
};

}  // namespace lw
