#include "app/automated.h"

#include <QApplication>
#include <QBuffer>
#include <QImage>
#include <QPainter>
#include <QPixmap>

#include <cmath>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "app/run/shown_from.h"
#include "app/window/stage.h"
#include "core/bundled.h"
#include "core/formats/atomic_file.h"

namespace lw {

namespace {

constexpr int pollMs = 4;
constexpr int calmPolls = 4;  // queued layouts and repaints come within these

QString text(const std::string& s) { return QString::fromStdString(s); }

}  // namespace

Arrangement::Arrangement(MainWindow* window, StartOptions options, QObject* parent)
    : QObject(parent), m_window(window), m_options(std::move(options)) {
    m_poll.setInterval(pollMs);
    connect(&m_poll, &QTimer::timeout, this, &Arrangement::advance);
}

void Arrangement::begin() {
    Workspace* workspace = m_window->workspace();
    connect(workspace, &Workspace::failed, this, [this](const Error& error) { stop(text(error.message)); });
    connect(workspace, &Workspace::emptied, this, [this] { stop(tr("There is nothing to run: the text is empty.")); });
    m_todo = {&Arrangement::open};
    if (m_options.compare != StartCompare::None) m_todo.push_back(&Arrangement::pin);
    m_todo.push_back(&Arrangement::goOn);
    if (!m_options.count.empty()) m_todo.push_back(&Arrangement::count);
    advance();
}

void Arrangement::stop(const QString& sentence) {
    m_poll.stop();
    m_window->workspace()->disconnect(this);
    Q_EMIT failed(sentence);
}

void Arrangement::advance() {
    const Workspace* workspace = m_window->workspace();
    if (workspace->busy() || workspace->stale() || workspace->waiting()) {
        m_poll.start();
        return;
    }
    m_poll.stop();
    if (!m_todo.empty()) {
        const auto next = m_todo.front();
        m_todo.erase(m_todo.begin());
        (this->*next)();
        m_poll.start();
        return;
    }
    if (workspace->shown()) select(m_options.place);
    m_window->workspace()->disconnect(this);
    Q_EMIT arranged();
}

void Arrangement::open() {
    Workspace* workspace = m_window->workspace();
    std::vector<QString> views;
    for (const std::string& id : m_options.views) views.push_back(text(id));
    if (!m_options.session.empty()) {
        const QString file = text(m_options.session);
        const auto session = readSession(file);
        if (!session) {
            stop(text(session.error().message));
            return;
        }
        workspace->apply(*session, file);
    } else {
        const std::optional<std::string>& first = m_options.compareText ? m_options.compareText : m_options.text;
        if (first && first->empty()) {  // an opened model would bring its own sample instead
            stop(tr("There is nothing to run: the text is empty."));
            return;
        }
        if (first) Q_EMIT workspace->intents()->setPrompt(text(*first));
        workspace->openModel(m_options.model.empty() ? text(std::string(bundledModels().front().name)) : text(m_options.model));
    }
    if (!views.empty()) m_window->stage()->showViews(views);
}

void Arrangement::pin() {
    Workspace* workspace = m_window->workspace();
    select(m_options.comparePlace ? m_options.comparePlace : m_options.place);
    workspace->togglePin();
    workspace->setCompare(m_options.compare == StartCompare::Beside ? CompareChoice::Beside : CompareChoice::Difference);
    if (m_options.compareText && m_options.text) {
        Q_EMIT workspace->intents()->setPrompt(text(*m_options.text));
    }
}

void Arrangement::count() { m_window->openPath(text(m_options.count)); }

void Arrangement::goOn() {
    if (m_options.steps > 0) m_window->workspace()->steps(StepKind::Greedy, m_options.steps);
}

void Arrangement::select(const std::optional<Locus>& place) {
    if (!place) return;
    Workspace* workspace = m_window->workspace();
    if (place->step && workspace->shown()) {
        RunNodePtr node = workspace->shown()->node;
        if (place->step->value > node->depth() || place->step->value < 0) {
            stop(text(fmt::format("The place names s{}, but only {} tokens were generated.", place->step->value, node->depth())));
            return;
        }
        while (node->depth() > place->step->value) node = node->parent();
        workspace->goTo(node);
    }
    if (const auto inside = checkPlace(*place, *workspace->shown()); !inside) {
        stop(text(inside.error().message));
        return;
    }
    Locus whole = *place;
    if (!whole.position) whole.position = Position(workspace->shown()->trace->length() - 1);
    // A head and a key name a weight, so that the inspector has a number to explain.
    if (!whole.site && whole.layer && whole.head && whole.key) whole.site = SiteId::Pattern;
    workspace->selection()->replace(placeWithin(whole, *workspace->shown()));
}

AutomatedRun::AutomatedRun(MainWindow* window, StartOptions options, QObject* parent)
    : QObject(parent), m_window(window), m_options(options), m_arrangement(window, std::move(options)) {
    m_poll.setInterval(pollMs);
    connect(&m_poll, &QTimer::timeout, this, &AutomatedRun::finishWhenComplete);
    connect(&m_arrangement, &Arrangement::arranged, this, [this] { m_poll.start(); });
    connect(&m_arrangement, &Arrangement::failed, this, &AutomatedRun::end);
}

void AutomatedRun::finishWhenComplete() {
    m_calm = m_window->complete() ? m_calm + 1 : 0;
    if (m_calm < calmPolls) return;
    m_poll.stop();
    end(m_options.screenshot.empty() ? QString() : writeScreenshot());
}

QString AutomatedRun::writeScreenshot() {
    const std::filesystem::path file(m_options.screenshot);
    if (const std::string ending = file.extension().string(); ending != ".png") {
        return text(fmt::format("A screenshot is written as .png, not as “{}”.", file.filename().string()));
    }
    const QSize size(static_cast<int>(std::lround(m_window->width() * m_options.scale)),
                     static_cast<int>(std::lround(m_window->height() * m_options.scale)));
    QImage image = m_window->grab().toImage();
    if (image.size() != size) {
        // A platform with a scale of its own: painted at the one that was asked for.
        image = QImage(size, QImage::Format_RGB32);
        image.setDevicePixelRatio(m_options.scale);
        QPainter painter(&image);
        m_window->render(&painter);
    }
    QByteArray bytes;
    QBuffer buffer(&bytes);
    if (!image.convertToFormat(QImage::Format_RGB32).save(&buffer, "png")) return tr("The picture cannot be written as PNG.");
    const auto written = writeFileAtomically(file, {bytes.data(), static_cast<std::size_t>(bytes.size())});
    return written ? QString() : text(written.error().message);
}

void AutomatedRun::end(const QString& problem) {
    m_poll.stop();
    if (!problem.isEmpty()) {
        std::fprintf(stderr, "layerwalk: %s\n", qPrintable(problem));
    } else if (m_options.printPlace) {
        std::printf("%s\n", print(m_window->workspace()->selection()->current()).c_str());
    }
    QApplication::exit(problem.isEmpty() ? 0 : 1);
}

}  // namespace lw
