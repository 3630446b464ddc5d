// The look of Qt's own widgets, over the Fusion style: flat panels, one-pixel lines, radius 5 for what can be pressed.
// Variants are chosen by dynamic properties: primary (the one action of a part), segment (one of several, checkable),
// quiet (no frame), panel (a rounded surface), caption and muted (labels).

#include <QHash>
#include <QString>

#include "widgets/shared/palette.h"

namespace lw {

namespace {

constexpr const char* sheet = R"(
QToolTip { background: @panel; color: @text; border: 1px solid @line; border-radius: 5px; padding: 4px 8px; }
QMainWindow, QDialog { background: @ground; }
QMainWindow::separator { background: @ground; width: 8px; height: 8px; }
QFrame[panel="true"], QWidget[panel="true"] { background: @panel; border: 1px solid @line; border-radius: 8px; }
QLabel { background: transparent; }
QLabel[muted="true"] { color: @muted; }
QLabel[caption="true"] { color: @muted; font-weight: 600; }

QPushButton, QToolButton { background: @panel; color: @text; border: 1px solid @line; border-radius: 5px; padding: 4px 12px; min-height: 20px; }
QToolButton { padding: 4px 8px; }
QPushButton:hover, QToolButton:hover { background: @grid; }
QPushButton:pressed, QToolButton:pressed { background: @line; }
QPushButton:focus, QToolButton:focus { border-color: @accent; }
QPushButton:disabled, QToolButton:disabled { color: @muted; background: @ground; border-color: @ground; }
QPushButton:default, QPushButton[primary="true"], QToolButton[primary="true"] { background: @accent; color: @onAccent; border-color: @accent; font-weight: 600; }
QPushButton:default:hover, QPushButton[primary="true"]:hover, QToolButton[primary="true"]:hover { background: @accentHover; border-color: @accentHover; }
QPushButton:default:pressed, QPushButton[primary="true"]:pressed { background: @accentPressed; border-color: @accentPressed; }
QPushButton:default:focus, QPushButton[primary="true"]:focus { border-color: @text; }
QPushButton:default:disabled, QPushButton[primary="true"]:disabled { background: @line; color: @muted; border-color: @line; }
QPushButton[quiet="true"], QToolButton[quiet="true"] { background: transparent; border-color: transparent; }
QPushButton[quiet="true"]:hover, QToolButton[quiet="true"]:hover { background: @grid; }
QPushButton[quiet="true"]:focus, QToolButton[quiet="true"]:focus { border-color: @accent; }
QPushButton[segment="true"], QToolButton[segment="true"] { color: @muted; min-height: 12px; padding: 3px 12px; }
QPushButton[segment="true"]:checked, QToolButton[segment="true"]:checked { background: @accent; color: @onAccent; border-color: @accent; }
QPushButton:checked, QToolButton:checked { background: @selectedFill; border-color: @selectedFrame; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: url(:/layerwalk/marks/down_@theme.svg); width: 12px; height: 12px; subcontrol-origin: padding; subcontrol-position: center right; right: 4px; }
QPushButton[compact="true"] { padding: 4px 8px; }
QPushButton[menu="true"] { padding-left: 6px; padding-right: 16px; }
QPushButton[compact="true"][menu="true"] { padding-left: 2px; }
QToolButton[popupMode="1"], QToolButton[popupMode="2"] { padding-right: 20px; }

QTabWidget::pane { border: none; border-top: 1px solid @line; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @muted; border: none; border-bottom: 2px solid transparent; padding: 8px 5px 7px 5px; margin: 0; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; font-weight: 600; }
QTabBar::tab:focus { color: @accent; }
QTabBar::tab:disabled { color: @muted; }
QTabBar QToolButton { background: @panel; border: none; padding: 2px; }

QAbstractScrollArea { background: @panel; border: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea { background: transparent; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox { background: @field; color: @text; border: 1px solid @line; border-radius: 5px; padding: 4px 8px; selection-background-color: @accent; selection-color: @onAccent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus { border-color: @accent; }
QLineEdit:disabled, QPlainTextEdit:disabled, QAbstractSpinBox:disabled { color: @muted; }
QAbstractSpinBox { padding: 3px 18px 3px 6px; min-height: 20px; }
QAbstractSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right; width: 16px; border: none; background: transparent; }
QAbstractSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right; width: 16px; border: none; background: transparent; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @grid; }
QAbstractSpinBox::up-arrow { image: url(:/layerwalk/marks/up_@theme.svg); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url(:/layerwalk/marks/down_@theme.svg); width: 10px; height: 10px; }

QComboBox { background: @panel; color: @text; border: 1px solid @line; border-radius: 5px; padding: 4px 8px 4px 10px; min-height: 20px; }
QComboBox:hover { background: @grid; }
QComboBox:focus, QComboBox:on { border-color: @accent; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(:/layerwalk/marks/down_@theme.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @line; selection-background-color: @accent; selection-color: @onAccent; outline: none; padding: 4px; }
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; }

QCheckBox, QRadioButton { spacing: 8px; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid @faint; background: @panel; }
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: @accent; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(:/layerwalk/marks/check_@theme.svg); }
QRadioButton::indicator:checked { background: qradialgradient(cx:0.5, cy:0.5, radius:0.5, fx:0.5, fy:0.5, stop:0 @onAccent, stop:0.38 @onAccent, stop:0.46 @accent, stop:1 @accent); border-color: @accent; }

QSlider { background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @accent; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; background: @accent; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: @accentHover; border: 2px solid @text; width: 8px; height: 8px; }
QSlider::groove:vertical { width: 4px; border-radius: 2px; background: @line; }
QSlider::add-page:vertical { width: 4px; border-radius: 2px; background: @accent; }
QSlider::handle:vertical { width: 12px; height: 12px; margin: 0 -4px; border-radius: 6px; background: @accent; }

QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: @thumb; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }

QProgressBar { border: none; background: @line; border-radius: 2px; max-height: 4px; min-height: 4px; text-align: center; color: transparent; }
QProgressBar::chunk { background: @accent; border-radius: 2px; }

QMenuBar { background: @panel; border-bottom: 1px solid @line; }
QMenuBar::item { background: transparent; padding: 4px 10px; border-radius: 5px; }
QMenuBar::item:selected { background: @grid; }
QMenu { background: @panel; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 12px; border-radius: 5px; }
QMenu::item:selected { background: @accent; color: @onAccent; }
QMenu::item:disabled { color: @muted; background: transparent; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 4px; }

QStatusBar { background: @panel; border-top: 1px solid @line; color: @muted; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @muted; }
QToolBar { background: @panel; border: none; border-bottom: 1px solid @line; spacing: 8px; padding: 8px 14px; }
QToolBar::separator { background: @line; width: 1px; margin: 4px; }
QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget::title { background: @panel; padding: 6px 14px; }
QSplitter::handle { background: @ground; }
QSplitter::handle:hover { background: @line; }
QGroupBox { border: 1px solid @line; border-radius: 8px; margin-top: 18px; padding: 8px; }
QGroupBox::title { subcontrol-origin: margin; left: 8px; color: @muted; }

QTreeView, QListView, QTableView { background: @panel; alternate-background-color: @grid; border: 1px solid @line; border-radius: 5px; outline: none; gridline-color: @grid; }
QTreeView::item, QListView::item { min-height: 24px; padding: 0 6px; }
QTreeView::item:hover, QListView::item:hover { background: @grid; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: @accent; color: @onAccent; }
QHeaderView::section { background: @panel; color: @muted; border: none; border-bottom: 1px solid @line; padding: 4px 8px; }
)";

}  // namespace

QString Palette::styleSheet() const {
    const QColor accent = of(Ink::Accent), text = of(Ink::Text);
    const auto toward = [](const QColor& from, const QColor& to, double t) {
        const auto mix = [t](float a, float b) { return static_cast<float>((1 - t) * a + t * b); };
        return QColor::fromRgbF(mix(from.redF(), to.redF()), mix(from.greenF(), to.greenF()), mix(from.blueF(), to.blueF()));
    };
    const QColor ground = of(Ink::Ground);
    const QHash<QString, QString> words{
        {"ground", ground.name()},
        {"panel", of(Ink::Panel).name()},
        {"line", of(Ink::Line).name()},
        {"grid", of(Ink::Grid).name()},
        {"text", text.name()},
        {"muted", of(Ink::Muted).name()},
        {"faint", of(Ink::Faint).name()},
        {"accent", accent.name()},
        {"accentHover", toward(accent, text, 0.12).name()},
        {"accentPressed", toward(accent, text, 0.24).name()},
        {"onAccent", textOn(accent).name()},
        {"selectedFill", of(Ink::SelectedFill).name()},
        {"selectedFrame", of(Ink::SelectedFrame).name()},
        {"field", ground.name()},
        {"thumb", toward(of(Ink::Line), of(Ink::Faint), 0.35).name()},
        {"theme", m_dark ? "dark" : "light"},
    };
    // One pass: "@accentHover" is looked up as a whole word.
    const QString pattern = QString::fromUtf8(sheet);
    QString result;
    result.reserve(pattern.size() + 2048);
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '@') {
            result += pattern[i];
            continue;
        }
        qsizetype end = i + 1;
        while (end < pattern.size() && pattern[end].isLetter()) ++end;
        const QString word = pattern.mid(i + 1, end - i - 1);
        Q_ASSERT(words.contains(word));
        result += words.value(word);
        i = end - 1;
    }
    return result;
}

}  // namespace lw
