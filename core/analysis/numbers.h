// Numbers as people read them in formulas: a real minus sign, no more digits than needed to get the result again.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace lw {

/// "0.4127", "−3.21", "1e−5", "12345", "−∞": at most `digits` significant digits, more where the whole part has more.
std::string printNumber(double value, int digits = 6);

/// The same in parentheses if it is negative: what stands after an operator.
std::string printOperand(double value, int digits = 6);

/// The number that a person reads who is shown `digits` significant digits.
double rounded(double value, int digits);

/// Fewest significant digits, at least 4, with which the formula gives its result again within 1e-6 of it (17 if none do).
int digitsThatReproduce(std::span<const double> operands, const std::function<double(std::span<const double>)>& formula);

}  // namespace lw
