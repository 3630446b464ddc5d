#include "widgets/shared/guess.h"

#include <QCoreApplication>

#include <cmath>

#include "widgets/shared/format.h"

namespace lw {

namespace {

QString say(const char* text) { return QCoreApplication::translate("Guess", text); }

}  // namespace

std::optional<double> parseGuess(const QString& text) {
    QString plain = text.trimmed();
    plain.replace(QChar(0x2212), '-').replace(',', '.');
    const bool percent = plain.endsWith('%');
    if (percent) plain.chop(1);
    bool ok = false;
    const double value = plain.trimmed().toDouble(&ok);
    if (!ok || !std::isfinite(value)) return std::nullopt;
    return percent ? value / 100 : value;
}

Judgement judge(const Spot& spot, const QString& guess) {
    const QString truth = spot.value ? QString::fromStdString(printNumber(*spot.value)) : QString::fromStdString(spot.says);
    const auto number = parseGuess(guess);
    if (!spot.value || !number) return {say("You said “%1”; it is %2.").arg(guess.trimmed(), truth), std::nullopt};
    const double distance = *number - *spot.value;
    const QString said = QString::fromStdString(printNumber(*number));
    if (std::abs(distance) <= 5e-4 * std::max(std::abs(*spot.value), 1e-3))
        return {say("You said %1, and it is %2.").arg(said, truth), distance};
    const QString off = QString::fromStdString(printNumber(std::abs(distance), 3));
    return {(distance > 0 ? say("You said %1; it is %2: %3 too high.") : say("You said %1; it is %2: %3 too low."))
                .arg(said, truth, off),
            distance};
}

}  // namespace lw
