#include "app/window/history.h"

#include <QUndoCommand>

#include <utility>

namespace lw {

namespace {

constexpr int mostSteps = 300;

// How long after the last change another of its kind still joins it; 0 = never.
int mergePause(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::Text:
            return 1200;
        case ChangeKind::Place:
            return 250;
        case ChangeKind::Sampling:
            return 600;
        case ChangeKind::Views:
            return 400;
        default:
            return 0;
    }
}

QString nameOf(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::Place:
            return History::tr("place");
        case ChangeKind::Text:
            return History::tr("text");
        case ChangeKind::Tree:
            return History::tr("step");
        case ChangeKind::Views:
            return History::tr("views");
        case ChangeKind::Sampling:
            return History::tr("sampling");
        case ChangeKind::Pin:
            return History::tr("comparison");
        case ChangeKind::Name:
            return History::tr("name of a branch");
        case ChangeKind::Model:
            return History::tr("model");
    }
    return {};
}

}  // namespace

class History::Command : public QUndoCommand {
public:
    Command(History* history, ChangeKind kind, Snapshot before, Snapshot after)
        : QUndoCommand(nameOf(kind)), m_history(history), m_kind(kind), m_before(std::move(before)), m_after(std::move(after)) {
        m_age.start();
    }
    int id() const override { return static_cast<int>(m_kind); }
    bool mergeWith(const QUndoCommand* other) override {
        const auto* next = static_cast<const Command*>(other);
        if (mergePause(m_kind) == 0 || m_age.elapsed() > mergePause(m_kind)) return false;
        m_after = next->m_after;
        m_age.restart();
        return true;
    }
    void undo() override { m_history->go(m_before); }
    void redo() override {
        if (std::exchange(m_done, true)) m_history->go(m_after);
    }

private:
    History* m_history;
    ChangeKind m_kind;
    Snapshot m_before, m_after;
    QElapsedTimer m_age;
    bool m_done = false;  // pushing a command calls redo() once, for what has already happened
};

History::History(Workspace* workspace, QObject* parent) : QObject(parent), m_workspace(workspace) {
    m_stack.setUndoLimit(mostSteps);
    connect(workspace, &Workspace::changed, this, &History::note);
}

void History::clear() {
    m_stack.clear();
    m_last = m_workspace->snapshot();
}

void History::note(ChangeKind kind) {
    if (m_going) return;
    Snapshot now = m_workspace->snapshot();
    Snapshot before = std::exchange(m_last, now);
    if (before.session.model.name.empty() || before.session.text.empty()) return;  // the first screen cannot be undone
    m_stack.push(new Command(this, kind, std::move(before), std::move(now)));
}

void History::go(const Snapshot& to) {
    m_going = true;
    m_last = to;
    m_workspace->apply(to);
    m_going = false;
}

}  // namespace lw
