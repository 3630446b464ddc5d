#include "app/workspace.h"

#include <QSignalBlocker>

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "app/run/shown_from.h"
#include "core/bundled.h"

namespace lw {

namespace {

constexpr int debounceMs = 70;         // after the last key
constexpr int lensDelayMs = 0;         // once for all changes of one event
constexpr std::size_t modelsKept = 2;  // for undo across opening another model
constexpr std::size_t pinsKept = 4;

bool isSample(const std::string& text) {
    const auto models = bundledModels();
    return std::any_of(models.begin(), models.end(), [&](const BundledModel& model) { return model.sample == text; });
}

}  // namespace

Workspace::Workspace(QObject* parent) : QObject(parent), m_sampling{.temperature = 0.8, .topK = 40, .topP = 0.95, .seed = 7} {
    m_debounce.setSingleShot(true);
    m_debounce.setInterval(debounceMs);
    m_lensDelay.setSingleShot(true);
    m_lensDelay.setInterval(lensDelayMs);
    connect(&m_debounce, &QTimer::timeout, this, &Workspace::trace);
    connect(&m_lensDelay, &QTimer::timeout, this, &Workspace::readLens);
    connect(&m_selection, &Selection::currentChanged, this, [this] {
        m_lensDelay.start();
        if (!m_applying) Q_EMIT changed(ChangeKind::Place);
    });

    connect(&m_intents, &Intents::forceToken, this, [this](int id) { steps(StepKind::Force, 1, id); });
    connect(&m_intents, &Intents::roll, this, [this] { steps(StepKind::Roll, 1); });
    connect(&m_intents, &Intents::greedy, this, [this] { steps(StepKind::Greedy, 1); });
    connect(&m_intents, &Intents::goTo, this, &Workspace::goTo);
    connect(&m_intents, &Intents::nameBranch, this, &Workspace::nameBranch);
    connect(&m_intents, &Intents::setSampling, this, &Workspace::setSampling);
    connect(&m_intents, &Intents::keepPaths, this, &Workspace::keepPaths);
    connect(&m_intents, &Intents::check, this, &Workspace::check);
    connect(&m_intents, &Intents::pin, this, &Workspace::togglePin);
    connect(&m_intents, &Intents::setPrompt, this, [this](const QString& text) {
        m_text = text.toStdString();
        Q_EMIT textReplaced(text);
        trace();
    });

    connect(&m_intents, &Intents::wantTokenizers, &m_tokenizers, &Tokenizers::want);
    connect(&m_tokenizers, &Tokenizers::failed, this, &Workspace::failed);
    connect(&m_intents, &Intents::wantVectors, &m_vectors, &VectorFiles::want);
    connect(&m_vectors, &VectorFiles::failed, this, &Workspace::failed);
    connect(&m_intents, &Intents::readSecond, &m_second, &SecondReader::read);
    connect(&m_intents, &Intents::learnTokenizer, &m_workshop, &TokenizerWorkshop::learn);
    connect(&m_intents, &Intents::pauseLearning, &m_workshop, &TokenizerWorkshop::pause);
    connect(&m_intents, &Intents::stepLearning, &m_workshop, &TokenizerWorkshop::step);
    connect(&m_intents, &Intents::stopLearning, &m_workshop, &TokenizerWorkshop::stop);
    connect(&m_intents, &Intents::countFile, &m_workshop, &TokenizerWorkshop::count);
    connect(&m_intents, &Intents::stopCounting, &m_workshop, &TokenizerWorkshop::stopCounting);
    connect(&m_intents, &Intents::useModel, this, &Workspace::openModel);
    connect(&m_intents, &Intents::step, this, &Workspace::stepForward);
    connect(&m_intents, &Intents::readGradients, &m_companions, &Companions::readGradients);
    connect(&m_intents, &Intents::readWith, this, [this](const QStringList& models) {
        if (m_shown && m_branches) m_companions.read(models, m_model, m_shown, m_recent);
    });

    watch(m_loading, tr("opening the model"));
    watch(m_tracing, tr("tracing the text"));
    watch(m_stepping, tr("stepping"));
    watch(m_keeping, tr("putting into the tree"));
    watch(m_generating, tr("generating"));
    connect(&m_generating, &LatestJobBase::finished, this, [this] { Q_EMIT generatingChanged(false); });
    watch(m_restoring, tr("restoring the session"));
    watch(m_checking, tr("checking"));
    watch(m_other, tr("writing"));
}

Workspace::~Workspace() { cancel(); }

void Workspace::watch(LatestJobBase& job, const QString& what) {
    connect(&job, &LatestJobBase::started, this, [this, what] {
        m_companions.pause();  // the open model goes first
        m_second.pause();
        Q_EMIT working(what, -1);
    });
    connect(&job, &LatestJobBase::progress, this, [this, what](double fraction, const QString& detail) {
        Q_EMIT working(detail.isEmpty() ? what : what + QStringLiteral(" · ") + detail, fraction);
    });
    connect(&job, &LatestJobBase::finished, this, [this] {
        if (busy()) return;
        m_second.resume();
        m_companions.resume();
        Q_EMIT rested();
    });
}

bool Workspace::busy() const {
    return m_loading.running() || m_tracing.running() || m_stepping.running() || m_keeping.running() || m_generating.running() ||
           m_restoring.running() || m_checking.running() || m_other.running();
}

void Workspace::cancel() {
    m_debounce.stop();
    m_asked.clear();
    for (LatestJobBase* job : std::initializer_list<LatestJobBase*>{&m_loading, &m_tracing, &m_stepping, &m_keeping,
                                                                    &m_generating, &m_restoring, &m_checking, &m_other}) {
        job->cancel();
    }
}

// ---- model and text

void Workspace::openModel(const QString& nameOrPath) {
    const std::string path = nameOrPath.toStdString();
    m_loading.start([path](const Job& job) { return loadModel(path, {}, job); },
                    [this](Result<std::shared_ptr<const LoadedModel>> loaded) {
                        if (!loaded) {
                            Q_EMIT failed(loaded.error());
                            return;
                        }
                        adoptModel(*loaded);
                        const BundledModel* row = bundledModel((*loaded)->name);
                        if (m_text.empty() || isSample(m_text)) {
                            m_text = row ? std::string(row->sample) : m_text.empty() ? "Once upon a time" : m_text;
                            Q_EMIT textReplaced(text());
                        }
                        for (const std::string& warning : (*loaded)->warnings) Q_EMIT said(QString::fromStdString(warning));
                        trace();
                    });
}

void Workspace::adoptModel(const std::shared_ptr<const LoadedModel>& model) {
    if (m_model == model) return;
    m_model = model;
    m_models.push_back(model);
    while (m_models.size() > modelsKept) m_models.pop_front();
    m_fingerprint.clear();
    m_fingerprinting.start([model](const Job&) -> Result<std::string> { return model->fingerprint(); },
                           [this](Result<std::string> fingerprint) {
                               m_fingerprint = fingerprint.value_or(std::string());
                               if (m_shown && m_shown->model == m_model->model) reshow();
                           });
    Q_EMIT modelChanged();
}

void Workspace::setText(const QString& text) {
    const std::string utf8 = text.toStdString();
    if (utf8 == m_text) return;
    m_text = utf8;
    if (m_shown) setStale(true);
    if (!m_composing) m_debounce.start();
}

void Workspace::setComposing(bool composing) {
    m_composing = composing;
    if (composing) {
        m_debounce.stop();
    } else if (m_stale) {
        m_debounce.start();
    }
}

void Workspace::traceNow() { trace(); }

void Workspace::setContextChoice(ContextChoice choice) {
    if (choice == m_context) return;
    m_context = choice;
    trace();
}

void Workspace::setCaptureChoice(CaptureChoice choice) {
    if (choice == m_capture) return;
    m_capture = choice;
    trace();
}

void Workspace::trace() {
    m_debounce.stop();
    m_asked.clear();
    m_stepping.cancel();
    m_keeping.cancel();
    m_generating.cancel();
    if (!m_model) return;
    if (m_text.empty()) {
        m_tracing.cancel();
        if (m_shown) setStale(true);
        Q_EMIT emptied();
        return;
    }
    if (m_branches && m_branches->origin().sameRun(origin())) {
        m_tracing.cancel();
        setStale(false);
        return;
    }
    if (m_shown) setStale(true);
    m_tracing.start([origin = origin(), budget = m_budget](const Job& job) { return tracePrompt(origin, budget, job); },
                    [this](Result<TracedPrompt> traced) {
                        if (!traced) {
                            Q_EMIT failed(traced.error());
                            return;
                        }
                        m_lastSeconds = traced->seconds;
                        show(traced->branches, traced->branches->root(), ChangeKind::Text);
                        Q_EMIT scriptKnown(traced->script);
                    });
}

// ---- the tree

void Workspace::steps(StepKind kind, int count, int id) {
    if (!m_branches || m_stale) {
        if (m_shown) Q_EMIT said(tr("The text has not been traced yet: press Enter in it first."));
        return;
    }
    if (m_generating.running()) {
        Q_EMIT said(tr("Tokens are being generated: stop that first, or wait."));
        return;
    }
    for (int i = 0; i < count; ++i) m_asked.push_back({kind, id});
    if (!m_stepping.running()) nextStep();
}

void Workspace::nextStep() {
    if (m_asked.empty() || !m_branches) return;
    const StepAsk ask = m_asked.front();
    m_asked.pop_front();
    StepRequest request{
        .settings = m_sampling, .forced = {}, .beyondContext = m_branches->fit().beyond || m_context == ContextChoice::Beyond};
    if (ask.kind == StepKind::Force) request.forced = ask.id;
    if (ask.kind == StepKind::Greedy) request.settings.greedy = true;
    if (ask.kind == StepKind::Roll) request.settings.greedy = false;
    const bool rolls = !request.forced && !request.settings.greedy;
    const RunNodePtr parent = m_node;
    const RunNodePtr from = rolls ? withDice(parent, m_branches->diceAt(parent)) : parent;
    const BranchesPtr branches = m_branches;
    m_stepping.start(
        [branches, from, parent, request](const Job& job) -> Result<Stepped> {
            const auto begin = std::chrono::steady_clock::now();
            auto child = step(*branches->model()->model, from, branches->spec(), request, job);
            if (!child) return tl::unexpected(child.error());
            const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
            return Stepped{from == parent ? *child : rehung(*child, parent), seconds};
        },
        [this, branches](Result<Stepped> stepped) {
            if (!stepped) {
                m_asked.clear();
                Q_EMIT failed(stepped.error());
                return;
            }
            m_lastSeconds = stepped->seconds;
            show(branches, branches->add(stepped->node), ChangeKind::Tree);
            nextStep();
        });
}

void Workspace::stepForward() {
    const RunNodePtr next = m_branches && m_asked.empty() && !m_stepping.running() ? m_branches->forward(m_node) : nullptr;
    if (next) {
        goTo(next);
    } else {
        steps(StepKind::BySettings, 1);
    }
}

void Workspace::stepBack() {
    m_asked.clear();
    m_stepping.cancel();
    if (m_node && m_node->parent()) goTo(m_node->parent());
}

void Workspace::goTo(RunNodePtr node) {
    if (!node || node == m_node || !m_branches || m_branches->indexOf(node.get()) < 0) return;
    show(m_branches, node, ChangeKind::Tree);
}

void Workspace::nameBranch(RunNodePtr node, const QString& name) {
    if (!node || !m_branches || m_branches->indexOf(node.get()) <= 0) return;
    const std::string words = name.simplified().toStdString();
    if (words == m_branches->nameOf(node.get())) return;
    m_branches->setName(node.get(), words);
    reshow();
    Q_EMIT changed(ChangeKind::Name);
}

void Workspace::setSampling(SamplingSettings settings) {
    if (settings == m_sampling) return;
    if (const auto ok = lw::check(settings); !ok) {
        Q_EMIT failed(ok.error());
        return;
    }
    if (m_branches && settings.seed != m_sampling.seed) m_branches->reseed(m_node, settings.seed);
    m_sampling = settings;
    reshow();
    Q_EMIT samplingChanged();
    if (!m_applying) Q_EMIT changed(ChangeKind::Sampling);
}

void Workspace::keepPaths(RunNodePtr from, const std::vector<PathWish>& paths) {
    if (!m_branches || m_stale || !from || m_branches->indexOf(from.get()) < 0) return;
    m_asked.clear();
    m_keeping.start([branches = m_branches, from, paths](const Job& job) { return runPaths(*branches, from, paths, job); },
                    [this, branches = m_branches, paths](Result<KeptPaths> made) {
                        if (!made) {
                            Q_EMIT failed(made.error());
                            return;
                        }
                        if (branches != m_branches) return;
                        const std::vector<RunNodePtr> tips = addPaths(*branches, *made, paths);
                        if (!tips.empty()) show(branches, tips.front(), ChangeKind::Tree);
                    });
}

void Workspace::generate(int count) {
    if (!m_branches || m_stale || count < 1 || busy()) return;
    const LongRequest request{.count = count,
                              .settings = m_sampling,
                              .dice = m_branches->diceAt(m_node),
                              .ends = m_model->ends,
                              .budget = m_budget,
                              .beyondContext = m_branches->fit().beyond || m_context == ContextChoice::Beyond};
    m_enough = std::make_shared<std::atomic<bool>>(false);
    m_generating.start([branches = m_branches, from = m_node, request,
                        enough = m_enough](const Job& job) { return runLong(*branches, from, request, *enough, job); },
                       [this, branches = m_branches, from = m_node](Result<LongRun> made) {
                           if (!made) {
                               Q_EMIT failed(made.error());
                               return;
                           }
                           if (branches != m_branches || made->nodes.empty()) return;
                           m_lastSeconds = made->seconds / static_cast<double>(made->nodes.size());
                           const RunNodePtr tip = addPath(*branches, from, made->nodes);
                           if (m_node == from) {
                               show(branches, tip, ChangeKind::Tree);
                           } else {  // the person has gone elsewhere meanwhile
                               reshow();
                               Q_EMIT changed(ChangeKind::Tree);
                           }
                           QString words = tr("%1 tokens in %2 s: %3 tokens/s.")
                                               .arg(made->nodes.size())
                                               .arg(made->seconds, 0, 'f', 1)
                                               .arg(made->tokensPerSecond(), 0, 'f', 0);
                           if (made->reason == StopReason::End) words += " " + tr("The text has ended.");
                           if (made->reason == StopReason::Context) words += " " + tr("The context is full.");
                           if (made->stopped) words += " " + tr("Stopped.");
                           Q_EMIT said(words);
                       });
    Q_EMIT generatingChanged(true);
}

void Workspace::stopGenerating() {
    if (m_enough) m_enough->store(true);
}

void Workspace::stopWork() {
    if (m_generating.running())
        stopGenerating();
    else
        cancel();
}

// ---- showing

void Workspace::show(const BranchesPtr& branches, const RunNodePtr& node, ChangeKind kind, std::optional<Locus> place) {
    const ShownPtr before = m_shown;
    const bool wasApplying = std::exchange(m_applying, true);
    m_branches = branches;
    m_node = node;
    branches->walkTo(node);
    m_shown = shownFrom(*branches, node, m_fingerprint, m_sampling, m_unit);
    m_shownCount = branches->count();
    m_second.setOrigin(branches->origin(), m_budget, m_unit);
    shelve(branches);

    if (!place) {
        const bool untouched = before && m_offered == m_selection.current();
        place = before && !untouched ? m_selection.current() : firstPlace(*m_shown);
        const int last = before ? before->trace->length() - 1 : -1;
        if (kind == ChangeKind::Tree || !place->position || place->position->value == last) {
            place->position = Position(m_shown->trace->length() - 1);
        }
        if (!before || untouched) m_offered = placeWithin(*place, *m_shown);
    }
    // The place moves unheard, so that whoever takes the new run finds the place in it, and no one is asked for a place that
    // the old run lacks.
    const Locus next = placeWithin(*place, *m_shown);
    const bool moves = next != m_selection.current();
    {
        const QSignalBlocker quiet(m_selection);
        m_selection.replace(next);
    }
    Q_EMIT shownChanged();
    if (moves) Q_EMIT m_selection.currentChanged(next);
    setStale(false);
    m_applying = wasApplying;
    m_lensDelay.start();
    if (!m_applying) Q_EMIT changed(kind);
}

void Workspace::reshow() {
    if (!m_shown) return;
    m_shown = shownFrom(*m_branches, m_node, m_fingerprint, m_sampling, m_unit);
    Q_EMIT shownChanged();
    m_lensDelay.start();  // whoever takes the facts anew drops the old words
}

void Workspace::setUnit(InformationUnit unit) {
    if (unit == m_unit) return;
    m_unit = unit;
    reshow();
}

void Workspace::setStale(bool stale) {
    if (stale == m_stale) return;
    m_stale = stale;
    Q_EMIT staleChanged(stale);
}

void Workspace::shelve(const BranchesPtr& branches) {
    std::vector<BranchesPtr> dropped = m_shelf.put(branches, m_budget > 0 ? m_budget : defaultCaptureBudget());
    if (dropped.empty()) return;
    std::int64_t bytes = 0;
    for (const BranchesPtr& tree : dropped) bytes += tree->bytes();
    // Hundreds of megabytes take longer to give back than a frame.
    picturePool().start([trees = std::make_shared<std::vector<BranchesPtr>>(std::exchange(dropped, {}))] { trees->clear(); });
    Q_EMIT said(tr("The oldest run was let go to stay within the memory budget (%1); undo runs it again.")
                    .arg(QString::fromStdString(printBytes(bytes))));
}

void Workspace::readLens() {
    if (!m_shown || !m_shown->trace->has(SiteId::ResidPost)) return;
    const int last = m_shown->trace->length() - 1;
    const int position = std::clamp(m_selection.current().position.value_or(Position(last)).value, 0, last);
    using Table = std::shared_ptr<const LensTable>;
    m_lens.start(
        [shown = m_shown, position](const Job& job) -> Result<Table> {
            return logitLens(*shown->trace, *shown->model, {.positions = {position}, .topK = 1, .follow = {}, .withMid = false},
                             job)
                .map([](LensTable&& table) { return Table(std::make_shared<LensTable>(std::move(table))); });
        },
        [this, shown = m_shown, position](Result<Table> table) {
            if (table && shown == m_shown) Q_EMIT lensReady(*table, position);
        });
}

void Workspace::check(const Locus& place, bool wholeRun) {
    if (!m_shown) return;
    m_checking.start(
        [shown = m_shown, place, wholeRun](const Job& job) {
            return checkValue(*shown->trace, *shown->model, place, wholeRun ? CheckPath::WholeRun : CheckPath::FromOperands, job);
        },
        [this](Result<CheckResult> result) { Q_EMIT checked(std::make_shared<CheckAnswer>(CheckAnswer{std::move(result)})); });
}

void Workspace::background(const QString& what, std::function<Result<void>(const Job&)> work, std::function<void()> done) {
    m_other.start([work = std::move(work)](const Job& job) -> Result<bool> { return work(job).map([] { return true; }); },
                  [this, done = std::move(done)](Result<bool> result) {
                      if (result) {
                          done();
                      } else {
                          Q_EMIT failed(result.error());
                      }
                  });
    Q_EMIT working(what, -1);
}

// ---- comparing

void Workspace::togglePin() {
    if (m_pin) {
        setPin(nullptr, {});
        m_compare = CompareChoice::Off;
    } else if (m_shown && !m_stale) {
        const Locus& place = m_selection.current();
        auto pin = std::make_shared<Pinned>(Pinned{.shown = m_shown, .place = place, .name = "A: " + print(place)});
        const Origin& origin = m_branches->origin();
        PinRecord record{.text = origin.text,
                         .context = origin.context,
                         .capture = origin.capture,
                         .path = recordOf(*m_branches, m_node, true),
                         .place = place,
                         .name = pin->name,
                         .model = modelRef()};
        setPin(std::move(pin), std::move(record));
        m_compare = CompareChoice::Beside;
    } else {
        return;
    }
    Q_EMIT pinChanged();
    Q_EMIT changed(ChangeKind::Pin);
}

void Workspace::setPin(std::shared_ptr<const Pinned> pin, std::optional<PinRecord> record) {
    m_pin = std::move(pin);
    m_pinRecord = std::move(record);
    if (!m_pin) return;
    m_pins.push_back(m_pin);
    while (m_pins.size() > pinsKept) m_pins.pop_front();
}

void Workspace::setCompare(CompareChoice choice) {
    if (choice == m_compare || (!m_pin && choice != CompareChoice::Off)) return;
    m_compare = choice;
    Q_EMIT pinChanged();
    if (!m_applying) Q_EMIT changed(ChangeKind::Pin);
}

void Workspace::goToPinned() {
    if (!m_pin) return;
    if (m_branches && m_branches->indexOf(m_pin->shown->node.get()) >= 0) {
        show(m_branches, m_pin->shown->node, ChangeKind::Tree, m_pin->place);
    } else {
        Q_EMIT said(tr("A belongs to another text or model: undo leads back to it."));
    }
}

void Workspace::setViews(const ViewsRecord& views) {
    if (views == m_views) return;
    m_views = views;
    if (!m_applying) Q_EMIT changed(ChangeKind::Views);
}

}  // namespace lw
