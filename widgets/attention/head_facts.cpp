#include "widgets/attention/head_facts.h"

#include <algorithm>
#include <cmath>

namespace lw {

Result<HeadFacts> headFacts(const HeadFactsRequest& request, const Job& job) {
    const Trace& trace = *request.trace;
    const HeadPlace place = request.tile.place;
    const std::optional<Subtrahend>& minus = request.minus;
    HeadFacts facts;
    facts.trace = request.trace;
    facts.place = place;
    facts.tile = request.kept;
    if (!facts.tile) {
        auto tile = headTile(trace, request.tile, job);
        if (!tile) return Unexpected(tile.error());
        facts.tile = std::make_shared<const HeadTile>(std::move(*tile));
    }
    facts.row = rowArithmetic(trace, place, request.query, minus, request.minusQuery);
    if (request.values && facts.row.hasValues) facts.values = valueSum(trace, facts.row);
    facts.form = request.form;
    if (request.form == AttentionForm::Reads) {
        facts.shadedBy = request.query;
        facts.shade.assign(static_cast<std::size_t>(trace.length()), std::nan(""));
        for (const RowTerm& term : facts.row.terms) {
            facts.shade[static_cast<std::size_t>(term.key)] = minus ? term.weight - term.otherWeight : term.weight;
        }
    } else if (request.form == AttentionForm::ReadBy) {
        facts.shadedBy = request.key.value_or(facts.row.terms.empty() ? request.query : facts.row.terms.front().key);
        auto readers = readersOf(trace, place, facts.shadedBy, job);
        if (!readers) return Unexpected(readers.error());
        facts.shade = std::move(*readers);
        if (minus && facts.shadedBy < minus->trace->length()) {
            auto other = readersOf(*minus->trace, minus->place, facts.shadedBy, job);
            if (!other) return Unexpected(other.error());
            facts.shade.resize(std::min(facts.shade.size(), other->size()));
            for (std::size_t i = 0; i < facts.shade.size(); ++i) facts.shade[i] -= (*other)[i];
        }
    }
    return facts;
}

bool sameTile(const TileRequest& a, const TileRequest& b) {
    const bool sameMinus = a.minus.has_value() == b.minus.has_value() &&
                           (!a.minus || (a.minus->trace == b.minus->trace && a.minus->place == b.minus->place));
    return a.place == b.place && a.quantity == b.quantity && a.firstQuery == b.firstQuery && a.queries == b.queries &&
           a.firstKey == b.firstKey && a.keys == b.keys && a.pool == b.pool && sameMinus;
}

}  // namespace lw
