// How numbers and pieces of text are written in pictures. Qt-free.
#pragma once

#include <string>
#include <string_view>

namespace lw {

// Formulas of core/analysis print numbers their own way, under the same names: this keeps the two apart for the linker.
inline namespace shown_numbers {

/// 3–4 significant digits, a real minus sign (U+2212), −inf as "−∞": "0.4127", "−3.21", "204", "2.3e−6".
std::string printNumber(double value, int digits = 4);
/// A probability in fixed width where it can be: "0.923", "1.000"; under 0.001 as "2.3e−6".
std::string printProbability(double p);
/// All digits that a float has (shortest form that reads back to the same float).
std::string printFull(float value);

}  // namespace shown_numbers

/// A token's bytes made visible: space "·", newline "↵", tab "⇥", other controls and invisible code points by name or
/// "U+200B", bytes that are no UTF-8 as "\xE4"; never empty.
std::string visiblePiece(std::string_view bytes);

/// Nats or bits, as the person chose: value in nats → "1.23 nats" / "1.77 bits".
enum class InformationUnit { Nats, Bits };
double inUnit(double nats, InformationUnit unit);
std::string_view unitName(InformationUnit unit);

}  // namespace lw
