// Session: what is on the screen as a plain value, and its file (.walk: one JSON document). Open, undo and redo all go
// through Workspace::apply(Session). Nothing is run and nothing is shown here.
#pragma once

#include <QJsonObject>
#include <QString>

#include <optional>
#include <string>
#include <vector>

#include "app/run/trace_prompt.h"
#include "app/run/tree_record.h"
#include "core/base/result.h"
#include "core/generate/sampler.h"
#include "core/trace/locus.h"

namespace lw {

// Which model: enough to find it again, and to notice that it is another one.
struct ModelRef {
    std::string name;
    std::string path;
    std::string fingerprint;  // may be empty where it was not known yet
    std::string architecture;
};

// The stage: one, two or four views.
struct ViewsRecord {
    int panes = 1;
    int active = 0;
    std::vector<QString> views;  // ids, one a pane
    QJsonObject states;          // view id → View::saveState()
    friend bool operator==(const ViewsRecord&, const ViewsRecord&) = default;
};

enum class CompareChoice { Off, Beside, Difference };

struct PinRecord {
    std::string text;
    ContextChoice context = ContextChoice::CutEnd;
    CaptureChoice capture = CaptureChoice::Everything;
    TreeRecord path;  // root → the pinned node
    Locus place;
    std::string name;
    ModelRef model = {};  // which ran it; without a name the session's
};

struct Session {
    ModelRef model;
    std::string text;
    ContextChoice context = ContextChoice::CutEnd;
    CaptureChoice capture = CaptureChoice::Everything;
    TreeRecord tree;
    SamplingSettings sampling;
    Locus place;
    ViewsRecord views;
    std::optional<PinRecord> pin;
    CompareChoice compare = CompareChoice::Off;
    std::string notes;
};

QJsonObject toJson(const Session& session);
/// Fails: BadFormat, with the field, what was expected and what was found; every number is checked.
Result<Session> sessionFromJson(const QJsonObject& json);

/// `file` is named in errors. Fails: also for text that is no JSON, or JSON that is no session.
Result<Session> readSession(const QString& file);
/// Whole or not at all.
Result<void> writeSession(const QString& file, const Session& session);

}  // namespace lw
