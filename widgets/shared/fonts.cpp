#include "widgets/shared/fonts.h"

#include <QFontDatabase>
#include <QFontInfo>
#include <QStringList>

#include <initializer_list>

namespace lw {

namespace {

QString region(const QLocale& locale) {
    switch (locale.language()) {
        case QLocale::Japanese:
            return "JP";
        case QLocale::Korean:
            return "KR";
        default:
            break;
    }
    if (locale.territory() == QLocale::HongKong || locale.territory() == QLocale::Macao) return "HK";
    const bool traditional = locale.script() == QLocale::TraditionalChineseScript || locale.territory() == QLocale::Taiwan;
    return traditional ? "TC" : "SC";
}

QFont withFallbacks(const QString& first, const QString& cjk, const QLocale& locale) {
    const QStringList installed = QFontDatabase::families();
    QStringList families{first};
    for (const QString& family : {cjk + " " + region(locale), cjk + " SC", cjk + " TC", QString("Noto Color Emoji")})
        if (installed.contains(family) && !families.contains(family)) families << family;
    QFont font;
    font.setFamilies(families);
    font.setPixelSize(13);
    font.setHintingPreference(QFont::PreferVerticalHinting);
    return font;
}

// The family itself and not an alias like "Sans Serif": an alias would let a CJK font draw Latin.
QString realFamily(std::initializer_list<const char*> wished, QFontDatabase::SystemFont role) {
    const QStringList installed = QFontDatabase::families();
    for (const char* family : wished)
        if (installed.contains(QString(family))) return family;
    return QFontInfo(QFontDatabase::systemFont(role)).family();
}

}  // namespace

QFont sansFont(const QLocale& locale) {
    return withFallbacks(realFamily({"Inter", "Inter Variable"}, QFontDatabase::GeneralFont), "Noto Sans CJK", locale);
}

QFont monoFont(const QLocale& locale) {
    QFont font = withFallbacks(realFamily({}, QFontDatabase::FixedFont), "Noto Sans Mono CJK", locale);
    font.setStyleHint(QFont::Monospace);
    return font;
}

}  // namespace lw
