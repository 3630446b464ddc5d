// The main of tests that need widgets: a QApplication around Catch2.
#ifdef HAVE_CATCH3
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

#include <QApplication>

int main(int argc, char** argv) {
    if (qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    int one = 1;  // Qt must not take Catch2's switches
    QApplication application(one, argv);
    return Catch::Session().run(argc, argv);
}
