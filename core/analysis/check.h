// Checking a number along another path: again in double precision from its captured operands, or the whole run in double
// precision from the token ids by an independent implementation that shares no code with core/nn.
#pragma once

#include <string>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/models/model.h"
#include "core/trace/locus.h"
#include "core/trace/trace.h"

namespace lw {

enum class CheckPath { FromOperands, WholeRun };

struct CheckResult {
    CheckPath path;
    std::string how;   // "computed again from q and k in double precision"
    double shown = 0;  // the captured value
    double recomputed = 0;
    double difference = 0;  // |shown − recomputed|
    double relative = 0;    // difference / largest |value| of the row or tensor it stands in
};

Result<CheckResult> checkValue(const Trace& trace, const Model& model, const Locus& place, CheckPath path, const Job& job = {});

}  // namespace lw
