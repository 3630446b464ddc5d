// The tree of generation: a run is a path from a root (a prompt) to a node. A node holds its token, the rows its step added,
// and the state after it; KV pages are shared with the parent. Rewind = the parent; another token = a new child.
// Nodes are immutable and shared, so keeping an old tree for undo costs only what is not shared.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/generate/generate.h"
#include "core/generate/sampler.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

class RunNode;
using RunNodePtr = std::shared_ptr<const RunNode>;

class RunNode {
public:
    RunNode(RunNodePtr parent, std::shared_ptr<const TraceBlock> block, std::shared_ptr<const State> state, Choice choice,
            Pcg32 random)
        : m_parent(std::move(parent)), m_block(std::move(block)), m_state(std::move(state)), m_choice(choice), m_random(random) {}

    const RunNodePtr& parent() const { return m_parent; }
    const std::shared_ptr<const TraceBlock>& block() const { return m_block; }
    const std::shared_ptr<const State>& state() const { return m_state; }
    const Choice& choice() const { return m_choice; }                   // how its token was chosen; the root's is empty (id -1)
    const Pcg32& random() const { return m_random; }                    // the dice after this node
    int depth() const { return m_parent ? m_parent->depth() + 1 : 0; }  // 0 = root

private:
    RunNodePtr m_parent;
    std::shared_ptr<const TraceBlock> m_block;
    std::shared_ptr<const State> m_state;
    Choice m_choice;
    Pcg32 m_random;
};

/// The trace of the path root → node.
std::shared_ptr<const Trace> traceTo(const RunNodePtr& node, std::shared_ptr<const ModelInfo> model, const CaptureSpec& spec);
/// root … node.
std::vector<RunNodePtr> pathTo(const RunNodePtr& node);

struct StepRequest {
    SamplingSettings settings = {};
    std::optional<TokenId> forced = {};  // instead of rolling
    bool kept = false;                   // the forced token is one of a path that is kept whole
    bool beyondContext = false;
};

/// Chooses the next token from the node's last logits and runs it through the model: a new child of `node`. The node's dice go
/// on in the child, so the same node and settings give the same child; to roll again, start from a node with other dice.
/// Fails: Cancelled; OverContext (both numbers); a forced id outside the vocabulary; settings out of range; logits that are no
/// distribution.
Result<RunNodePtr> step(const Model& model, const RunNodePtr& node, const CaptureSpec& spec, const StepRequest& request,
                        const Job& job = {});

/// The same node with other dice (rolling again).
RunNodePtr withRandom(const RunNodePtr& node, const Pcg32& random);

/// Runs a prompt as a new root, its dice seeded. Fails: as run().
Result<RunNodePtr> root(const Model& model, std::vector<TokenId> ids, const CaptureSpec& spec, std::uint64_t seed,
                        std::int64_t budget, bool beyondContext, const Job& job = {});

}  // namespace lw
