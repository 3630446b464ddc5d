#include "widgets/embeddings/page.h"

#include <QCoreApplication>

#include <algorithm>

#include "widgets/word_vectors.h"

namespace lw {

EmbeddingsPage::EmbeddingsPage(const ViewServices& services, const QString& name, QWidget* parent)
    : QWidget(parent), m_services(services) {
    m_column = new QVBoxLayout(this);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(6);
    m_picture = new PictureWidget(services.selection, services.look, this);
    m_picture->setAccessibleName(name);
    m_column->addWidget(m_picture, 1);
    setFocusProxy(m_picture);
    connect(m_picture, &PictureWidget::actionRequested, this, [this](const QString& action) { act(action); });
    connect(m_picture, &PictureWidget::resized, this, [this] {
        if (isVisible()) refresh();
    });
}

int EmbeddingsPage::position() const {
    if (!m_shown || !m_shown->trace || m_shown->trace->length() == 0) return -1;
    const int last = m_shown->trace->length() - 1;
    return std::clamp(m_services.selection->current().position.value_or(Position(last)).value, 0, last);
}

std::vector<TokenTable> EmbeddingsPage::tables() const {
    std::vector<TokenTable> all = m_shown ? tablesOf(m_shown->model, m_shown->tokenizer) : std::vector<TokenTable>();
    if (!m_services.vectors) return all;
    for (const VectorTable& table : m_services.vectors->tables()) {
        if (!table.words) continue;
        TokenTable made;
        made.key = "vectors:" + table.name;
        made.name = table.name;
        made.rows = table.rows;
        made.words = table.words;
        all.push_back(std::move(made));
    }
    return all;
}

void EmbeddingsPage::showNote(const std::string& sentence) {
    Picture note;
    note.width = roomWidth();
    note.height = 40;
    note.label({.rect = {0, 8, note.width, 20}, .text = sentence, .colour = Ink::Muted});
    m_picture->setPicture(std::move(note));
    m_picture->setStale(false);
}

double EmbeddingsPage::roomWidth() const { return std::max(440.0, m_picture->availableWidth()); }

std::string EmbeddingsPage::say(const char* text) const { return QCoreApplication::translate("Embeddings", text).toStdString(); }

}  // namespace lw
