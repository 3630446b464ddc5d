// The grid's widget and its background work: thumbnails of the layers that can be seen first, then the rest; the heads' scores
// when they are asked for or cheap.
#pragma once

#include <QWidget>

#include <map>
#include <memory>
#include <vector>

#include "widgets/attention/attention_controls.h"
#include "widgets/attention/head_grid_picture.h"
#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

namespace lw {

class HeadGrid : public QObject {
    Q_OBJECT
public:
    HeadGrid(const ViewServices& services, QWidget* parent);

    PictureWidget* head() const { return m_head; }
    PictureWidget* grid() const { return m_grid; }

    /// New facts: a run, and the run whose patterns are subtracted (null: plain).
    void setTraces(std::shared_ptr<const Trace> trace, std::shared_ptr<const Trace> minus);
    void setSelected(HeadPlace place);
    void setOrder(HeadOrder order);
    HeadOrder order() const { return m_order; }
    /// The selected head's scores, once they are known.
    const HeadScores* scores(HeadPlace place) const;
    /// Everything that can be seen has been computed.
    bool complete() const;
    void setStale(bool stale) { m_grid->setStale(stale); }
    /// Draws for widgets of this size (picture coordinates); gives the height the grid would like.
    double layOut(double width, double height);
    /// Height of what stands over the grid.
    double headHeight() const { return gridHeadHeight + (numbered() ? headNumbersHeight : 0); }
    /// Scrolls to the selected head, once after it or the size has changed.
    void showSelected();
    HeadGridInput input(double width, double height) const;
    std::string note() const;

Q_SIGNALS:
    void changed();      // complete() or the scores changed
    void orderChosen();  // by the person

private:
    void draw();
    void drawHead();
    bool numbered() const { return m_order == HeadOrder::ByLayer || m_scores.empty(); }
    void chooseOrder();
    void next();
    void computeScores();
    bool affordable() const;

    ViewServices m_services;
    QWidget* m_parent;
    PictureWidget* m_head;
    PictureWidget* m_grid;
    std::shared_ptr<const Trace> m_trace, m_minus;
    std::map<HeadPlace, HeadThumb> m_thumbs;
    std::vector<HeadScores> m_scores;
    bool m_scoresFailed = false;
    HeadOrder m_order = HeadOrder::ByLayer;
    std::optional<HeadPlace> m_selected;
    double m_width = 0, m_height = 0;
    const ModelInfo* m_drawn = nullptr;  // whose heads the picture shows
    bool m_show = true;                  // the selected head is to be scrolled to
    LatestJob<std::vector<HeadThumb>> m_thumbJob;
    LatestJob<std::vector<HeadScores>> m_scoresJob;
};

}  // namespace lw
