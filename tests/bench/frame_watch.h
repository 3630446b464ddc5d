// An application that remembers what its event loop spent on each event: how long the window could not answer, and why.
#pragma once

#include <QApplication>
#include <QEvent>

#include <ctime>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace lw {

inline double wallMs() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
inline double cpuMs(clockid_t clock) {
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

class FrameWatch : public QApplication {
public:
    using QApplication::QApplication;

    struct Stretch {
        double cpu = 0, wall = 0;  // ms; cpu: of this thread, which a busy machine does not change
        std::string what;
    };

    void clear() { m_stretches.clear(); }
    /// The longest stretches without a return to the event loop, by CPU time, falling.
    std::vector<Stretch> longest(std::size_t count) const {
        std::vector<Stretch> all = m_stretches;
        std::sort(all.begin(), all.end(), [](const Stretch& a, const Stretch& b) { return a.cpu > b.cpu; });
        if (all.size() > count) all.resize(count);
        return all;
    }
    double longestWall() const {
        double most = 0;
        for (const Stretch& s : m_stretches) most = std::max(most, s.wall);
        return most;
    }
    /// CPU time of this thread by kind of event.
    std::map<std::string, double> byKind() const {
        std::map<std::string, double> sums;
        for (const Stretch& s : m_stretches) sums[s.what] += s.cpu;
        return sums;
    }

    bool notify(QObject* receiver, QEvent* event) override {
        if (m_depth > 0 || !receiver || !event) return deeper(receiver, event);
        const int type = event->type();
        std::string what = std::string(receiver->metaObject()->className()) + " " + kindOf(type);
        const double wall = wallMs(), cpu = cpuMs(CLOCK_THREAD_CPUTIME_ID);
        const bool accepted = deeper(receiver, event);
        m_stretches.push_back({cpuMs(CLOCK_THREAD_CPUTIME_ID) - cpu, wallMs() - wall, std::move(what)});
        return accepted;
    }

private:
    bool deeper(QObject* receiver, QEvent* event) {
        ++m_depth;
        const bool accepted = QApplication::notify(receiver, event);
        --m_depth;
        return accepted;
    }
    static std::string kindOf(int type) {
        switch (type) {
            case QEvent::MetaCall:
                return "call";
            case QEvent::Timer:
                return "timer";
            case QEvent::UpdateRequest:
                return "paint";
            case QEvent::LayoutRequest:
                return "layout";
            case QEvent::KeyPress:
                return "key";
            case QEvent::Wheel:
                return "wheel";
            default:
                return "event " + std::to_string(type);
        }
    }

    std::vector<Stretch> m_stretches;
    int m_depth = 0;
};

}  // namespace lw
