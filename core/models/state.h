// State: what a model carries from one chunk to the next. For attention it is the key/value cache, in pages of rows that a
// copy shares with its original: rewinding or branching copies at most one page a layer.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/base/index.h"
#include "core/nn/dropout.h"
#include "core/tensor/matrix.h"

namespace lw {

class State {
public:
    virtual ~State() = default;

    /// Only in training: an architecture passes through drop() its embedding and what each block adds to the stream.
    std::optional<nn::Dropout> dropout = {};
    Tensor drop(const Tensor& x) { return dropout ? (*dropout)(x) : x; }

    /// A state that continues from here without touching this one.
    virtual std::unique_ptr<State> clone() const = 0;
    virtual int length() const = 0;          // tokens taken in so far
    virtual std::int64_t bytes() const = 0;  // memory it stands for (shared pages counted whole)
};

}  // namespace lw
