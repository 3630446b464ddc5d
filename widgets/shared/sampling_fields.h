// The fields of the sampler's settings in one row; used by SamplingControls.
#pragma once

#include <QWidget>

#include "core/generate/sampler.h"
#include "widgets/shared/palette.h"

class QDoubleSpinBox;
class QLineEdit;
class QSlider;
class QSpinBox;

namespace lw {

class SamplingFields : public QWidget {
    Q_OBJECT
public:
    SamplingFields(const Look* look, bool withSlider, QWidget* parent = nullptr);
    /// Shows these; nothing is emitted.
    void setSettings(const SamplingSettings& settings);
    /// Widths and fonts after the look has changed.
    void applyLook();

Q_SIGNALS:
    void edited(const lw::SamplingSettings& settings);

private:
    void take();

    const Look* m_look;
    QDoubleSpinBox *m_temperature, *m_topP, *m_minP;
    QSpinBox* m_topK;
    QLineEdit* m_seed;
    QSlider* m_slider = nullptr;
    SamplingSettings m_settings;
    bool m_shownOnce = false;
    bool m_showing = false;  // values are being set, not edited
};

}  // namespace lw
