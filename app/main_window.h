// The main window: puts the parts together as the design has them and ties actions, parts and workspace to each other.
// What the parts do is in their own files; what is open is the workspace's.
#pragma once

#include <QMainWindow>
#include <QPointer>
#include <QUrl>

#include "app/settings.h"
#include "app/window/appearance.h"
#include "app/window/command_palette.h"
#include "app/window/history.h"
#include "app/window/message_bar.h"
#include "app/workspace.h"

class QSplitter;
class QVBoxLayout;

namespace lw {

class Actions;
class BusyLine;
class GenerationPanel;
class HelpWindow;
class LayerMap;
class NumberInspector;
class Spotlight;
class Stage;
class StatusLine;
class TokenStrip;
class TopBar;
enum class CopyKind;

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    /// `person`: the settings are a person's: changes to them are written. An automated start passes defaults and false.
    MainWindow(Settings settings, bool person, QWidget* parent = nullptr);
    ~MainWindow() override;

    Workspace* workspace() { return &m_workspace; }
    Stage* stage() const { return m_stage; }
    TopBar* topBar() const { return m_topBar; }
    TokenStrip* strip() const { return m_strip; }
    LayerMap* layerMap() const { return m_map; }
    NumberInspector* inspector() const { return m_inspector; }
    GenerationPanel* generation() const { return m_generation; }
    StatusLine* statusLine() const { return m_status; }
    MessageBar* messages() const { return m_messages; }
    CommandPalette* palette() const { return m_palette; }
    History* history() { return &m_history; }
    Actions* actions() const { return m_actions; }
    Appearance* appearance() { return &m_appearance; }
    const Settings& settings() const { return m_settings; }

    /// A model file or folder, a session, or a text file: decided by what it is.
    void openPath(const QString& path);
    /// Nothing is running and every part on the screen is drawn.
    bool complete() const;
    void setProjector(bool on);
    /// A size in logical pixels that may be smaller than a person would make it (for pictures).
    void setExactSize(QSize size);

public Q_SLOTS:
    void showError(const lw::Error& error);
    /// The window's file, if the format is not asked for: by the ending.
    void exportTo(const QString& file);
    void saveSessionTo(const QString& file);

Q_SIGNALS:
    void settingsChanged();
    void completed();  // a part that was being drawn is drawn

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void build();
    void tieParts();
    void tieActions();
    void fillMenu();
    void setSettings(const Settings& settings);
    void showFacts();
    void showContext();
    void showScript(const ScriptKnowledge& known);
    void showModel();
    void offerTryThis(QVBoxLayout* rows);
    void openFiles(const QList<QUrl>& urls);
    void openTextFile(const QString& path);
    void askOpen(bool folder);
    void askTokenizer();
    void askVectors();
    void askTrainingText(int vocabulary);
    void askSaveLearned();
    void askSave();
    void askExport();
    void openPalette();
    std::vector<PaletteItem> paletteItems();
    std::vector<PaletteItem> typedItems(const QString& typed);
    void showHelp();
    void showSettings();
    void walkLayer(int by);
    void walkHead(int by);
    void walkPosition(int by);
    void walkPart(int by);
    void walkControl(int by);
    void setFullView(bool on);
    void toggleInspector();
    void scaleFont(double factor);
    void copyPicture();
    void copied(CopyKind kind, const Locus& place);

    Settings m_settings;
    const bool m_person;
    Appearance m_appearance;
    Workspace m_workspace;
    History m_history{&m_workspace};

    Actions* m_actions;
    TopBar* m_topBar = nullptr;
    BusyLine* m_busy = nullptr;
    QWidget* m_stripFrame = nullptr;
    TokenStrip* m_strip = nullptr;
    MessageBar* m_messages = nullptr;
    QWidget* m_body = nullptr;
    QSplitter *m_columns = nullptr, *m_middle = nullptr;
    QWidget *m_mapFrame = nullptr, *m_inspectorFrame = nullptr, *m_generationFrame = nullptr;
    LayerMap* m_map = nullptr;
    Stage* m_stage = nullptr;
    GenerationPanel* m_generation = nullptr;
    NumberInspector* m_inspector = nullptr;
    StatusLine* m_status = nullptr;
    CommandPalette* m_palette = nullptr;
    Spotlight* m_spotlight = nullptr;
    QPointer<HelpWindow> m_help;
    QPointer<QWidget> m_settingsWindow;
    bool m_full = false, m_projector = false;
};

}  // namespace lw
