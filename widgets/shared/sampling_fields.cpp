#include "widgets/shared/sampling_fields.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpressionValidator>
#include <QSlider>

#include <algorithm>
#include <cmath>

namespace lw {

namespace {

constexpr int sliderSteps = 40;  // twentieths of a unit of temperature: 0.05 … 2

// The label and its field, close together; the label's click goes to the field.
void addField(QHBoxLayout* row, const QString& text, QWidget* field, const QString& help) {
    auto* label = new QLabel(text);
    label->setProperty("muted", true);
    label->setBuddy(field);
    label->setToolTip(help);
    field->setToolTip(help);
    field->setAccessibleDescription(help);
    row->addWidget(label);
    row->addSpacing(4);
    row->addWidget(field);
    row->addSpacing(10);
}

template <class Box>
Box* narrow(Box* box, const QString& name) {
    box->setButtonSymbols(QAbstractSpinBox::NoButtons);
    box->setKeyboardTracking(false);
    box->setAccessibleName(name);
    box->setAlignment(Qt::AlignRight);
    // the buttons' room is not needed: arrow keys and the wheel change the value
    box->setStyleSheet("QAbstractSpinBox { padding: 1px 4px; min-height: 18px; }");
    return box;
}

}  // namespace

SamplingFields::SamplingFields(const Look* look, bool withSlider, QWidget* parent) : QWidget(parent), m_look(look) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);

    m_temperature = narrow(new QDoubleSpinBox(this), tr("Temperature"));
    m_temperature->setRange(0.01, 10);
    m_temperature->setDecimals(2);
    m_temperature->setSingleStep(0.05);
    addField(row, tr("temp."), m_temperature,
             tr("Divides the logits before the softmax: below 1 the probable tokens gain, above 1 they lose"));
    if (withSlider) {
        m_slider = new QSlider(Qt::Horizontal, this);
        m_slider->setRange(1, sliderSteps);
        m_slider->setAccessibleName(tr("Temperature"));
        m_slider->setMinimumWidth(70);
        m_slider->setMaximumWidth(130);
        row->addWidget(m_slider);
        row->addSpacing(12);
        connect(m_slider, &QSlider::valueChanged, this, [this](int step) {
            if (!m_showing) m_temperature->setValue(2.0 * step / sliderSteps);
        });
    }
    m_topK = narrow(new QSpinBox(this), tr("top-k"));
    m_topK->setRange(0, 9'999'999);
    m_topK->setSpecialValueText(tr("off"));
    addField(row, "top-k", m_topK, tr("Keeps only the k most probable tokens; 0 keeps all"));
    m_topP = narrow(new QDoubleSpinBox(this), tr("top-p"));
    m_topP->setRange(0.01, 1);
    m_topP->setDecimals(2);
    m_topP->setSingleStep(0.05);
    addField(row, "top-p", m_topP, tr("Keeps the most probable tokens until they add up to p; 1 keeps all"));
    m_minP = narrow(new QDoubleSpinBox(this), tr("min-p"));
    m_minP->setRange(0, 0.99);
    m_minP->setDecimals(2);
    m_minP->setSingleStep(0.01);
    m_minP->setSpecialValueText(tr("off"));
    addField(row, "min-p", m_minP,
             tr("Keeps the tokens that have at least this share of the best one's probability; 0 keeps all"));
    m_seed = new QLineEdit(this);
    m_seed->setAccessibleName(tr("Seed of the dice"));
    m_seed->setAlignment(Qt::AlignRight);
    m_seed->setStyleSheet("QLineEdit { padding: 1px 4px; min-height: 18px; }");
    m_seed->setValidator(new QRegularExpressionValidator(QRegularExpression("[0-9]{1,20}"), m_seed));
    row->addStretch(1);
    addField(row, tr("seed"), m_seed, tr("The same seed gives the same draws"));

    for (QDoubleSpinBox* box : {m_temperature, m_topP, m_minP})
        connect(box, &QDoubleSpinBox::valueChanged, this, &SamplingFields::take);
    connect(m_topK, &QSpinBox::valueChanged, this, &SamplingFields::take);
    connect(m_seed, &QLineEdit::editingFinished, this, &SamplingFields::take);
    setSettings({});
    applyLook();
}

void SamplingFields::setSettings(const SamplingSettings& settings) {
    if (m_shownOnce && settings == m_settings) return;  // what is being typed stays
    m_shownOnce = m_showing = true;
    m_settings = settings;
    m_temperature->setValue(settings.temperature);
    if (m_slider)
        m_slider->setValue(std::clamp(static_cast<int>(std::lround(settings.temperature * sliderSteps / 2)), 1, sliderSteps));
    m_topK->setValue(settings.topK);
    m_topP->setValue(settings.topP);
    m_minP->setValue(settings.minP);
    if (!m_seed->hasFocus() || m_seed->text().isEmpty()) m_seed->setText(QString::number(settings.seed));
    m_showing = false;
}

void SamplingFields::take() {
    if (m_showing) return;
    SamplingSettings now = m_settings;
    // what the field shows rounded is not changed by leaving it
    const auto moved = [](double shown, double set) { return std::abs(shown - set) > 0.0051; };
    if (moved(m_temperature->value(), now.temperature)) now.temperature = m_temperature->value();
    if (moved(m_topP->value(), now.topP)) now.topP = m_topP->value();
    if (moved(m_minP->value(), now.minP)) now.minP = m_minP->value();
    now.topK = m_topK->value();
    bool ok = false;
    const quint64 seed = m_seed->text().toULongLong(&ok);
    if (ok) now.seed = seed;
    if (now == m_settings) return;
    m_shownOnce = false;
    setSettings(now);
    Q_EMIT edited(now);
}

void SamplingFields::applyLook() {
    if (!m_look) return;
    const QFont font = m_look->font(TypeSize::Body, false, true);
    const int digit = QFontMetrics(font).horizontalAdvance('0');
    const auto fit = [&](QWidget* field, int digits) {
        field->setFont(font);
        field->setFixedWidth(digit * digits + 14);
    };
    fit(m_temperature, 4);
    fit(m_topK, 4);
    fit(m_topP, 4);
    fit(m_minP, 4);
    fit(m_seed, 5);
}

}  // namespace lw
