#include "app/window/message_bar.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace lw {

namespace {

// One message: a surface with a coloured edge and a mark, so that colour is not all that tells a problem.
class MessageRow : public QFrame {
public:
    MessageRow(const Look* look, bool problem, QWidget* parent) : QFrame(parent), m_look(look), m_problem(problem) {
        setProperty("panel", true);
    }

protected:
    void paintEvent(QPaintEvent* event) override {
        QFrame::paintEvent(event);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_look->palette.of(m_problem ? Ink::Erased : Ink::Accent));
        painter.drawRoundedRect(QRectF(0, 0, 4, height()), 2, 2);
    }

private:
    const Look* m_look;
    bool m_problem;
};

}  // namespace

MessageBar::MessageBar(const Look* look, QWidget* parent) : QWidget(parent), m_look(look) {
    setObjectName(QStringLiteral("messages"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(10, 8, 10, 0);
    m_layout->setSpacing(4);
    hide();
}

void MessageBar::show(const Message& message) {
    const bool problem = message.kind == Message::Kind::Problem;
    auto* row = new MessageRow(m_look, problem, this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(14, 4, 6, 4);
    layout->setSpacing(8);
    auto* mark = new QLabel(problem ? QStringLiteral("⚠") : QStringLiteral("ℹ"), row);
    mark->setAccessibleName(problem ? tr("Problem") : tr("Note"));
    layout->addWidget(mark);
    auto* text = new QLabel(message.text, row);
    text->setObjectName(QStringLiteral("text"));
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(text, 1);
    for (const MessageAction& action : message.actions) {
        auto* button = new QPushButton(action.text, row);
        button->setObjectName(QStringLiteral("action"));
        if (action.chosen) {
            button->setCheckable(true);
            button->setChecked(true);
        }
        // The action may replace or remove this very row: leave the button first.
        connect(button, &QPushButton::clicked, this,
                [this, does = action.does] { QMetaObject::invokeMethod(this, does, Qt::QueuedConnection); });
        layout->addWidget(button);
    }
    if (!message.stays) {
        auto* close = new QToolButton(row);
        close->setText(QStringLiteral("×"));
        close->setAccessibleName(tr("Close this message"));
        close->setProperty("quiet", true);
        connect(close, &QToolButton::clicked, this, [this, key = message.key] { remove(key); });
        layout->addWidget(close);
    }
    if (QWidget* old = m_rows.value(message.key)) {
        m_layout->replaceWidget(old, row);
        old->hide();
        old->deleteLater();
    } else {
        m_layout->addWidget(row);
    }
    m_rows[message.key] = row;
    row->setAccessibleName(message.text);
    QWidget::show();
    QAccessibleEvent alert(row, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void MessageBar::remove(const QString& key) {
    if (QWidget* row = m_rows.take(key)) {
        m_layout->removeWidget(row);
        row->hide();
        row->deleteLater();
    }
    setVisible(!m_rows.isEmpty());
}

QString MessageBar::text(const QString& key) const {
    const QWidget* row = m_rows.value(key);
    return row ? row->findChild<QLabel*>(QStringLiteral("text"))->text() : QString();
}

QWidget* MessageBar::button(const QString& key, int action) const {
    const QWidget* row = m_rows.value(key);
    const QList<QPushButton*> buttons = row ? row->findChildren<QPushButton*>(QStringLiteral("action")) : QList<QPushButton*>();
    return action < buttons.size() ? buttons[action] : nullptr;
}

}  // namespace lw
