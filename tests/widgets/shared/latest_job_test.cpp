#include "widgets/shared/latest_job.h"

#include <QSignalSpy>
#include <QTest>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/catch.h"

using namespace lw;
using namespace std::chrono_literals;

namespace {

// Waits for the flag in small naps, as work that polls its stop token does.
void waitFor(const std::atomic<bool>& flag, const Job& job) {
    while (!flag && !job.cancelled()) std::this_thread::sleep_for(1ms);
}

}  // namespace

TEST_CASE("The newest job wins and older results are dropped") {
    QThreadPool pool;
    pool.setMaxThreadCount(2);
    LatestJob<int> job(pool);
    QSignalSpy finished(&job, &LatestJobBase::finished);
    std::vector<int> results;
    std::atomic<bool> firstBegun = false, firstStopped = false, never = false;
    job.start(
        [&](const Job& work) -> Result<int> {
            firstBegun = true;
            waitFor(never, work);
            firstStopped = work.cancelled();
            return 1;
        },
        [&](Result<int> r) { results.push_back(*r); });
    while (!firstBegun) std::this_thread::sleep_for(1ms);
    for (int i = 2; i <= 5; ++i)
        job.start([i](const Job&) -> Result<int> { return i; }, [&](Result<int> r) { results.push_back(*r); });
    CHECK(job.running());
    REQUIRE(QTest::qWaitFor([&] { return finished.count() == 1; }, 5000));
    pool.waitForDone();
    QTest::qWait(5);
    CHECK(results == std::vector<int>{5});
    CHECK(firstStopped);
    CHECK_FALSE(job.running());
    CHECK(finished.count() == 1);
}

TEST_CASE("A cancelled job ends without a result") {
    QThreadPool pool;
    LatestJob<int> job(pool);
    QSignalSpy finished(&job, &LatestJobBase::finished);
    bool delivered = false;
    std::atomic<bool> never = false;
    job.start(
        [&](const Job& work) -> Result<int> {
            waitFor(never, work);
            return cancelledError();
        },
        [&](Result<int>) { delivered = true; });
    job.cancel();
    REQUIRE(QTest::qWaitFor([&] { return finished.count() == 1; }, 5000));
    CHECK_FALSE(delivered);
}

TEST_CASE("An error reaches the owner in its own thread") {
    LatestJob<int> job(picturePool());
    Result<int> got = 0;
    bool here = false;
    job.start([](const Job&) -> Result<int> { return fail(ErrorKind::BadInput, "no"); },
              [&, owner = QThread::currentThread()](Result<int> r) {
                  got = std::move(r);
                  here = QThread::currentThread() == owner;
              });
    REQUIRE(QTest::qWaitFor([&] { return !job.running(); }, 5000));
    REQUIRE_FALSE(got);
    CHECK(got.error().message == "no");
    CHECK(here);
}

TEST_CASE("Destroying the owner stops and joins the work, and never waits for what has not begun") {
    QThreadPool pool;
    pool.setMaxThreadCount(1);
    std::atomic<bool> begun = false, ended = false, never = false, secondRan = false;
    auto first = std::make_unique<LatestJob<int>>(pool);
    first->start(
        [&](const Job& work) -> Result<int> {
            begun = true;
            waitFor(never, work);
            ended = true;
            return 1;
        },
        [](Result<int>) { FAIL("a result after the owner's end"); });
    while (!begun) std::this_thread::sleep_for(1ms);
    {
        LatestJob<int> second(pool);  // waits behind the first in the pool
        second.start(
            [&](const Job&) -> Result<int> {
                secondRan = true;
                return 2;
            },
            [](Result<int>) {});
    }  // returns at once
    CHECK_FALSE(ended);
    first.reset();
    CHECK(ended);
    pool.waitForDone();
    CHECK_FALSE(secondRan);
    QTest::qWait(5);
}

TEST_CASE("Progress is reported in the owner's thread, and not of an older job") {
    LatestJob<int> job(picturePool());
    QSignalSpy progress(&job, &LatestJobBase::progress);
    job.start(
        [](const Job& work) -> Result<int> {
            work.progress(0.25, "layer 1 of 4");
            return 1;
        },
        [](Result<int>) {});
    REQUIRE(QTest::qWaitFor([&] { return !job.running(); }, 5000));
    REQUIRE(progress.count() == 1);
    CHECK(progress[0][0].toDouble() == 0.25);
    CHECK(progress[0][1].toString() == "layer 1 of 4");
}

TEST_CASE("A job may start the next one when it is done") {
    LatestJob<int> job(picturePool());
    QSignalSpy finished(&job, &LatestJobBase::finished);
    int last = 0;
    job.start([](const Job&) -> Result<int> { return 1; },
              [&](Result<int>) { job.start([](const Job&) -> Result<int> { return 2; }, [&](Result<int> r) { last = *r; }); });
    REQUIRE(QTest::qWaitFor([&] { return finished.count() == 1; }, 5000));
    CHECK(last == 2);
}
