// Undo and redo of what the person changed: snapshots of the workspace before and after, in a QUndoStack. Typing and walking
// merge until a pause.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QUndoStack>

#include "app/workspace.h"

namespace lw {

class History : public QObject {
    Q_OBJECT
public:
    explicit History(Workspace* workspace, QObject* parent = nullptr);

    QUndoStack* stack() { return &m_stack; }
    /// Begins anew from what is shown now (a session was opened).
    void clear();

private:
    class Command;
    void note(ChangeKind kind);
    void go(const Snapshot& to);

    Workspace* m_workspace;
    QUndoStack m_stack;
    Snapshot m_last;
    bool m_going = false;
};

}  // namespace lw
