#include "app/window/top_bar.h"

#include <QHBoxLayout>
#include <QPushButton>

namespace lw {

namespace {

constexpr int widestName = 260;  // pixels at 100 %; longer model names are elided

}  // namespace

TopBar::TopBar(const Look* look, QWidget* parent) : Surface(look, Ink::Panel, Qt::BottomEdge, parent) {
    setObjectName(QStringLiteral("topBar"));
    setAccessibleName(tr("Model and text"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 8, 14, 8);
    layout->setSpacing(10);

    m_model = new QPushButton(tr("no model"), this);
    m_model->setAccessibleName(tr("Model"));
    m_model->setProperty("menu", true);
    QFont bold = m_model->font();
    bold.setBold(true);
    m_model->setFont(bold);
    m_modelMenu = new ModelMenu(m_model);
    m_model->setMenu(m_modelMenu);
    layout->addWidget(m_model, 0, Qt::AlignTop);

    m_prompt = new PromptEdit(this);
    layout->addWidget(m_prompt, 1);

    auto* trace = new QPushButton(tr("Trace ⏎"), this);
    trace->setAccessibleName(tr("Trace"));
    trace->setProperty("primary", true);
    auto* step = new QPushButton(tr("Step →"), this);
    step->setAccessibleName(tr("Step"));
    auto* more = new QPushButton(QStringLiteral("⋯"), this);
    more->setAccessibleName(tr("More"));
    m_more = new QMenu(more);
    connect(more, &QPushButton::clicked, this, [this, more] {
        m_more->popup(more->mapToGlobal(QPoint(more->width() - m_more->sizeHint().width(), more->height() + 2)));
    });
    for (QPushButton* button : {trace, step, more}) layout->addWidget(button, 0, Qt::AlignTop);

    connect(trace, &QPushButton::clicked, this, &TopBar::traceClicked);
    connect(step, &QPushButton::clicked, this, &TopBar::stepClicked);
    connect(m_prompt, &PromptEdit::traceRequested, this, &TopBar::traceClicked);
}

void TopBar::setModel(const QString& name, const QString& about) {
    m_model->setText(
        m_model->fontMetrics().elidedText(name, Qt::ElideMiddle, widestName).replace(QLatin1Char('&'), QStringLiteral("&&")));
    m_model->setToolTip(about);
    m_model->setAccessibleDescription(name + QStringLiteral(", ") + about);
}

}  // namespace lw
