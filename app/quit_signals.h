// SIGTERM, SIGINT and SIGHUP close the window in an orderly way (the desktop's session end, a kill, Ctrl+C).
#pragma once

#include <functional>

class QObject;

namespace lw {

/// `quit` runs in the thread of `owner`, in its event loop. Once per program.
void onQuitSignals(QObject* owner, std::function<void()> quit);

}  // namespace lw
