// The part of Workspace that turns its state into a Session and back.
#include <QFileInfo>

#include <utility>

#include "app/run/shown_from.h"
#include "app/workspace.h"

namespace lw {

ModelRef Workspace::modelRef() const {
    if (!m_model) return {};
    return {.name = m_model->name,
            .path = m_model->path.string(),
            .fingerprint = m_fingerprint,
            .architecture = m_model->model->info().architecture};
}

Snapshot Workspace::snapshot() const {
    Session s;
    s.model = modelRef();
    s.text = m_text;
    s.context = m_context;
    s.capture = m_capture;
    s.sampling = m_sampling;
    s.place = m_selection.current();
    s.views = m_views;
    s.pin = m_pinRecord;
    s.compare = m_compare;
    s.notes = m_notes;
    Snapshot snapshot{.session = std::move(s), .model = m_model, .branches = {}, .pin = m_pin};
    if (m_branches && m_branches->origin().sameRun(origin())) {
        snapshot.session.tree = recordOf(*m_branches, m_node);
        snapshot.branches = m_branches;
    } else {
        snapshot.session.tree.seed = m_sampling.seed;
    }
    return snapshot;
}

void Workspace::apply(const Snapshot& snapshot) {
    const auto model = snapshot.model.lock();
    const auto branches = snapshot.branches.lock();
    const auto pin = snapshot.pin.lock();
    const Session& session = snapshot.session;
    if (!model || !branches || bool(pin) != session.pin.has_value()) {
        runAgain(session, {}, false, false);
        return;
    }
    branches->showFirst(static_cast<int>(session.tree.nodes.size()) + 1);
    for (int i = 1; i < branches->count(); ++i) {
        const std::string& name = session.tree.nodes[static_cast<std::size_t>(i) - 1].name;
        if (branches->nameOf(branches->node(i).get()) == name) continue;
        branches->setName(branches->node(i).get(), name);
        m_shownCount = 0;  // the facts hold it: show anew
    }
    Restored result;
    result.model = model;
    result.branches = branches;
    result.current = branches->node(session.tree.current);
    result.seconds = m_lastSeconds;
    cancel();
    restored(session, std::move(result), pin);
}

void Workspace::apply(const Session& session, const QString& file, bool usePresent) { runAgain(session, file, usePresent, true); }

// remember: the step there can be undone (it is not itself an undo).
void Workspace::runAgain(const Session& session, const QString& file, bool usePresent, bool remember) {
    cancel();
    RestoreRequest request{.session = session,
                           .present = m_model,
                           .usePresent = usePresent,
                           .beside = file.isEmpty() ? std::string() : QFileInfo(file).absolutePath().toStdString(),
                           .recent = m_recent,
                           .budget = m_budget};
    m_restoring.start([request](const Job& job) { return restore(request, job); },
                      [this, session, remember](Result<Restored> result) {
                          if (!result) {
                              Q_EMIT failed(result.error());
                              Q_EMIT notRestored(session, result.error().where == sessionModelMissing);
                              return;
                          }
                          std::shared_ptr<const Pinned> pin;
                          if (result->pinNode) {
                              const ShownPtr shown =
                                  shownFrom(*result->pinBranches, result->pinNode,
                                            result->pinBranches->origin().model->fingerprint(), session.sampling, m_unit);
                              pin = std::make_shared<Pinned>(Pinned{
                                  .shown = shown, .place = placeWithin(session.pin->place, *shown), .name = session.pin->name});
                          }
                          const ScriptKnowledge script = result->script;
                          const std::vector<std::string> notes = result->notes;
                          restored(session, std::move(*result), pin);
                          for (const std::string& note : notes) Q_EMIT said(QString::fromStdString(note));
                          Q_EMIT scriptKnown(script);
                          if (remember) Q_EMIT changed(ChangeKind::Model);
                      });
}

void Workspace::restored(const Session& session, Restored result, const std::shared_ptr<const Pinned>& pin) {
    const bool wasApplying = std::exchange(m_applying, true);
    adoptModel(result.model);
    m_text = session.text;
    m_context = session.context;
    m_capture = session.capture;
    if (std::exchange(m_sampling, session.sampling) != session.sampling) m_shownCount = 0;  // the facts hold it: show anew
    m_notes = session.notes;
    m_lastSeconds = result.seconds;
    setPin(pin, pin ? session.pin : std::nullopt);
    m_compare = pin ? session.compare : CompareChoice::Off;
    m_views = session.views;
    Q_EMIT textReplaced(text());
    if (result.branches && result.branches == m_branches && result.current == m_node &&
        result.branches->count() == m_shownCount) {
        m_selection.replace(placeWithin(session.place, *m_shown));
        setStale(false);
    } else if (result.branches) {
        show(result.branches, result.current, ChangeKind::Tree, session.place);
    } else {
        m_asked.clear();
        if (m_shown) setStale(true);
        Q_EMIT emptied();
    }
    Q_EMIT samplingChanged();
    Q_EMIT pinChanged();
    Q_EMIT viewsReplaced();
    m_applying = wasApplying;
}

}  // namespace lw
