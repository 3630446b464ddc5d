#include "widgets/shared/empty_state.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace lw {

EmptyState::EmptyState(QWidget* parent) : QWidget(parent), m_sentence(new QLabel(this)), m_button(new QPushButton(this)) {
    m_sentence->setWordWrap(true);
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setProperty("muted", true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_sentence->setMaximumWidth(480);
    m_sentence->setMinimumWidth(240);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(28, 28, 28, 28);
    layout->setSpacing(16);
    layout->addStretch(2);
    layout->addWidget(m_sentence, 0, Qt::AlignHCenter);
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

QString EmptyState::sentence() const { return m_sentence->text(); }

}  // namespace lw
