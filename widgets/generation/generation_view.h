// Generation: the whole tree, the shown path as a table, and beam search with the candidates it kept and dropped.
#pragma once

#include "widgets/generation/beam_picture.h"
#include "widgets/generation/tree_picture.h"
#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

class QLabel;
class QPushButton;
class QSpinBox;

namespace lw {

View* makeGenerationView(ViewServices services, QWidget* parent);

class GenerationView : public View {
    Q_OBJECT
public:
    GenerationView(ViewServices services, QWidget* parent);

    Picture exportPicture() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;
    bool complete() const override { return !m_job.running(); }
    QSize minimumSizeHint() const override { return {480, 320}; }

    PictureWidget* tree() const { return m_tree; }
    PictureWidget* path() const { return m_path; }
    PictureWidget* beam() const { return m_beam; }
    void setBeamOpen(bool open);
    void search();

protected:
    void shownChanged() override;
    void placeChanged(const Locus& place) override;
    void lookChanged() override;

private:
    Picture treePart(double width, Rect& here);
    Picture pathPart(double width) const;
    Picture headingPart(double width, bool controls) const;
    void draw();
    void drawBeam();
    void act(const QString& action);
    void walk(int depth, int kept);

    PictureWidget *m_heading, *m_tree, *m_path, *m_beam;
    QWidget* m_bar;
    QSpinBox *m_beams, *m_tokens;
    QPushButton *m_search, *m_keep;
    QLabel* m_status;
    std::vector<RunNodePtr> m_nodes;  // what "node:<i>" means
    LatestJob<BeamResult> m_job;
    std::optional<BeamResult> m_result;
    RunNodePtr m_from;  // the node the search began at
    std::string m_fromText;
    bool m_open = false;
};

}  // namespace lw
