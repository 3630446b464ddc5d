// Next token: bars of the distribution before and after temperature and filters, the cumulative bar with the dice; the
// controls of the sampler; a bar is clicked to go on with its token.
#pragma once

#include <QTimer>

#include <optional>

#include "widgets/next_token/next_token_picture.h"
#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/shared/sampling_controls.h"
#include "widgets/view.h"

class QPushButton;

namespace lw {

View* makeNextTokenView(ViewServices services, QWidget* parent);

class NextTokenView : public View {
    Q_OBJECT
public:
    NextTokenView(ViewServices services, QWidget* parent);

    Picture exportPicture() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;
    bool complete() const override;
    QSize minimumSizeHint() const override { return {480, 320}; }

    PictureWidget* picture() const { return m_picture; }
    SamplingControls* controls() const { return m_controls; }
    QPushButton* rollButton() const { return m_roll; }
    QPushButton* greedyButton() const { return m_greedy; }

protected:
    void shownChanged() override;
    void placeChanged(const Locus& place) override;
    void lookChanged() override;

private:
    // What the facts were computed for.
    struct Question {
        std::shared_ptr<const Trace> trace, traceA;
        RunNodePtr node;
        int position = 0, positionA = 0, promptLength = 0;
        SamplingSettings settings;
        TokenId also = -1;  // a selected token keeps a bin
        bool rolled = false;
        bool operator==(const Question&) const = default;
    };
    struct Answer {
        Question question;
        NextTokenFacts facts;
        std::optional<NextTokenFacts> lastRoll;
        std::optional<DrawHistogram> rolled;
        std::optional<std::vector<TokenDifference>> differences;
    };

    std::optional<Question> question() const;
    static Answer answer(const Question& question);
    NextTokenInput input() const;
    Picture build(double width, double height, bool controls) const;
    void refresh();
    void draw();

    PictureWidget* m_picture;
    SamplingControls* m_controls;
    QPushButton *m_roll, *m_greedy;
    bool m_thousand = false;  // rolls are counted beside the probabilities
    LatestJob<Answer> m_job;
    QTimer m_slow;
    std::optional<Question> m_asked;
    std::optional<Answer> m_answer;
};

}  // namespace lw
