#include "widgets/shared/sampling_controls.h"

#include <QEvent>
#include <QMenu>
#include <QPushButton>
#include <QWidgetAction>

#include "widgets/shared/format.h"
#include "widgets/shared/sampling_fields.h"

namespace lw {

SamplingControls::SamplingControls(const Look* look, bool withSlider, QWidget* parent) : QWidget(parent) {
    m_row = new SamplingFields(look, withSlider, this);
    m_button = new QPushButton(this);
    m_button->setAccessibleName(tr("Settings of the sampler"));
    m_button->setToolTip(tr("Temperature, top-k, top-p, min-p and the seed of the dice"));
    m_button->setProperty("menu", true);
    auto* menu = new QMenu(m_button);
    m_inMenu = new SamplingFields(look, true, menu);
    m_inMenu->setContentsMargins(10, 6, 2, 6);
    auto* action = new QWidgetAction(menu);
    action->setDefaultWidget(m_inMenu);
    menu->addAction(action);
    m_button->setMenu(menu);
    for (SamplingFields* fields : {m_row, m_inMenu}) connect(fields, &SamplingFields::edited, this, &SamplingControls::edited);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setSettings({});
}

void SamplingControls::setSettings(const SamplingSettings& settings) {
    m_settings = settings;
    m_row->setSettings(settings);
    m_inMenu->setSettings(settings);
    const auto number = [](double v) { return QString::fromStdString(printNumber(v, 3)); };
    QString text = settings.greedy ? tr("greedy") : tr("temp. %1").arg(number(settings.temperature));
    if (settings.topK > 0) text += " · top-k " + QString::number(settings.topK);
    if (settings.topP < 1) text += " · top-p " + number(settings.topP);
    if (settings.minP > 0) text += " · min-p " + number(settings.minP);
    m_summary = text;
    m_button->setAccessibleDescription(text + " · " + tr("seed %1").arg(settings.seed));
    arrange();
}

bool SamplingControls::folded() const { return m_button->isVisibleTo(this); }

QSize SamplingControls::sizeHint() const {
    const QSize row = m_row->sizeHint(), button = m_button->sizeHint();
    return {row.width(), qMax(row.height(), button.height())};
}

QSize SamplingControls::minimumSizeHint() const { return {90, sizeHint().height()}; }

void SamplingControls::arrange() {
    const bool fits = width() >= m_row->sizeHint().width();
    m_row->setVisible(fits);
    m_button->setVisible(!fits);
    if (fits) {
        m_row->setGeometry(rect());
    } else {
        m_button->setText(m_summary);
        const QSize whole = m_button->sizeHint();
        const int wide = qMin(width(), whole.width());
        if (wide < whole.width()) m_button->setText(m_button->fontMetrics().elidedText(m_summary, Qt::ElideRight, wide - 48));
        m_button->setGeometry(0, (height() - whole.height()) / 2, wide, whole.height());
    }
}

void SamplingControls::resizeEvent(QResizeEvent*) { arrange(); }

void SamplingControls::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange && event->type() != QEvent::StyleChange)
        return;
    m_row->applyLook();
    m_inMenu->applyLook();
    updateGeometry();
    arrange();
}

}  // namespace lw
