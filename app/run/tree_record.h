// A tree of generation as a plain value: the choices that made it, from which it can be made again exactly.
// For sessions and for undo; the run itself is not in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/run/branches.h"
#include "core/base/job.h"

namespace lw {

struct NodeRecord {
    int parent = 0;  // index of the parent; 0 = the root
    TokenId id = -1;
    float logit = 0;  // raw, to compare after running again
    double probability = 0;
    std::optional<double> draw;  // the number drawn, if the dice decided
    std::uint64_t dice = 0;      // state of the dice after this node
    bool forced = false;
    bool kept = false;
    std::string name = {};  // what the person calls the path that ends here
};

struct TreeRecord {
    int promptTokens = 0;           // kept tokens of the prompt, to notice another tokenizer
    std::uint64_t seed = 0;         // of the root's dice
    std::vector<NodeRecord> nodes;  // [i] is node i + 1; node 0 is the root
    int current = 0;                // the node that is shown
};

/// `only`: keep just the path from the root to `current`.
TreeRecord recordOf(const Branches& branches, const RunNodePtr& current, bool onlyPath = false);

struct Replayed {
    BranchesPtr branches;
    RunNodePtr current;
    int different = 0;  // nodes whose logit is not the recorded one (another model, or another build's arithmetic)
};

/// Runs the recorded choices again below the root of `fresh` (a tree without children).
/// Fails: Cancelled; a record that is no tree; an id outside the vocabulary; past the context.
Result<Replayed> replay(const BranchesPtr& fresh, const TreeRecord& record, const Job& job = {});

}  // namespace lw
