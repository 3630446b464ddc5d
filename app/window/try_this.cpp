#include "app/window/try_this.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

namespace lw {

TryThis::TryThis(std::vector<TryLine> lines, QWidget* parent) : QFrame(parent) {
    setProperty("panel", true);
    setObjectName(QStringLiteral("tryThis"));
    setAccessibleName(tr("Try this"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 4, 6, 4);
    layout->setSpacing(8);
    auto* caption = new QLabel(tr("Try this"), this);
    caption->setProperty("caption", true);
    layout->addWidget(caption);
    int number = 1;
    for (TryLine& line : lines) {
        auto* button = new QPushButton(QStringLiteral("%1  %2").arg(number++).arg(line.text), this);
        button->setProperty("quiet", true);
        connect(button, &QPushButton::clicked, this, [does = std::move(line.does)] { does(); });
        layout->addWidget(button);
    }
    layout->addStretch(1);
    auto* close = new QToolButton(this);
    close->setText(QStringLiteral("×"));
    close->setAccessibleName(tr("Close"));
    close->setProperty("quiet", true);
    connect(close, &QToolButton::clicked, this, [this] {
        hide();
        Q_EMIT closed();
    });
    layout->addWidget(close);
}

}  // namespace lw
