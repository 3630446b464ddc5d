// Attention: all heads as thumbnails, one head large with the arithmetic of its selected row, or the text shaded by it.
#pragma once

#include <QScrollBar>

#include "widgets/attention/attention_controls.h"
#include "widgets/attention/attention_facts.h"
#include "widgets/attention/head_facts.h"
#include "widgets/attention/head_grid.h"
#include "widgets/attention/head_matrix_picture.h"
#include "widgets/shared/empty_state.h"
#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

namespace lw {

View* makeAttentionView(ViewServices services, QWidget* parent);

class AttentionView : public View {
    Q_OBJECT
public:
    AttentionView(ViewServices services, QWidget* parent);

    Picture exportPicture() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;
    bool complete() const override;

    QSize minimumSizeHint() const override { return {300, 220}; }

protected:
    void shownChanged() override;
    void placeChanged(const Locus& place) override;
    void lookChanged() override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    // The place as it is drawn: what is not selected has a default.
    struct Shows {
        HeadPlace head;
        int query = 0;
        std::optional<int> key;
    };

    std::optional<Shows> shows() const;
    std::optional<Subtrahend> subtrahend(const Shows& shows) const;
    bool sameHead(const Subtrahend& minus, const Shows& shows) const;  // A is another row of the matrix that is shown
    int subtrahendQuery(const Shows& shows) const;
    TileRequest tileRequest(const Shows& shows) const;
    int sideShown() const;  // positions a side of the matrix
    int poolFor(int positions) const;
    void followPlace();  // scrolls the window to the selected place
    void request();      // asks for the facts of what is to be shown
    void arrange();      // lays the widgets out
    void draw();         // pictures from the facts
    void drawMatrix();
    void drawRow();
    void drawHeading();
    void updateScrollBars();
    void act(const QString& action);
    void chooseFrom(const QString& which);  // the menu of a pill that stands for several
    void zoom(double factor, std::optional<int> about);
    void hoverMatrix(const Spot* spot, double x, double y);
    void selectInMatrix(const Spot& spot, double x, double y);
    void tellIfComplete();
    HeadMatrixInput matrixInput(double width, double height) const;
    Picture headingPicture(double width, bool roomy) const;
    std::string sentence() const;  // why there is nothing to show, or ""
    double scale() const;

    PictureWidget *m_heading, *m_controls, *m_row, *m_large;
    HeadGrid* m_grid;
    EmptyState* m_empty;
    QScrollBar *m_across, *m_down;
    AttentionQuantity m_quantity = AttentionQuantity::Weights;
    AttentionForm m_form = AttentionForm::Cells;
    bool m_unfolded = false;
    int m_side = 0;  // positions shown a side; 0: as many as fit
    int m_firstQuery = 0, m_firstKey = 0;
    std::optional<HeadFacts> m_facts;
    std::string m_error;
    bool m_wasComplete = true;
    bool m_overlayPending = false;
    int m_terms = 4;
    LatestJob<HeadFacts> m_job;
};

}  // namespace lw
