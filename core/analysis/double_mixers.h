// What stands in attention's place, in double precision: the mixers' part of the whole run (double_run.h). Every kind is stepped
// token by token, whatever form the model itself uses; shares no code with core/nn or core/models.
#pragma once

#include <functional>
#include <optional>

#include "core/models/model.h"

namespace lw {

class DoubleMixers {
public:
    /// Shown are whole sites [T, width] (head −1); of the position `stateOf` also the state and the terms of its step, head by
    /// head [K, V], of a scan [E, N].
    using Show = std::function<void(SiteId site, const MatrixD& value, int head)>;

    DoubleMixers(const Model& model, std::optional<Position> stateOf) : m_model(model), m_stateOf(stateOf) {}

    /// x [T, D], what the mixer reads → what it adds [T, D]. Layers in order: RWKV-7 mixes values with those of the first.
    MatrixD mix(const MatrixD& x, Layer layer, const Show& show);

private:
    const Model& m_model;
    std::optional<Position> m_stateOf;
    MatrixD m_firstValue;
};

}  // namespace lw
