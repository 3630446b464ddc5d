// LatestJob<T>: runs one piece of work at a time in the background; a newer start asks the older to stop and its late result
// is dropped. Results arrive in the owner's thread. The destructor stops and joins.
#pragma once

#include <QMetaObject>
#include <QObject>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

#include "core/base/job.h"
#include "core/base/result.h"

namespace lw {

// The two pools: model runs (width 1) and pictures.
QThreadPool& modelPool();
QThreadPool& picturePool();

class LatestJobBase : public QObject {
    Q_OBJECT
public:
    explicit LatestJobBase(QThreadPool& pool, QObject* parent = nullptr);
    ~LatestJobBase() override;
    bool running() const { return m_running > 0; }
    void cancel();

Q_SIGNALS:
    void started();
    void progress(double fraction, const QString& what);
    void finished();  // the newest job has ended (done, failed or cancelled)

protected:
    /// work runs in the pool; done runs in this object's thread if the job is still the newest.
    void startWork(std::function<std::function<void()>(const Job&)> work);

private:
    struct Shared;
    void land(quint64 number, const std::function<void()>& done);
    std::shared_ptr<Shared> m_shared;
    QThreadPool& m_pool;
    int m_running = 0;
    quint64 m_newest = 0;
    bool m_cancelled = false;
    std::stop_source m_stop;
};

template <class T>
class LatestJob : public LatestJobBase {
public:
    using LatestJobBase::LatestJobBase;
    /// work: in the background, returns Result<T>; done: in the owner's thread, only for the newest start, not if cancelled.
    void start(std::function<Result<T>(const Job&)> work, std::function<void(Result<T>)> done) {
        startWork([work = std::move(work), done = std::move(done)](const Job& job) -> std::function<void()> {
            auto result = std::make_shared<Result<T>>(work(job));
            return [result, done] { done(std::move(*result)); };
        });
    }
};

}  // namespace lw
