// The settings of the sampler: temperature, top-k, top-p, min-p, seed. One row of small fields where there is room for it, else
// a button that says the settings and opens them. It shows what is set and says what a person asks for; nothing else.
#pragma once

#include <QWidget>

#include "core/generate/sampler.h"
#include "widgets/shared/palette.h"

class QPushButton;

namespace lw {

class SamplingFields;

class SamplingControls : public QWidget {
    Q_OBJECT
public:
    /// withSlider: a slider beside the temperature in the row.
    SamplingControls(const Look* look, bool withSlider, QWidget* parent = nullptr);

    /// Shows these; nothing is emitted.
    void setSettings(const SamplingSettings& settings);
    const SamplingSettings& settings() const { return m_settings; }
    /// The fields are in a menu now.
    bool folded() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void edited(const lw::SamplingSettings& settings);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void arrange();

    SamplingFields *m_row, *m_inMenu;
    QPushButton* m_button;
    SamplingSettings m_settings;
    QString m_summary;  // what the button says
};

}  // namespace lw
