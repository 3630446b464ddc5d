// The token strip: the text as the model reads it, always in sight. A click sets the position, Shift+click the key.
#pragma once

#include <QWidget>

#include <memory>
#include <set>
#include <vector>

#include "core/analysis/neighbours.h"
#include "widgets/shared/latest_job.h"
#include "widgets/tokens/token_strip_picture.h"
#include "widgets/tokens/token_surprise.h"
#include "widgets/view.h"

namespace lw {

class PictureWidget;

class TokenStrip : public QWidget {
    Q_OBJECT
public:
    TokenStrip(ViewServices services, QWidget* parent = nullptr);

    void setShown(ShownPtr shown);
    /// Tokens of the typed text that exceed the context, greyed after (or before) the run's; empty: none.
    void setBeyond(std::vector<TokenId> ids, bool inFront = false);
    void setShaded(bool shaded);
    bool shaded() const { return m_facts.shaded; }
    void setStale(bool stale);
    const Picture& picture() const;
    PictureWidget* pictureWidget() const;
    bool complete() const { return !m_job.running(); }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void embeddingRequested(lw::Position position);  // the token's row of the embedding; the place is already set
    void shadedChanged(bool shaded);
    void completed();

protected:
    void changeEvent(QEvent*) override;

private:
    class Area;
    void gather();      // facts from what is shown
    void layOut();      // facts → chips
    void showFrames();  // chips + selection → picture
    void showChip(int position);
    void addActions(QMenu* menu, const Spot* spot);
    void markOccurrences(TokenId id);
    void findNeighbours(TokenId id, QPoint at);

    ViewServices m_services;
    Area* m_area;
    ShownPtr m_shown;
    Measure m_measure;
    StripFacts m_facts;
    StripLayout m_layout;
    TokenSurprise m_surprise;
    LatestJob<TokenSurprise> m_job;
    LatestJob<std::vector<NearRow>> m_nearest{picturePool()};
    std::vector<TokenId> m_beyond;
    std::optional<TokenId> m_marked;
    bool m_dirty = false;
};

}  // namespace lw
