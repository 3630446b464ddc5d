#include "widgets/shared/axis.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "widgets/shared/format.h"

namespace lw {

namespace {

// The step of 1, 2 or 5 × 10ⁿ that gives at most about `count` ticks.
double niceStep(double span, int count) {
    const double rough = span / std::max(1, count);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= rough * (1 - 1e-9)) return factor * power;
    return 10 * power;
}

std::string tickText(double value, double step) {
    if (std::abs(value) < step * 1e-9) return "0";
    if (std::abs(value) >= 1e5 || step < 1e-4) return printNumber(value, 3);
    const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
    std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
    return value < 0 ? "\u2212" + text : text;
}

std::string powerText(double value) {
    const int exponent = static_cast<int>(std::lround(std::log10(value)));
    if (exponent >= -3 && exponent <= 4) return fmt::format("{:g}", value);
    static constexpr std::array digits{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    std::string text = exponent < 0 ? "10⁻" : "10";
    for (const char c : std::to_string(std::abs(exponent))) text += digits[static_cast<std::size_t>(c - '0')];
    return text;
}

}  // namespace

std::vector<Tick> linearTicks(double low, double high, int count) {
    if (!(high > low) || !std::isfinite(high - low)) return {{low, printNumber(low, 3)}};
    const double step = niceStep(high - low, count);
    std::vector<Tick> ticks;
    const auto last = static_cast<long long>(std::floor(high / step + 1e-9));
    for (auto i = static_cast<long long>(std::ceil(low / step - 1e-9)); i <= last; ++i) {
        const double value = static_cast<double>(i) * step;
        ticks.push_back({value, tickText(value, step)});
    }
    return ticks;
}

std::vector<Tick> logTicks(double low, double high, int count) {
    if (!(low > 0) || !(high > low) || !std::isfinite(high)) return {};
    const int first = static_cast<int>(std::ceil(std::log10(low) - 1e-9)),
              last = static_cast<int>(std::floor(std::log10(high) + 1e-9));
    std::vector<Tick> ticks;
    if (last - first < 1) {  // under two decades: also 2 and 5
        for (int e = first - 1; e <= last; ++e)
            for (const double factor : {1.0, 2.0, 5.0}) {
                const double value = factor * std::pow(10.0, e);
                if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) ticks.push_back({value, printNumber(value, 3)});
            }
        return ticks;
    }
    const int every = std::max(1, (last - first + std::max(1, count)) / std::max(1, count));
    for (int e = first; e <= last; e += every) {
        const double value = std::pow(10.0, e);
        ticks.push_back({value, powerText(value)});
    }
    return ticks;
}

Range niceRange(double low, double high, int count) {
    if (!std::isfinite(low) || !std::isfinite(high)) return {};
    if (!(high > low)) {
        const double half = low == 0 ? 1 : std::abs(low) / 2;
        return {low - half, low + half};
    }
    const double step = niceStep(high - low, count);
    return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step};
}

}  // namespace lw
