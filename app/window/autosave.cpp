#include "app/window/autosave.h"

#include <QDir>
#include <QFile>

#include <utility>

#include "app/settings.h"

namespace lw {

namespace {

constexpr int everyMs = 3000;

QString runningFile() { return configFolder() + "/autosave.walk"; }  // there while a window runs, or after a crash
QString lastFile() { return configFolder() + "/last.walk"; }

}  // namespace

Autosave::Autosave(Workspace* workspace, QObject* parent) : QObject(parent), m_workspace(workspace) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(everyMs);
    connect(&m_timer, &QTimer::timeout, this, &Autosave::saveNow);
}

Autosave::~Autosave() = default;

Result<std::optional<Autosave::Found>> Autosave::begin() {
    QDir().mkpath(configFolder());
    m_lock.emplace(configFolder() + "/autosave.lock");
    m_lock->setStaleLockTime(0);  // only a lock of a process that is gone is stale
    if (!m_lock->tryLock(0)) {
        m_lock.reset();
        return std::nullopt;
    }
    connect(m_workspace, &Workspace::changed, this, [this] {
        m_changed = true;
        if (!m_timer.isActive()) m_timer.start();
    });
    const bool crashed = QFile::exists(runningFile());
    const QString from = crashed ? runningFile() : lastFile();
    if (!QFile::exists(from)) return std::nullopt;
    auto session = readSession(from);
    // A screen that brings the program down must not do so at every start: after a crash it is tried once.
    if (crashed || !session) {
        QFile::remove(from + ".old");
        QFile::rename(from, from + ".old");
    }
    if (!session) return tl::unexpected(session.error());
    return Found{std::move(*session), crashed};
}

void Autosave::saveNow() {
    if (!m_lock || !std::exchange(m_changed, false) || !m_workspace->model()) return;
    const auto written = writeSession(runningFile(), m_workspace->session());
    if (!written && !std::exchange(m_told, true)) Q_EMIT failed(written.error());
}

Result<void> Autosave::finish() {
    if (!m_lock || !m_workspace->model()) return {};
    m_timer.stop();
    const auto written = writeSession(lastFile(), m_workspace->session());
    if (written) QFile::remove(runningFile());
    m_lock.reset();
    return written;
}

}  // namespace lw
