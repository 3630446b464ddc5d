// The tests of the window. QVERIFY and QCOMPARE pass silently inside Catch2: only REQUIRE and CHECK are used.
#ifdef HAVE_CATCH3
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

#include <QApplication>
#include <QTemporaryDir>

#include <clocale>

int main(int argc, char** argv) {
    // Nothing of the person who runs the tests is read or written.
    QTemporaryDir own;
    qputenv("LAYERWALK_CONFIG", own.filePath("config").toUtf8());
    qputenv("LAYERWALK_MODELS", own.filePath("models").toUtf8());
    qunsetenv("QT_SCALE_FACTOR");
    int one = 1;  // Qt does not see Catch2's switches
    QApplication application(one, argv);
    std::setlocale(LC_NUMERIC, "C");
    QApplication::setQuitOnLastWindowClosed(false);
    return Catch::Session().run(argc, argv);
}
