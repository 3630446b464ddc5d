#include "app/window/fuzzy.h"

#include <QStringList>

namespace lw {

namespace {

bool beginsWord(const QString& text, qsizetype i) {
    if (i == 0) return true;
    const QChar before = text[i - 1];
    return !before.isLetterOrNumber() || (before.isLower() && text[i].isUpper());
}

// All of one word of the typing, from any start.
std::optional<int> wordScore(const QString& typed, const QString& text) {
    std::optional<int> best;
    for (qsizetype start = 0; start < text.size(); ++start) {
        if (text[start].toCaseFolded() != typed[0].toCaseFolded()) continue;
        int score = 0;
        qsizetype t = 0, last = start - 1;
        for (qsizetype i = start; i < text.size() && t < typed.size(); ++i) {
            if (text[i].toCaseFolded() != typed[t].toCaseFolded()) continue;
            score += 1 + (beginsWord(text, i) ? 8 : 0) + (last + 1 == i && t > 0 ? 5 : 0);
            if (t > 0) score -= static_cast<int>(std::min<qsizetype>(3, i - last - 1));
            last = i;
            ++t;
        }
        if (t == typed.size() && (!best || score > *best)) best = score;
        if (text.size() > 200) break;  // long rows: the first start is good enough
    }
    return best;
}

}  // namespace

std::optional<int> fuzzyScore(const QString& typed, const QString& text) {
    int total = 0;
    for (const QString& word : typed.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const auto score = wordScore(word, text);
        if (!score) return std::nullopt;
        total += *score;
    }
    return total * 64 - static_cast<int>(std::min<qsizetype>(63, text.size()));  // shorter rows first among equals
}

}  // namespace lw
