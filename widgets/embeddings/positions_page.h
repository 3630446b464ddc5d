// Page "positions": a table that is added, the sinusoidal one for comparison, or rotary turning.
#pragma once

#include <optional>

#include "widgets/embeddings/page.h"
#include "widgets/embeddings/position_facts.h"
#include "widgets/shared/latest_job.h"

namespace lw {

class PositionsPage : public EmbeddingsPage {
    Q_OBJECT
public:
    PositionsPage(const ViewServices& services, QWidget* parent);

    void refresh() override;
    bool complete() const override { return !m_job.running(); }
    std::string title() const override;
    std::string about() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;

    PositionKind kind() const;
    void setKind(PositionKind kind);

protected:
    void act(const QString& action) override;

private:
    struct Question {
        const Model* model = nullptr;
        PositionKind kind = PositionKind::Learned;
        int positions = 0;
        friend bool operator==(const Question&, const Question&) = default;
    };
    void draw();

    LatestJob<PositionTable> m_job{picturePool()};
    std::optional<PositionTable> m_table;
    std::optional<Question> m_asked;
    std::optional<PositionKind> m_wanted;  // the model's own where it is not chosen
    std::string m_failure;
};

}  // namespace lw
