// Block: one block's parts in order at the chosen position, each tensor as a strip of cells that lead to their numbers.
#pragma once

#include <QTimer>

#include <optional>

#include "widgets/block/block_picture.h"
#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

namespace lw {

View* makeBlockView(ViewServices services, QWidget* parent);

class BlockView : public View {
    Q_OBJECT
public:
    BlockView(ViewServices services, QWidget* parent);

    Picture exportPicture() const override;
    bool complete() const override;
    QSize minimumSizeHint() const override { return {480, 320}; }

    PictureWidget* picture() const { return m_picture; }
    const std::vector<NamedStrip>& strips() const { return m_strips; }

protected:
    void shownChanged() override;
    void placeChanged(const Locus& place) override;
    void lookChanged() override;

private:
    struct Question {
        std::shared_ptr<const Trace> trace, traceA;
        int layer = 0, position = 0, layerA = 0, positionA = 0;
        bool operator==(const Question&) const = default;
    };

    std::optional<Question> question() const;
    BlockInput input() const;
    void refresh();
    void readFacts();
    void draw();
    const NamedStrip* stripAt(double x, double y) const;
    std::string cellWords(const NamedStrip& strip, int index) const;
    void hover(const Spot* spot, double x, double y);
    void select(const Spot& spot, double x, double y);

    PictureWidget* m_picture;
    LatestJob<BlockParts> m_job;
    QTimer m_slow;  // while the parts of the last place stand for the new one
    std::optional<Question> m_asked;
    std::optional<BlockFacts> m_facts, m_factsA;
    std::string m_failure;            // the block cannot be read
    std::string m_differenceFailure;  // A cannot be taken off
    std::optional<BlockParts> m_parts;
    std::optional<Question> m_partsOf;
    std::string m_partsFailure;
    std::vector<NamedStrip> m_strips;
};

}  // namespace lw
