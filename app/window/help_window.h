// F1: the active view (what it shows, how to read it, one thing to try, texts that make it interesting), and all keys.
#pragma once

#include <QDialog>
#include <QMap>

#include "widgets/registry.h"

class QTabWidget;
class QTextBrowser;

namespace lw {

class HelpWindow : public QDialog {
    Q_OBJECT
public:
    explicit HelpWindow(QWidget* parent = nullptr);
    void showView(const ViewRow& row);
    void setKeys(const QMap<QString, QString>& own);

Q_SIGNALS:
    void sampleChosen(const QString& text);

private:
    QTabWidget* m_tabs;
    QTextBrowser *m_view, *m_keys, *m_place;
};

}  // namespace lw
