// State: what a model carries from one chunk to the next. For attention it is the key/value cache, in pages of rows that a
// copy shares with its original: rewinding or branching copies at most one page a layer.
#pragma once

#include <memory>
#include <vector>

#include "core/base/index.h"
#include "core/tensor/matrix.h"

namespace lw {

class State {
public:
    virtual ~State() = default;
    /// A state that continues from here without touching this one.
    virtual std::unique_ptr<State> clone() const = 0;
    virtual int length() const = 0;          // tokens taken in so far
    virtual std::int64_t bytes() const = 0;  // memory it stands for (shared pages counted whole)
};

}  // namespace lw
