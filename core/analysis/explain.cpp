#include "core/analysis/explain.h"

#include <fmt/format.h>

#include "core/analysis/derivation.h"
#include "core/analysis/site_texts.h"

namespace lw {

Result<Explanation> explain(const Trace& trace, const Model& model, const Locus& locus) {
    const auto place = checkPlace(trace, locus);
    if (!place) return Unexpected(place.error());
    Explanation e;
    e.place = place->locus;
    e.title = place->reads ? "Logit lens" : titleOf(place->site);
    e.value = shownValue(trace, model, *place);
    const std::string_view unit = siteOf(place->site).unit;
    if (place->reads) {
        e.unit = "probability";
    } else if (unit != "1") {
        e.unit = unit;
    }
    e.site = siteName(place->site, place->layer);
    e.inWords = inWords(*place);
    e.indices = indicesOf(model.info(), *place);
    e.shape = shapeText(model.info(), *place, trace.length());
    auto derivation = derive(trace, model, *place);
    if (auto same = model.intact(); !same) return Unexpected(same.error());
    if (!derivation) {  // the value is here, but not what it came from
        e.formula = {{{derivation.error().message, std::nullopt}}};
        return e;
    }
    e.formula = std::move(derivation->formula);
    e.contributions = std::move(derivation->contributions);
    e.operands = std::move(derivation->operands);
    return e;
}

Result<Explanation> explainProbability(const Trace& trace, const Model& model, Position position, TokenId token) {
    Locus locus;
    locus.position = position;
    locus.unit = Unit(token);
    locus.site = SiteId::Logits;
    const auto place = checkPlace(trace, locus);
    if (!place) return Unexpected(place.error());
    Derivation derivation = deriveProbability(trace, position, token);
    Explanation e;
    e.place = place->locus;
    e.title = "Probability";
    e.value = derivation.value;
    e.unit = "probability";
    e.site = siteName(SiteId::Logits);
    e.inWords = fmt::format("how probable token {} is after position {}", token, position.value);
    e.indices = indicesOf(model.info(), *place);
    e.shape = shapeText(model.info(), *place, trace.length()) + ", rows sum to 1";
    e.formula = std::move(derivation.formula);
    e.operands = std::move(derivation.operands);
    return e;
}

}  // namespace lw
