// A window with the bundled model and its sample traced, and what tests do with it.
#pragma once

#include <QString>
#include <QTemporaryDir>
#include <QTest>

#include <functional>
#include <memory>
#include <string>

#include "app/main_window.h"
#include "app/window/stage.h"
#include "app/window/status_line.h"
#include "app/window/top_bar.h"
#include "tests/catch.h"
#include "widgets/generation/generation_panel.h"
#include "widgets/inspector/number_inspector.h"
#include "widgets/layer_map/layer_map.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/tokens/token_strip.h"

namespace lw {

inline bool eventually(const std::function<bool()>& condition, int ms = 20000) { return QTest::qWaitFor(condition, ms); }

class Program {
public:
    /// `text`: instead of the sample.
    explicit Program(const QString& text = {}, Settings settings = {}, bool person = false);

    MainWindow& window() { return *m_window; }
    Workspace& workspace() { return *m_window->workspace(); }
    PromptEdit& prompt() { return *m_window->topBar()->prompt(); }
    Locus place() { return workspace().selection()->current(); }
    int tokens() { return workspace().shown()->trace->length(); }
    QString status() { return m_window->statusLine()->placeText(); }
    QString problem() { return m_window->messages()->text(QStringLiteral("problem")); }

    void waitUntilComplete();
    void type(const QString& text);  // replaces what is in the field, key by key, and waits for the trace
    void key(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);  // to whatever has the focus
    void select(const char* place);
    void showView(const char* id);
    /// Away from every text field.
    void leaveText();
    void step(StepKind kind, int id = -1);

private:
    std::unique_ptr<MainWindow> m_window;
};

/// A file with these bytes in the folder: its path.
QString written(const QTemporaryDir& folder, const char* name, const QByteArray& bytes);
/// All texts of all pictures in a widget, joined by line breaks.
std::string textsIn(const QWidget* widget);
/// The same of what is not hidden behind another view.
std::string textsInSight(const QWidget* widget);
/// Clicks the first spot for which `wanted` is true, in any picture of the widget. False if there is none.
bool clickSpot(QWidget* widget, const std::function<bool(const Spot&)>& wanted, Qt::KeyboardModifiers modifiers = Qt::NoModifier);
bool contains(const std::string& text, const std::string& part);

}  // namespace lw
