// The sentences of the attention view, translated.
#pragma once

#include <QCoreApplication>

#include <string>

namespace lw {

inline std::string attentionWords(const char* text) { return QCoreApplication::translate("Attention", text).toStdString(); }

}  // namespace lw
