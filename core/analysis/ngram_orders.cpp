#include "core/analysis/ngram_orders.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/models/ngram.h"

namespace lw {

Result<std::vector<OrderShare>> ngramOrders(const Trace& trace, const Model& model, Position position, TokenId token) {
    const auto* ngram = dynamic_cast<const Ngram*>(&model);
    if (!ngram)
        return fail(
            ErrorKind::Unsupported,
            fmt::format("{} is no n-gram model: its probabilities are no sum over lengths of context.", model.info().name));
    if (position.value < 0 || position.value >= trace.length())
        return fail(ErrorKind::BadInput,
                    fmt::format("Position {} is outside the text of {} tokens.", position.value, trace.length()));
    if (token < 0 || token >= model.info().vocabulary)
        return fail(ErrorKind::BadInput, fmt::format("The id {} is outside the vocabulary of {}, whose ids go from 0 to {}.",
                                                     token, model.info().name, model.info().vocabulary - 1));
    const auto evidence = ngram->evidence(trace.ids().first(static_cast<std::size_t>(position.value) + 1), token);
    std::vector<OrderShare> shares(evidence.size());
    double above = 1;
    for (std::size_t k = evidence.size(); k-- > 0;) {
        const NgramEvidence& e = evidence[k];
        const double own = e.total > 0 ? (static_cast<double>(e.count) - e.discount) / static_cast<double>(e.total) : 0;
        shares[k] = {e.order, e.order == ngram->table().order(), e.count, e.total, e.discount, e.passed, above * own};
        above *= e.passed;
    }
    return shares;
}

int answeringOrder(const std::vector<OrderShare>& shares) {
    return std::ranges::max_element(shares, {}, &OrderShare::share)->order;
}

}  // namespace lw
