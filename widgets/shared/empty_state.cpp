#include "widgets/shared/empty_state.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lw {

namespace {
constexpr int margin = 28, widest = 480;
}

EmptyState::EmptyState(QWidget* parent) : QWidget(parent), m_sentence(new QLabel(this)), m_button(new QPushButton(this)) {
    m_sentence->setWordWrap(true);
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setProperty("muted", true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(16);
    layout->addStretch(2);
    layout->addWidget(m_sentence);
    layout->addWidget(m_button, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    m_button->hide();
    connect(m_button, &QPushButton::clicked, this, &EmptyState::requested);
}

void EmptyState::set(const QString& sentence, const QString& action) {
    m_sentence->setText(sentence);
    setAccessibleName(sentence);
    m_button->setText(action);
    m_button->setAccessibleName(action);
    m_button->setVisible(!action.isEmpty());
}

// The sentence's column by margins: a layout asks a wrapped label for its height at the width it has itself.
void EmptyState::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    const int side = std::max(margin, (width() - widest) / 2);
    layout()->setContentsMargins(side, margin, side, margin);
}

QString EmptyState::sentence() const { return m_sentence->text(); }

}  // namespace lw
