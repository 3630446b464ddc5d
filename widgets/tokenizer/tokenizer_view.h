// Tokenizer: how the text becomes tokens, one step at a time (forward, back, play), and the same text through several tokenizers.
#pragma once

#include <QTimer>

#include <optional>

#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/tokenizer/side_by_side_picture.h"
#include "widgets/tokenizer/token_steps.h"
#include "widgets/view.h"

namespace lw {

View* makeTokenizerView(ViewServices services, QWidget* parent);

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
    int step() const { return m_step; }
    int steps() const { return m_steps ? m_steps->count() : 0; }
    void setStep(int step);
    void setBeside(bool beside);
    /// Whose steps are shown; empty: the open model's.
    void setWatched(const QString& name);

protected:
    void shownChanged() override;
    void placeChanged(const Locus&) override {}
    void lookChanged() override { draw(); }
    void resizeEvent(QResizeEvent* event) override;

private:
    std::shared_ptr<const Tokenizer> watched() const;  // null: it has none, or it is not on the shelf
    void read();
    void draw();
    Picture headingPart(double width, bool controls) const;
    Picture mainPart(double width) const;
    Picture textPart(double width) const;
    void act(const QString& action);
    void openMenu();
    void play(bool on);

    PictureWidget *m_heading, *m_picture;
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
    bool m_beside = false;
};

}  // namespace lw
