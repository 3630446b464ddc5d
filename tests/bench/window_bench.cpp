// How long the window takes from a key to the complete picture, and how long it cannot answer meanwhile, view by view.
// Not a test. Run it with QT_QPA_PLATFORM=offscreen or in a window system:
//   window_bench [--model M] [--tokens N] [--times N] [--view ID]… [--strip N] [--size WxH]
// Times are medians. "cpu" is the CPU time of the whole program, which other work on the machine changes little; "wall" is what
// a person waits. A stretch is the CPU time that the window's own thread spends without returning to its event loop.
#include <QScrollBar>
#include <QTest>
#include <QWheelEvent>

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "app/main_window.h"
#include "app/window/stage.h"
#include "app/window/top_bar.h"
#include "tests/bench/frame_watch.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/tokens/token_strip.h"

using namespace lw;

namespace {

struct Options {
    QString model = QStringLiteral("stories260K");
    int tokens = 100, times = 9, strip = 0;
    std::vector<QString> views;
    QSize size{1440, 900};
};

Options read(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i];
        const QString value = QString::fromLocal8Bit(argv[i + 1]);
        if (name == "--model") options.model = value;
        if (name == "--tokens") options.tokens = value.toInt();
        if (name == "--times") options.times = value.toInt();
        if (name == "--strip") options.strip = value.toInt();
        if (name == "--view") options.views.push_back(value);
        if (name == "--size") options.size = {value.section('x', 0, 0).toInt(), value.section('x', 1, 1).toInt()};
    }
    if (options.views.empty()) {
        for (const ViewRow& row : viewRows()) options.views.push_back(QString::fromLatin1(row.id));
    }
    return options;
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

class Bench {
public:
    Bench(FrameWatch& application, const Options& options)
        : m_application(application), m_options(options), m_window(Settings{}, false) {
        m_window.appearance()->forbidMotion();
        m_window.resize(options.size);
        m_window.show();
    }

    bool open();
    void keys(const QString& view);
    void strip();

private:
    Workspace& workspace() { return *m_window.workspace(); }
    void turn() { m_application.processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents); }
    // Until the picture is complete and painted.
    bool finish() {
        const double begin = wallMs();
        while (!m_window.complete() || workspace().waiting()) {
            turn();
            if (wallMs() - begin > 300'000) return false;
        }
        m_application.processEvents();
        m_application.processEvents();
        return m_window.complete();
    }
    void printStretches(const char* indent) {
        for (const FrameWatch::Stretch& s : m_application.longest(4))
            fmt::print("{}{:7.1f} ms cpu {:7.1f} ms wall  {}\n", indent, s.cpu, s.wall, s.what);
    }

    FrameWatch& m_application;
    const Options& m_options;
    MainWindow m_window;
};

// A text of about the wished number of tokens.
bool Bench::open() {
    QObject::connect(m_window.workspace(), &Workspace::failed, m_window.workspace(), [](const Error& error) {
        fmt::print(stderr, "{}\n", error.message);
        std::exit(1);
    });
    const double begin = wallMs(), cpu = cpuMs(CLOCK_PROCESS_CPUTIME_ID);
    Q_EMIT workspace().intents()->setPrompt(QStringLiteral("Once upon a time"));
    workspace().openModel(m_options.model);
    while (!workspace().shown()) turn();
    if (!finish()) return false;
    fmt::print("{}: opened and drawn in {:.0f} ms wall, {:.0f} ms cpu\n", m_options.model.toStdString(), wallMs() - begin,
               cpuMs(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    const QString sentence =
        QStringLiteral("Once upon a time, there was a little girl named Lily. She loved to play outside in the park. ");
    QString text = sentence;
    int tokens = 0;
    while (true) {
        Q_EMIT workspace().intents()->setPrompt(text);
        if (!finish()) return false;
        tokens = workspace().branches()->fit().total();
        if (tokens >= m_options.tokens) break;
        const auto perSentence = tokens / (text.size() / sentence.size());
        text += sentence.repeated(std::max(1, static_cast<int>((m_options.tokens - tokens) / perSentence)));
    }
    while (tokens > m_options.tokens && text.size() > 20) {
        text.chop(std::max(1, (tokens - m_options.tokens) * 2));
        Q_EMIT workspace().intents()->setPrompt(text);
        if (!finish()) return false;
        tokens = workspace().branches()->fit().total();
    }
    fmt::print("{} tokens of {} characters\n", tokens, text.size());
    return true;
}

void Bench::keys(const QString& view) {
    m_window.stage()->showView(view);
    if (!finish()) {
        fmt::print("{}: not complete\n", view.toStdString());
        return;
    }
    PromptEdit* prompt = m_window.topBar()->prompt();
    std::vector<double> walls, cpus, own, traces, stretches;
    double longestWall = 0;
    std::map<std::string, double> kinds;
    FrameWatch::Stretch worst;
    for (int i = 0; i < m_options.times; ++i) {
        m_application.clear();
        const double wall = wallMs(), cpu = cpuMs(CLOCK_PROCESS_CPUTIME_ID), thread = cpuMs(CLOCK_THREAD_CPUTIME_ID);
        if (i % 2 == 0) {
            QTest::sendKeyEvent(QTest::Click, prompt, Qt::Key_A, 'a', Qt::NoModifier);
        } else {
            QTest::sendKeyEvent(QTest::Click, prompt, Qt::Key_Backspace, QString(), Qt::NoModifier);
        }
        if (!finish()) break;
        walls.push_back(wallMs() - wall - workspace().debounce());
        cpus.push_back(cpuMs(CLOCK_PROCESS_CPUTIME_ID) - cpu);
        own.push_back(cpuMs(CLOCK_THREAD_CPUTIME_ID) - thread);
        traces.push_back(1e3 * workspace().lastSeconds());
        const auto longest = m_application.longest(1);
        if (!longest.empty()) {
            stretches.push_back(longest.front().cpu);
            if (longest.front().cpu > worst.cpu) worst = longest.front();
        }
        longestWall = std::max(longestWall, m_application.longestWall());
        for (const auto& [kind, ms] : m_application.byKind()) kinds[kind] += ms / m_options.times;
    }
    fmt::print(
        "{:16} key to complete {:7.1f} ms wall  {:7.1f} ms cpu ({:.1f} of the window's thread)  trace {:7.1f} ms   "
        "longest stretch {:6.1f} ms cpu (most {:.1f}: {}), {:.1f} ms wall\n",
        view.toStdString(), median(walls), median(cpus), median(own), median(traces), median(stretches), worst.cpu, worst.what,
        longestWall);
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [kind, ms] : kinds) order.emplace_back(ms, kind);
    std::sort(order.rbegin(), order.rend());
    for (std::size_t i = 0; i < std::min<std::size_t>(6, order.size()); ++i)
        fmt::print("    {:6.1f} ms  {}\n", order[i].first, order[i].second);
}

// Scrolling and selecting in a long strip.
void Bench::strip() {
    workspace().setContextChoice(ContextChoice::Beyond);
    const QString sentence = QStringLiteral("Once upon a time, there was a little girl named Lily. ");
    Q_EMIT workspace().intents()->setPrompt(sentence.repeated(m_options.strip / 18 + 1));
    m_window.stage()->showView(QStringLiteral("next-token"));
    if (!finish()) return;
    const int length = workspace().shown()->trace->length();
    PictureWidget* strip = m_window.strip()->pictureWidget();
    const auto measure = [&](const char* what, const auto& act) {
        std::vector<double> stretches, frames;
        m_application.clear();
        for (int i = 0; i < 60; ++i) {
            m_application.clear();
            const double thread = cpuMs(CLOCK_THREAD_CPUTIME_ID);
            act(i);
            m_application.processEvents();
            frames.push_back(cpuMs(CLOCK_THREAD_CPUTIME_ID) - thread);
            finish();
        }
        std::sort(frames.begin(), frames.end());
        fmt::print("strip of {} tokens, {}: {:.1f} ms cpu a frame, most {:.1f}\n", length, what, frames[frames.size() / 2],
                   frames.back());
    };
    QScrollBar* bar = strip->horizontalScrollBar();
    bar->setValue(0);
    measure("scrolled", [&](int) {
        const QPointF at(200, 20);
        QWheelEvent wheel(at, strip->viewport()->mapToGlobal(at), {}, {0, -120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                          false);
        QCoreApplication::sendEvent(strip->viewport(), &wheel);
    });
    measure("pointed at", [&](int i) { QTest::mouseMove(strip->viewport(), {100 + 11 * i, 20}); });
    measure("selected", [&](int i) {
        Locus place;
        place.position = Position(length - 1 - 7 * i);
        workspace().selection()->select(place);
    });
    printStretches("    ");
}

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    const Options options = read(argc, argv);
    FrameWatch application(argc, argv);
    Bench bench(application, options);
    if (!bench.open()) return 1;
    for (const QString& view : options.views) bench.keys(view);
    if (options.strip > 0) bench.strip();
    return 0;
}
