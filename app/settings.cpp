#include "app/settings.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStandardPaths>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/formats/atomic_file.h"

namespace lw {

namespace {

constexpr const char* themeNames[] = {"system", "light", "dark"};
constexpr const char* motionNames[] = {"system", "on", "off"};
constexpr const char* mapNames[] = {"blues", "viridis", "grey"};
constexpr const char* unitNames[] = {"nats", "bits"};

// An unknown word, from a newer program perhaps, leaves the default.
template <class Enum, std::size_t N>
void readEnum(const QJsonObject& json, const char* name, const char* const (&names)[N], Enum& into) {
    const QString word = json.value(QLatin1String(name)).toString();
    for (std::size_t i = 0; i < N; ++i) {
        if (word == QLatin1String(names[i])) into = static_cast<Enum>(i);
    }
}

QString settingsFile() { return configFolder() + "/settings.json"; }

QString inBase64(const QByteArray& bytes) { return QString::fromLatin1(bytes.toBase64()); }
QByteArray fromBase64(const QJsonValue& v) { return QByteArray::fromBase64(v.toString().toLatin1()); }

}  // namespace

void rememberModel(Settings& settings, const QString& path) {
    settings.recentModels.removeAll(path);
    settings.recentModels.prepend(path);
    while (settings.recentModels.size() > recentModelsKept) settings.recentModels.removeLast();
}

QString configFolder() {
    const QString own = qEnvironmentVariable("LAYERWALK_CONFIG");
    if (!own.isEmpty()) return QDir::cleanPath(own);
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + "/layerwalk";
}

Result<Settings> readSettings() {
    QFile file(settingsFile());
    if (!file.exists()) return Settings{};
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(ErrorKind::Unreadable, fmt::format("The settings in {} cannot be read: {}.", file.fileName().toStdString(),
                                                       file.errorString().toStdString()));
    }
    QJsonParseError problem;
    const QJsonObject json = QJsonDocument::fromJson(file.readAll(), &problem).object();
    if (problem.error != QJsonParseError::NoError) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("The settings in {} cannot be understood (byte {}: {}); the defaults are used.",
                                file.fileName().toStdString(), problem.offset, problem.errorString().toStdString()));
    }
    Settings s;
    readEnum(json, "theme", themeNames, s.theme);
    readEnum(json, "motion", motionNames, s.motion);
    readEnum(json, "colour_map", mapNames, s.colourMap);
    readEnum(json, "unit", unitNames, s.unit);
    s.fontScale = std::clamp(json.value("font_scale").toDouble(1), smallestFont, largestFont);
    s.captureBudget = std::max<qint64>(0, json.value("capture_budget").toInteger(0));
    for (const QJsonValue& v : json.value("recent_models").toArray()) s.recentModels.append(v.toString());
    s.recentModels.removeAll(QString());
    s.recentModels = s.recentModels.mid(0, recentModelsKept);
    const QJsonObject keys = json.value("keys").toObject();
    for (auto it = keys.begin(); it != keys.end(); ++it) s.keys[it.key()] = it.value().toString();
    s.tryThis = json.value("try_this").toBool(true);
    s.restoreScreen = json.value("restore_screen").toBool(true);
    s.geometry = fromBase64(json.value("geometry"));
    s.columns = fromBase64(json.value("columns"));
    s.exportFolder = json.value("export_folder").toString();
    return s;
}

Result<void> writeSettings(const Settings& s) {
    if (!QDir().mkpath(configFolder())) {
        return fail(ErrorKind::NotWritable, fmt::format("The settings folder {} cannot be made.", configFolder().toStdString()));
    }
    QJsonObject keys;
    for (auto it = s.keys.begin(); it != s.keys.end(); ++it) keys[it.key()] = it.value();
    const QJsonObject json{{"theme", themeNames[static_cast<int>(s.theme)]},
                           {"motion", motionNames[static_cast<int>(s.motion)]},
                           {"colour_map", mapNames[static_cast<int>(s.colourMap)]},
                           {"unit", unitNames[static_cast<int>(s.unit)]},
                           {"font_scale", s.fontScale},
                           {"capture_budget", s.captureBudget},
                           {"recent_models", QJsonArray::fromStringList(s.recentModels)},
                           {"keys", keys},
                           {"try_this", s.tryThis},
                           {"restore_screen", s.restoreScreen},
                           {"geometry", inBase64(s.geometry)},
                           {"columns", inBase64(s.columns)},
                           {"export_folder", s.exportFolder}};
    const QByteArray text = QJsonDocument(json).toJson();
    return writeFileAtomically(std::filesystem::path(settingsFile().toStdString()),
                               {text.data(), static_cast<std::size_t>(text.size())});
}

}  // namespace lw
