#include "widgets/view.h"

#include <QEvent>

namespace lw {

std::string Shown::piece(TokenId id) const {
    if (!tokenizer || id < 0 || id >= tokenizer->size()) return std::to_string(id);
    // A special token's spelling says more than the bytes it stands for (often none).
    return tokenizer->isSpecial(id) ? visiblePiece(tokenizer->entry(id)) : visiblePiece(tokenizer->bytes(id));
}

View::View(ViewServices services, QWidget* parent) : QWidget(parent), m_services(services) {
    connect(services.selection, &Selection::currentChanged, this, [this](const Locus& place) {
        if (m_shown) placeChanged(place);
    });
}

void View::setShown(ShownPtr shown) {
    if (shown == m_shown) return;
    m_shown = std::move(shown);
    shownChanged();
}

void View::setDifference(std::shared_ptr<const Pinned> a) {
    if (a == m_difference) return;
    m_difference = std::move(a);
    shownChanged();
}

void View::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) lookChanged();
}

}  // namespace lw
