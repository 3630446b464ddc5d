#include "app/window/key_table.h"

#include <QCoreApplication>
#include <QStringList>

namespace lw {

namespace {

constexpr const char* text = QT_TRANSLATE_NOOP("Keys", "Text and generation");
constexpr const char* place = QT_TRANSLATE_NOOP("Keys", "The selected place");
constexpr const char* views = QT_TRANSLATE_NOOP("Keys", "Views");
constexpr const char* files = QT_TRANSLATE_NOOP("Keys", "Files");
constexpr const char* window = QT_TRANSLATE_NOOP("Keys", "Window");

constexpr KeyRow rows[] = {
    {"trace", "Return; Enter", QT_TRANSLATE_NOOP("Keys", "Trace the text"), text},
    {"edit-text", "Ctrl+L", QT_TRANSLATE_NOOP("Keys", "Go to the text"), text},
    {"step-forward", "Right", QT_TRANSLATE_NOOP("Keys", "Step forward one token"), text},
    {"step-back", "Left", QT_TRANSLATE_NOOP("Keys", "Step back one token"), text},
    {"roll", "R", QT_TRANSLATE_NOOP("Keys", "Roll the dice for the next token"), text},
    {"greedy", "G", QT_TRANSLATE_NOOP("Keys", "Take the most probable next token"), text},

    {"layer-up", "Up", QT_TRANSLATE_NOOP("Keys", "Layer above"), place},
    {"layer-down", "Down", QT_TRANSLATE_NOOP("Keys", "Layer below"), place},
    {"head-back", "[", QT_TRANSLATE_NOOP("Keys", "Previous head"), place},
    {"head-on", "]", QT_TRANSLATE_NOOP("Keys", "Next head"), place},
    {"position-back", ",", QT_TRANSLATE_NOOP("Keys", "Previous position"), place},
    {"position-on", ".", QT_TRANSLATE_NOOP("Keys", "Next position"), place},
    {"unpin", "Esc", QT_TRANSLATE_NOOP("Keys", "Leave full screen, then take one part off the place"), place},
    {"undo", "Ctrl+Z", QT_TRANSLATE_NOOP("Keys", "Undo"), place},
    {"redo", "Ctrl+Shift+Z; Ctrl+Y", QT_TRANSLATE_NOOP("Keys", "Redo"), place},

    {"view-1", "1", QT_TRANSLATE_NOOP("Keys", "First view"), views},
    {"view-2", "2", QT_TRANSLATE_NOOP("Keys", "Second view"), views},
    {"view-3", "3", QT_TRANSLATE_NOOP("Keys", "Third view"), views},
    {"view-4", "4", QT_TRANSLATE_NOOP("Keys", "Fourth view"), views},
    {"view-5", "5", QT_TRANSLATE_NOOP("Keys", "Fifth view"), views},
    {"view-6", "6", QT_TRANSLATE_NOOP("Keys", "Sixth view"), views},
    {"view-7", "7", QT_TRANSLATE_NOOP("Keys", "Seventh view"), views},
    {"view-8", "8", QT_TRANSLATE_NOOP("Keys", "Eighth view"), views},
    {"view-9", "9", QT_TRANSLATE_NOOP("Keys", "Ninth view"), views},
    {"view-10", "0", QT_TRANSLATE_NOOP("Keys", "Tenth view"), views},
    {"panes-1", "Ctrl+1", QT_TRANSLATE_NOOP("Keys", "One view at a time"), views},
    {"panes-2", "Ctrl+2", QT_TRANSLATE_NOOP("Keys", "Two views side by side"), views},
    {"panes-4", "Ctrl+4", QT_TRANSLATE_NOOP("Keys", "Four views"), views},
    {"full-view", "F", QT_TRANSLATE_NOOP("Keys", "Full-screen view"), views},
    {"pin", "C", QT_TRANSLATE_NOOP("Keys", "Pin this run and place as A, or unpin it"), views},
    {"compare", "Shift+C", QT_TRANSLATE_NOOP("Keys", "Compare with A: off, beside, B − A"), views},
    {"help", "F1", QT_TRANSLATE_NOOP("Keys", "Help for this view"), views},

    {"open", "Ctrl+O", QT_TRANSLATE_NOOP("Keys", "Open a model file, a text or a session"), files},
    {"open-folder", "Ctrl+Shift+O", QT_TRANSLATE_NOOP("Keys", "Open a model folder"), files},
    {"save", "Ctrl+S", QT_TRANSLATE_NOOP("Keys", "Save the session"), files},
    {"export", "E", QT_TRANSLATE_NOOP("Keys", "Export the view"), files},
    {"copy-picture", "Ctrl+Shift+C", QT_TRANSLATE_NOOP("Keys", "Copy the view's picture"), files},
    {"quit", "Ctrl+Q", QT_TRANSLATE_NOOP("Keys", "Quit"), files},

    {"palette", "/; Ctrl+K", QT_TRANSLATE_NOOP("Keys", "Command palette: views, models, tokens, sites, actions"), window},
    {"part-on", "Tab", QT_TRANSLATE_NOOP("Keys", "Next part of the window"), window},
    {"part-back", "Shift+Tab", QT_TRANSLATE_NOOP("Keys", "Previous part of the window"), window},
    {"control-on", "F6", QT_TRANSLATE_NOOP("Keys", "Next control within the part"), window},
    {"control-back", "Shift+F6", QT_TRANSLATE_NOOP("Keys", "Previous control within the part"), window},
    {"font-larger", "Ctrl++; Ctrl+=", QT_TRANSLATE_NOOP("Keys", "Larger type"), window},
    {"font-smaller", "Ctrl+-", QT_TRANSLATE_NOOP("Keys", "Smaller type"), window},
    {"font-normal", "Ctrl+0", QT_TRANSLATE_NOOP("Keys", "Type at 100 %"), window},
    {"projector", "P", QT_TRANSLATE_NOOP("Keys", "Projector type: larger, thicker, pointer spotlight"), window},
    {"inspector", "I", QT_TRANSLATE_NOOP("Keys", "Narrow the number inspector, or widen it"), window},
    {"full-window", "F11", QT_TRANSLATE_NOOP("Keys", "Full-screen window"), window},
    {"settings", "Ctrl+,", QT_TRANSLATE_NOOP("Keys", "Settings"), window},
    {"cancel", "Ctrl+.", QT_TRANSLATE_NOOP("Keys", "Cancel what is running"), window},
};

}  // namespace

std::span<const KeyRow> keyTable() { return rows; }

const KeyRow* findKey(const QString& id) {
    for (const KeyRow& row : rows) {
        if (id == QLatin1String(row.id)) return &row;
    }
    return nullptr;
}

QList<QKeySequence> keysOf(const KeyRow& row, const QMap<QString, QString>& own) {
    const QString keys = own.value(QString::fromLatin1(row.id), QString::fromLatin1(row.keys));
    QList<QKeySequence> result;
    for (const QString& key : keys.split(QStringLiteral("; "), Qt::SkipEmptyParts)) {
        result.append(QKeySequence::fromString(key, QKeySequence::PortableText));
    }
    return result;
}

QString shownKeys(const QList<QKeySequence>& keys) {
    QStringList shown;
    for (const QKeySequence& key : keys) {
        QString word = key.toString(QKeySequence::NativeText);
        if (key == QKeySequence(Qt::Key_Right)) word = QStringLiteral("→");
        if (key == QKeySequence(Qt::Key_Left)) word = QStringLiteral("←");
        if (key == QKeySequence(Qt::Key_Up)) word = QStringLiteral("↑");
        if (key == QKeySequence(Qt::Key_Down)) word = QStringLiteral("↓");
        if (key == QKeySequence(Qt::Key_Enter) || (key == QKeySequence(Qt::Key_Equal | Qt::CTRL) && keys.size() > 1)) continue;
        shown.append(word);
    }
    return shown.join(QStringLiteral(" · "));
}

const KeyRow* ownerOf(const QKeySequence& key, const QMap<QString, QString>& own) {
    for (const KeyRow& row : rows) {
        if (keysOf(row, own).contains(key)) return &row;
    }
    return nullptr;
}

}  // namespace lw
