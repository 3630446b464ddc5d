// State: what a layer that carries a state instead of keys and values does with its memory.
#pragma once

#include <QTimer>

#include <optional>

#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/state/state_picture.h"
#include "widgets/view.h"

namespace lw {

View* makeStateView(ViewServices services, QWidget* parent);

class StateView : public View {
    Q_OBJECT
public:
    StateView(ViewServices services, QWidget* parent);

    Picture exportPicture() const override;
    QJsonObject saveState() const override { return {{"agent", m_agent}}; }
    void restoreState(const QJsonObject& state) override;
    bool complete() const override;
    QSize minimumSizeHint() const override { return {480, 320}; }

    PictureWidget* picture() const { return m_picture; }
    const std::vector<StateArea>& areas() const { return m_areas; }
    const std::optional<StateFacts>& facts() const { return m_facts; }

protected:
    void shownChanged() override;
    void placeChanged(const Locus& place) override;
    void lookChanged() override;

private:
    struct Question {
        std::shared_ptr<const Trace> trace;
        StatePlace place;
        std::optional<StateOfA> a;
        bool operator==(const Question&) const = default;
    };

    static std::optional<StateOfA> stepOfA(const Pinned& pin, const StatePlace& b);
    std::optional<Question> question() const;
    std::optional<int> channelNamed(const MixerInfo& mixer) const;
    StateInput input(double width, double height) const;
    void refresh();
    void draw();
    const StateArea* areaAt(double x, double y) const;
    void hover(const Spot* spot, double x, double y);
    void select(const Spot& spot, double x, double y);
    void act(const QString& action);

    PictureWidget* m_picture;
    LatestJob<StateFacts> m_job;
    QTimer m_slow;  // while the old picture stands for a new place
    std::optional<Question> m_asked;
    std::optional<StateFacts> m_facts;
    std::optional<Question> m_factsOf;
    std::string m_failure;
    bool m_agent = false;
    std::vector<StateArea> m_areas;
};

}  // namespace lw
