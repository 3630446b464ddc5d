// Tokenizer: how the text becomes tokens, one step at a time (forward, back, play), the same text through several tokenizers and
// the tokens of a file that is dropped there, a vocabulary that is learned, and vocabularies to browse.
#pragma once

#include <QTimer>

#include <optional>

#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/tokenizer/learn_page.h"
#include "widgets/tokenizer/side_by_side_picture.h"
#include "widgets/tokenizer/token_steps.h"
#include "widgets/tokenizer/vocabulary_page.h"
#include "widgets/view.h"

namespace lw {

View* makeTokenizerView(ViewServices services, QWidget* parent);

enum class TokenizerPage { Steps, Beside, Learn, Vocabulary };

class TokenizerView : public View {
    Q_OBJECT
public:
    TokenizerView(ViewServices services, QWidget* parent);

    Picture exportPicture() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;
    bool complete() const override;
    QSize minimumSizeHint() const override { return {480, 320}; }

    PictureWidget* heading() const { return m_heading; }
    PictureWidget* picture() const { return m_picture; }
    LearnPage* learnPage() const { return m_learn; }
    VocabularyPage* vocabularyPage() const { return m_vocabulary; }
    TokenizerPage page() const { return m_page; }
    void setPage(TokenizerPage page);
    int step() const { return m_step; }
    int steps() const { return m_steps ? m_steps->count() : 0; }
    void setStep(int step);
    /// Whose steps or vocabulary are shown; empty: the open model's.
    void setWatched(const QString& name);

protected:
    void shownChanged() override;
    void placeChanged(const Locus&) override {}
    void lookChanged() override { draw(); }
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    std::shared_ptr<const Tokenizer> watched() const;  // null: it has none, or it is not on the shelf
    void read();
    void readCount();
    void draw();
    void arrange();
    Picture headingPart(double width, bool controls) const;
    Picture mainPart(double width) const;
    Picture textPart(double width) const;
    Picture countPart(double width, bool controls) const;
    void act(const QString& action);
    void openMenu();
    void play(bool on);

    PictureWidget *m_heading, *m_picture;
    LearnPage* m_learn;
    VocabularyPage* m_vocabulary;
    LatestJob<TokenSteps> m_stepsJob{picturePool()};
    LatestJob<SideBySideInput> m_besideJob{picturePool()};
    QTimer m_playing;
    std::optional<TokenSteps> m_steps;
    std::optional<SideBySideInput> m_rows;
    std::string m_text, m_failure;
    std::shared_ptr<const Tokenizer> m_readBy;
    QString m_watched;
    int m_step = -1;  // −1: after the last
    int m_word = -1;  // whose lattice is shown
    TokenizerPage m_page = TokenizerPage::Steps;
    std::string m_counted;  // the file whose tokens are shown; empty: none, or it was closed
    std::string m_closed;
};

}  // namespace lw
