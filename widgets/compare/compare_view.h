// Compare: the same text through several models, one row each, linked by the selected position; below, what each expects there.
#pragma once

#include <QStringList>

#include "widgets/compare/compare_facts.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

class QScrollBar;

namespace lw {

View* makeCompareView(ViewServices services, QWidget* parent);

class CompareView : public View {
    Q_OBJECT
public:
    CompareView(ViewServices services, QWidget* parent);

    Picture exportPicture() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;
    bool complete() const override;
    QSize minimumSizeHint() const override { return {480, 320}; }

    PictureWidget* heading() const { return m_heading; }
    PictureWidget* table() const { return m_table; }
    PictureWidget* expected() const { return m_expected; }
    /// The models that read along, besides the open one; empty: those at hand.
    const QStringList& chosen() const { return m_chosen; }
    void choose(const QStringList& models);
    /// Below the table: how far back the loss reaches through the states, instead of what is expected next.
    void setGradients(bool on);

protected:
    void shownChanged() override;
    void placeChanged(const Locus& place) override;
    void lookChanged() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    CompareInput input() const;
    Picture headingPart(double width, bool controls) const;
    void follow();
    void arrange(const CompareInput& in);
    void draw();
    void act(const QString& action);
    void stepOn();
    void openMenu();
    void askGradients();
    Picture lowerPart(const CompareInput& in, double width, double height) const;
    double scale() const { return services().look ? services().look->scale() : 1.0; }

    PictureWidget *m_heading, *m_table, *m_expected;
    QScrollBar* m_across;
    QStringList m_chosen;
    int m_firstColumn = 0;
    bool m_wasComplete = false, m_gradients = false;
};

}  // namespace lw
