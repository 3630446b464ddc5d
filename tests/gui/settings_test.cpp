// Settings and the screen of the last time are kept; a crash loses a few seconds at most; an automated start touches nothing.
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <signal.h>

#include "app/window/autosave.h"
#include "tests/gui/program.h"

using namespace lw;

namespace {

// Another configuration folder for as long as it lives.
class OwnFolder {
public:
    OwnFolder() : m_before(qgetenv("LAYERWALK_CONFIG")) { qputenv("LAYERWALK_CONFIG", m_folder.filePath("config").toUtf8()); }
    ~OwnFolder() { qputenv("LAYERWALK_CONFIG", m_before); }
    QString file(const char* name) const { return m_folder.filePath(QStringLiteral("config/") + QLatin1String(name)); }

private:
    QTemporaryDir m_folder;
    QByteArray m_before;
};

}  // namespace

TEST_CASE("settings are written and read", "[settings]") {
    const OwnFolder own;
    CHECK(*readSettings() == Settings{});
    Settings s;
    s.theme = ThemeChoice::Dark;
    s.motion = MotionChoice::Off;
    s.colourMap = SequentialMap::Viridis;
    s.unit = InformationUnit::Bits;
    s.fontScale = 1.25;
    s.captureBudget = 3'000'000'000;
    s.keys["roll"] = "Ctrl+R";
    s.tryThis = false;
    s.geometry = QByteArray("\x00\x01\xff", 3);
    for (int i = 0; i < 12; ++i) rememberModel(s, QString::number(i));
    rememberModel(s, "10");
    CHECK(s.recentModels.size() == recentModelsKept);
    CHECK(s.recentModels.first() == "10");
    REQUIRE(writeSettings(s));
    CHECK(*readSettings() == s);

    QFile file(own.file("settings.json"));
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write("{ broken");
    file.close();
    const auto broken = readSettings();
    REQUIRE_FALSE(broken);
    CHECK(contains(broken.error().message, "settings.json"));
}

TEST_CASE("a change in the window is written, an automated window writes nothing", "[settings]") {
    const OwnFolder own;
    {
        Program program({}, {}, true);
        program.key(Qt::Key_Plus, Qt::ControlModifier);
        CHECK(program.window().settings().fontScale > 1.05);
        program.window().close();
    }
    REQUIRE(QFile::exists(own.file("settings.json")));
    CHECK(readSettings()->fontScale > 1.05);
    QFile::remove(own.file("settings.json"));
    {
        Program program;
        program.key(Qt::Key_Plus, Qt::ControlModifier);
        program.window().close();
    }
    CHECK_FALSE(QFile::exists(own.file("settings.json")));
}

TEST_CASE("autosave: a normal end and a crash", "[settings]") {
    const OwnFolder own;
    {
        Program program("Tom ran home");
        Autosave autosave(&program.workspace());
        REQUIRE(autosave.begin());
        program.select("L2 H3 q3 k1");
        autosave.saveNow();
        CHECK(QFile::exists(own.file("autosave.walk")));
        Autosave second(&program.workspace());
        const auto nothing = second.begin();  // another window of the same person
        REQUIRE(nothing);
        CHECK_FALSE(*nothing);
        // As if it were killed here: no finish().
    }
    {
        Program program;
        Autosave autosave(&program.workspace());
        const auto found = autosave.begin();
        REQUIRE(found);
        REQUIRE(*found);
        CHECK((*found)->crashed);
        CHECK((*found)->session.text == "Tom ran home");
        CHECK(print((*found)->session.place) == "L2 H3 q3 k1");
        program.workspace().apply((*found)->session);
        REQUIRE(eventually([&] { return program.workspace().text() == "Tom ran home" && !program.workspace().busy(); }));
        program.waitUntilComplete();
        REQUIRE(autosave.finish());
        CHECK_FALSE(QFile::exists(own.file("autosave.walk")));
    }
    {
        Program program;
        Autosave autosave(&program.workspace());
        const auto found = autosave.begin();
        REQUIRE(found);
        REQUIRE(*found);
        CHECK_FALSE((*found)->crashed);
        CHECK(print((*found)->session.place) == "L2 H3 q3 k1");
    }
}

TEST_CASE("a broken autosave is put aside", "[settings]") {
    const OwnFolder own;
    QDir().mkpath(configFolder());
    QFile file(own.file("autosave.walk"));
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write("{");
    file.close();
    Program program;
    Autosave autosave(&program.workspace());
    CHECK_FALSE(autosave.begin());
    CHECK(QFile::exists(own.file("autosave.walk.old")));
    CHECK_FALSE(QFile::exists(own.file("autosave.walk")));
}

TEST_CASE("kill -9 and a new start bring the screen back", "[settings][process]") {
    const OwnFolder own;
    const QString program = QStringLiteral(LAYERWALK_BIN "/layerwalk");
    QProcess first;
    first.start(program, {"--text", "Tom saw a big tree", "--no-animation"});
    REQUIRE(first.waitForStarted());
    REQUIRE(eventually([&] { return QFile::exists(own.file("autosave.walk")); }, 30000));
    kill(static_cast<pid_t>(first.processId()), SIGKILL);
    first.waitForFinished();
    const auto left = readSession(own.file("autosave.walk"));
    REQUIRE(left);
    CHECK(left->text == "Tom saw a big tree");
    QProcess second;
    second.start(program, {"--no-animation"});
    REQUIRE(second.waitForStarted());
    // What the first left is put aside while it is tried; then the second writes its own.
    REQUIRE(eventually([&] { return QFile::exists(own.file("autosave.walk.old")); }, 30000));
    REQUIRE(eventually([&] { return QFile::exists(own.file("autosave.walk")); }, 30000));
    REQUIRE(eventually(
        [&] {
            const auto now = readSession(own.file("autosave.walk"));
            return now && now->text == "Tom saw a big tree" && now->tree.promptTokens > 0;
        },
        30000));
    second.terminate();
    REQUIRE(second.waitForFinished(10000));
    CHECK(second.exitCode() == 0);
    CHECK(QFile::exists(own.file("last.walk")));  // ended in an orderly way
    CHECK_FALSE(QFile::exists(own.file("autosave.walk")));
}
