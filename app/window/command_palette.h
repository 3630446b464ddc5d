// The command palette ("/"): one field in which views, models, tokens, sites, places and actions are found by typing.
#pragma once

#include <QFrame>
#include <QPointer>
#include <QString>

#include <functional>
#include <vector>

class QLineEdit;
class QListWidget;

namespace lw {

struct PaletteItem {
    QString group;   // "View", "Token" …
    QString title;   // what is matched and shown
    QString detail;  // at the right: keys, id
    std::function<void()> does;
};

class CommandPalette : public QFrame {
    Q_OBJECT
public:
    explicit CommandPalette(QWidget* window);

    /// Shows it over the window. `typed`: items that depend on what is typed ("L3 H5": a place), asked at every key.
    void open(std::vector<PaletteItem> items, std::function<std::vector<PaletteItem>(const QString&)> typed);
    QLineEdit* field() const { return m_field; }
    QListWidget* list() const { return m_list; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter();
    void run(int row);
    void place();
    void close();

    QLineEdit* m_field;
    QListWidget* m_list;
    std::vector<PaletteItem> m_items, m_found;
    std::function<std::vector<PaletteItem>(const QString&)> m_typed;
    QPointer<QWidget> m_before;  // had the focus
};

}  // namespace lw
