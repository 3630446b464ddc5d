#include "app/run/kept_paths.h"

#include <map>

namespace lw {

Result<KeptPaths> runPaths(const Branches& branches, const RunNodePtr& from, const std::vector<PathWish>& wishes,
                           const Job& job) {
    const LoadedModel& loaded = *branches.model();
    KeptPaths result;
    std::map<std::pair<const RunNode*, TokenId>, RunNodePtr> made;
    for (const PathWish& wish : wishes) {
        RunNodePtr at = from;
        std::vector<RunNodePtr> path;
        for (const TokenId id : wish.ids) {
            RunNodePtr& child = made[{at.get(), id}];
            if (!child) {
                auto stepped = step(*loaded.model, at, branches.spec(),
                                    {.settings = {}, .forced = id, .kept = true, .beyondContext = branches.fit().beyond}, job);
                if (!stepped) return tl::unexpected(stepped.error());
                child = *stepped;
                result.nodes.push_back(child);
            }
            at = child;
            path.push_back(at);
        }
        result.paths.push_back(std::move(path));
    }
    return result;
}

std::vector<RunNodePtr> addPaths(Branches& branches, const KeptPaths& made, const std::vector<PathWish>& wishes) {
    std::map<const RunNode*, RunNodePtr> kept;
    for (const RunNodePtr& node : made.nodes) {
        const auto parent = kept.find(node->parent().get());
        kept[node.get()] = branches.add(parent == kept.end() ? node : rehung(node, parent->second));
    }
    std::vector<RunNodePtr> tips;
    for (std::size_t i = 0; i < made.paths.size(); ++i) {
        if (made.paths[i].empty()) continue;
        tips.push_back(kept[made.paths[i].back().get()]);
        if (branches.nameOf(tips.back().get()).empty()) branches.setName(tips.back().get(), wishes[i].name);
    }
    return tips;
}

}  // namespace lw
