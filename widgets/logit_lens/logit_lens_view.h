// Logit lens: the table of what each state of the stream would already say, one cell in full, and a token's way through the
// layers.
#pragma once

#include <QLineEdit>
#include <QScrollBar>
#include <QTimer>

#include "widgets/logit_lens/lens_columns.h"
#include "widgets/logit_lens/lens_curve.h"
#include "widgets/logit_lens/lens_table_picture.h"
#include "widgets/shared/busy_line.h"
#include "widgets/shared/chart.h"
#include "widgets/shared/empty_state.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

namespace lw {

View* makeLogitLensView(ViewServices services, QWidget* parent);

class LogitLensView : public View {
    Q_OBJECT
public:
    LogitLensView(ViewServices services, QWidget* parent);

    Picture exportPicture() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;
    bool complete() const override;
    QSize minimumSizeHint() const override { return {300, 200}; }

    /// Follows a token through the cells (−1: each column's own output).
    void follow(TokenId token);

protected:
    void shownChanged() override;
    void placeChanged(const Locus& place) override;
    void lookChanged() override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    std::string sentence() const;  // why there is nothing to show, or ""
    int position() const;          // the selected one
    bool withMid() const;
    int row() const;                // the selected one, by rows of the lens
    TokenId followedToken() const;  // the chosen one, or the output's first token at the selected position
    int columnsShown() const;
    std::vector<int> rowsShown() const;
    void request();
    void arrange();
    void draw();
    void drawWhenRead();
    void drawControls();
    void drawChart();
    void followPlace();
    void updateScrollBars();
    void act(const QString& action);
    void followText();
    void tellIfComplete();
    LensTableInput tableInput(double width, double height) const;
    Picture headingPicture(double width, bool withSubtitle) const;
    bool beside() const;  // the panel stands beside the table, not under it
    double scale() const { return services().look->scale(); }

    PictureWidget *m_heading, *m_controls, *m_table, *m_cell, *m_curveHead;
    QLineEdit* m_field;
    Chart* m_chart;
    EmptyState* m_empty;
    BusyLine* m_busy;
    QScrollBar *m_across, *m_down;
    LensColumns* m_columns;
    LensShow m_show = LensShow::Top;
    LensCurve m_curve = LensCurve::Probability;
    std::optional<TokenId> m_token;
    QString m_note;             // of the last text that was followed
    std::optional<bool> m_mid;  // rows between attention and feed-forward; unset: where they fit
    bool m_allRows = false;
    int m_firstPosition = 0, m_firstRow = 0;
    int m_wishedPosition = 0;  // the first column as it was scrolled to: where all fit, or more do for a moment, it is kept
    bool m_busyShown = false, m_wasComplete = true, m_fresh = false;
    QTimer m_slow;
};

}  // namespace lw
