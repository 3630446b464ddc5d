// Trees of generation made by hand: nodes without a model behind them.
#pragma once

#include <memory>
#include <vector>

#include "core/generate/run_tree.h"

namespace lw::test {

inline RunNodePtr hang(const RunNodePtr& parent, TokenId id, std::optional<double> draw = 0.5, bool forced = false) {
    Choice choice;
    choice.id = parent ? id : -1;
    choice.probability = forced ? 0.0 : 0.25;
    choice.rawProbability = 0.125;
    choice.draw = draw;
    choice.forced = forced;
    return std::make_shared<RunNode>(parent, nullptr, nullptr, choice, Pcg32(1));
}

/// The tips of all of `nodes`.
inline std::vector<RunNodePtr> tipsOf(const std::vector<RunNodePtr>& nodes) {
    std::vector<RunNodePtr> tips;
    for (const RunNodePtr& node : nodes) {
        bool parent = false;
        for (const RunNodePtr& other : nodes) parent = parent || other->parent() == node;
        if (!parent) tips.push_back(node);
    }
    return tips;
}

}  // namespace lw::test
