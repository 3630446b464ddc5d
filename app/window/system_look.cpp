#include "app/window/system_look.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>

// Source: the Settings portal, https://flatpak.github.io/xdg-desktop-portal (org.freedesktop.appearance color-scheme: 1 = dark;
// reduced-motion: 1 = reduced; GNOME's older enable-animations: false = reduced).
namespace lw {

namespace {

const QString service = QStringLiteral("org.freedesktop.portal.Desktop");
const QString path = QStringLiteral("/org/freedesktop/portal/desktop");
const QString interface = QStringLiteral("org.freedesktop.portal.Settings");
const QString appearance = QStringLiteral("org.freedesktop.appearance");
const QString colourScheme = QStringLiteral("color-scheme");
const QString reducedMotion = QStringLiteral("reduced-motion");
const QString gnome = QStringLiteral("org.gnome.desktop.interface");
const QString animations = QStringLiteral("enable-animations");

// Read() wraps its answer in a variant of a variant.
QVariant unwrapped(QVariant value) {
    while (value.userType() == qMetaTypeId<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
    return value;
}

}  // namespace

void SystemLook::ask() {
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    bus.connect(service, path, interface, QStringLiteral("SettingChanged"), this,
                SLOT(settingChanged(QString, QString, QDBusVariant)));
    read(appearance, colourScheme);
    read(appearance, reducedMotion);
    read(gnome, animations);
}

void SystemLook::read(const QString& group, const QString& key) {
    QDBusMessage call = QDBusMessage::createMethodCall(service, path, interface, QStringLiteral("Read"));
    call << group << key;
    auto* watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(call, 2000), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, key](QDBusPendingCallWatcher* done) {
        const QDBusPendingReply<QVariant> reply = *done;
        if (!reply.isError()) take(key, unwrapped(reply.value()));
        done->deleteLater();
    });
}

void SystemLook::settingChanged(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group == appearance || group == gnome) take(key, unwrapped(value.variant()));
}

void SystemLook::take(const QString& key, const QVariant& value) {
    const bool dark = key == colourScheme ? value.toUInt() == 1 : m_dark;
    const bool less = key == reducedMotion ? value.toUInt() == 1 : key == animations ? !value.toBool() : m_lessMotion;
    if (dark == m_dark && less == m_lessMotion) return;
    m_dark = dark;
    m_lessMotion = less;
    Q_EMIT changed();
}

}  // namespace lw
