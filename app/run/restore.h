// From a session back to a live run: find its model, trace its text, run its tree and its pinned path again.
// Pure work for a background job; nothing on the screen changes until it has succeeded.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/run/branches.h"
#include "app/run/script_knowledge.h"
#include "app/session.h"
#include "core/base/job.h"

namespace lw {

struct RestoreRequest {
    Session session;
    std::shared_ptr<const LoadedModel> present;  // the open model; may be null
    bool usePresent = false;                     // with the open model, whatever the session asks for
    std::filesystem::path beside;                // folder of the session file: models are looked for there too
    std::vector<std::string> recent;             // paths of models that were open lately
    std::int64_t budget = 0;
};

struct Restored {
    std::shared_ptr<const LoadedModel> model;
    BranchesPtr branches;  // null if the session's text is empty
    RunNodePtr current;
    BranchesPtr pinBranches;  // null if nothing is pinned
    RunNodePtr pinNode;
    ScriptKnowledge script;
    double seconds = 0;
    std::vector<std::string> notes;  // sentences: what is not as it was
};

/// `where` of the error that says that the session's model is not here.
inline constexpr const char* sessionModelMissing = "session model";

/// Fails: the session's model is not here (its name and fingerprint are said; where = sessionModelMissing); as loadModel,
/// tracePrompt and replay.
Result<Restored> restore(const RestoreRequest& request, const Job& job = {});

}  // namespace lw
