#include "app/window/model_menu.h"

#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QUrl>

#include "core/bundled.h"

namespace lw {

namespace {

constexpr int mostFound = 20;

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

// & would make a mnemonic of the next letter.
QString plain(QString label) { return label.replace(QLatin1Char('&'), QStringLiteral("&&")); }

}  // namespace

ModelMenu::ModelMenu(QWidget* parent) : QMenu(parent) {
    setAccessibleName(tr("Models"));
    setToolTipsVisible(true);
    connect(this, &QMenu::aboutToShow, this, &ModelMenu::fill);
}

void ModelMenu::fill() {
    clear();
    const auto add = [this](const QString& label, const QString& what, const QString& path) {
        QAction* action = addAction(plain(label), this, [this, path] { Q_EMIT modelChosen(path); });
        action->setToolTip(what);
        action->setStatusTip(what);
        action->setCheckable(true);
        action->setChecked(path == m_open);
    };
    addSection(tr("Bundled"));
    for (const BundledModel& model : bundledModels()) add(text(model.name), text(model.what), text(model.name));

    QStringList recent;
    for (const QString& path : m_recent) {
        if (QFileInfo::exists(path)) recent.append(path);
    }
    if (!recent.isEmpty()) addSection(tr("Recent"));
    for (const QString& path : recent) add(QFileInfo(path).fileName(), path, path);

    const QString folder = QString::fromStdString(modelsFolder().string());
    addSection(tr("Models folder"));
    int shown = 0;
    for (const std::filesystem::path& found : foundModels()) {
        const QString path = QString::fromStdString(found.string());
        if (++shown <= mostFound) add(QDir(folder).relativeFilePath(path), path, path);
    }
    if (shown > mostFound) addAction(tr("… and %1 more").arg(shown - mostFound))->setEnabled(false);
    addAction(plain(folder), this, [folder] {
        QDir().mkpath(folder);
        QDesktopServices::openUrl(QUrl::fromLocalFile(folder));
    })->setToolTip(tr("Models put into this folder are listed here. Opens the folder."));
    addSeparator();
    addActions(m_actions);
    addAction(tr("How to get a larger model…"), this, &ModelMenu::largerWanted);
}

}  // namespace lw
