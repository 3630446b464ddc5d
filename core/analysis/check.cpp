#include "core/analysis/check.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/analysis/derivation.h"
#include "core/analysis/derive_lens.h"
#include "core/analysis/double_run.h"
#include "core/analysis/forms.h"

namespace lw {

namespace {

// One value of the whole run in double precision. Later tokens cannot change it, so they are left out.
Result<double> fromWholeRun(const Trace& trace, const Model& model, const CheckedPlace& place, const Job& job) {
    const ModelInfo& info = model.info();
    const Axes axes = siteOf(place.site).axes;
    const int last = std::max(place.position.value, place.locus.key ? place.key.value : 0);
    std::optional<double> found;
    DoubleRunRequest request;
    request.ids = trace.ids().first(static_cast<std::size_t>(last) + 1);
    request.logitsOf = place.position;
    request.results = place.site == SiteId::Result;
    if (axes == Axes::StateOfPosition || place.site == SiteId::MixerRead) request.stateOf = place.position;
    request.see = [&](const DoubleSite& seen) {
        if (seen.site != place.site || seen.layer != place.layer || (seen.head >= 0 && seen.head != place.head.value))
            return true;
        const auto row = static_cast<Eigen::Index>(place.position.value);
        if (place.reads) {
            found = lensProbability(lensLogits(model, seen.value.row(row)), *place.reads);
            return false;
        }
        std::int64_t column = place.unit.value;
        if (place.site == SiteId::MixerRead) {
            found = seen.value(0, column);
            return false;
        }
        switch (axes) {
            case Axes::PositionToken:
                found = seen.value(0, column);
                return false;
            case Axes::HeadQueryKey:
                found = seen.value(row, place.key.value);
                return false;
            case Axes::StateOfPosition:
                found = seen.value(column, place.unit2.value);
                return false;
            case Axes::PositionScale:
                column = 0;
                break;
            case Axes::PositionHeadUnit:
            case Axes::PositionHeadChannel: {
                if (seen.head >= 0) break;
                const int heads = info.headsOf(place.site, place.layer);
                const AttentionInfo& attention = info.block(place.layer).attention;
                const bool shared = attention.heads > 0 && heads != attention.heads;  // keys and values of several query heads
                column += seen.value.cols() / heads * (shared ? attention.kvHead(place.head.value) : place.head.value);
                break;
            }
            default:
                break;
        }
        found = seen.value(row, column);
        return false;
    };
    if (auto ok = doubleRun(model, request, job); !ok) return Unexpected(ok.error());
    if (!found)
        return fail(ErrorKind::Unsupported,
                    fmt::format("The run in double precision has no {}.", siteName(place.site, place.layer)));
    return *found;
}

// Of a number in a mixer's state, or read out of it: what the other forms of the same system make of the whole head (of a scan
// the whole channel). Empty where there is one form only, or its operands were not captured.
std::string otherForms(const Trace& trace, const Model& model, const CheckedPlace& place, const Job& job) {
    using enum SiteId;
    if (!std::ranges::count(std::array{MixerRecurrenceOut, SsmY, MixerS, SsmH}, place.site)) return {};
    const MixerInfo& mixer = trace.model().block(place.layer).mixer;
    if (formsOf(mixer).size() < 2) return {};
    Head head = place.head;
    if (!mixer.hasMatrixState()) head = Head(place.unit.value);  // a channel
    if (place.site == SsmY && mixer.hasMatrixState()) head = Head(place.unit.value / mixer.valueWidth);
    const auto compared = compareForms(trace, model, place.layer, head, 16, job);
    return compared ? formsSentence(*compared) : std::string();
}

}  // namespace

Result<CheckResult> checkValue(const Trace& trace, const Model& model, const Locus& locus, CheckPath path, const Job& job) {
    const auto place = checkPlace(trace, locus);
    if (!place) return Unexpected(place.error());
    CheckResult result{};
    result.path = path;
    const RowVectorD row = shownRow(trace, model, *place);
    result.shown = shownValue(trace, model, *place);
    if (path == CheckPath::FromOperands) {
        const auto derivation = derive(trace, model, *place);
        if (!derivation) return Unexpected(derivation.error());
        result.recomputed = derivation->value;
        result.how = fmt::format("computed again from {} in double precision", derivation->from);
        if (const std::string forms = otherForms(trace, model, *place, job); !forms.empty()) result.how += "; " + forms;
    } else {
        const auto value = fromWholeRun(trace, model, *place, job);
        if (!value) return Unexpected(value.error());
        result.recomputed = *value;
        result.how = "the whole run computed again from the token ids in double precision";
    }
    if (auto same = model.intact(); !same) return Unexpected(same.error());
    if (result.shown != result.recomputed) result.difference = std::abs(result.shown - result.recomputed);  // −∞ is equal to −∞
    double largest = 0;
    for (const double value : row) {
        if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    }
    if (result.difference > 0) result.relative = largest > 0 ? result.difference / largest : result.difference;
    return result;
}

}  // namespace lw
