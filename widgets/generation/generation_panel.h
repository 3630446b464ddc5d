// The bottom lane of the window: buttons to walk the tree of generation, the sampler's settings, the tree in small.
#pragma once

#include "widgets/generation/tree_picture.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/shared/sampling_controls.h"
#include "widgets/view.h"

class QLabel;
class QMenu;
class QPushButton;

namespace lw {

/// What the shown run's tree is drawn from.
TreeInput treeInputOf(const Shown& shown, const Locus& place, bool draws);

class GenerationPanel : public View {
    Q_OBJECT
public:
    GenerationPanel(ViewServices services, QWidget* parent);

    Picture exportPicture() const override { return m_lane->picture(); }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    PictureWidget* lane() const { return m_lane; }
    SamplingControls* controls() const { return m_controls; }
    QPushButton* rewindButton() const { return m_rewind; }
    QPushButton* backButton() const { return m_back; }
    QPushButton* stepButton() const { return m_step; }
    QPushButton* rollButton() const { return m_roll; }
    QPushButton* greedyButton() const { return m_greedy; }
    QPushButton* moreButton() const { return m_more; }
    /// Whether many tokens are being generated: the button stops them.
    void setGenerating(bool generating);

Q_SIGNALS:
    void generateWanted(int tokens);
    void stopWanted();

protected:
    void shownChanged() override;
    void placeChanged(const Locus& place) override;
    void lookChanged() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    /// The child of the shown node on the way that was walked last, or null at a tip.
    RunNodePtr forward() const;
    void draw();
    void fitTitle();

    QLabel* m_title;
    QPushButton *m_rewind, *m_back, *m_step, *m_roll, *m_greedy, *m_more;
    QMenu* m_moreMenu;
    bool m_generating = false;
    SamplingControls* m_controls;
    PictureWidget* m_lane;
    std::vector<RunNodePtr> m_nodes;  // what "node:<i>" means
    RunNodePtr m_lastTip;             // the deepest node that was shown on the way we are on
};

}  // namespace lw
