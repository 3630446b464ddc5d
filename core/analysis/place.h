// A place that has been checked against a run: every index its site needs is there and inside.
// Internal to analysis: what explain and check work on.
#pragma once

#include "core/base/result.h"
#include "core/models/model.h"
#include "core/trace/locus.h"
#include "core/trace/trace.h"

namespace lw {

struct CheckedPlace {
    SiteId site = SiteId::Embed;
    Layer layer;
    Position position;
    Head head;  // a query head, also for keys and values
    Position key;
    Unit unit;    // for Logits the token id; the row of a state
    Unit unit2;   // the column of a state
    std::optional<TokenId> reads;  // of a stream state: not a channel, but how probable the logit lens finds this token there
    Locus locus;  // only the parts that the site has (and the step)
};

/// Fails: the place names no value of this run (says which part is missing or outside), or the run has not captured it.
Result<CheckedPlace> checkPlace(const Trace& trace, const Locus& place);

/// The value as it is shown: captured or derived as the model does it.
double shownValue(const Trace& trace, const Model& model, const CheckedPlace& place);

/// The values that share all indices but the last with this place: what "relative" is measured against.
RowVectorD shownRow(const Trace& trace, const Model& model, const CheckedPlace& place);

}  // namespace lw
