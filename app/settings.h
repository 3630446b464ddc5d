// What the person has set once and for all, and its file settings.json in the configuration folder. A plain value: nothing
// here changes the window. An automated start (a screenshot) uses the defaults and never touches the file.
#pragma once

#include <QByteArray>
#include <QMap>
#include <QString>
#include <QStringList>

#include "core/base/result.h"
#include "widgets/shared/format.h"
#include "widgets/shared/palette.h"

namespace lw {

enum class ThemeChoice { System, Light, Dark };
enum class MotionChoice { System, On, Off };

struct Settings {
    ThemeChoice theme = ThemeChoice::System;
    MotionChoice motion = MotionChoice::System;
    SequentialMap colourMap = SequentialMap::Blues;
    InformationUnit unit = InformationUnit::Nats;
    double fontScale = 1;          // 0.7 … 2.5
    qint64 captureBudget = 0;      // bytes; 0 = a quarter of the machine's memory
    QStringList recentModels;      // newest first
    QMap<QString, QString> keys;   // action id → keys, where they differ from the table's (portable text, "; " between)
    bool tryThis = true;           // the three lines of the first start are shown
    bool restoreScreen = true;     // open with the screen of the last time
    QByteArray geometry, columns;  // window, splitters
    QString exportFolder;
    friend bool operator==(const Settings&, const Settings&) = default;
};

inline constexpr int recentModelsKept = 8;
inline constexpr double smallestFont = 0.7, largestFont = 2.5;

/// Puts a model in front of the recent ones.
void rememberModel(Settings& settings, const QString& path);

/// LAYERWALK_CONFIG, else layerwalk/ in the desktop's configuration folder ($XDG_CONFIG_HOME or ~/.config).
QString configFolder();

/// Defaults where there is no file. Fails: the file is there and cannot be read or understood (the caller goes on with defaults).
Result<Settings> readSettings();
/// Makes the folder if needed. Fails: NotWritable.
Result<void> writeSettings(const Settings& settings);

}  // namespace lw
