// What long work in the core sees of the outside: whether to stop, and where to report progress.
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "core/base/result.h"

namespace lw {

struct Job {
    std::stop_token stop = {};                                             // polled once per layer or so
    std::function<void(double fraction, std::string_view what)> report = {};  // fraction in [0, 1]; called from the worker

    bool cancelled() const { return stop.stop_requested(); }
    void progress(double fraction, std::string_view what) const {
        if (report) report(fraction, what);
    }
};

inline Unexpected cancelledError() { return fail(ErrorKind::Cancelled, "The work was cancelled."); }

}  // namespace lw
