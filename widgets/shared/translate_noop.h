// Marks a sentence for lupdate in code that does not include Qt. Qt's own macro of the same name and meaning wins where it is
// there: include this after any Qt header, or only in Qt-free files.
#pragma once

#ifndef QT_TRANSLATE_NOOP
#define QT_TRANSLATE_NOOP(scope, x) x
#endif
