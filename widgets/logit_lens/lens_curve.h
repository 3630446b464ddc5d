// A token's way through the layers as chart data: its probability or rank, or how sure the states are.
#pragma once

#include <span>
#include <string>

#include "widgets/logit_lens/lens_facts.h"
#include "widgets/shared/chart.h"
#include "widgets/shared/format.h"
#include "widgets/shared/say.h"

namespace lw {

// What the chart draws against the layers.
enum class LensCurve { Probability, Rank, Entropy };

struct LensCurveInput {
    LensCurve curve = LensCurve::Probability;
    std::span<const LensRow> rows;
    const LensColumn* column = nullptr;    // null: not read out yet
    const FollowedColumn* path = nullptr;  // of the token; null: not read out yet
    std::string word;                      // the token
    int selectedRow = 0;
    InformationUnit unit = InformationUnit::Nats;
    Say say = sayEnglish;
};
/// Point i of a series is row i. x: the layers that have worked on the state, a mid row half-way.
ChartData lensCurve(const LensCurveInput& input);

}  // namespace lw
