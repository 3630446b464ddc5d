#include "core/analysis/derivation_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/analysis/numbers.h"

namespace lw::derivation {

Result<void> Sources::has(SiteId site, Layer layer) const {
    if (trace.has(site, layer)) return {};
    return fail(ErrorKind::NotFound,
                fmt::format("{} is computed from {}, which was not captured in this run.", siteName(place.site, place.layer),
                            siteName(site, layer)),
                siteName(site, layer));
}

Result<RowVectorD> Sources::row(SiteId site, Layer layer, std::optional<Position> position) const {
    if (auto ok = has(site, layer); !ok) return Unexpected(ok.error());
    return RowVectorD(trace.row(site, layer, position.value_or(place.position)).cast<double>());
}

RowVectorD Sources::vectorOf(WeightId id, Layer layer, std::int64_t n, double otherwise) const {
    const Weight& w = model.weight(id, layer);
    return w.defined() ? RowVectorD(w.row(0).cast<double>()) : RowVectorD::Constant(n, otherwise);
}

Locus Sources::at(SiteId site, Layer layer, std::optional<Unit> unit, std::optional<Position> position) const {
    Locus locus;
    locus.step = place.locus.step;
    if (siteOf(site).perLayer) locus.layer = layer;
    locus.position = position.value_or(place.position);
    locus.unit = unit;
    locus.site = site;
    return locus;
}

Locus Sources::atHead(SiteId site, Head head, std::optional<Unit> unit, std::optional<Position> position) const {
    Locus locus = at(site, place.layer, unit, position);
    locus.head = head;
    return locus;
}

Locus Sources::atKey(SiteId site, Position key) const {
    Locus locus = atHead(site, place.head, std::nullopt);
    locus.key = key;
    return locus;
}

FormulaPart text(std::string words) { return {std::move(words), std::nullopt}; }
FormulaPart link(std::string words, const Locus& place) { return {std::move(words), place}; }
FormulaPart figure(double value, int digits, const Locus& place) { return {printOperand(value, digits), place}; }
FormulaLine resultLine(double value) { return {text("= " + printNumber(value))}; }

std::vector<int> largest(const RowVectorD& values, int count) {
    std::vector<int> order(static_cast<std::size_t>(values.size()));
    std::iota(order.begin(), order.end(), 0);
    const auto n = std::min<std::ptrdiff_t>(count, values.size());
    std::partial_sort(order.begin(), order.begin() + n, order.end(), [&](int a, int b) {
        const double x = std::abs(values(a)), y = std::abs(values(b));
        return x != y ? x > y : a < b;
    });
    order.resize(static_cast<std::size_t>(n));
    return order;
}

void addProductSum(Derivation& d, const ProductSum& sum) {
    const bool products = sum.right.size() > 0;
    const RowVectorD terms = products ? RowVectorD(sum.left.cwiseProduct(sum.right)) : sum.left;
    const double total = terms.sum(), whole = total + sum.bias.value_or(0);
    d.value = whole * sum.factor;

    if (sum.bias) {
        const std::array<double, 2> operands{total, *sum.bias};
        const int digits = digitsThatReproduce(operands, [](std::span<const double> x) { return x[0] + x[1]; });
        d.formula.push_back({text(fmt::format("= {} + {}", printNumber(total, digits), printOperand(*sum.bias, digits)))});
    }
    if (!sum.factorName.empty()) {
        const std::array<double, 2> operands{whole, sum.factor};
        const int digits = digitsThatReproduce(operands, [](std::span<const double> x) { return x[0] * x[1]; });
        if (sum.bias) d.formula.pop_back();
        d.formula.push_back({text(fmt::format("= {} · {}", printNumber(whole, digits), printOperand(sum.factor, digits)))});
    }
    d.formula.push_back(resultLine(d.value));

    constexpr int shown = 3, kept = 8;
    const std::vector<int> order = largest(terms, kept);
    FormulaLine line{text(order.size() > 1 ? "largest: " : "")};
    for (std::size_t i = 0; i < std::min<std::size_t>(shown, order.size()); ++i) {
        const int at = order[i];
        if (i > 0) line.push_back(text(", "));
        line.push_back(link(printNumber(sum.left(at), 4), sum.place(at)));
        if (products) line.push_back(text(" · " + printOperand(sum.right(at), 4)));
        line.push_back(text(fmt::format(" ({})", sum.name(at))));
    }
    d.formula.push_back(std::move(line));
    for (const int at : order) d.operands.push_back(sum.place(at));

    Contributions c;
    c.values.assign(terms.data(), terms.data() + terms.size());
    for (int i = 0; i < static_cast<int>(terms.size()); ++i) c.labels.push_back(sum.name(i));
    if (sum.bias) {
        c.values.push_back(*sum.bias);
        c.labels.push_back("bias");
    }
    c.sum = whole;
    c.caption = fmt::format("{}: {} {}{}{}, sum {}", sum.caption, terms.size(), sum.terms, terms.size() == 1 ? "" : "s",
                            sum.bias ? " and the bias" : "", printNumber(c.sum, 4));
    d.contributions = std::move(c);
}

// "S[3, 7] = kept − erased + written", with figures and the result; squashed: the tanh of the sum.
Derivation sumOf(const std::string& symbol, const std::vector<Term>& terms, bool squashed) {
    Derivation d;
    FormulaLine symbols{text(symbol + (squashed ? " = tanh(" : " = "))}, figures{text(squashed ? "= tanh(" : "= ")};
    std::vector<double> operands;
    for (const Term& term : terms) operands.push_back(term.minus ? -term.value : term.value);
    const auto formula = [squashed](std::span<const double> x) {
        double sum = 0;
        for (const double v : x) sum += v;
        return squashed ? std::tanh(sum) : sum;
    };
    const int digits = digitsThatReproduce(operands, formula);
    for (std::size_t i = 0; i < terms.size(); ++i) {
        const Term& term = terms[i];
        if (i > 0) {
            const char* sign = term.minus ? " − " : " + ";
            symbols.push_back(text(sign));
            figures.push_back(text(sign));
            d.from += i + 1 < terms.size() ? ", " : " and ";
        }
        symbols.push_back(link(term.name, term.place));
        figures.push_back(figure(term.value, digits, term.place));
        d.from += term.name;
        d.operands.push_back(term.place);
    }
    if (squashed) {
        symbols.push_back(text(")"));
        figures.push_back(text(")"));
    }
    d.value = formula(operands);
    d.formula = {std::move(symbols), std::move(figures), resultLine(d.value)};
    return d;
}

// "written = (β k)[3] · v[7]".
Derivation productOf(const std::string& symbol, const std::vector<Term>& factors) {
    Derivation d;
    FormulaLine symbols{text(symbol + " = ")}, figures{text("= ")};
    std::vector<double> operands;
    for (const Term& factor : factors) operands.push_back(factor.value);
    const auto formula = [](std::span<const double> x) {
        double product = 1;
        for (const double v : x) product *= v;
        return product;
    };
    const int digits = digitsThatReproduce(operands, formula);
    for (std::size_t i = 0; i < factors.size(); ++i) {
        if (i > 0) {
            symbols.push_back(text(" · "));
            figures.push_back(text(" · "));
            d.from += " and ";
        }
        symbols.push_back(link(factors[i].name, factors[i].place));
        figures.push_back(figure(factors[i].value, digits, factors[i].place));
        d.from += factors[i].name;
        d.operands.push_back(factors[i].place);
    }
    d.value = formula(operands);
    d.formula = {std::move(symbols), std::move(figures), resultLine(d.value)};
    return d;
}

Derivation functionOf(const std::string& symbol, const Function& function, const Term& x, double times,
                      const std::string& timesName) {
    Derivation d;
    const auto formula = [&](std::span<const double> v) { return v[1] * function.apply(v[0]); };
    const std::array<double, 2> operands{x.value, times};
    const int digits = digitsThatReproduce(operands, formula);
    const bool factor = !timesName.empty();
    const std::string open = fmt::format("{}(", function.name);
    d.value = formula(operands);
    d.from = x.name;
    d.operands = {x.place};
    d.formula = {
        {text(fmt::format("{} = {}{}", symbol, factor ? timesName + " · " : "", open)), link(x.name, x.place), text(")")},
        {text(fmt::format("= {}{}", factor ? printOperand(times, digits) + " · " : "", open)),
         link(printNumber(x.value, digits), x.place), text(")")},
        resultLine(d.value)};
    return d;
}

void addFunctionOfSum(Derivation& d, const Function& function, const ProductSum& sum, double times, bool shown) {
    Derivation inner;
    addProductSum(inner, sum);
    const auto formula = [&](std::span<const double> v) { return v[1] * function.apply(v[0]); };
    const std::array<double, 2> operands{inner.value, times};
    const int digits = digitsThatReproduce(operands, formula);
    d.value = formula(operands);
    d.formula.push_back({text(fmt::format("= {}{}({})", shown ? printOperand(times, digits) + " · " : "", function.name,
                                          printNumber(inner.value, digits)))});
    d.formula.push_back(resultLine(d.value));
    takeTerms(d, std::move(inner));
}

void takeTerms(Derivation& d, Derivation sum) {
    d.formula.push_back(std::move(sum.formula.back()));
    d.contributions = std::move(sum.contributions);
    d.operands.insert(d.operands.end(), sum.operands.begin(), sum.operands.end());
}

Derivation copyOf(const std::string& name, double value, const Locus& place) {
    Derivation d;
    d.value = value;
    d.from = name;
    d.operands = {place};
    d.formula = {{text("a copy of "), link(name, place)}, resultLine(value)};
    return d;
}

double total(const ProductSum& sum) {
    return (sum.right.size() > 0 ? sum.left.dot(sum.right) : sum.left.sum()) + sum.bias.value_or(0);
}

}  // namespace lw::derivation
