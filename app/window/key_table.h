// All keys of the window in one table: the actions, the help, the command palette and the settings are made from it.
#pragma once

#include <QKeySequence>
#include <QList>
#include <QMap>
#include <QString>

#include <span>

namespace lw {

struct KeyRow {
    const char* id;     // "step-forward"; stays the same for ever: settings name it
    const char* keys;   // portable text, several apart by "; "
    const char* title;  // what it does (translated, context "Keys")
    const char* group;  // heading in the help (translated, context "Keys")
};

std::span<const KeyRow> keyTable();
const KeyRow* findKey(const QString& id);

/// The keys of an action: the person's where there are any, else the table's.
QList<QKeySequence> keysOf(const KeyRow& row, const QMap<QString, QString>& own);
/// As people read them: "Ctrl+O", "→", "Enter or Return".
QString shownKeys(const QList<QKeySequence>& keys);
/// The action that has this key already, or null.
const KeyRow* ownerOf(const QKeySequence& key, const QMap<QString, QString>& own);

}  // namespace lw
