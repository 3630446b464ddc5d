// Workspace: what is open: the model, the text, the run tree and the place in it, what is pinned, how it is sampled.
// It answers the intents of the views by background jobs and hands the new facts out. It draws nothing and owns no widget.
#pragma once

#include <QObject>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "app/companions.h"
#include "app/run/kept_paths.h"
#include "app/run/long_run.h"
#include "app/run/restore.h"
#include "app/run/trace_prompt.h"
#include "app/run/tree_shelf.h"
#include "app/second_reader.h"
#include "app/session.h"
#include "app/tokenizers.h"
#include "app/vector_files.h"
#include "app/workshop.h"
#include "core/analysis/check.h"
#include "core/analysis/logit_lens.h"
#include "widgets/shared/intents.h"
#include "widgets/shared/latest_job.h"
#include "widgets/shared/selection.h"
#include "widgets/view.h"

namespace lw {

// What a change was about: undo merges changes of one kind, autosave only wants to know that there was one.
enum class ChangeKind { Place, Text, Tree, Views, Sampling, Pin, Model, Name };

// A session with handles of what is still alive, so that undo need not run it again.
struct Snapshot {
    Session session;
    std::weak_ptr<const LoadedModel> model;
    std::weak_ptr<Branches> branches;
    std::weak_ptr<const Pinned> pin;
};

// The answer to a check (a Result has no place in a signal).
struct CheckAnswer {
    Result<CheckResult> result;
};

// How a step chooses its token.
enum class StepKind { BySettings, Roll, Greedy, Force };

class Workspace : public QObject {
    Q_OBJECT
public:
    explicit Workspace(QObject* parent = nullptr);
    ~Workspace() override;

    Selection* selection() { return &m_selection; }
    Intents* intents() { return &m_intents; }

    const std::shared_ptr<const LoadedModel>& model() const { return m_model; }
    const ShownPtr& shown() const { return m_shown; }
    const BranchesPtr& branches() const { return m_branches; }
    QString text() const { return QString::fromStdString(m_text); }
    bool stale() const { return m_stale; }
    const SamplingSettings& sampling() const { return m_sampling; }
    ContextChoice contextChoice() const { return m_context; }
    const std::shared_ptr<const Pinned>& pinned() const { return m_pin; }
    CompareChoice compare() const { return m_compare; }
    const ViewsRecord& views() const { return m_views; }
    double lastSeconds() const { return m_lastSeconds; }
    InformationUnit unit() const { return m_unit; }
    bool busy() const;
    bool generating() const { return m_generating.running(); }
    bool waiting() const { return m_debounce.isActive(); }  // a text was typed and will be traced in a moment
    int debounce() const { return m_debounce.interval(); }  // ms from the last key to the trace
    Tokenizers* tokenizers() { return &m_tokenizers; }
    VectorFiles* vectors() { return &m_vectors; }
    const SecondReader* second() const { return &m_second; }
    TokenizerWorkshop* workshop() { return &m_workshop; }
    const Readings* readings() const { return m_companions.readings(); }  // of the models that read along
    bool readingLens() const { return m_lens.running() || m_lensDelay.isActive(); }

    void setBudget(std::int64_t bytes) { m_budget = bytes; }
    void setUnit(InformationUnit unit);
    void setRecentModels(std::vector<std::string> paths) { m_recent = std::move(paths); }

    Snapshot snapshot() const;
    Session session() const { return snapshot().session; }
    /// Open, undo and redo. What is still alive is shown at once; the rest is run again in the background, and until that has
    /// succeeded nothing changes.
    void apply(const Snapshot& snapshot);
    void apply(const Session& session, const QString& file = {}, bool usePresent = false);

    /// Other work that belongs to what is open (writing a trace): shown and cancelled like a run; its failure is failed().
    void background(const QString& what, std::function<Result<void>(const Job&)> work, std::function<void()> done);

public Q_SLOTS:
    /// A bundled model's name, a file or a folder. The text stays, unless it is a bundled model's sample: then the new one's is
    /// taken.
    void openModel(const QString& nameOrPath);
    void setText(const QString& text);  // debounced
    void setComposing(bool composing);  // an input method is at work: nothing is traced in the middle of it
    void traceNow();
    void setContextChoice(lw::ContextChoice choice);
    void setCaptureChoice(lw::CaptureChoice choice);
    void stepForward();  // along the path that was walked before, else a step by the settings
    void stepBack();
    void steps(lw::StepKind kind, int count, int id = -1);
    void goTo(lw::RunNodePtr node);
    void nameBranch(lw::RunNodePtr node, const QString& name);
    /// Up to `count` tokens by the settings, in the background; they join the tree together, when it has ended or is stopped.
    void generate(int count);
    void stopGenerating();  // what was made stays
    void stopWork();        // what the person's Cancel does: stopGenerating(), else cancel()
    void setSampling(lw::SamplingSettings settings);
    /// Hangs them into the tree behind `from` as one step, and shows the end of the first.
    void keepPaths(lw::RunNodePtr from, const std::vector<lw::PathWish>& paths);
    void check(const lw::Locus& place, bool wholeRun);
    void togglePin();
    void setCompare(lw::CompareChoice choice);
    void goToPinned();
    void setViews(const lw::ViewsRecord& views);
    void cancel();

Q_SIGNALS:
    void modelChanged();
    void textReplaced(const QString& text);  // not by typing: the editor must show it
    void shownChanged();
    void staleChanged(bool stale);
    void emptied();  // there is nothing to run
    void scriptKnown(const lw::ScriptKnowledge& known);
    void samplingChanged();
    void pinChanged();     // pinned() or compare()
    void viewsReplaced();  // not by the stage: it must show them
    void lensReady(std::shared_ptr<const lw::LensTable> table, int position);
    void checked(std::shared_ptr<const lw::CheckAnswer> answer);
    void generatingChanged(bool generating);
    void failed(const lw::Error& error);
    void notRestored(const lw::Session& session, bool modelMissing);  // after failed(); nothing has changed
    void said(const QString& sentence);                               // worth knowing, nothing went wrong
    void working(const QString& what, double fraction);               // fraction < 0: not known
    void rested();
    void changed(lw::ChangeKind kind);

private:
    struct StepAsk {
        StepKind kind = StepKind::BySettings;
        TokenId id = -1;
    };
    struct Stepped {
        RunNodePtr node;
        double seconds = 0;
    };

    void trace();
    void nextStep();
    void show(const BranchesPtr& branches, const RunNodePtr& node, ChangeKind kind, std::optional<Locus> place = {});
    void reshow();
    void setStale(bool stale);
    void shelve(const BranchesPtr& branches);
    void adoptModel(const std::shared_ptr<const LoadedModel>& model);
    void readLens();
    Origin origin() const { return {m_model, m_text, m_context, m_capture, m_sampling.seed}; }
    void runAgain(const Session& session, const QString& file, bool usePresent, bool remember);
    void restored(const Session& session, Restored result, const std::shared_ptr<const Pinned>& pin);
    void setPin(std::shared_ptr<const Pinned> pin, std::optional<PinRecord> record);
    ModelRef modelRef() const;  // of the open model; without a name if none is
    void watch(LatestJobBase& job, const QString& what);

    Selection m_selection;
    Intents m_intents;

    std::shared_ptr<const LoadedModel> m_model;
    std::string m_fingerprint;
    std::string m_text;
    ContextChoice m_context = ContextChoice::CutEnd;
    CaptureChoice m_capture = CaptureChoice::Everything;
    SamplingSettings m_sampling;
    std::int64_t m_budget = 0;
    InformationUnit m_unit = InformationUnit::Nats;
    std::vector<std::string> m_recent;

    BranchesPtr m_branches;
    RunNodePtr m_node;
    ShownPtr m_shown;
    int m_shownCount = 0;            // nodes of the tree when it was shown
    std::optional<Locus> m_offered;  // the place that was chosen for the person, who has not moved since
    bool m_stale = false;
    double m_lastSeconds = 0;
    TreeShelf m_shelf;
    std::deque<std::shared_ptr<const LoadedModel>> m_models;  // for undo
    std::deque<std::shared_ptr<const Pinned>> m_pins;         // for undo

    std::shared_ptr<const Pinned> m_pin;
    std::optional<PinRecord> m_pinRecord;
    CompareChoice m_compare = CompareChoice::Off;
    ViewsRecord m_views;
    std::string m_notes;

    std::deque<StepAsk> m_asked;
    bool m_composing = false;
    bool m_applying = false;  // changes now are not the person's
    QTimer m_debounce, m_lensDelay;

    Companions m_companions;
    Tokenizers m_tokenizers;
    VectorFiles m_vectors;
    SecondReader m_second;
    TokenizerWorkshop m_workshop{&m_tokenizers, [this] { return m_text; }};
    LatestJob<std::shared_ptr<const LoadedModel>> m_loading{modelPool()};
    LatestJob<TracedPrompt> m_tracing{modelPool()};
    LatestJob<Stepped> m_stepping{modelPool()};
    LatestJob<KeptPaths> m_keeping{modelPool()};
    LatestJob<LongRun> m_generating{modelPool()};
    std::shared_ptr<std::atomic<bool>> m_enough;  // asks the generation that runs to stop
    LatestJob<Restored> m_restoring{modelPool()};
    LatestJob<CheckResult> m_checking{modelPool()};
    LatestJob<bool> m_other{modelPool()};
    LatestJob<std::shared_ptr<const LensTable>> m_lens{picturePool()};
    LatestJob<std::string> m_fingerprinting{picturePool()};
};

}  // namespace lw
