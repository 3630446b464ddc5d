#include "app/run/tree_record.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lw {

namespace {

constexpr float sameLogit = 1e-3f;  // relative to max(1, |logit|): float32 sums in another order stay far below

NodeRecord recordOfNode(const Branches& branches, const RunNode& node, int parent) {
    const Choice& choice = node.choice();
    return {.parent = parent,
            .id = choice.id,
            .logit = choice.logit,
            .probability = choice.probability,
            .draw = choice.draw,
            .dice = node.random().state,
            .forced = choice.forced,
            .kept = choice.kept,
            .name = branches.nameOf(&node)};
}

}  // namespace

TreeRecord recordOf(const Branches& branches, const RunNodePtr& current, bool onlyPath) {
    TreeRecord record{.promptTokens = branches.root()->block()->rows(), .seed = branches.origin().seed, .nodes = {}};
    if (onlyPath) {
        const std::vector<RunNodePtr> path = pathTo(current);
        for (std::size_t i = 1; i < path.size(); ++i)
            record.nodes.push_back(recordOfNode(branches, *path[i], static_cast<int>(i) - 1));
        record.current = static_cast<int>(record.nodes.size());
        return record;
    }
    for (const RunNodePtr& node : branches.nodes()) {
        if (node->parent()) record.nodes.push_back(recordOfNode(branches, *node, branches.indexOf(node->parent().get())));
    }
    record.current = std::max(0, branches.indexOf(current.get()));
    return record;
}

Result<Replayed> replay(const BranchesPtr& fresh, const TreeRecord& record, const Job& job) {
    const Model& model = *fresh->model()->model;
    std::vector<RunNodePtr> made{fresh->root()};
    Replayed result{.branches = fresh, .current = fresh->root()};
    for (std::size_t i = 0; i < record.nodes.size(); ++i) {
        const NodeRecord& node = record.nodes[i];
        if (node.parent < 0 || node.parent >= static_cast<int>(made.size())) {
            return fail(ErrorKind::BadFormat,
                        fmt::format("Step {} of the tree names parent {}, which does not come before it.", i + 1, node.parent));
        }
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(i) / static_cast<double>(record.nodes.size()), "running the tree again");
        const RunNodePtr parent = made[static_cast<std::size_t>(node.parent)];
        auto child =
            step(model, parent, fresh->spec(), {.settings = {}, .forced = node.id, .beyondContext = fresh->fit().beyond}, job);
        if (!child) return tl::unexpected(child.error());

        Choice choice = (*child)->choice();
        if (!(std::abs(choice.logit - node.logit) <= sameLogit * std::max(1.0f, std::abs(node.logit)))) ++result.different;
        choice.forced = node.forced;
        choice.kept = node.kept;
        choice.draw = node.draw;
        choice.probability = node.probability;
        Pcg32 dice;
        dice.state = node.dice;
        const auto kept = fresh->add(std::make_shared<RunNode>(parent, (*child)->block(), (*child)->state(), choice, dice));
        fresh->setName(kept.get(), node.name);
        made.push_back(kept);
    }
    if (record.current < 0 || record.current >= static_cast<int>(made.size())) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("The tree has {} nodes, but node {} is to be shown.", made.size(), record.current));
    }
    result.current = made[static_cast<std::size_t>(record.current)];
    fresh->walkTo(result.current);
    return result;
}

}  // namespace lw
