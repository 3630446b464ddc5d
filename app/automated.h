// What the command line asks to see, put onto the screen one thing after the other; and the run without hands that then
// writes the picture or prints the place, and ends.
#pragma once

#include <QObject>
#include <QTimer>

#include "app/command_line.h"
#include "app/main_window.h"

namespace lw {

/// Opens, pins, steps and selects as asked. Each waits until what was begun before it is done.
class Arrangement : public QObject {
    Q_OBJECT
public:
    Arrangement(MainWindow* window, StartOptions options, QObject* parent = nullptr);
    void begin();

Q_SIGNALS:
    void arranged();
    void failed(const QString& sentence);  // nothing more will come

private:
    void advance();
    void open();
    void pin();
    void goOn();
    void count();
    void select(const std::optional<Locus>& place);
    void stop(const QString& sentence);

    MainWindow* m_window;
    StartOptions m_options;
    std::vector<void (Arrangement::*)()> m_todo;
    QTimer m_poll;
};

/// For --screenshot and --print-place: arranges, waits until everything is drawn, writes, and ends the program with 0 or 1.
class AutomatedRun : public QObject {
    Q_OBJECT
public:
    AutomatedRun(MainWindow* window, StartOptions options, QObject* parent = nullptr);
    void begin() { m_arrangement.begin(); }

private:
    void finishWhenComplete();
    QString writeScreenshot();
    void end(const QString& problem);

    MainWindow* m_window;
    StartOptions m_options;
    Arrangement m_arrangement;
    QTimer m_poll;
    int m_calm = 0;  // polls in a row at which everything was drawn
};

}  // namespace lw
