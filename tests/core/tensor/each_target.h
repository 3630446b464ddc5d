// Runs a check once for every instruction set of ours that this machine has. Include it before any Highway header.
#pragma once

#include <cstdint>
#include <vector>

#include "core/tensor/kernels/targets.h"
// after our choice of targets
#include "hwy/targets.h"
#include "tests/catch.h"

template <class Action>
void forEachTarget(Action action) {
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        hwy::SetSupportedTargetsForTest(target);
        INFO("instruction set " << hwy::TargetName(target));
        action();
    }
    hwy::SetSupportedTargetsForTest(0);
}
