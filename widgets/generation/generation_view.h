// Generation: the whole tree, the shown path as a table, and beam search with the candidates it kept and dropped; on pages of
// their own what generating step by step is contrasted with: all positions at once, the model's own words, the best of several;
// two paths side by side; the step with and without the cache.
#pragma once

#include "core/generate/cache_check.h"
#include "widgets/generation/beam_picture.h"
#include "widgets/generation/branch_namer.h"
#include "widgets/generation/contrast_pictures.h"
#include "widgets/generation/tree_picture.h"
#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
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
    bool complete() const override { return !m_job.running() && !m_contrastJob.running(); }
    QSize minimumSizeHint() const override { return {480, 320}; }

    PictureWidget* tree() const { return m_tree; }
    PictureWidget* path() const { return m_path; }
    PictureWidget* beam() const { return m_beam; }
    PictureWidget* page() const { return m_page; }
    void setBeamOpen(bool open);
    void search();

    enum class Page { Tree, Rounds, Exposure, BestOf, Paths, Cache };
    void setPage(Page page);
    Page shownPage() const { return m_shownPage; }
    BranchNamer* namer() const { return m_namer; }
    /// The path that is laid beside the shown one on the page of two paths.
    void compareWith(const RunNodePtr& node);
    /// The text at which two beams find what greedy misses.
    void showExample();
    /// On the page of its own words: a piece of text that is one token of the vocabulary stands at the chosen place.
    QLineEdit* wrongField() const { return m_wrongField; }
    QPushButton* keepButton() const { return m_keep; }
    QString pageStatus() const;

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
    std::string beamName(int kept) const;
    void keepBeams();
    void adopt(std::size_t index);
    void contrast();
    void drawPage();
    Picture pagePart(double width) const;
    std::string loopNote() const;

    PictureWidget *m_heading, *m_tree, *m_path, *m_beam;
    QWidget* m_bar;
    QSpinBox *m_beams, *m_tokens;
    QDoubleSpinBox* m_penalty;
    QPushButton *m_search, *m_keep, *m_example;
    BranchNamer* m_namer;
    QLabel* m_status;
    std::vector<RunNodePtr> m_nodes;  // what "node:<i>" means
    struct Searched {
        BeamResult beams;
        std::optional<Beam> greedy;  // as many tokens, one beam
        double penalty = 0;
    };
    LatestJob<Searched> m_job;
    std::optional<Searched> m_result;
    RunNodePtr m_from;  // the node the search began at
    std::string m_fromText;
    bool m_open = false;

    // What the pages show; one of them, for one node, settings and place.
    struct Contrast {
        std::optional<Jacobi> jacobi;
        std::optional<Exposure> exposure;
        std::vector<Bin> alternatives;  // where its wrong token stands
        std::vector<SampledText> texts;
        std::optional<CacheCheck> cache;
    };
    struct Question {
        Page page = Page::Tree;
        RunNodePtr node;
        int count = 0, from = 0, measured = 0;
        TokenId wrong = -1;
        SamplingSettings sampling;
        bool operator==(const Question&) const = default;
    };
    std::optional<Question> question() const;
    void chooseFrom(int position);
    void chooseWrong(TokenId id);
    void writeWrong();
    Picture twoPathsPart(double width) const;
    void fillOthers();
    std::string pathName(const RunNodePtr& tip) const;
    RunNodePtr m_other;                // the path beside the shown one ends here
    std::vector<RunNodePtr> m_others;  // what the box offers
    QComboBox* m_otherBox;
    int m_measured = 0;                    // how often the person asked to measure anew
    int m_wrongAt = 0;                     // where the wrong token stands and its own words begin; 0: in the middle of the text
    TokenId m_wrong = -1;                  // −1: the most probable one that the text does not say
    std::weak_ptr<const Model> m_wrongOf;  // whose vocabulary m_wrong is of
    RankBy m_rank = RankBy::Mean;
    Page m_shownPage = Page::Tree;
    PictureWidget* m_page;
    QWidget* m_pageBar;
    QSpinBox* m_count;
    QLabel *m_countLabel, *m_pageStatus;
    QLineEdit* m_wrongField;
    LatestJob<Contrast> m_contrastJob;
    std::optional<Question> m_asked, m_answered;
    Contrast m_contrast;
};

}  // namespace lw
