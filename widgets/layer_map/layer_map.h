// The layer map: the model as one trunk, always in sight. A click on a layer unfolds it; a click on a part selects its site.
#pragma once

#include <QWidget>

#include <vector>

#include "widgets/layer_map/layer_map_picture.h"
#include "widgets/view.h"

namespace lw {

class PictureWidget;

class LayerMap : public QWidget {
    Q_OBJECT
public:
    LayerMap(ViewServices services, QWidget* parent = nullptr);

    void setShown(ShownPtr shown);
    /// What the lens reads at the shown position; computed outside, in the background. Empty: not known (yet).
    void setLens(std::vector<LensWord> words);
    void setStale(bool stale);
    /// The position it shows: the selected one, or the last.
    Position position() const;
    const Picture& picture() const;
    PictureWidget* pictureWidget() const { return m_area; }
    QSize sizeHint() const override { return {static_cast<int>(244 * m_services.look->scale()), 600}; }
    QSize minimumSizeHint() const override { return {184, 200}; }

protected:
    void changeEvent(QEvent*) override;

private:
    void gather();  // what depends on the run and the position
    void layOut();

    ViewServices m_services;
    PictureWidget* m_area;
    ShownPtr m_shown;
    LayerMapFacts m_facts;
};

}  // namespace lw
