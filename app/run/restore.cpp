#include "app/run/restore.h"

#include <fmt/format.h>

#include "core/bundled.h"

namespace lw {

namespace {

namespace fs = std::filesystem;

bool same(const LoadedModel& model, const ModelRef& wanted) {
    if (!wanted.fingerprint.empty()) return model.fingerprint() == wanted.fingerprint;
    return model.path == fs::path(wanted.path) || (wanted.path.empty() && model.name == wanted.name);
}

// Where a model of the session may be, the likeliest first.
std::vector<std::string> candidates(const RestoreRequest& request, const ModelRef& wanted) {
    std::vector<std::string> paths;
    std::error_code ignored;
    const auto offer = [&](const fs::path& path) {
        if (!path.empty() && fs::exists(path, ignored)) paths.push_back(path.string());
    };
    if (bundledModel(wanted.name)) paths.push_back(wanted.name);
    offer(wanted.path);
    const fs::path file = fs::path(wanted.path).filename();
    if (!file.empty() && !request.beside.empty()) offer(request.beside / file);
    for (const fs::path& found : foundModels()) {
        if (found.filename() == file) offer(found);
    }
    for (const std::string& recent : request.recent) {
        if (fs::path(recent).filename() == file) offer(recent);
    }
    return paths;
}

Result<std::shared_ptr<const LoadedModel>> findModel(const RestoreRequest& request, const ModelRef& wanted,
                                                     std::vector<std::string>& notes, const Job& job) {
    if (request.present && same(*request.present, wanted)) return request.present;

    std::shared_ptr<const LoadedModel> likely;  // the name fits, the fingerprint does not
    std::optional<Error> problem;
    for (const std::string& path : candidates(request, wanted)) {
        auto loaded = loadModel(path, {}, job);
        if (!loaded) {
            if (loaded.error().kind == ErrorKind::Cancelled) return loaded;
            if (!problem) problem = loaded.error();
            continue;
        }
        if (same(**loaded, wanted)) return loaded;
        if (!likely) likely = *loaded;
    }
    if (likely) {
        notes.push_back(
            fmt::format("“{}” is not the file this session was made with (fingerprint {}, expected {}): numbers may differ.",
                        likely->name, likely->fingerprint(), wanted.fingerprint));
        return likely;
    }
    const std::string why = problem ? " " + problem->message : std::string();
    return fail(ErrorKind::NotFound,
                fmt::format("This session needs the model “{}” (fingerprint {}), which is not at {} nor in the models folder.{}",
                            wanted.name, wanted.fingerprint.empty() ? "unknown" : wanted.fingerprint,
                            wanted.path.empty() ? "any known place" : wanted.path, why),
                sessionModelMissing);
}

}  // namespace

Result<Restored> restore(const RestoreRequest& request, const Job& job) {
    Restored result;
    const Session& session = request.session;
    auto model = request.usePresent && request.present ? Result<std::shared_ptr<const LoadedModel>>(request.present)
                                                       : findModel(request, session.model, result.notes, job);
    if (!model) return tl::unexpected(model.error());
    result.model = *model;

    const auto again = [&](const std::shared_ptr<const LoadedModel>& with, bool replaced, const std::string& text,
                           ContextChoice context, CaptureChoice capture, const TreeRecord& tree, BranchesPtr& branches,
                           RunNodePtr& current) -> Result<void> {
        auto traced = tracePrompt({.model = with, .text = text, .context = context, .capture = capture, .seed = tree.seed},
                                  request.budget, job);
        if (!traced) return tl::unexpected(traced.error());
        result.script = traced->script;
        result.seconds = traced->seconds;
        const bool otherPrompt = tree.promptTokens > 0 && tree.promptTokens != traced->branches->root()->block()->rows();
        if (replaced || otherPrompt) {
            // The recorded choices are another tokenizer's: only the text is taken over.
            if (!tree.nodes.empty()) result.notes.push_back("The generated steps belong to another model and were left out.");
            branches = traced->branches;
            current = branches->root();
            return {};
        }
        auto replayed = replay(traced->branches, tree, job);
        if (!replayed) return tl::unexpected(replayed.error());
        if (replayed->different > 0) {
            result.notes.push_back(fmt::format("{} of {} generated steps have another logit than when the session was saved.",
                                               replayed->different, tree.nodes.size()));
        }
        branches = replayed->branches;
        current = replayed->current;
        return {};
    };
    if (session.pin) {
        // A may be another model's run: a Transformer's beside a recurrent model's.
        const ModelRef& ofPin = session.pin->model;
        std::shared_ptr<const LoadedModel> with = result.model;
        bool replaced = request.usePresent;
        const bool sessions = ofPin.name.empty() || (ofPin.name == session.model.name && ofPin.path == session.model.path);
        if (!sessions && !same(*result.model, ofPin)) {
            auto other = findModel(request, ofPin, result.notes, job);
            if (!other && other.error().kind == ErrorKind::Cancelled) return tl::unexpected(other.error());
            if (!other) result.notes.push_back("A was left out. " + other.error().message);
            with = other ? *other : nullptr;
            replaced = false;
        }
        if (with) {
            auto done = again(with, replaced, session.pin->text, session.pin->context, session.pin->capture, session.pin->path,
                              result.pinBranches, result.pinNode);
            if (!done) return tl::unexpected(done.error());
        }
    }
    if (!session.text.empty()) {
        if (auto done = again(result.model, request.usePresent, session.text, session.context, session.capture, session.tree,
                              result.branches, result.current);
            !done) {
            return tl::unexpected(done.error());
        }
    }
    return result;
}

}  // namespace lw
