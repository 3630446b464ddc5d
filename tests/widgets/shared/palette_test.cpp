#include "widgets/shared/palette.h"

#include <array>

#include "tests/catch.h"
#include "tests/worst.h"
#include "widgets/shared/oklab.h"

using namespace lw;

namespace {

constexpr std::array maps{SequentialMap::Blues, SequentialMap::Viridis, SequentialMap::Grey};

}  // namespace

TEST_CASE("Tokens are those of the design") {
    const Palette light(false), dark(true);
    CHECK(light.of(Ink::Ground).name() == "#f3f5f8");
    CHECK(light.of(Ink::Line).name() == "#dde3ea");
    CHECK(light.of(Ink::Text).name() == "#17212e");
    CHECK(light.of(Ink::SelectedFill).name() == "#fff1c9");
    CHECK(light.of(Ink::SelectedFrame).name() == "#b07400");
    CHECK(light.of(Ink::FeedForward).name() == "#0b8a6a");
    CHECK(light.of(Ink::Key).name() == "#d55e00");
    CHECK(dark.of(Ink::Panel).name() == "#151c25");
    CHECK(dark.of(Ink::Accent).name() == "#6db3ff");
    CHECK(dark.of(Ink::Erased).name() == "#ff9d66");
    CHECK(dark.of(Ink::Recurrent).name() == "#d0a3f0");
    CHECK(light.of(Ink::None).alpha() == 0);
}

TEST_CASE("The maps go through their stops") {
    const std::array light{"#ffffff", "#e3edf9", "#b9d3f0", "#86b2e2", "#4f89cc", "#2a5fa8", "#143a73", "#081f45"};
    const std::array dark{"#151c25", "#1a3350", "#1f5184", "#2f77b5", "#5a9fd6", "#94c5ec", "#cfe6f8", "#ffffff"};
    for (int i = 0; i < 8; ++i) {
        CHECK(Palette(false).sequential(i / 7.0).name() == light[static_cast<std::size_t>(i)]);
        CHECK(Palette(true).sequential(i / 7.0).name() == dark[static_cast<std::size_t>(i)]);
    }
    const std::array signedLight{"#1f4e8c", "#6d9fd6", "#c9dcef", "#ffffff", "#f6d9b8", "#e09a4c", "#a8520a"};
    for (int i = 0; i < 7; ++i) CHECK(Palette(false).diverging(i / 3.0 - 1).name() == signedLight[static_cast<std::size_t>(i)]);
    CHECK(Palette(false).sequential(-1) == Palette(false).sequential(0));
    CHECK(Palette(false).sequential(2) == Palette(false).sequential(1));
}

TEST_CASE("Zero is the panel's own colour in every map") {
    for (const bool isDark : {false, true})
        for (const SequentialMap map : maps) {
            const Palette palette(isDark, map);
            CHECK(palette.sequential(0) == palette.of(Ink::Panel));
            CHECK(palette.diverging(0) == palette.of(Ink::Panel));
        }
}

TEST_CASE("Text on every colour of every map has a contrast of 4.5") {
    double least = 100;
    for (const bool isDark : {false, true})
        for (const SequentialMap map : maps) {
            const Palette palette(isDark, map);
            for (int i = 0; i <= 1000; ++i) {
                const QColor a = palette.sequential(i / 1000.0), b = palette.diverging(i / 500.0 - 1);
                least = std::min({least, contrast(palette.textOn(a), a), contrast(palette.textOn(b), b)});
            }
        }
    CAPTURE(least);
    CHECK(least >= 4.5);
}

TEST_CASE("Text inks have a contrast of 4.5, frames of 3") {
    for (const bool isDark : {false, true}) {
        const Palette palette(isDark);
        for (const Ink under : {Ink::Ground, Ink::Panel}) {
            for (const Ink ink : {Ink::Text, Ink::Muted, Ink::Accent, Ink::Attention, Ink::Recurrent, Ink::Erased, Ink::Kept,
                                  Ink::New, Ink::Read}) {
                CAPTURE(isDark, static_cast<int>(ink), static_cast<int>(under), contrast(palette.of(ink), palette.of(under)));
                CHECK(contrast(palette.of(ink), palette.of(under)) >= 4.5);
            }
            for (const Ink ink : {Ink::SelectedFrame, Ink::FeedForward, Ink::Written, Ink::Query, Ink::Key, Ink::Value}) {
                CAPTURE(isDark, static_cast<int>(ink), static_cast<int>(under), contrast(palette.of(ink), palette.of(under)));
                CHECK(contrast(palette.of(ink), palette.of(under)) >= 3);
            }
        }
        CHECK(contrast(palette.of(Ink::Text), palette.of(Ink::SelectedFill)) >= 4.5);
        CHECK(contrast(palette.of(Ink::Muted), palette.of(Ink::SelectedFill)) >= 4.5);
    }
}

TEST_CASE("More is darker in light and lighter in dark, without turning back") {
    for (const bool isDark : {false, true})
        for (const SequentialMap map : maps) {
            const Palette palette(isDark, map);
            double before = toOklab(palette.sequential(0)).L;
            double worst = 0;
            for (int i = 1; i <= 200; ++i) {
                const double here = toOklab(palette.sequential(i / 200.0)).L;
                widen(worst, isDark ? before - here : here - before);
                before = here;
            }
            CAPTURE(isDark, static_cast<int>(map), worst);
            // Viridis in dark starts below the panel's lightness; eight-bit channels round by less than this.
            CHECK(worst <= 0.004);
        }
}

TEST_CASE("WCAG's contrast") {
    CHECK(contrast(QColor(0, 0, 0), QColor(255, 255, 255)) == Approx(21));
    CHECK(contrast(QColor("#777777"), QColor("#ffffff")) == Approx(4.48).margin(0.01));
    CHECK(contrast(QColor(9, 9, 9), QColor(9, 9, 9)) == Approx(1));
}

TEST_CASE("A transparent fill is judged as it is seen") {
    const Palette light(false);
    QColor fill(0, 0, 0);
    fill.setAlphaF(0.1f);
    CHECK(light.textOn(fill) == QColor(0, 0, 0));
}
