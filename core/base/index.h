// Strong indices: a layer cannot be passed where a head is meant. All count from 0.
#pragma once

#include <compare>
#include <cstdint>

namespace lw {

template <class Tag>
struct Index {
    int value = 0;
    constexpr Index() = default;
    constexpr explicit Index(int v) : value(v) {}
    friend constexpr auto operator<=>(Index, Index) = default;
};

using Layer = Index<struct LayerTag>;
using Head = Index<struct HeadTag>;
using Position = Index<struct PositionTag>;  // of a token in the text, BOS included
using Unit = Index<struct UnitTag>;          // a channel, a neuron, a dimension of a head
using Step = Index<struct StepTag>;          // a generation step: 0 = the prompt

using TokenId = std::int32_t;  // -1 means none

}  // namespace lw
