#include "core/analysis/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace lw {

namespace {

constexpr const char* minus = "−";
constexpr int most = 17;  // of a double

int wholeDigits(double value) {
    return std::abs(value) < 1 || std::abs(value) >= 1e7 ? 1 : static_cast<int>(std::log10(std::abs(value))) + 1;
}

std::string plain(double value, int digits) { return fmt::format("{:.{}g}", value, std::max(digits, wholeDigits(value))); }

}  // namespace

std::string printNumber(double value, int digits) {
    if (std::isnan(value)) return "not a number";
    if (std::isinf(value)) return value > 0 ? "∞" : std::string(minus) + "∞";
    if (value == 0) return "0";
    std::string text = plain(value, digits);
    std::string exponent;
    if (const auto e = text.find('e'); e != std::string::npos) {  // "1e-05" is written "1e−5"
        const int power = std::atoi(text.c_str() + e + 1);
        exponent = fmt::format("e{}{}", power < 0 ? minus : "", std::abs(power));
        text.resize(e);
    }
    return (text.front() == '-' ? minus + text.substr(1) : text) + exponent;
}

std::string printOperand(double value, int digits) {
    const std::string text = printNumber(value, digits);
    return value < 0 ? "(" + text + ")" : text;
}

double rounded(double value, int digits) {
    if (!std::isfinite(value) || value == 0) return value;
    return std::strtod(plain(value, digits).c_str(), nullptr);
}

int digitsThatReproduce(std::span<const double> operands, const std::function<double(std::span<const double>)>& formula) {
    const double value = formula(operands);
    std::vector<double> printed(operands.size());
    for (int digits = 4; digits < most; ++digits) {
        std::transform(operands.begin(), operands.end(), printed.begin(), [digits](double x) { return rounded(x, digits); });
        if (std::abs(formula(printed) - value) <= 1e-6 * std::abs(value)) return digits;
    }
    return most;
}

}  // namespace lw
