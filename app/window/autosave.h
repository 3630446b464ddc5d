// Writes the screen to a file every few seconds, so that it survives a crash; at the end of a normal day it becomes the
// screen the program opens with. Only one running window of a person does this.
#pragma once

#include <QLockFile>
#include <QObject>
#include <QTimer>

#include <optional>

#include "app/workspace.h"

namespace lw {

class Autosave : public QObject {
    Q_OBJECT
public:
    /// In the configuration folder. Nothing is read or written until begin().
    explicit Autosave(Workspace* workspace, QObject* parent = nullptr);
    ~Autosave() override;

    struct Found {
        Session session;
        bool crashed = false;  // the last window did not end normally
    };
    /// What was on the screen last, and starts saving. Nothing if another window runs, or nothing was saved.
    /// Fails: what was saved cannot be read (it is kept aside under another name).
    Result<std::optional<Found>> begin();
    /// The normal end: what is on the screen now is what the next start shows.
    Result<void> finish();
    void saveNow();

Q_SIGNALS:
    void failed(const lw::Error& error);  // said once

private:
    Workspace* m_workspace;
    std::optional<QLockFile> m_lock;
    QTimer m_timer;
    bool m_changed = false, m_told = false;
};

}  // namespace lw
