#include "app/run/beam_branches.h"

#include <map>

namespace lw {

Result<BeamPaths> beamFrom(const Branches& branches, const RunNodePtr& from, const BeamRequest& request, const Job& job) {
    const LoadedModel& loaded = *branches.model();
    std::vector<TokenId> ids;
    for (const RunNodePtr& node : pathTo(from)) ids.insert(ids.end(), node->block()->ids.begin(), node->block()->ids.end());
    auto search = beamSearch(*loaded.model, ids, request, job);
    if (!search) return tl::unexpected(search.error());

    BeamPaths result{.search = std::move(*search), .nodes = {}, .paths = {}};
    std::map<std::pair<const RunNode*, TokenId>, RunNodePtr> made;
    for (const Beam& beam : result.search.beams) {
        RunNodePtr at = from;
        std::vector<RunNodePtr> path;
        for (const TokenId id : beam.ids) {
            RunNodePtr& child = made[{at.get(), id}];
            if (!child) {
                auto stepped = step(*loaded.model, at, branches.spec(),
                                    {.settings = {}, .forced = id, .beyondContext = branches.fit().beyond}, job);
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

std::vector<RunNodePtr> addPaths(Branches& branches, const BeamPaths& beams) {
    std::map<const RunNode*, RunNodePtr> kept;
    for (const RunNodePtr& node : beams.nodes) {
        const auto parent = kept.find(node->parent().get());
        kept[node.get()] = branches.add(parent == kept.end() ? node : rehung(node, parent->second));
    }
    std::vector<RunNodePtr> tips;
    for (const auto& path : beams.paths) {
        if (!path.empty()) tips.push_back(kept[path.back().get()]);
    }
    return tips;
}

}  // namespace lw
