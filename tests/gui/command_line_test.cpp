// layerwalk without hands: pictures of the size asked for, places, and sentences with status 1.
#include <QFile>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>

#include "app/command_line.h"
#include "tests/gui/program.h"

using namespace lw;

namespace {

struct Ran {
    int status;
    std::string out, error;
};

Ran run(const QStringList& arguments, const QStringList& without = {}, const QMap<QString, QString>& with = {}) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString& name : without) environment.remove(name);
    for (auto it = with.begin(); it != with.end(); ++it) environment.insert(it.key(), it.value());
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(LAYERWALK_BIN "/layerwalk"), arguments);
    REQUIRE(process.waitForFinished(60000));
    REQUIRE(process.exitStatus() == QProcess::NormalExit);
    return {process.exitCode(), process.readAllStandardOutput().toStdString(), process.readAllStandardError().toStdString()};
}

}  // namespace

TEST_CASE("what needs no display", "[process]") {
    const QStringList display{"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"};
    const Ran views = run({"--list-views"}, display);
    CHECK(views.status == 0);
    CHECK(views.error.empty());
    std::string expected;
    for (const ViewRow& row : viewRows()) expected += std::string(row.id) + " " + row.title + "\n";
    CHECK(views.out == expected);
    CHECK(run({"--help"}, display).status == 0);
    CHECK(contains(run({"--help"}, display).out, "--screenshot"));
    CHECK(run({"--version"}, display).out.starts_with("layerwalk "));
    const Ran none = run({}, display);
    CHECK(none.status == 1);
    CHECK(contains(none.error, "no display"));
    const Ran unreachable = run({}, {"WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}, {{"DISPLAY", ":5999"}});
    CHECK(unreachable.status == 1);
    CHECK(contains(unreachable.error, ":5999"));
    const Ran platform = run({}, {}, {{"QT_QPA_PLATFORM", "nonsense"}});
    CHECK(platform.status == 1);
    CHECK_FALSE(platform.error.empty());
}

TEST_CASE("pictures have exactly the size asked for", "[process]") {
    QTemporaryDir folder;
    const QString file = folder.filePath("a.png");
    struct Case {
        QStringList arguments;
        QSize size;
    };
    for (const Case& c :
         {Case{{"--size", "1280x720"}, {1280, 720}}, Case{{"--size", "640x400", "--theme", "dark"}, {640, 400}},
          Case{{"--size", "900x600", "--scale", "2"}, {1800, 1200}}, Case{{"--size", "2200x1300"}, {2200, 1300}}}) {
        QFile::remove(file);
        const Ran ran = run(QStringList{"--screenshot", file, "--view", "logit-lens"} + c.arguments);
        INFO(c.arguments.join(' ').toStdString() << ran.error);
        CHECK(ran.status == 0);
        const QImage image(file);
        CHECK(image.size() == c.size);
    }
}

TEST_CASE("every view is written", "[process]") {
    QTemporaryDir folder;
    std::vector<QImage> images;
    for (const ViewRow& row : viewRows()) {
        const QString file = folder.filePath(QStringLiteral("v.png"));
        const Ran ran = run({"--screenshot", file, "--view", row.id, "--text", QString::fromUtf8("The cat sat. 小貓🙂"),
                             "--size", "1440x900"});
        INFO(row.id << ran.error);
        REQUIRE(ran.status == 0);
        const QImage image = QImage(file).copy(280, 180, 820, 560);
        for (const QImage& other : images) CHECK(image != other);
        images.push_back(image);
    }
}

TEST_CASE("places, steps, sessions, comparison", "[process]") {
    QTemporaryDir folder;
    CHECK(run({"--print-place", "--place", "L3 H5 q7"}).out == "L3 H5 q7\n");
    CHECK(run({"--print-place", "--place", "L3 H5 q7 k2 blocks.3.attn.hook_pattern"}).out ==
          "L3 H5 q7 k2 blocks.3.attn.hook_pattern\n");
    CHECK(contains(run({"--print-place", "--steps", "3"}).out, "s3 "));
    CHECK(contains(run({"--print-place", "--steps", "3", "--place", "s1 L2"}).out, "s1 L2 "));
    for (const char* compare : {"beside", "difference"}) {
        const QString file = folder.filePath("c.png");
        CHECK(run({"--compare", compare, "--compare-place", "L1 H0 q3", "--compare-text", "Once upon a time, there was a dog",
                   "--text", "Once upon a time, there was a cat", "--place", "L1 H0 q4", "--screenshot", file})
                  .status == 0);
        CHECK(QFile::exists(file));
    }
    const QString two = folder.filePath("two.png");
    CHECK(run({"--view", "attention", "--view", "block", "--screenshot", two}).status == 0);

    Program program("Lily and Tom");
    program.step(StepKind::Greedy);
    program.select("s1 L2 H2 q3");
    program.window().saveSessionTo(folder.filePath("s.walk"));
    CHECK(run({"--session", folder.filePath("s.walk"), "--print-place"}).out == "s1 L2 H2 q3\n");
}

TEST_CASE("what cannot be done is one sentence and status 1", "[process]") {
    QTemporaryDir folder;
    const QString picture = folder.filePath("a.png"), bytes = folder.filePath("bytes.txt");
    QFile file(bytes);
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write("ab\xff");
    file.close();
    const std::vector<QStringList> wrong{{"--view", "no-such-view"},
                                         {"--model", "/no/such/model.gguf"},
                                         {"--model", bytes},
                                         {"--place", "L99"},
                                         {"--place", "X3"},
                                         {"--place", "s4"},
                                         {"--size", "12"},
                                         {"--size", "1x1"},
                                         {"--theme", "pink"},
                                         {"--text", ""},
                                         {"--session", "/no/such.walk"},
                                         {"--text-file", "/no/such.txt"},
                                         {"--scale", "99"},
                                         {"--no-such-option"},
                                         {"--steps", "-1"},
                                         {"--compare", "sideways"},
                                         {"--view", "block", "--view", "block", "--view", "block"}};
    for (const QStringList& arguments : wrong) {
        const Ran ran = run(QStringList{"--screenshot", picture} + arguments);
        INFO(arguments.join(' ').toStdString() << " → " << ran.error);
        CHECK(ran.status == 1);
        CHECK(ran.error.starts_with("layerwalk: "));
        CHECK(std::count(ran.error.begin(), ran.error.end(), '\n') == 1);
        CHECK_FALSE(QFile::exists(picture));
    }
    for (const char* target : {"/no/such/folder/a.png", "/proc/a.png", "/tmp/a.jpeg"}) {
        const Ran ran = run({"--screenshot", target});
        INFO(target << " → " << ran.error);
        CHECK(ran.status == 1);
        CHECK_FALSE(ran.error.empty());
    }
}

TEST_CASE("an automated start touches nothing of the person's", "[process]") {
    QTemporaryDir folder;
    const QString config = folder.filePath("config");
    CHECK(run({"--screenshot", folder.filePath("a.png")}, {}, {{"LAYERWALK_CONFIG", config}}).status == 0);
    CHECK_FALSE(QFile::exists(config));
}
