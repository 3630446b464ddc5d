#include "app/window/appearance.h"

#include <QApplication>
#include <QEvent>
#include <QStyle>
#include <QStyleFactory>
#include <QWidget>

#include "widgets/shared/fonts.h"

namespace lw {

Appearance::Appearance(QObject* parent) : QObject(parent) {
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    m_look.sans = sansFont();
    m_look.mono = monoFont();
    connect(&m_system, &SystemLook::changed, this, &Appearance::update);
}

void Appearance::apply(const Settings& settings, bool askSystem) {
    m_settings = settings;
    if (askSystem && !m_asked) {
        m_asked = true;
        m_system.ask();
    }
    update();
}

void Appearance::setProjector(bool on) {
    m_look.projector = on;
    update();
}

void Appearance::forbidMotion() {
    m_still = true;
    update();
}

void Appearance::update() {
    const bool dark = m_settings.theme == ThemeChoice::Dark || (m_settings.theme == ThemeChoice::System && m_system.dark());
    const bool still =
        m_still || m_settings.motion == MotionChoice::Off || (m_settings.motion == MotionChoice::System && m_system.lessMotion());
    m_look.palette = Palette(dark, m_settings.colourMap);
    m_look.fontScale = m_settings.fontScale;
    m_look.animate = !still;

    QApplication::setPalette(m_look.palette.qpalette());
    QApplication::setFont(m_look.font(TypeSize::Body, false, false));
    // Qt's own widgets know colours and lengths through the style sheet; setting it again polishes them all, so only when it
    // differs.
    const QString sheet = m_look.palette.styleSheet();
    if (qApp->styleSheet() != sheet) qApp->setStyleSheet(sheet);
    // A colour map is in no palette: pictures hear of it all the same.
    for (QWidget* widget : QApplication::allWidgets()) {
        QEvent event(QEvent::PaletteChange);
        QApplication::sendEvent(widget, &event);
    }
    Q_EMIT changed();
}

}  // namespace lw
