// What the desktop says through its portal (D-Bus): dark or light, less motion. Asked without waiting; a desktop without a
// portal says nothing and the defaults stay.
#pragma once

#include <QObject>

class QDBusVariant;

namespace lw {

class SystemLook : public QObject {
    Q_OBJECT
public:
    explicit SystemLook(QObject* parent = nullptr) : QObject(parent) {}
    /// Asks now and listens for changes.
    void ask();
    bool dark() const { return m_dark; }
    bool lessMotion() const { return m_lessMotion; }

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void settingChanged(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void read(const QString& group, const QString& key);
    void take(const QString& key, const QVariant& value);
    bool m_dark = false, m_lessMotion = false;
};

}  // namespace lw
