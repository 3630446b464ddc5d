#include "widgets/embeddings/position_facts.h"

#include <algorithm>
#include <cmath>

namespace lw {

namespace {

constexpr int mostPositions = 512, leastDistances = 64, mostDistances = 512;

}  // namespace

std::vector<PositionKind> positionKinds(const Model& model) {
    std::vector<PositionKind> kinds;
    if (model.weight(WeightId::PosEmbed).defined()) kinds.push_back(PositionKind::Learned);
    if (!model.rotaryFrequencies().empty()) kinds.push_back(PositionKind::Rotary);
    kinds.push_back(PositionKind::Sinusoidal);
    return kinds;
}

Result<PositionTable> positionTable(const Model& model, PositionKind kind, int positions) {
    PositionTable table;
    table.kind = kind;
    if (kind == PositionKind::Learned) {
        const Weight& stored = model.weight(WeightId::PosEmbed);
        table.all = stored.rows();
        table.rows.resize(std::min<std::int64_t>(mostPositions, stored.rows()), stored.cols());
        for (Eigen::Index p = 0; p < table.rows.rows(); ++p) table.rows.row(p) = stored.row(p);
        if (auto same = model.intact(); !same) return tl::unexpected(same.error());
    } else {
        table.rows = sinusoidalTable(std::clamp(positions, 1, mostPositions), model.info().width);
        table.all = table.rows.rows();
    }
    table.alike = cosines(table.rows);
    return table;
}

std::optional<RotaryFacts> rotaryFacts(const Model& model, const Trace& trace, const Locus& place) {
    const ModelInfo& info = model.info();
    RotaryFacts facts;
    facts.frequencies = model.rotaryFrequencies();
    if (facts.frequencies.empty() || trace.length() == 0) return std::nullopt;
    const int asked = std::clamp(place.layer.value_or(Layer(info.layers() / 2)).value, 0, info.layers() - 1);
    int best = -1;
    for (int l = 0; l < info.layers(); ++l) {
        const AttentionInfo& a = info.block(Layer(l)).attention;
        if (!info.block(Layer(l)).hasAttention() || !a.rotary || !trace.has(SiteId::RotQ, Layer(l)) ||
            !trace.has(SiteId::RotK, Layer(l)))
            continue;
        if (best < 0 || std::abs(l - asked) < std::abs(best - asked)) best = l;
    }
    if (best < 0) return std::nullopt;
    facts.layer = Layer(best);
    const AttentionInfo& a = info.block(facts.layer).attention;
    facts.headWidth = a.headWidth;
    facts.scale = static_cast<double>(a.scale);
    const int last = trace.length() - 1;
    facts.head = Head(std::clamp(place.head.value_or(Head(0)).value, 0, a.heads - 1));
    facts.query = Position(std::clamp(place.position.value_or(Position(last)).value, 0, last));
    facts.key = Position(std::clamp(place.key.value_or(Position(0)).value, 0, facts.query.value));
    const auto rotQ = [&](Position p) -> RowVectorD {
        return trace.row(SiteId::RotQ, facts.layer, p).segment(facts.head.value * a.headWidth, a.headWidth).cast<double>();
    };
    const auto rotK = [&](Position p) -> RowVectorD {
        return trace.row(SiteId::RotK, facts.layer, p)
            .segment(a.kvHead(facts.head.value) * a.headWidth, a.headWidth)
            .cast<double>();
    };
    // What was turned, turned back: some models norm queries and keys between hook_q and the turning.
    const auto back = [&](const RowVectorD& x, Position p) { return turned(x, facts.frequencies, -p.value); };
    facts.rotQ = rotQ(facts.query);
    facts.rotK = rotK(facts.key);
    facts.q = back(facts.rotQ, facts.query);
    facts.k = back(facts.rotK, facts.key);
    const RowVector scores = trace.scoresRow(facts.layer, facts.head, facts.query);
    for (int k = 0; k <= facts.query.value; ++k) {
        if (!std::isfinite(scores(k))) continue;
        const double unturned = facts.scale * facts.q.dot(back(rotK(Position(k)), Position(k)));
        facts.keys.push_back({Position(k), facts.query.value - k, static_cast<double>(scores(k)), unturned});
    }
    const int distances = std::clamp(trace.length(), leastDistances, mostDistances);
    for (int d = 0; d < distances; ++d)
        facts.byDistance.push_back(scoreAtDistance(facts.q, facts.k, facts.frequencies, d, facts.scale));
    facts.chosen = static_cast<double>(scores(facts.key.value));
    return facts;
}

}  // namespace lw
