#include "widgets/shared/format.h"

#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace lw {

namespace {

constexpr std::string_view minusSign = "\u2212";

// A number as digits of C, with the minus of typography.
std::string withRealMinus(std::string_view ascii) {
    std::string result;
    for (char c : ascii) {
        if (c == '-')
            result += minusSign;
        else
            result += c;
    }
    return result;
}

// "1.50" → "1.5", "2.0" → "2"; a number without a point stays.
std::string withoutTrailingZeros(std::string text) {
    if (text.find('.') == std::string::npos) return text;
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

// value as mantissa and exponent of ten: "2.3e-6", not C's "2.3e-06".
std::string scientific(double value, int digits) {
    std::string text = fmt::format("{:.{}e}", value, digits - 1);
    const auto e = text.find('e');
    const int exponent = std::stoi(text.substr(e + 1));
    return withoutTrailingZeros(text.substr(0, e)) + fmt::format("e{}", exponent);
}

// The value is exactly this decimal number, as far as a float can say.
bool isExactly(const std::string& decimal, double value) {
    double read = 0;
    std::from_chars(decimal.data(), decimal.data() + decimal.size(), read);
    return std::abs(read - value) <= std::abs(value) * 6e-8;
}

std::string notFinite(double value) {
    if (std::isnan(value)) return "NaN";
    return value < 0 ? std::string(minusSign) + "∞" : "∞";
}

}  // namespace

inline namespace shown_numbers {

std::string printNumber(double value, int digits) {
    if (!std::isfinite(value)) return notFinite(value);
    if (value == 0) return "0";
    const double size = std::abs(value);
    if (size < 1e-3 || size >= 1e7) return withRealMinus(scientific(value, digits));
    int decimals = std::max(0, digits - 1 - static_cast<int>(std::floor(std::log10(size))));
    if (size < 1) decimals = std::min(decimals, digits + 2);
    std::string text = fmt::format("{:.{}f}", value, decimals);
    // 9.9996 rounds up to one digit more than it has room for
    if (size < 1e6 && decimals > 0 && std::abs(std::stod(text)) >= std::pow(10, digits - decimals))
        text = fmt::format("{:.{}f}", value, decimals - 1);
    // Only a number that really ends here loses its zeros: measured ones keep their width while they change.
    const std::string shorter = withoutTrailingZeros(text);
    return withRealMinus(isExactly(shorter, value) ? shorter : text);
}

std::string printProbability(double p) {
    if (!std::isfinite(p)) return notFinite(p);
    if (p == 0 || std::abs(p) >= 0.001) return withRealMinus(fmt::format("{:.3f}", p));
    const std::string text = fmt::format("{:.1e}", p);  // always two digits: a column of them stays aligned
    const auto e = text.find('e');
    return withRealMinus(text.substr(0, e) + fmt::format("e{}", std::stoi(text.substr(e + 1))));
}

std::string printFull(float value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return std::string(digits.data(), end);
}

}  // namespace shown_numbers

double inUnit(double nats, InformationUnit unit) { return unit == InformationUnit::Bits ? nats / std::numbers::ln2 : nats; }

std::string_view unitName(InformationUnit unit) { return unit == InformationUnit::Bits ? "bits" : "nats"; }

}  // namespace lw
