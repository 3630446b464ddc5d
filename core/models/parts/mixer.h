// A block's first part: attention, or what stands in its place. It reads the normed stream and its own memory of the tokens
// before, and gives what is added to the stream. Written once for prompts, steps, captures and gradients.
#pragma once

#include <cstdint>
#include <memory>

#include "core/base/index.h"
#include "core/tensor/tensor.h"
#include "core/trace/model_info.h"
#include "core/trace/tap.h"

namespace lw {

// What one part carries from one chunk to the next.
class PartState {
public:
    virtual ~PartState() = default;
    virtual std::unique_ptr<PartState> clone() const = 0;
    virtual std::int64_t bytes() const = 0;
};

// Where a part stands in this pass.
struct PartPlace {
    Tap tap;
    Layer layer;
    int first = 0;  // position of the chunk's first token
};

class Mixer {
public:
    virtual ~Mixer() = default;
    /// Writes its sizes into the block's description.
    virtual void describe(BlockInfo& block) const = 0;
    virtual std::unique_ptr<PartState> start() const = 0;
    /// x [T, D] → what is added to the stream [T, D]; the state goes on by T tokens.
    virtual Tensor forward(const Tensor& x, PartState& state, const PartPlace& at) const = 0;
};

// A state made of matrices: copied whole, since it does not grow with the text.
struct MatrixPartState : PartState {
    explicit MatrixPartState(std::vector<Matrix> m) : matrices(std::move(m)) {}
    std::vector<Matrix> matrices;
    std::unique_ptr<PartState> clone() const override { return std::make_unique<MatrixPartState>(matrices); }
    std::int64_t bytes() const override {
        std::int64_t floats = 0;
        for (const Matrix& m : matrices) floats += m.size();
        return floats * 4;
    }
};

}  // namespace lw
