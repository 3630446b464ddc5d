// Branches: one tree of generation as the window keeps it: every node that was made, which way was last walked, and what it
// began with. RunNodes know only their parents; this knows the children.
// Nodes are only ever appended, so a count of them names an earlier state of the tree: undo hides the later ones.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/run/prompt_fit.h"
#include "core/generate/run_tree.h"
#include "core/load.h"

namespace lw {

// How much of a run is kept.
enum class CaptureChoice { Everything, StreamAndAttention };

// What a tree was made from.
struct Origin {
    std::shared_ptr<const LoadedModel> model;
    std::string text;  // UTF-8; of a model without tokenizer: ids, "3, 17, 5"
    ContextChoice context = ContextChoice::CutEnd;
    CaptureChoice capture = CaptureChoice::Everything;
    std::uint64_t seed = 0;  // of the root's dice

    /// Would it give the same tree? (The seed may be another.)
    bool sameRun(const Origin& other) const {
        return model == other.model && text == other.text && context == other.context && capture == other.capture;
    }
};

class Branches {
public:
    Branches(Origin origin, PromptFit fit, CaptureSpec spec, RunNodePtr root);

    const Origin& origin() const { return m_origin; }
    const std::shared_ptr<const LoadedModel>& model() const { return m_origin.model; }
    const PromptFit& fit() const { return m_fit; }
    const CaptureSpec& spec() const { return m_spec; }
    const RunNodePtr& root() const { return m_nodes.front(); }
    /// Parents before children, the root first, otherwise as they were made.
    std::vector<RunNodePtr> nodes() const { return {m_nodes.begin(), m_nodes.begin() + m_count}; }
    int count() const { return m_count; }
    RunNodePtr node(int index) const { return m_nodes[static_cast<std::size_t>(index)]; }
    /// Shows only the first `count` nodes (undo), or again up to all of them (redo). The next add() forgets the hidden ones.
    void showFirst(int count);
    /// -1 if the node is not of this tree.
    int indexOf(const RunNode* node) const;

    /// The node's parent must be of this tree (asserted). Forcing a token that is a child already gives the child that is
    /// there; a roll is a new child even if it lands on the same token, because its draw is another.
    RunNodePtr add(RunNodePtr node);
    std::vector<RunNodePtr> children(const RunNodePtr& node) const;
    /// Tips of all branches, oldest first.
    std::vector<RunNodePtr> leaves() const;

    /// The path to `node` is the one that "forward" follows from now on.
    void walkTo(const RunNodePtr& node);
    /// The child that was last walked to, or null at a tip.
    RunNodePtr forward(const RunNodePtr& node) const;

    /// The dice for the next roll at `node`: as the last roll made there left them, so that rolling again rolls anew.
    Pcg32 diceAt(const RunNodePtr& node) const;
    /// New dice at `node` (the person chose another seed).
    void reseed(const RunNodePtr& node, std::uint64_t seed);

    /// What the person calls the path that ends in a node; empty: no name. The root's path is the prompt: it has none.
    void setName(const RunNode* node, const std::string& name);
    std::string nameOf(const RunNode* node) const;
    /// Of the nodes that are shown.
    std::map<const RunNode*, std::string> names() const;

    /// Memory kept: captures and states.
    std::int64_t bytes() const { return m_bytes; }

private:
    struct Reseeded {
        Pcg32 dice;
        int count;  // nodes when it was done
    };

    Origin m_origin;
    PromptFit m_fit;
    CaptureSpec m_spec;
    std::vector<RunNodePtr> m_nodes;
    int m_count = 1;  // shown ones
    std::map<const RunNode*, int> m_index;
    std::map<const RunNode*, RunNodePtr> m_forward;
    std::map<const RunNode*, Reseeded> m_reseeded;
    std::map<const RunNode*, std::string> m_names;
    std::int64_t m_bytes = 0;
};
using BranchesPtr = std::shared_ptr<Branches>;

/// `child` with `parent` in place of the node it was stepped from (which differs from it only in the dice).
RunNodePtr rehung(const RunNodePtr& child, const RunNodePtr& parent);
/// `node` with other dice, to step from.
RunNodePtr withDice(const RunNodePtr& node, Pcg32 dice);

}  // namespace lw
