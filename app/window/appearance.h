// How the whole window looks: theme, type size, projector type, motion, from the settings and what the desktop says.
#pragma once

#include <QObject>

#include <optional>

#include "app/settings.h"
#include "app/window/system_look.h"
#include "widgets/shared/palette.h"

namespace lw {

class Appearance : public QObject {
    Q_OBJECT
public:
    explicit Appearance(QObject* parent = nullptr);

    const Look* look() const { return &m_look; }
    /// `askSystem`: follow the desktop where the settings say so; an automated start does not.
    void apply(const Settings& settings, bool askSystem);
    void setProjector(bool on);
    void forbidMotion();

Q_SIGNALS:
    void changed();

private:
    void update();
    Look m_look;
    SystemLook m_system;
    Settings m_settings;
    bool m_asked = false, m_still = false;
};

}  // namespace lw
