// Residual stream: norms and directions of the stream and of each addition at the chosen position, and direct logit attribution.
#pragma once

#include <QTimer>

#include <optional>

#include "widgets/residual_stream/residual_stream_picture.h"
#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

namespace lw {

View* makeResidualStreamView(ViewServices services, QWidget* parent);

class ResidualStreamView : public View {
    Q_OBJECT
public:
    ResidualStreamView(ViewServices services, QWidget* parent);

    Picture exportPicture() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;
    bool complete() const override;
    QSize minimumSizeHint() const override { return {480, 320}; }

    PictureWidget* picture() const { return m_picture; }
    /// The token whose logit is explained; none: the most probable one at the position.
    void setToken(std::optional<TokenId> token);
    void setOrder(AttributionOrder order);

protected:
    void shownChanged() override;
    void placeChanged(const Locus& place) override;
    void lookChanged() override;

private:
    // What the facts were computed for.
    struct Question {
        std::shared_ptr<const Trace> trace, traceA;
        int position = 0, positionA = 0;
        TokenId token = -1;
        bool operator==(const Question&) const = default;
    };
    struct Answer {
        Question question;
        StreamFacts stream;
        Attribution attribution;
        std::optional<StreamFacts> streamA;
        std::optional<Attribution> attributionA;
        std::vector<std::optional<double>> cosAB;
        std::string failure;  // why there is no difference, if there is none
    };

    std::optional<Question> question() const;
    static Result<Answer> answer(const Question& question, const Model& model, const Model* modelA, const Job& job);
    ResidualStreamInput input() const;
    void refresh();
    void draw();
    void act(const QString& action);
    void chooseToken();
    void tellIfComplete();

    PictureWidget* m_picture;
    LatestJob<Answer> m_job;
    QTimer m_slow;  // the old picture is greyed when the new one takes long
    std::optional<Question> m_asked;
    std::optional<Answer> m_answer;
    std::string m_failure;
    AttributionOrder m_order = AttributionOrder::BySize;
    std::optional<TokenId> m_token;
};

}  // namespace lw
