#include "widgets/layer_map/layer_map.h"

#include <QCoreApplication>
#include <QEvent>
#include <QVBoxLayout>

#include <algorithm>

#include "core/analysis/softmax_stats.h"
#include "widgets/shared/picture_widget.h"

namespace lw {

LayerMap::LayerMap(ViewServices services, QWidget* parent)
    : QWidget(parent), m_services(services), m_area(new PictureWidget(services.selection, services.look, this)) {
    m_area->setAccessibleName(tr("Layer map"));
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_area);
    connect(services.selection, &Selection::currentChanged, this, [this] {
        if (m_shown && position().value != m_facts.position)
            gather();
        else
            layOut();
    });
    connect(m_area, &PictureWidget::resized, this, &LayerMap::layOut);
}

void LayerMap::setShown(ShownPtr shown) {
    if (shown == m_shown) return;
    m_shown = std::move(shown);
    gather();
}

void LayerMap::setLens(std::vector<LensWord> words) {
    m_facts.words = std::move(words);
    layOut();
}

void LayerMap::setStale(bool stale) { m_area->setOutdated(stale); }

Position LayerMap::position() const {
    if (!m_shown) return Position(0);
    const int last = std::max(0, m_shown->trace->length() - 1);
    const auto& chosen = m_services.selection->current().position;
    return Position(chosen ? std::clamp(chosen->value, 0, last) : last);
}

const Picture& LayerMap::picture() const { return m_area->picture(); }

void LayerMap::gather() {
    m_facts.words.clear();  // they belong to another position or run
    m_facts.output.reset();
    m_facts.sizes.clear();
    m_facts.model = m_shown ? &m_shown->trace->model() : nullptr;
    if (m_shown && m_shown->trace->length() > 0) {
        const Shown& shown = *m_shown;
        const Position here = position();
        m_facts.position = here.value;
        m_facts.piece = static_cast<std::size_t>(here.value) < shown.pieces.size()
                            ? shown.pieces[static_cast<std::size_t>(here.value)]
                            : shown.piece(shown.trace->ids()[static_cast<std::size_t>(here.value)]);
        m_facts.sizes = layerSizes(*shown.trace, here);
        const ConstRow logits = shown.trace->logits(here);
        const auto top = topTokens(std::span(logits.data(), static_cast<std::size_t>(logits.size())), 1);
        if (!top.empty()) m_facts.output = LensWord{SiteId::Logits, Layer(0), shown.piece(top[0].id), top[0].probability};
    }
    layOut();
}

void LayerMap::layOut() {
    if (!m_facts.model) {
        m_area->setPicture({});
        return;
    }
    m_facts.selected = m_services.selection->current();
    Picture picture =
        layerMapPicture(m_facts, std::max(160.0, m_area->availableWidth()), m_area->availableHeight(),
                        [](const char* text) { return QCoreApplication::translate("LayerMap", text).toStdString(); });
    const double below = picture.height;
    m_area->setPicture(std::move(picture));
    // Where the model is taller than the window, the chosen layer stays in sight.
    if (below > m_area->availableHeight() && m_facts.selected.layer)
        for (const Spot& spot : m_area->picture().spots)
            if (spot.place.layer == m_facts.selected.layer && !spot.place.site) {
                m_area->ensureVisible(spot.rect);
                break;
            }
}

void LayerMap::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) m_area->setAccessibleName(tr("Layer map"));
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange || event->type() == QEvent::LanguageChange)
        layOut();
}

}  // namespace lw
