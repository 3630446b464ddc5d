// The families of the program's type: the system's sans serif (Inter where it is installed) and monospace, with Chinese glyphs
// in the form of the person's language and emoji behind them.
#pragma once

#include <QFont>
#include <QLocale>

namespace lw {

/// At body size. The language decides between the regional forms of Chinese characters (Qt alone follows LANG only).
QFont sansFont(const QLocale& locale = QLocale());
QFont monoFont(const QLocale& locale = QLocale());

}  // namespace lw
