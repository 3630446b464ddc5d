// Fuzzy matching for the command palette: the letters typed must come in this order; words begun and runs count more. Pure.
#pragma once

#include <QString>

#include <optional>

namespace lw {

/// How well `typed` matches `text`, higher is better; nullopt if it does not. Case does not matter. Nothing typed: 0.
std::optional<int> fuzzyScore(const QString& typed, const QString& text);

}  // namespace lw
