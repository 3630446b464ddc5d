#include "widgets/state/state_facts.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/analysis/state_operands.h"
#include "core/tensor/selective_scan.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

double largestOf(const Matrix& m) { return m.size() > 0 ? static_cast<double>(m.cwiseAbs().maxCoeff()) : 0.0; }

Matrix headColumns(const Matrix& all, int head, int heads) {
    const Eigen::Index width = all.cols() / std::max(1, heads);
    return all.middleCols(head * width, width);
}

SiteId cellState(const MixerInfo& m) { return m.kind == MixerKind::Lstm ? SiteId::CellC : SiteId::CellH; }

// Norm of the state after every token.
Result<Matrix> stateSizes(const Trace& trace, const Model& model, Layer layer, const MixerInfo& m, const Job& job) {
    const int T = trace.length();
    if (m.isCell()) {
        const SiteId site = cellState(m);
        if (!trace.has(site, layer)) return Matrix();
        return Matrix(trace.matrix(site, layer).rowwise().norm());
    }
    if (m.hasMatrixState()) {
        Matrix sizes(T, m.heads);
        for (int h = 0; h < m.heads; ++h) {
            const auto operands = memoryOperands(trace, layer, Head(h));
            if (!operands) return Unexpected(operands.error());
            Matrix S = Matrix::Zero(operands->keyWidth(), operands->valueWidth());
            for (int t = 0; t < T; ++t) {
                if (job.cancelled()) return cancelledError();
                runMatrixState(operands->run(t, 1), S.data(), nullptr, 0, nullptr);
                sizes(t, h) = S.norm();
            }
        }
        return sizes;
    }
    if (m.kind == MixerKind::S4d) {
        const auto o = ltiOperands(trace, model, layer);
        if (!o) return Unexpected(o.error());
        const DiagonalSsm ssm = o->ssm();
        Matrix sizes(T, 1), x = Matrix::Zero(ssm.E, ssm.stateSize());
        for (int t = 0; t < T; ++t) {
            if (job.cancelled()) return cancelledError();
            runDiagonalSsm(ssm, 1, o->u.row(t).data(), x.data(), nullptr, nullptr);
            sizes(t, 0) = x.norm();
        }
        return sizes;
    }
    if (m.kind == MixerKind::Mamba) {
        const auto o = scanOperands(trace, model, layer);
        if (!o) return Unexpected(o.error());
        Matrix sizes(T, 1), h = Matrix::Zero(o->A.rows(), o->A.cols());
        for (int t = 0; t < T; ++t) {
            if (job.cancelled()) return cancelledError();
            runSelectiveScan({1, static_cast<int>(o->A.rows()), static_cast<int>(o->A.cols()), o->x.row(t).data(),
                              o->delta.row(t).data(), o->A.data(), o->B.row(t).data(), o->C.row(t).data()},
                             h.data(), nullptr, nullptr);
            sizes(t, 0) = h.norm();
        }
        return sizes;
    }
    return Matrix();
}

struct GateRow {
    SiteId site;
    const char* symbol;
    const char* name;
    bool exponential;
    bool unbounded;  // 0 … its largest value instead of 0 … 1
};
constexpr GateRow gateRows[] = {
    {SiteId::MixerBeta, "β", QT_TRANSLATE_NOOP("State", "write"), false, false},
    {SiteId::MixerLogDecay, "α", QT_TRANSLATE_NOOP("State", "keep"), true, false},
    {SiteId::MixerInContextRate, "a", QT_TRANSLATE_NOOP("State", "erase"), false, false},
    {SiteId::SsmDelta, "Δ", QT_TRANSLATE_NOOP("State", "step"), false, true},
    {SiteId::CellF, "f", QT_TRANSLATE_NOOP("State", "keep"), false, false},
    {SiteId::CellI, "i", QT_TRANSLATE_NOOP("State", "write"), false, false},
    {SiteId::CellO, "o", QT_TRANSLATE_NOOP("State", "show"), false, false},
    {SiteId::CellZ, "z", QT_TRANSLATE_NOOP("State", "keep"), false, false},
    {SiteId::CellR, "r", QT_TRANSLATE_NOOP("State", "reset"), false, false},
};

std::vector<GateStrip> gatesOf(const Trace& trace, Layer layer, const MixerInfo& m, int head) {
    std::vector<GateStrip> gates;
    for (const GateRow& row : gateRows) {
        if (!trace.has(row.site, layer)) continue;
        GateStrip gate;
        gate.site = row.site;
        gate.symbol = m.kind == MixerKind::RetNet ? "γ" : row.symbol;  // the same for every token
        gate.name = row.name;
        gate.exponential = row.exponential;
        const Matrix all = trace.matrix(row.site, layer);
        gate.sharedByHeads = m.hasMatrixState();
        gate.values = gate.sharedByHeads ? headColumns(all, head, m.heads) : all;
        if (gate.exponential) gate.values = gate.values.array().exp().matrix();
        const double largest = largestOf(gate.values);
        gate.high = row.unbounded ? largest : std::max(1.0, largest);
        gates.push_back(std::move(gate));
    }
    return gates;
}

std::vector<StateVector> vectorsOf(const Trace& trace, Layer layer, const MixerInfo& m, int head) {
    std::vector<StateVector> vectors;
    if (m.kind != MixerKind::Mamba && m.kind != MixerKind::Mamba2) return vectors;
    const int heads = m.hasMatrixState() ? m.heads : 1;
    const int first = head / std::max(1, heads / m.groups) * m.stateSize;  // heads of a group share theirs
    for (StateVector vector :
         {StateVector{.site = SiteId::SsmB, .symbol = "B", .name = QT_TRANSLATE_NOOP("State", "writes at")},
          StateVector{.site = SiteId::SsmC, .symbol = "C", .name = QT_TRANSLATE_NOOP("State", "reads with")}}) {
        if (!trace.has(vector.site, layer)) continue;
        vector.firstUnit = first;
        vector.values = trace.matrix(vector.site, layer).middleCols(first, m.stateSize);
        vector.limit = largestOf(vector.values);
        vectors.push_back(std::move(vector));
    }
    return vectors;
}

std::shared_ptr<const HeadOverText> overText(const Trace& trace, Layer layer, const MixerInfo& m, int head) {
    auto text = std::make_shared<HeadOverText>();
    text->read = !m.isCell();
    text->heatSite = m.isCell() ? cellState(m) : m.isMatrixMemory() ? SiteId::MixerRecurrenceOut : SiteId::SsmY;
    if (trace.has(text->heatSite, layer)) {
        const Matrix all = trace.matrix(text->heatSite, layer);
        text->heat = m.hasMatrixState() ? headColumns(all, head, m.heads) : all;
        text->limit = largestOf(text->heat);
    }
    text->gates = gatesOf(trace, layer, m, head);
    text->vectors = vectorsOf(trace, layer, m, m.hasMatrixState() ? head : 0);
    return text;
}

// B's terms less A's, if both memories have one shape; else B's as they are, and why.
void takeOff(StateFacts& facts, StateTerms& b, const StateOfA& a, const Job& job) {
    const ModelInfo& info = a.trace->model();
    const MixerKind kind = info.block(a.place.layer).mixer.kind;
    const auto terms = stateTerms(*a.trace, *a.model, a.place.layer, a.place.head, a.place.position, job);
    if (!terms) {
        facts.lessAFailure = terms.error().message;
        return;
    }
    if (kind != facts.mixer.kind || terms->after.rows() != b.after.rows() || terms->after.cols() != b.after.cols()) {
        facts.lessAFailure = fmt::format("A’s memory is another one ({}, {} × {} numbers).", mixerKindTitle(kind),
                                         terms->after.rows(), terms->after.cols());
        return;
    }
    facts.lessA = true;
    b.before -= terms->before;
    b.kept -= terms->kept;
    if (b.erased.size() > 0) b.erased -= terms->erased;
    b.written -= terms->written;
    b.after -= terms->after;
    b.read -= terms->read;
}

void addTerms(StateFacts& facts, const StateRequest& request, const Job& job) {
    auto terms = stateTerms(*facts.trace, *request.model, facts.place.layer, facts.place.head, facts.place.position, job);
    if (!terms) {
        facts.termsFailure = terms.error().message;
        return;
    }
    if (request.a) takeOff(facts, *terms, *request.a, job);
    for (const Matrix* part : {&terms->kept, &terms->erased, &terms->written, &terms->after})
        facts.scale = std::max(facts.scale, largestOf(*part));
    facts.readScale = largestOf(terms->read);
    Matrix sum = terms->kept + terms->written;
    if (terms->erased.size() > 0) sum -= terms->erased;
    const bool squashed = facts.mixer.kind == MixerKind::Rnn;  // a plain RNN squashes the sum
    if (squashed) sum = sum.array().tanh().matrix();
    if (!squashed || !facts.lessA)
        facts.difference = largestOf(sum - terms->after);  // differences add up too, a tanh of them not
    facts.terms = std::move(*terms);
}

void addSurvival(StateFacts& facts, const Model& model, const Job& job) {
    auto share = survival(*facts.trace, model, facts.place.layer, facts.place.head, facts.place.position, job);
    if (!share) {
        facts.survivalFailure = share.error().message;
        return;
    }
    facts.survival = std::move(*share);
    facts.halfLife = halfLifeOf(facts.survival);
}

Result<void> addEffective(StateFacts& facts, const StateRequest& request, const Job& job) {
    const Trace& trace = *facts.trace;
    const bool scan = facts.mixer.isScan();
    const Head which = scan ? Head(facts.channel) : facts.place.head;
    auto row = effectiveRow(trace, *request.model, facts.place.layer, which, facts.place.position);
    if (!row) {
        facts.effectiveFailure = row.error().message;
        return {};
    }
    facts.effective = std::move(*row);
    const int T = trace.length();
    if (T > largestEffectiveMatrix) return {};
    const auto& kept = request.kept;
    if (kept && kept->trace == facts.trace && kept->effectiveMatrix && kept->place.layer == facts.place.layer &&
        kept->place.head == facts.place.head && kept->channel == facts.channel) {
        facts.effectiveMatrix = kept->effectiveMatrix;
        return {};
    }
    auto matrix = std::make_shared<Matrix>(T, T);
    for (int q = 0; q < T; ++q) {
        if (job.cancelled()) return cancelledError();
        auto one = effectiveRow(trace, *request.model, facts.place.layer, which, Position(q));
        if (!one) return Unexpected(one.error());
        matrix->row(q) = *one;
    }
    facts.effectiveMatrix = std::move(matrix);
    return {};
}

}  // namespace

Result<StateFacts> stateFacts(const StateRequest& request, const Job& job) {
    const ModelInfo& info = request.trace->model();
    const Layer layer = request.place.layer;
    if (layer.value < 0 || layer.value >= info.layers() || !info.block(layer).hasMixer())
        return fail(ErrorKind::Unsupported,
                    fmt::format("Layer {} of {} carries no state from token to token.", layer.value, info.name));
    StateFacts facts;
    facts.trace = request.trace;
    facts.place = request.place;
    facts.mixer = info.block(layer).mixer;
    facts.place.head = Head(std::clamp(facts.place.head.value, 0, std::max(0, facts.mixer.heads - 1)));
    const auto& kept = request.kept;
    const bool sameLayer = kept && kept->trace == facts.trace && kept->place.layer == layer;
    if (sameLayer && kept->sizes) {
        facts.sizes = kept->sizes;
    } else {
        auto sizes = stateSizes(*facts.trace, *request.model, layer, facts.mixer, job);
        if (!sizes && sizes.error().kind == ErrorKind::Cancelled) return Unexpected(sizes.error());
        facts.sizes = std::make_shared<const Matrix>(sizes ? std::move(*sizes) : Matrix());
    }
    facts.text = sameLayer && kept->text && kept->place.head == facts.place.head
                     ? kept->text
                     : overText(*facts.trace, layer, facts.mixer, facts.place.head.value);
    addTerms(facts, request, job);
    if (job.cancelled()) return cancelledError();
    if (facts.mixer.isScan()) {
        const int wanted = facts.place.channel.value_or(facts.terms ? strongestWrite(*facts.terms).row : 0);
        facts.channel = std::clamp(wanted, 0, std::max(0, facts.mixer.inner - 1));
    }
    addSurvival(facts, *request.model, job);
    if (job.cancelled()) return cancelledError();
    if (auto ok = addEffective(facts, request, job); !ok) return Unexpected(ok.error());
    return facts;
}

std::optional<double> halfLifeOf(const std::vector<double>& share) {
    for (std::size_t d = 1; d < share.size(); ++d) {
        if (share[d] >= 0.5) continue;
        const double over = share[d - 1] - 0.5, fall = share[d - 1] - share[d];
        return static_cast<double>(d) - 1 + (fall > 0 ? over / fall : 0.0);
    }
    return std::nullopt;
}

std::optional<Layer> nearestWithState(const ModelInfo& model, Layer wanted) {
    std::optional<Layer> nearest;
    for (int l = 0; l < model.layers(); ++l) {
        if (!model.block(Layer(l)).hasMixer()) continue;
        if (!nearest || std::abs(l - wanted.value) < std::abs(nearest->value - wanted.value)) nearest = Layer(l);
    }
    return nearest;
}

StateCell strongestWrite(const StateTerms& terms) {
    const Matrix& from = largestOf(terms.written) > 0 ? terms.written : terms.after;
    Eigen::Index row = 0, column = 0;
    if (from.size() > 0) from.cwiseAbs().maxCoeff(&row, &column);
    return {static_cast<int>(row), static_cast<int>(column)};
}

StateCell chosenCell(const StateFacts& facts, const Locus& place) {
    if (!facts.terms) return {};
    StateCell cell = strongestWrite(*facts.terms);
    const Matrix& written = facts.terms->written;
    if (!place.site || !place.unit || !facts.mixer.has(*place.site)) return cell;
    const int unit = place.unit->value;
    const auto rowBest = [&](int row) {
        Eigen::Index column = 0;
        written.row(row).cwiseAbs().maxCoeff(&column);
        return static_cast<int>(column);
    };
    using enum SiteId;
    if (facts.mixer.isCell()) {
        if (unit >= 0 && unit < written.cols() && *place.site != MixerOut && *place.site != MixerIn) cell = {0, unit};
        return cell;
    }
    switch (*place.site) {
        case MixerS:
        case SsmH:
        case MixerKept:
        case MixerErased:
        case MixerWritten:
            if (unit >= 0 && unit < written.rows()) {
                const bool inside = place.unit2 && place.unit2->value >= 0 && place.unit2->value < written.cols();
                cell = {unit, inside ? place.unit2->value : rowBest(unit)};
            }
            return cell;
        case SsmDelta:
        case SsmY:
        case SsmInput:
        case MixerRead:
        case MixerRecurrenceOut:
        case MixerV:
            if (facts.mixer.isScan()) {
                if (unit >= 0 && unit < written.rows()) cell = {unit, rowBest(unit)};
            } else if (*place.site != SsmDelta) {
                // read and value lie along the columns of the memory; Mamba-2's sites hold all heads beside each other
                const int column = *place.site == SsmY || *place.site == SsmInput ? unit % facts.mixer.valueWidth : unit;
                if (column >= 0 && column < written.cols()) {
                    Eigen::Index row = 0;
                    written.col(column).cwiseAbs().maxCoeff(&row);
                    cell = {static_cast<int>(row), column};
                }
            }
            return cell;
        default:
            return cell;
    }
}

}  // namespace lw
