#include "widgets/shared/latest_job.h"

#include <QThread>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <utility>

namespace lw {

namespace {

constexpr auto reportEvery = std::chrono::milliseconds(30);

}  // namespace

QThreadPool& modelPool() {
    static QThreadPool* const pool = [] {
        static QThreadPool model;
        model.setMaxThreadCount(1);
        model.setObjectName("model runs");
        return &model;
    }();
    return *pool;
}

QThreadPool& picturePool() {
    static QThreadPool* const pool = [] {
        static QThreadPool pictures;
        pictures.setMaxThreadCount(std::max(1, QThread::idealThreadCount()));
        pictures.setObjectName("pictures");
        return &pictures;
    }();
    return *pool;
}

// What the owner and its workers share; it outlives the owner as long as a worker still holds it.
struct LatestJobBase::Shared {
    std::mutex mutex;
    std::condition_variable idle;
    LatestJobBase* owner = nullptr;  // null once the owner is being destroyed: nothing new begins, nothing is reported
    int working = 0;                 // workers that have begun
};

LatestJobBase::LatestJobBase(QThreadPool& pool, QObject* parent)
    : QObject(parent), m_shared(std::make_shared<Shared>()), m_pool(pool) {
    m_shared->owner = this;
}

LatestJobBase::~LatestJobBase() {
    m_stop.request_stop();
    std::unique_lock lock(m_shared->mutex);
    m_shared->owner = nullptr;
    m_shared->idle.wait(lock, [this] { return m_shared->working == 0; });
}

void LatestJobBase::cancel() {
    if (!running()) return;
    m_cancelled = true;
    m_stop.request_stop();
}

void LatestJobBase::startWork(std::function<std::function<void()>(const Job&)> work) {
    m_stop.request_stop();
    m_stop = std::stop_source();
    const quint64 number = ++m_newest;
    m_running = 1;
    m_cancelled = false;

    m_pool.start([shared = m_shared, stop = m_stop.get_token(), number, work = std::move(work)]() mutable {
        // Hands `call` to the owner's thread, unless the owner is gone.
        const auto tell = [&shared](auto call) {
            const std::scoped_lock lock(shared->mutex);
            if (LatestJobBase* owner = shared->owner)
                QMetaObject::invokeMethod(
                    owner, [owner, call = std::move(call)]() mutable { call(*owner); }, Qt::QueuedConnection);
        };
        {
            const std::scoped_lock lock(shared->mutex);
            if (!shared->owner) return;
            ++shared->working;
        }
        auto lastReport = std::chrono::steady_clock::now() - reportEvery;
        Job job{stop, {}};
        job.report = [&](double fraction, std::string_view what) {
            const auto now = std::chrono::steady_clock::now();
            if (now - lastReport < reportEvery) return;
            lastReport = now;
            tell([number, fraction,
                  text = QString::fromUtf8(what.data(), static_cast<qsizetype>(what.size()))](LatestJobBase& owner) {
                if (number == owner.m_newest && owner.running()) Q_EMIT owner.progress(fraction, text);
            });
        };
        // Work that was overtaken while it waited in the pool is not begun.
        std::function<void()> done;
        if (!stop.stop_requested()) done = work(job);
        work = {};  // what it holds goes before the owner hears that it has ended
        tell([number, done = std::move(done)](LatestJobBase& owner) { owner.land(number, done); });
        const std::scoped_lock lock(shared->mutex);
        --shared->working;
        shared->idle.notify_all();
    });
    Q_EMIT started();
}

void LatestJobBase::land(quint64 number, const std::function<void()>& done) {
    if (number != m_newest) return;
    m_running = 0;  // before done(): it may start the next one
    if (done && !m_cancelled) done();
    if (number == m_newest) Q_EMIT finished();
}

}  // namespace lw
