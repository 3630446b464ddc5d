#include <QApplication>
#include <QComboBox>
#include <QPushButton>
#include <QRegularExpression>
#include <QStyleFactory>
#include <QVBoxLayout>

#include "tests/catch.h"
#include "widgets/shared/fonts.h"
#include "widgets/shared/palette.h"

using namespace lw;

TEST_CASE("The style sheet has no word without a colour") {
    for (const bool dark : {false, true}) {
        const QString sheet = Palette(dark).styleSheet();
        CHECK_FALSE(sheet.contains('@'));
        CHECK_FALSE(sheet.contains(QRegularExpression(": ;|: px")));
        CHECK(sheet.contains(Palette(dark).of(Ink::Accent).name()));
        CHECK(sheet.contains(dark ? "down_dark.svg" : "down_light.svg"));
    }
}

TEST_CASE("Qt reads the style sheet and paints a primary button in the accent") {
    for (const bool dark : {false, true}) {
        const Palette palette(dark);
        QWidget window;
        window.setStyle(QStyleFactory::create("Fusion"));
        window.setStyleSheet(palette.styleSheet());
        auto* layout = new QVBoxLayout(&window);
        auto* button = new QPushButton("Trace");
        button->setProperty("primary", true);
        layout->addWidget(button);
        window.resize(200, 100);
        window.ensurePolished();
        const QImage image = button->grab().toImage();
        CHECK(image.pixelColor(6 * static_cast<int>(image.devicePixelRatio()), image.height() / 2) == palette.of(Ink::Accent));
    }
}

TEST_CASE("Fonts fall back to Chinese glyphs of the person's region") {
    const QStringList taiwan = sansFont(QLocale("zh_TW")).families(), china = sansFont(QLocale("zh_CN")).families();
    if (!taiwan.contains("Noto Sans CJK TC")) {
        WARN("Noto Sans CJK is not installed: the order of Chinese families is not tested");
        return;
    }
    CHECK(taiwan[1] == "Noto Sans CJK TC");
    CHECK(china[1] == "Noto Sans CJK SC");
    CHECK_FALSE(taiwan[0].contains("CJK"));  // Latin stays Latin
}
