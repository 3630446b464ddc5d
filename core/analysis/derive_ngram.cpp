// Derivation of an n-gram model's logits: a sum over lengths of context, from the counts.
#include <cmath>

#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/analysis/ngram_orders.h"
#include "core/analysis/numbers.h"

namespace lw::derivation {

namespace {

const char* plural(std::int64_t n) { return n == 1 ? "" : "s"; }

// "order 3: seen 12 times among 29 after tokens 501 17".
std::string inWords(const OrderShare& share, std::span<const TokenId> text) {
    if (share.order == 0) return "order 0: every token alike";
    std::string context;
    for (int i = share.order - 1; i > 0; --i) context += fmt::format(" {}", text[text.size() - static_cast<std::size_t>(i)]);
    if (share.order > 1 && share.total == 0) return fmt::format("order {}: never saw the context{}", share.order, context);
    const std::string seen = share.times ? fmt::format("{} time{}", share.count, plural(share.count))
                                         : fmt::format("after {} different token{}", share.count, plural(share.count));
    const std::string among =
        share.order == 1 ? fmt::format("of {} in all", share.total) : fmt::format("of {} that followed{}", share.total, context);
    return fmt::format("order {}: ({} − {}) / {} of what is left to it, seen {} {}; hands on {}", share.order, share.count,
                       printNumber(share.discount, 4), share.total, seen, among, printNumber(share.passedOn, 4));
}

}  // namespace

Result<Derivation> counted(const Sources& s) {
    const auto shares = ngramOrders(s.trace, s.model, s.place.position, s.place.unit.value);
    if (!shares) return Unexpected(shares.error());
    const auto ids = s.trace.ids().first(static_cast<std::size_t>(s.place.position.value) + 1);
    std::vector<double> parts;
    for (const OrderShare& share : *shares) parts.push_back(share.share);
    const auto formula = [](std::span<const double> x) {
        double sum = 0;
        for (const double part : x) sum += part;
        return std::log(sum);
    };
    const int digits = digitsThatReproduce(parts, formula);
    Derivation d;
    d.value = formula(parts);
    d.from = "the counts";
    d.formula.push_back({text("logit = ln p, p = a sum over lengths of context, the longest first")});
    FormulaLine figures{text("= ln(")};
    Contributions c;
    for (std::size_t k = shares->size(); k-- > 0;) {
        if (figures.size() > 1) figures.push_back(text(" + "));
        figures.push_back(text(printNumber(parts[k], digits)));
        c.values.push_back(parts[k]);
        c.labels.push_back(fmt::format("order {}", (*shares)[k].order));
        c.sum += parts[k];
    }
    figures.push_back(text(")"));
    d.formula.push_back(std::move(figures));
    d.formula.push_back(resultLine(d.value));
    for (std::size_t k = shares->size(); k-- > 0;) d.formula.push_back({text(inWords((*shares)[k], ids))});
    c.caption = fmt::format("p by order: {} terms, sum {}", parts.size(), printNumber(c.sum, 4));
    d.contributions = std::move(c);
    return d;
}

}  // namespace lw::derivation
