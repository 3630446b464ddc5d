// The part of MainWindow that gives the actions of the key table their meaning: walking the place, the parts, the palette.
#include <QApplication>
#include <QClipboard>
#include <QCoreApplication>
#include <QMenu>
#include <QTabBar>

#include <algorithm>

#include "app/export/export_picture.h"
#include "app/main_window.h"
#include "app/run/heads.h"
#include "app/run/shown_from.h"
#include "app/window/about.h"
#include "app/window/actions.h"
#include "app/window/help_window.h"
#include "app/window/larger_model.h"
#include "app/window/place_words.h"
#include "app/window/settings_window.h"
#include "app/window/spotlight.h"
#include "app/window/stage.h"
#include "app/window/status_line.h"
#include "app/window/top_bar.h"
#include "core/bundled.h"
#include "widgets/generation/generation_panel.h"
#include "widgets/inspector/number_inspector.h"
#include "widgets/layer_map/layer_map.h"
#include "widgets/shared/busy_line.h"
#include "widgets/tokens/token_strip.h"

namespace lw {

namespace {

constexpr double fontStep = 1.1;
constexpr std::size_t mostTokens = 2000;  // of the text that the palette lists

QString text(const std::string& s) { return QString::fromStdString(s); }
QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

// The widgets below `part` that take the focus by Tab, as they follow each other.
QList<QWidget*> controlsOf(QWidget* part) {
    QList<QWidget*> controls;
    for (QWidget* at = part->nextInFocusChain(); at && at != part; at = at->nextInFocusChain()) {
        if (part->isAncestorOf(at) && (at->focusPolicy() & Qt::TabFocus) && at->isVisible() && at->isEnabled() &&
            !at->focusProxy())
            controls.append(at);
    }
    // The chain is a ring that may begin anywhere: from top left to bottom right is what a person expects.
    std::stable_sort(controls.begin(), controls.end(), [part](QWidget* a, QWidget* b) {
        const QPoint p = a->mapTo(part, QPoint()), q = b->mapTo(part, QPoint());
        return p.y() + a->height() / 2 < q.y() || (q.y() + b->height() / 2 >= p.y() && p.x() < q.x());
    });
    return controls;
}

}  // namespace

void MainWindow::tieActions() {
    const auto on = [this](const char* id, auto what) { m_actions->on(id, what); };
    on("trace", [this] { m_workspace.traceNow(); });
    on("edit-text", [this] {
        m_topBar->prompt()->setFocus(Qt::ShortcutFocusReason);
        m_topBar->prompt()->selectAll();
    });
    on("step-forward", [this] { m_workspace.stepForward(); });
    on("step-back", [this] { m_workspace.stepBack(); });
    on("roll", [this] { m_workspace.steps(StepKind::Roll, 1); });
    on("greedy", [this] { m_workspace.steps(StepKind::Greedy, 1); });

    on("layer-up", [this] { walkLayer(1); });
    on("layer-down", [this] { walkLayer(-1); });
    on("head-back", [this] { walkHead(-1); });
    on("head-on", [this] { walkHead(1); });
    on("position-back", [this] { walkPosition(-1); });
    on("position-on", [this] { walkPosition(1); });
    on("unpin", [this] {
        if (m_full) {
            setFullView(false);
        } else {
            m_workspace.selection()->unpinOne();
        }
    });
    on("undo", [this] { m_history.stack()->undo(); });
    on("redo", [this] { m_history.stack()->redo(); });

    for (int i = 0; i < 10; ++i) on(("view-" + std::to_string(i + 1)).c_str(), [this, i] { m_stage->showRow(i); });
    on("panes-1", [this] { m_stage->setPanes(1); });
    on("panes-2", [this] { m_stage->setPanes(2); });
    on("panes-4", [this] { m_stage->setPanes(4); });
    on("full-view", [this] { setFullView(!m_full); });
    on("pin", [this] { m_workspace.togglePin(); });
    on("compare", [this] { m_stage->cycleCompare(); });
    on("help", [this] { showHelp(); });

    on("open", [this] { askOpen(false); });
    on("open-folder", [this] { askOpen(true); });
    on("save", [this] { askSave(); });
    on("export", [this] { askExport(); });
    on("copy-picture", [this] { copyPicture(); });
    on("quit", [this] { close(); });

    on("palette", [this] { openPalette(); });
    on("part-on", [this] { walkPart(1); });
    on("part-back", [this] { walkPart(-1); });
    on("control-on", [this] { walkControl(1); });
    on("control-back", [this] { walkControl(-1); });
    on("font-larger", [this] { scaleFont(m_settings.fontScale * fontStep); });
    on("font-smaller", [this] { scaleFont(m_settings.fontScale / fontStep); });
    on("font-normal", [this] { scaleFont(1); });
    on("projector", [this] { setProjector(!m_projector); });
    on("inspector", [this] { toggleInspector(); });
    on("full-window", [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    on("settings", [this] { showSettings(); });
    on("cancel", [this] { m_workspace.stopWork(); });
}

void MainWindow::fillMenu() {
    QMenu* menu = m_topBar->moreMenu();
    const auto add = [this](QMenu* into, std::initializer_list<const char*> ids) {
        for (const char* id : ids) {
            if (*id) {
                into->addAction(m_actions->action(id));
            } else {
                into->addSeparator();
            }
        }
    };
    add(menu, {"open", "open-folder", "save", "export", "copy-picture", "", "undo", "redo", ""});
    add(menu->addMenu(tr("Text and generation")), {"trace", "step-forward", "step-back", "roll", "greedy"});
    add(menu->addMenu(tr("Place")), {"layer-up", "layer-down", "head-back", "head-on", "position-back", "position-on", "unpin"});
    add(menu->addMenu(tr("Views")), {"panes-1", "panes-2", "panes-4", "full-view", "pin", "compare", "inspector"});
    add(menu->addMenu(tr("Type")), {"font-larger", "font-smaller", "font-normal", "projector"});
    add(menu, {"palette", "settings", "help"});
    menu->addAction(tr("About Layerwalk"), this, [this] { showAbout(this); });
    add(menu, {"", "quit"});
    m_topBar->modelMenu()->setOpenActions({m_actions->action("open"), m_actions->action("open-folder")});

    const auto canUndo = [this] {
        m_actions->action("undo")->setEnabled(m_history.stack()->canUndo());
        m_actions->action("redo")->setEnabled(m_history.stack()->canRedo());
    };
    connect(m_history.stack(), &QUndoStack::indexChanged, this, canUndo);
    canUndo();
}

// ---- the place

void MainWindow::walkLayer(int by) {
    const ShownPtr& shown = m_workspace.shown();
    const int layers = shown ? shown->trace->model().layers() : 0;
    if (layers == 0) return;
    const auto& layer = m_workspace.selection()->current().layer;
    Locus part;
    part.layer = Layer(std::clamp(layer ? layer->value + by : by > 0 ? 0 : layers - 1, 0, layers - 1));
    m_workspace.selection()->select(part);
}

void MainWindow::walkHead(int by) {
    const ShownPtr& shown = m_workspace.shown();
    if (!shown || shown->trace->model().layers() == 0) return;
    Locus place = m_workspace.selection()->current();
    const int layer = place.layer.value_or(Layer(0)).value;
    const int heads = headsIn(shown->trace->model().block(Layer(layer)));
    if (heads == 0) return;
    place.head = Head(((place.head ? place.head->value + by : by > 0 ? 0 : heads - 1) % heads + heads) % heads);
    m_workspace.selection()->replace(place);
}

void MainWindow::walkPosition(int by) {
    const ShownPtr& shown = m_workspace.shown();
    if (!shown) return;
    const int last = shown->trace->length() - 1;
    Locus place = m_workspace.selection()->current();
    place.position = Position(std::clamp(place.position ? place.position->value + by : last, 0, last));
    m_workspace.selection()->replace(placeWithin(place, *shown));
}

// ---- the parts of the window

void MainWindow::walkPart(int by) {
    QList<QWidget*> parts{m_topBar, m_stripFrame, m_mapFrame, m_stage, m_inspectorFrame, m_generationFrame};
    parts.removeIf([](QWidget* part) { return !part->isVisible() || controlsOf(part).isEmpty(); });
    if (parts.isEmpty()) return;
    const QWidget* focus = QApplication::focusWidget();
    qsizetype at = -1;
    for (qsizetype i = 0; i < parts.size(); ++i) {
        if (focus && parts[i]->isAncestorOf(focus)) at = i;
    }
    at = at < 0 ? (by > 0 ? 0 : parts.size() - 1) : (at + by + parts.size()) % parts.size();
    QWidget* part = parts[at];
    QWidget* target = part == m_topBar ? m_topBar->prompt() : part == m_stage ? m_stage->mainControl() : nullptr;
    (target ? target : controlsOf(part).first())->setFocus(by > 0 ? Qt::TabFocusReason : Qt::BacktabFocusReason);
}

void MainWindow::walkControl(int by) {
    const QWidget* focus = QApplication::focusWidget();
    for (QWidget* part : {static_cast<QWidget*>(m_topBar), m_stripFrame, m_mapFrame, static_cast<QWidget*>(m_stage),
                          m_inspectorFrame, m_generationFrame}) {
        if (!focus || !part->isAncestorOf(focus)) continue;
        const QList<QWidget*> controls = controlsOf(part);
        if (controls.isEmpty()) return;
        const qsizetype at = controls.indexOf(focus);
        controls[(at + by + controls.size()) % controls.size()]->setFocus(Qt::TabFocusReason);
        return;
    }
    walkPart(by);
}

void MainWindow::setFullView(bool on) {
    m_full = on;
    for (QWidget* part : {static_cast<QWidget*>(m_topBar), m_stripFrame, m_mapFrame, m_inspectorFrame, m_generationFrame})
        part->setVisible(!on);
    m_stage->setBare(on);
    if (on) m_status->say(tr("Esc leaves the full-screen view."));
}

void MainWindow::toggleInspector() { m_inspector->setNarrow(!m_inspector->narrow()); }

void MainWindow::setProjector(bool on) {
    m_projector = on;
    m_appearance.setProjector(on);
    m_spotlight->setOn(on);
}

void MainWindow::scaleFont(double scale) {
    Settings settings = m_settings;
    settings.fontScale = std::clamp(std::abs(scale - 1) < 0.04 ? 1.0 : scale, smallestFont, largestFont);
    setSettings(settings);
    m_status->say(tr("Type at %1 %").arg(qRound(100 * settings.fontScale)));
}

void MainWindow::copyPicture() {
    const HostedView* hosted = m_stage->activeView();
    if (!m_workspace.shown()) return;
    const ExportNote note = exportNote(*m_workspace.shown(), *m_workspace.model(), m_workspace.text().toStdString(),
                                       m_workspace.selection()->current(), hosted->row().title);
    const auto png = pngOf(hosted->view()->exportPicture(), *m_appearance.look(), note);
    if (!png) {
        showError(png.error());
        return;
    }
    QApplication::clipboard()->setImage(QImage::fromData(*png, "png"));
    m_status->say(tr("The picture is in the clipboard."));
}

void MainWindow::showHelp() {
    if (!m_help) {
        m_help = new HelpWindow(this);
        m_help->setAttribute(Qt::WA_DeleteOnClose);
        connect(m_help, &HelpWindow::sampleChosen, m_workspace.intents(), &Intents::setPrompt);
        connect(m_stage, &Stage::activeChanged, m_help, [this] { m_help->showView(m_stage->activeView()->row()); });
    }
    m_help->setKeys(m_settings.keys);
    m_help->showView(m_stage->activeView()->row());
    m_help->show();
    m_help->raise();
    m_help->activateWindow();
}

void MainWindow::showSettings() {
    if (!m_settingsWindow) {
        auto* window = new SettingsWindow(m_settings, this);
        window->setAttribute(Qt::WA_DeleteOnClose);
        connect(window, &SettingsWindow::changed, this, [this](const Settings& chosen) {
            Settings settings = chosen;  // the rest may have changed meanwhile
            settings.recentModels = m_settings.recentModels;
            settings.geometry = m_settings.geometry;
            settings.columns = m_settings.columns;
            settings.exportFolder = m_settings.exportFolder;
            setSettings(settings);
        });
        m_settingsWindow = window;
    }
    m_settingsWindow->show();
    m_settingsWindow->raise();
}

// ---- the command palette

void MainWindow::openPalette() {
    m_palette->open(paletteItems(), [this](const QString& typed) { return typedItems(typed); });
}

std::vector<PaletteItem> MainWindow::typedItems(const QString& typed) {
    const ShownPtr shown = m_workspace.shown();
    const auto place = parseLocus(typed.trimmed().toStdString());
    if (!shown || typed.trimmed().isEmpty() || !place || *place == Locus{} || !checkPlace(*place, *shown)) return {};
    return {{tr("Place"), tr("Go to %1").arg(text(print(*place))), {}, [this, place = *place] {
                 m_workspace.selection()->select(place);
             }}};
}

std::vector<PaletteItem> MainWindow::paletteItems() {
    std::vector<PaletteItem> items;
    for (const ViewRow& row : viewRows()) {
        const QString id = QString::fromLatin1(row.id);
        items.push_back({tr("View"), QCoreApplication::translate("View", row.title), {}, [this, id] { m_stage->showView(id); }});
    }
    for (QAction* action : m_actions->all()) {
        if (!action->isEnabled() || action->objectName() == QStringLiteral("palette") ||
            action->objectName().startsWith(QStringLiteral("view-")))
            continue;
        items.push_back(
            {tr("Do"), action->text(), action->shortcut().toString(QKeySequence::NativeText), [action] { action->trigger(); }});
    }
    items.push_back({tr("Do"), tr("About Layerwalk"), {}, [this] { showAbout(this); }});
    items.push_back(
        {tr("Do"), tr("How to get a larger model"), {}, [this] { showLargerModel(this, [this] { askOpen(false); }); }});
    for (const BundledModel& model : bundledModels()) {
        items.push_back(
            {tr("Model"), text(model.name), text(model.what), [this, name = text(model.name)] { m_workspace.openModel(name); }});
    }
    for (const QString& path : m_settings.recentModels)
        items.push_back({tr("Model"), path.section(QLatin1Char('/'), -1), path, [this, path] { m_workspace.openModel(path); }});
    for (const std::filesystem::path& found : foundModels()) {
        const QString path = text(found.string());
        items.push_back({tr("Model"), text(found.filename().string()), path, [this, path] { m_workspace.openModel(path); }});
    }
    const ShownPtr shown = m_workspace.shown();
    if (!shown) return items;
    for (std::size_t i = 0; i < shown->pieces.size() && i < mostTokens; ++i) {
        items.push_back({tr("Token"), text(shown->pieces[i]), QStringLiteral("q%1").arg(i), [this, i] {
                             Locus part;
                             part.position = Position(static_cast<int>(i));
                             m_workspace.selection()->select(part);
                         }});
    }
    const ModelInfo& info = shown->trace->model();
    for (const Site& site : allSites()) {
        if (!info.has(site.id)) continue;
        const auto go = [this, id = site.id] {
            Locus place = m_workspace.selection()->current();
            if (siteOf(id).perLayer && !place.layer) place.layer = Layer(0);
            place.site = id;
            place.unit.reset();
            m_workspace.selection()->replace(place);
        };
        const Layer layer = m_workspace.selection()->current().layer.value_or(Layer(0));
        items.push_back({tr("Site"), text(siteName(site.id, layer)), text(site.meaning), go});
    }
    return items;
}

}  // namespace lw
