// layerwalk: reads the command line, opens the window, and brings the last screen back.
#include <QApplication>
#include <QTimer>

#include <clocale>
#include <cstdio>
#include <cstdlib>

#include "app/automated.h"
#include "app/command_line.h"
#include "app/display.h"
#include "app/main_window.h"
#include "app/quit_signals.h"
#include "app/version.h"
#include "app/window/autosave.h"
#include "core/bundled.h"

namespace {

// Qt ends the program where it finds no platform: in a sentence, and not by abort(). That it makes up a runtime folder where
// the system names none is no news to whoever asked for a picture.
void handleMessage(QtMsgType type, const QMessageLogContext&, const QString& message) {
    if (message.startsWith(QLatin1String("QStandardPaths: XDG_RUNTIME_DIR not set"))) return;
    std::fprintf(stderr, "layerwalk: %s\n", qPrintable(message.simplified()));
    if (type == QtFatalMsg) std::_Exit(1);
}

void setScale(const lw::StartOptions& options) {
    if (!options.automated() && options.scale == 1) return;  // the desktop's own
    qputenv("QT_SCALE_FACTOR", QByteArray::number(options.scale));
    for (const char* name :
         {"QT_SCREEN_SCALE_FACTORS", "QT_AUTO_SCREEN_SCALE_FACTOR", "QT_FONT_DPI", "QT_ENABLE_HIGHDPI_SCALING"})
        qunsetenv(name);
}

lw::Settings startSettings(const lw::StartOptions& options, QString& problem) {
    lw::Settings settings;
    if (!options.automated()) {
        if (auto read = lw::readSettings()) {
            settings = *read;
        } else {
            problem = QString::fromStdString(read.error().message);
        }
    }
    // A picture is the same on every desktop: light unless dark was asked for.
    if (options.theme == lw::StartTheme::Dark) settings.theme = lw::ThemeChoice::Dark;
    if (options.theme == lw::StartTheme::Light || (options.automated() && options.theme == lw::StartTheme::Settings))
        settings.theme = lw::ThemeChoice::Light;
    return settings;
}

// A person's start: the last screen, or what the command line names, or the default model with its sample.
void startForPerson(lw::MainWindow& window, lw::Autosave& autosave, const lw::StartOptions& options) {
    using namespace lw;
    Workspace* workspace = window.workspace();
    QObject::connect(&autosave, &Autosave::failed, &window, &MainWindow::showError);
    const auto found = autosave.begin();
    if (!found) window.showError(found.error());
    const bool asked = !options.model.empty() || options.text || !options.session.empty() || !options.count.empty() ||
                       options.steps > 0 || options.place;
    const bool restores = found && *found && !asked && (window.settings().restoreScreen || (*found)->crashed);
    if (!restores) {
        auto* arrangement = new Arrangement(&window, options, &window);
        QObject::connect(arrangement, &Arrangement::failed, &window, [workspace] {
            // The sentence is on the screen already; below it stands what can be shown.
            if (!workspace->model()) workspace->openModel(QString::fromUtf8(bundledModels().front().name.data()));
        });
        arrangement->begin();
        return;
    }
    const auto fresh = [workspace] {
        Session session;
        session.model.name = bundledModels().front().name;
        session.text = bundledModels().front().sample;
        session.sampling = workspace->sampling();
        session.views = workspace->views();
        workspace->apply(session);
    };
    QObject::connect(workspace, &Workspace::notRestored, &window, [workspace] {
        if (!workspace->model()) workspace->openModel(QString::fromUtf8(bundledModels().front().name.data()));
    });
    workspace->apply((*found)->session);
    if (!(*found)->crashed) return;
    window.messages()->show({QStringLiteral("restored"),
                             Message::Kind::Note,
                             MainWindow::tr("Layerwalk did not end normally last time: this is the screen of a moment before."),
                             {{MainWindow::tr("Begin anew"), [&window, fresh] {
                                   window.messages()->remove(QStringLiteral("restored"));
                                   fresh();
                               }}}});
}

}  // namespace

int main(int argc, char* argv[]) {
    const lw::CommandLine line = lw::readCommandLine(argc, argv);
    std::fputs(line.out.c_str(), stdout);
    if (!line.error.empty()) std::fprintf(stderr, "layerwalk: %s\n", line.error.c_str());
    if (line.exit) return *line.exit;
    const lw::StartOptions& options = line.options;
    if (const auto why = lw::noDisplay(argc, argv)) {
        std::fprintf(stderr, "layerwalk: %s\n", why->c_str());
        return 1;
    }

    qInstallMessageHandler(handleMessage);
    setScale(options);
    QApplication application(argc, argv);
    std::setlocale(LC_NUMERIC, "C");  // numbers in files are the same everywhere
    QApplication::setApplicationName(QStringLiteral("layerwalk"));
    QApplication::setApplicationDisplayName(QStringLiteral("Layerwalk"));
    QApplication::setApplicationVersion(QLatin1String(lw::programVersion));
    QApplication::setDesktopFileName(QStringLiteral("layerwalk"));
    QApplication::setQuitOnLastWindowClosed(true);

    QString problem;
    lw::MainWindow window(startSettings(options, problem), !options.automated());
    if (!options.animate || options.automated()) window.appearance()->forbidMotion();
    if (options.projector) window.setProjector(true);
    if (options.width > 0) window.setExactSize({options.width, options.height});

    if (options.automated()) {
        window.setAttribute(Qt::WA_DontShowOnScreen);
        window.show();
        lw::AutomatedRun run(&window, options);
        QTimer::singleShot(0, &run, &lw::AutomatedRun::begin);
        return QApplication::exec();
    }

    lw::Autosave autosave(window.workspace());
    lw::onQuitSignals(&window, [&window] { window.close(); });
    window.show();
    if (!problem.isEmpty()) window.showError({lw::ErrorKind::BadFormat, problem.toStdString(), {}, {}});
    QTimer::singleShot(0, &window, [&] { startForPerson(window, autosave, options); });
    const int status = QApplication::exec();
    if (const auto finished = autosave.finish(); !finished)
        std::fprintf(stderr, "layerwalk: %s\n", finished.error().message.c_str());
    return status;
}
