// The sentences of the logit lens view, translated.
#pragma once

#include <QCoreApplication>

#include <string>

namespace lw {

inline std::string lensWords(const char* text) { return QCoreApplication::translate("LogitLens", text).toStdString(); }

}  // namespace lw
