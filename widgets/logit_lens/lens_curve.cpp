#include "widgets/logit_lens/lens_curve.h"

#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

double layersBefore(const LensRow& row) {
    return row.layer.value + (row.site == SiteId::ResidMid ? 0.5 : row.site == SiteId::ResidPost ? 1 : 0);
}

}  // namespace

ChartData lensCurve(const LensCurveInput& in) {
    ChartData chart;
    chart.x.title = in.say(QT_TRANSLATE_NOOP("LogitLens", "layers passed"));
    chart.x.low = 0;
    chart.x.whole = true;
    chart.x.high = layersBefore(in.rows.back());
    chart.y.low = 0;
    chart.marker = layersBefore(in.rows[static_cast<std::size_t>(in.selectedRow)]);
    const bool marks = in.rows.size() <= 16;
    const auto series = [&](std::string name, Colour colour, auto valueOf) {
        ChartSeries line{.name = std::move(name), .points = {}, .colour = colour, .marks = marks};
        for (std::size_t r = 0; r < in.rows.size(); ++r) line.points.push_back({layersBefore(in.rows[r]), valueOf(r)});
        chart.series.push_back(std::move(line));
    };
    if (in.curve == LensCurve::Entropy) {
        chart.y.title = std::string(unitName(in.unit));
        if (!in.column) return chart;
        series(in.say(QT_TRANSLATE_NOOP("LogitLens", "entropy")), Ink::Accent,
               [&](std::size_t r) { return inUnit(in.column->cells[r].entropy, in.unit); });
        series(in.say(QT_TRANSLATE_NOOP("LogitLens", "KL to output")), Ink::Erased,
               [&](std::size_t r) { return inUnit(in.column->cells[r].klToFinal, in.unit); });
        chart.series.back().dashed = true;
        return chart;
    }
    if (in.curve == LensCurve::Rank) {
        chart.y.scale = ChartScale::Log;
        chart.y.low = 1;
        if (in.path) series(in.word, Ink::Accent, [&](std::size_t r) { return static_cast<double>(in.path->rank[r]); });
    } else {
        chart.y.high = 1;
        if (in.path) series(in.word, Ink::Accent, [&](std::size_t r) { return in.path->probability[r]; });
    }
    return chart;
}

}  // namespace lw
