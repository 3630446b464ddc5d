#include "app/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QSplitter>
#include <QVBoxLayout>

#include "app/run/shown_from.h"
#include "app/window/actions.h"
#include "app/window/key_guard.h"
#include "app/window/larger_model.h"
#include "app/window/spotlight.h"
#include "app/window/stage.h"
#include "app/window/status_line.h"
#include "app/window/surface.h"
#include "app/window/top_bar.h"
#include "app/window/try_this.h"
#include "core/bundled.h"
#include "widgets/generation/generation_panel.h"
#include "widgets/inspector/number_inspector.h"
#include "widgets/layer_map/layer_map.h"
#include "widgets/shared/busy_line.h"
#include "widgets/tokens/token_strip.h"

namespace lw {

namespace {

// No language is written with so few signs: a model of them has learned a task.
constexpr int fewestOfALanguage = 24;

constexpr int gap = 8;                               // between panels
constexpr int mapWidth = 236, inspectorWidth = 308;  // at 100 %
constexpr int generationHeight = 104;
constexpr int smallestWidth = 900, smallestHeight = 560;  // the window can be this small; 1280 × 720 is comfortable

QFrame* panel(QWidget* content, const QString& name, QWidget* parent) {
    auto* frame = new QFrame(parent);
    frame->setProperty("panel", true);
    frame->setAccessibleName(name);
    auto* layout = new QVBoxLayout(frame);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);
    content->setParent(frame);
    layout->addWidget(content);
    return frame;
}

QString text(const std::string& s) { return QString::fromStdString(s); }

}  // namespace

MainWindow::MainWindow(Settings settings, bool person, QWidget* parent)
    : QMainWindow(parent), m_settings(std::move(settings)), m_person(person), m_actions(new Actions(this)) {
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(QStringLiteral("Layerwalk"));
    setAcceptDrops(true);
    setMinimumSize(smallestWidth, smallestHeight);
    m_appearance.apply(m_settings, m_person);
    qApp->installEventFilter(new KeyGuard(this));
    build();
    tieParts();
    tieActions();
    fillMenu();
    setSettings(m_settings);
    resize(1440, 900);
    if (!m_settings.geometry.isEmpty()) restoreGeometry(m_settings.geometry);
    if (!m_settings.columns.isEmpty()) m_columns->restoreState(m_settings.columns);
}

MainWindow::~MainWindow() { m_workspace.cancel(); }

void MainWindow::build() {
    const Look* look = m_appearance.look();
    const ViewServices services{m_workspace.selection(), m_workspace.intents(), look};
    auto* central = new QWidget(this);
    setCentralWidget(central);
    auto* rows = new QVBoxLayout(central);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);

    m_topBar = new TopBar(look, central);
    rows->addWidget(m_topBar);
    m_busy = new BusyLine(look, central);
    rows->addWidget(m_busy);
    m_stripFrame = new Surface(look, Ink::Panel, Qt::BottomEdge, central);
    m_stripFrame->setObjectName(QStringLiteral("stripFrame"));
    m_stripFrame->setAccessibleName(tr("Token strip"));
    auto* strip = new QVBoxLayout(m_stripFrame);
    strip->setContentsMargins(0, 4, 0, 2);  // the chips begin where the panels' content does and run to the edges
    m_strip = new TokenStrip(services, m_stripFrame);
    strip->addWidget(m_strip);
    rows->addWidget(m_stripFrame);
    m_messages = new MessageBar(look, central);
    rows->addWidget(m_messages);
    if (m_person && m_settings.tryThis) offerTryThis(rows);

    m_body = new QWidget(central);
    auto* body = new QVBoxLayout(m_body);
    body->setContentsMargins(10, gap, 10, gap);
    body->setSpacing(gap);
    m_columns = new QSplitter(Qt::Horizontal, m_body);
    m_columns->setHandleWidth(gap);
    m_columns->setChildrenCollapsible(false);
    m_map = new LayerMap(services, m_columns);
    m_mapFrame = panel(m_map, tr("Layer map"), m_columns);
    m_columns->addWidget(m_mapFrame);
    m_middle = new QSplitter(Qt::Vertical, m_columns);
    m_middle->setHandleWidth(gap);
    m_middle->setChildrenCollapsible(false);
    m_stage = new Stage(&m_workspace, look, m_middle);
    m_middle->addWidget(m_stage);
    m_generation = new GenerationPanel(services, m_middle);
    m_generationFrame = panel(m_generation, tr("Generation"), m_middle);
    m_middle->addWidget(m_generationFrame);
    m_middle->setStretchFactor(0, 1);
    m_middle->setStretchFactor(1, 0);
    m_middle->setSizes({1000, generationHeight});
    m_columns->addWidget(m_middle);
    m_inspector = new NumberInspector(services, m_columns);
    m_inspectorFrame = panel(m_inspector, tr("Number inspector"), m_columns);
    m_columns->addWidget(m_inspectorFrame);
    for (int i = 0; i < 3; ++i) m_columns->setStretchFactor(i, i == 1 ? 1 : 0);
    m_columns->setSizes({mapWidth, 1000, inspectorWidth});
    body->addWidget(m_columns, 1);
    rows->addWidget(m_body, 1);

    m_status = new StatusLine(&m_workspace, look, central);
    rows->addWidget(m_status);
    m_palette = new CommandPalette(this);
    m_spotlight = new Spotlight(look, this);
    setTabOrder(m_topBar, m_stripFrame);
}

void MainWindow::offerTryThis(QVBoxLayout* rows) {
    auto* holder = new QWidget(rows->parentWidget());
    auto* layout = new QVBoxLayout(holder);
    layout->setContentsMargins(10, gap, 10, 0);
    auto* tries = new TryThis({{tr("Click a dark cell: where does its number come from?"),
                                [this] {
                                    m_stage->showView(QStringLiteral("attention"));
                                    if (const ShownPtr& shown = m_workspace.shown())
                                        m_workspace.selection()->replace(placeWithin(firstPlace(*shown), *shown));
                                }},
                               {tr("Press → in the picture: what comes next?"), [this] { m_workspace.stepForward(); }},
                               {tr("Type a text of your own"), [this] { m_actions->action("edit-text")->trigger(); }}},
                              holder);
    layout->addWidget(tries);
    rows->addWidget(holder);
    connect(tries, &TryThis::closed, this, [this, holder] {
        holder->hide();
        Settings settings = m_settings;
        settings.tryThis = false;
        setSettings(settings);
    });
}

void MainWindow::tieParts() {
    connect(m_topBar, &TopBar::traceClicked, &m_workspace, &Workspace::traceNow);
    connect(m_topBar, &TopBar::stepClicked, &m_workspace, &Workspace::stepForward);
    connect(m_topBar->prompt(), &PromptEdit::edited, &m_workspace, &Workspace::setText);
    connect(m_topBar->prompt(), &PromptEdit::composingChanged, &m_workspace, &Workspace::setComposing);
    connect(m_topBar->prompt(), &PromptEdit::filesDropped, this, &MainWindow::openFiles);
    connect(&m_workspace, &Workspace::textReplaced, m_topBar->prompt(), &PromptEdit::setText);
    connect(m_topBar->modelMenu(), &ModelMenu::modelChosen, &m_workspace, &Workspace::openModel);
    connect(m_topBar->modelMenu(), &ModelMenu::largerWanted, this, [this] { showLargerModel(this, [this] { askOpen(false); }); });

    connect(&m_workspace, &Workspace::modelChanged, this, &MainWindow::showModel);
    connect(&m_workspace, &Workspace::shownChanged, this, &MainWindow::showFacts);
    connect(&m_workspace, &Workspace::staleChanged, this, [this](bool stale) {
        m_strip->setStale(stale);
        m_map->setStale(stale);
        m_inspector->setStale(stale);
        if (!stale) m_messages->remove(QStringLiteral("empty"));
    });
    connect(&m_workspace, &Workspace::emptied, this, [this] {
        m_messages->show({QStringLiteral("empty"),
                          Message::Kind::Note,
                          tr("There is nothing to run: the text is empty. What is shown is the last run."),
                          {{tr("Undo"), [this] { m_history.stack()->undo(); }}}});
    });
    connect(&m_workspace, &Workspace::scriptKnown, this, &MainWindow::showScript);
    connect(&m_workspace, &Workspace::lensReady, this, [this](const std::shared_ptr<const LensTable>& table, int position) {
        if (m_map->position().value != position || table->cells.empty()) return;
        std::vector<LensWord> words;
        for (std::size_t r = 0; r < table->rows.size(); ++r) {
            const LensCell& cell = table->cells[r].front();
            if (cell.top.empty()) continue;
            words.push_back({.site = table->rows[r].site,
                             .layer = table->rows[r].layer,
                             .piece = m_workspace.shown()->piece(cell.top.front().id),
                             .probability = cell.top.front().probability});
        }
        m_map->setLens(std::move(words));
    });
    connect(&m_workspace, &Workspace::failed, this, &MainWindow::showError);
    connect(&m_workspace, &Workspace::said, m_status, &StatusLine::say);
    connect(&m_workspace, &Workspace::notRestored, this, [this](const Session& session, bool modelMissing) {
        if (!modelMissing || !m_workspace.model()) return;
        m_messages->show({QStringLiteral("problem"),
                          Message::Kind::Problem,
                          m_messages->text(QStringLiteral("problem")),
                          {{tr("Open it with %1").arg(text(m_workspace.model()->name)), [this, session] {
                                m_messages->remove(QStringLiteral("problem"));
                                m_workspace.apply(session, {}, true);
                            }}}});
    });
    connect(&m_workspace, &Workspace::working, this, [this](const QString& what, double fraction) {
        if (!m_busy->showing() && m_busy->what().isEmpty()) m_busy->begin();
        m_busy->setProgress(fraction, what);
    });
    connect(&m_workspace, &Workspace::rested, this, [this] {
        m_busy->end();
        Q_EMIT completed();
    });
    connect(&m_workspace, &Workspace::checked, this,
            [this](const std::shared_ptr<const CheckAnswer>& answer) { m_inspector->setCheckResult(answer->result); });
    connect(m_inspector, &NumberInspector::copyRequested, this, &MainWindow::copied);
    connect(m_busy, &BusyLine::cancelRequested, &m_workspace, &Workspace::stopWork);
    connect(m_generation, &GenerationPanel::generateWanted, &m_workspace, &Workspace::generate);
    connect(m_generation, &GenerationPanel::stopWanted, &m_workspace, &Workspace::stopGenerating);
    connect(&m_workspace, &Workspace::generatingChanged, m_generation, &GenerationPanel::setGenerating);
    connect(&m_workspace, &Workspace::lensReady, this, &MainWindow::completed);
    connect(m_strip, &TokenStrip::completed, this, &MainWindow::completed);
    connect(m_stage, &Stage::completed, this, &MainWindow::completed);
    connect(m_inspector, &NumberInspector::completed, this, &MainWindow::completed);
    connect(m_workspace.intents(), &Intents::exportView, this, &MainWindow::askExport);
    connect(m_workspace.intents(), &Intents::openModel, this, [this] { askOpen(false); });
    connect(m_workspace.intents(), &Intents::openTokenizer, this, &MainWindow::askTokenizer);
    connect(m_workspace.intents(), &Intents::openVectors, this, &MainWindow::askVectors);
    connect(m_workspace.intents(), &Intents::learnTokenizerFromFile, this, &MainWindow::askTrainingText);
    connect(m_workspace.intents(), &Intents::saveLearned, this, &MainWindow::askSaveLearned);
    connect(m_stage, &Stage::fullViewWanted, this, [this] { setFullView(!m_full); });
    connect(m_stage, &Stage::exportWanted, this, &MainWindow::askExport);
    connect(m_stage, &Stage::helpWanted, this, &MainWindow::showHelp);
}

void MainWindow::showFacts() {
    const ShownPtr shown = m_workspace.shown();
    m_strip->setShown(shown);
    m_map->setShown(shown);
    m_inspector->setShown(shown);
    m_generation->setShown(shown);
    m_messages->remove(QStringLiteral("problem"));
    m_messages->remove(QStringLiteral("empty"));
    showContext();
}

void MainWindow::showContext() {
    const PromptFit& fit = m_workspace.branches()->fit();
    const QString key = QStringLiteral("context");
    m_strip->setBeyond(fit.cutFront.empty() ? fit.cutEnd : fit.cutFront, !fit.cutFront.empty());
    if (!fit.over()) {
        m_messages->remove(key);
        return;
    }
    const QLocale locale;
    const QString total = locale.toString(fit.total()), context = locale.toString(fit.context),
                  name = text(m_workspace.shown()->modelName);
    const QString out = locale.toString(static_cast<qlonglong>(fit.cutFront.size() + fit.cutEnd.size()));
    const auto choice = [this](const QString& label, ContextChoice made) {
        return MessageAction{label, [this, made] { m_workspace.setContextChoice(made); }, m_workspace.contextChoice() == made};
    };
    Message message{key,
                    Message::Kind::Note,
                    {},
                    {choice(tr("Cut front"), ContextChoice::CutFront), choice(tr("Cut end"), ContextChoice::CutEnd)},
                    true};
    if (fit.beyond) {
        message.text = tr("The text has %1 tokens and runs beyond the %2 that %3 was made for: past them it is out of its depth.")
                           .arg(total, context, name);
    } else {
        message.text =
            tr("The text has %1 tokens, %2 takes %3: %4 are left out (grey in the strip).").arg(total, name, context, out);
    }
    if (m_workspace.model()->model->info().canGoBeyondContext)
        message.actions.push_back(choice(tr("Go beyond"), ContextChoice::Beyond));
    m_messages->show(message);
}

void MainWindow::showScript(const ScriptKnowledge& known) {
    const QString key = QStringLiteral("script");
    // What has learned a task is surprised by every letter of the question, and that is as it should be.
    const BundledModel* row = bundledModel(m_workspace.model()->name);
    const bool letters = m_workspace.model()->model->info().vocabulary < fewestOfALanguage;
    if (!known.poor() || letters || (row && row->task())) {
        m_messages->remove(key);
        return;
    }
    const QString name = text(m_workspace.model()->name);
    const QString sentence =
        4 * known.byteTokens >= known.tokens
            ? tr("%1 splits some characters here: %2 of %3 tokens are parts of characters. A larger model keeps more of them "
                 "whole.")
                  .arg(name)
                  .arg(known.byteTokens)
                  .arg(known.tokens)
            : tr("%1 hardly knows such a text: it finds %2 bits of surprise in every byte. A larger model reads it better.")
                  .arg(name, QString::number(known.bitsPerByte.value_or(0), 'f', 1));
    m_messages->show({key, Message::Kind::Note, sentence, {{tr("Open a larger model…"), [this] {
                                                                showLargerModel(this, [this] { askOpen(false); });
                                                            }}}});
}

void MainWindow::showModel() {
    const LoadedModel& model = *m_workspace.model();
    const ModelInfo& info = model.model->info();
    m_topBar->setModel(text(model.name), tr("%1 · %2 layers · width %3 · %4 parameters · context %5")
                                             .arg(text(info.architecture))
                                             .arg(info.layers())
                                             .arg(info.width)
                                             .arg(QLocale().toString(static_cast<qlonglong>(info.parameters)))
                                             .arg(info.context > 0 ? QLocale().toString(info.context) : tr("without limit")));
    setWindowTitle(text(model.name) + QStringLiteral(" — Layerwalk"));
    m_messages->remove(QStringLiteral("script"));
    const bool bundled = bundledModel(model.name) != nullptr;
    m_topBar->modelMenu()->setOpen(text(bundled ? model.name : model.path.string()));
    if (bundled || !m_person) return;
    Settings settings = m_settings;
    rememberModel(settings, text(model.path.string()));
    setSettings(settings);
}

void MainWindow::showError(const Error& error) {
    if (error.kind == ErrorKind::Cancelled) {
        m_status->say(tr("Cancelled."));
        return;
    }
    Message message{QStringLiteral("problem"), Message::Kind::Problem, text(error.message)};
    if (error.kind == ErrorKind::OverBudget) {
        message.actions.push_back({tr("Keep only the stream and attention"),
                                   [this] { m_workspace.setCaptureChoice(CaptureChoice::StreamAndAttention); }});
    } else if (error.kind == ErrorKind::OverContext && m_workspace.model() &&
               m_workspace.model()->model->info().canGoBeyondContext) {
        message.actions.push_back({tr("Go beyond"), [this] {
                                       m_messages->remove(QStringLiteral("problem"));
                                       m_workspace.setContextChoice(ContextChoice::Beyond);
                                   }});
    } else if (error.kind == ErrorKind::NotFound || error.kind == ErrorKind::BadFormat || error.kind == ErrorKind::Unsupported) {
        message.actions.push_back({tr("Open another…"), [this] { askOpen(false); }});
    }
    m_messages->show(message);
}

void MainWindow::setExactSize(QSize size) {
    setMinimumSize(size.boundedTo(minimumSize()));
    resize(size);
}

bool MainWindow::complete() const {
    return m_workspace.shown() && !m_workspace.busy() && !m_workspace.stale() && m_stage->complete() && m_strip->complete() &&
           m_inspector->complete() && !m_workspace.readingLens();
}

void MainWindow::setSettings(const Settings& settings) {
    const bool changed = settings != m_settings;
    m_settings = settings;
    m_appearance.apply(m_settings, m_person);
    m_actions->setKeys(m_settings.keys);
    m_workspace.setBudget(m_settings.captureBudget);
    m_workspace.setUnit(m_settings.unit);
    std::vector<std::string> recent;
    for (const QString& path : m_settings.recentModels) recent.push_back(path.toStdString());
    m_workspace.setRecentModels(recent);
    m_topBar->modelMenu()->setRecent(m_settings.recentModels);
    if (!changed) return;
    if (m_person) {
        if (const auto written = writeSettings(m_settings); !written) m_status->say(text(written.error().message));
    }
    Q_EMIT settingsChanged();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    Settings settings = m_settings;
    if (!m_full) {
        settings.geometry = saveGeometry();
        settings.columns = m_columns->saveState();
    }
    setSettings(settings);
    m_workspace.setViews(m_stage->views());
    m_workspace.cancel();
    QMainWindow::closeEvent(event);
    QApplication::quit();  // help and other windows beside it do not keep the program running
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls() || event->mimeData()->hasText()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    if (event->mimeData()->hasUrls()) {
        openFiles(event->mimeData()->urls());
    } else if (event->mimeData()->hasText()) {
        Q_EMIT m_workspace.intents()->setPrompt(event->mimeData()->text());
    }
    event->acceptProposedAction();
}

}  // namespace lw
