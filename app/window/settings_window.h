// The settings: looks, units, memory, keys. A change takes effect at once; nothing has to be confirmed.
#pragma once

#include <QDialog>

#include "app/settings.h"

class QFormLayout;
class QTableWidget;

namespace lw {

class SettingsWindow : public QDialog {
    Q_OBJECT
public:
    explicit SettingsWindow(Settings settings, QWidget* parent = nullptr);

Q_SIGNALS:
    void changed(const lw::Settings& settings);

private:
    void addLooks(QFormLayout* form);
    QWidget* keysPage();
    void fillKeys();
    void editKey(int row);

    Settings m_settings;
    QTableWidget* m_keys = nullptr;
};

}  // namespace lw
