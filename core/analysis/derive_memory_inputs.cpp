// Derivations of what a matrix memory (linear attention and its family) is written, faded and read with, and of what comes out.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/analysis/derive_mixer.h"
#include "core/analysis/numbers.h"

namespace lw::derivation {

namespace {

constexpr double unitEps = 1e-6;  // under the root when keys are made unit vectors

class Inputs {
public:
    explicit Inputs(const Sources& s)
        : m_s(s), m(s.block().mixer), m_layer(s.place.layer), m_unit(s.place.unit.value), m_head(s.place.head.value) {}

    Result<Derivation> derive() const {
        switch (m_s.place.site) {
            case SiteId::MixerQPreConv:
            case SiteId::MixerKPreConv:
            case SiteId::MixerVPreConv: {
                const int width = m_s.place.site == SiteId::MixerVPreConv ? m.valueWidth : m.keyWidth;
                const Part part = partOf(m_s.place.site == SiteId::MixerQPreConv   ? 'q'
                                         : m_s.place.site == SiteId::MixerKPreConv ? 'k'
                                                                                   : 'v',
                                         m_unit / width, m_unit % width);
                const auto sum = projection(part);
                if (!sum) return Unexpected(sum.error());
                return ofSum(fmt::format("{}_pre_conv = Σᵢ xᵢ · {}[i, {}]", part.letter, part.matrix, part.row), part.matrix,
                             *sum);
            }
            case SiteId::MixerQ:
                return queryOrKey('q');
            case SiteId::MixerK:
                return queryOrKey('k');
            case SiteId::MixerV:
                return raw("v", partOf('v', m_head, m_unit));
            case SiteId::MixerBetaLogit: {
                const auto sum = grouped()
                                     ? projected(m_s, SiteId::MixerIn, WeightId::MixerRates, ratesRow(0), std::nullopt, "W_β")
                                     : projected(m_s, SiteId::MixerIn, WeightId::MixerBeta, m_head, std::nullopt, "W_β");
                if (!sum) return Unexpected(sum.error());
                return ofSum(fmt::format("β logit = Σᵢ xᵢ · W_β[i, {}]", m_head), "W_β", *sum);
            }
            case SiteId::MixerBeta: {
                const auto row = m_s.row(SiteId::MixerBetaLogit, m_layer);
                if (!row) return Unexpected(row.error());
                const Term logit{"logit", (*row)(m_head), m_s.atHead(SiteId::MixerBetaLogit, m_s.place.head, Unit(0))};
                const auto most = static_cast<double>(m.mostBeta);
                return functionOf("β", sigmoid, logit, most, most == 1 ? "" : printNumber(most));
            }
            case SiteId::MixerLogDecay:
                return logDecay();
            case SiteId::MixerGateInput:
                return gate();
            case SiteId::MixerOut:
                return out();
            default:
                return fail(ErrorKind::Unsupported, fmt::format("{} has no derivation.", siteOf(m_s.place.site).name));
        }
    }

    /// What the last projection reads.
    Result<RowVectorD> beforeOut() const {
        const auto read = m_s.row(SiteId::MixerRecurrenceOut, m_layer);
        if (!read) return Unexpected(read.error());
        const int V = m.valueWidth;
        const RowVectorD gain = m_s.vectorOf(WeightId::MixerNormGain, m_layer, V, 1);
        RowVectorD o = *read;
        for (int h = 0; h < m.heads; ++h) {
            const RowVectorD part = read->segment(h * V, V);
            o.segment(h * V, V) = (part / std::sqrt(part.squaredNorm() / V + m.innerNormEps)).cwiseProduct(gain);
        }
        if (!m.outputGate) return o;
        const auto gate = m_s.row(SiteId::MixerGateInput, m_layer);
        if (!gate) return Unexpected(gate.error());
        return RowVectorD(o.binaryExpr(*gate, [](double x, double g) { return x * silu.apply(g); }));
    }

private:
    // One number of a query, key or value on its way in: the row of the projection that makes it, its column before the
    // convolution and the convolution's channel.
    struct Part {
        char letter;
        WeightId weight;
        const char* matrix;
        int row, column, channel;
        SiteId before;
        WeightId taps;
    };

    // Qwen3-Next's layout: by key head its query, key, its group's values and gates; one convolution over all.
    bool grouped() const { return m_s.model.weight(WeightId::MixerRates, m_layer).defined(); }
    int group() const { return m.heads / m.groups; }
    int ratesRow(int which) const { return (m_head / group()) * 2 * group() + which * group() + m_head % group(); }

    Part partOf(char letter, int head, int unit) const {
        const bool value = letter == 'v';
        const int K = m.keyWidth, V = m.valueWidth, own = head * (value ? V : K) + unit;
        const SiteId before = letter == 'q'   ? SiteId::MixerQPreConv
                              : letter == 'k' ? SiteId::MixerKPreConv
                                              : SiteId::MixerVPreConv;
        if (!grouped()) {
            const WeightId weight = letter == 'q' ? WeightId::Q : letter == 'k' ? WeightId::K : WeightId::V;
            const WeightId taps = letter == 'q'   ? WeightId::MixerQConv
                                  : letter == 'k' ? WeightId::MixerKConv
                                                  : WeightId::MixerVConv;
            return {letter, weight, letter == 'q' ? "W_q" : letter == 'k' ? "W_k" : "W_v", own, own, own, before, taps};
        }
        const int keyHead = head / group(), within = head % group(), all = 2 * K + 2 * group() * V, keys = m.groups * K;
        const int row = keyHead * all + (letter == 'q' ? unit : letter == 'k' ? K + unit : 2 * K + within * V + unit);
        const int channel = letter == 'q'   ? keyHead * K + unit
                            : letter == 'k' ? keys + keyHead * K + unit
                                            : 2 * keys + head * V + unit;
        return {letter, WeightId::MixerInProj, "W_in", row, own, channel, before, WeightId::MixerConv};
    }

    Result<ProductSum> projection(const Part& part) const {
        return projected(m_s, SiteId::MixerIn, part.weight, part.row, std::nullopt, part.matrix);
    }
    bool convolves(const Part& part) const { return m_s.model.weight(part.taps, m_layer).defined(); }
    // The sum from which a number comes that is not normed or turned yet; it passes silu where there is a convolution.
    Result<ProductSum> sumOfPart(const Part& part) const {
        if (!convolves(part)) return projection(part);
        return convolved(m_s, part.before, part.column, part.taps, part.channel, std::nullopt);
    }
    Result<double> rawValue(const Part& part) const {
        const auto sum = sumOfPart(part);
        if (!sum) return Unexpected(sum.error());
        return convolves(part) ? silu.apply(total(*sum)) : total(*sum);
    }
    Result<RowVectorD> rawOfHead(char letter) const {
        RowVectorD all(m.keyWidth);
        for (int i = 0; i < m.keyWidth; ++i) {
            const auto value = rawValue(partOf(letter, m_head, i));
            if (!value) return Unexpected(value.error());
            all(i) = *value;
        }
        return all;
    }
    std::string rawWords(const Part& part) const {
        if (convolves(part))
            return fmt::format("silu(Σⱼ tap[{}, j] · {}_pre_conv of the last {} tokens)", part.channel, part.letter, m.convWidth);
        return fmt::format("Σᵢ xᵢ · {}[i, {}]", part.matrix, part.row);
    }

    static Derivation ofSum(std::string symbols, const std::string& matrix, const ProductSum& sum) {
        Derivation d;
        d.from = "mixer_in and " + matrix;
        d.formula.push_back({text(std::move(symbols))});
        addProductSum(d, sum);
        return d;
    }

    // A number that is neither normed nor turned.
    Result<Derivation> raw(const std::string& symbol, const Part& part) const {
        const auto sum = sumOfPart(part);
        if (!sum) return Unexpected(sum.error());
        Derivation d;
        d.formula.push_back({text(fmt::format("{} = {}", symbol, rawWords(part)))});
        if (convolves(part)) {
            d.from = siteName(part.before, m_layer) + " and the taps";
            addFunctionOfSum(d, silu, *sum);
        } else {
            d.from = std::string("mixer_in and ") + part.matrix;
            addProductSum(d, *sum);
        }
        return d;
    }

    Result<Derivation> queryOrKey(char letter) const {
        const Part part = partOf(letter, m_head, m_unit);
        const std::string symbol(1, letter);
        const bool unit = m.erases();
        if (!unit && !m.normalised && m.frequencies.empty()) return raw(symbol, part);
        const auto all = rawOfHead(letter);
        if (!all) return Unexpected(all.error());
        const auto sum = sumOfPart(part);
        if (!sum) return Unexpected(sum.error());
        Derivation inner;  // of c, the number before
        addProductSum(inner, *sum);
        Derivation d;
        d.contributions = std::move(inner.contributions);
        d.operands = std::move(inner.operands);
        d.from = convolves(part) ? siteName(part.before, m_layer) + " and the taps" : std::string("mixer_in and ") + part.matrix;
        const double c = (*all)(m_unit);
        const Locus place = d.operands.front();
        if (unit) {
            unitLength(d, symbol, *all, place);
        } else if (m.normalised) {
            positive(d, symbol, c, place);
        } else {
            turned(d, symbol, *all, place);
        }
        d.formula.push_back(resultLine(d.value));
        d.formula.push_back({text(fmt::format("c = {}", rawWords(part)))});
        d.formula.push_back(std::move(inner.formula.back()));
        return d;
    }

    void unitLength(Derivation& d, const std::string& symbol, const RowVectorD& all, const Locus& place) const {
        const std::array<double, 2> operands{all(m_unit), all.squaredNorm() + unitEps};
        const auto formula = [](std::span<const double> x) { return x[0] / std::sqrt(x[1]); };
        const int digits = digitsThatReproduce(operands, formula);
        d.value = formula(operands);
        d.formula.push_back({text(symbol + " = c / √(Σ c² + ε), a vector of length 1")});
        d.formula.push_back({text("= "), link(printNumber(operands[0], digits), place),
                             text(fmt::format(" / √({})", printNumber(operands[1], digits)))});
    }

    static void positive(Derivation& d, const std::string& symbol, double c, const Locus& place) {
        const std::array<double, 1> operands{c};
        const auto formula = [](std::span<const double> x) { return x[0] > 0 ? x[0] + 1 : std::exp(x[0]); };
        const int digits = digitsThatReproduce(operands, formula);
        d.value = formula(operands);
        d.formula.push_back({text(symbol + " = φ(c), φ(c) = c + 1 above 0, exp(c) below: always positive")});
        if (c > 0)
            d.formula.push_back({text("= "), link(printNumber(c, digits), place), text(" + 1")});
        else
            d.formula.push_back({text("= exp("), link(printNumber(c, digits), place), text(")")});
    }

    void turned(Derivation& d, const std::string& symbol, const RowVectorD& all, const Locus& place) const {
        const int half = static_cast<int>(m.frequencies.size());
        const bool first = m_unit < half;
        const int other = first ? m_unit + half : m_unit - half;
        const double frequency = m.frequencies[static_cast<std::size_t>(first ? m_unit : other)],
                     angle = m_s.place.position.value * frequency;
        const std::array<double, 4> operands{all(m_unit), std::cos(angle), all(other), std::sin(angle)};
        const auto formula = [first](std::span<const double> v) {
            return first ? v[0] * v[1] - v[2] * v[3] : v[0] * v[1] + v[2] * v[3];
        };
        const int digits = digitsThatReproduce(operands, formula);
        const char* sign = first ? " − " : " + ";
        d.value = formula(operands);
        d.formula.push_back({text(fmt::format("{} = c[{}] · cos θ{}c[{}] · sin θ, θ = position · frequency = {} · {}", symbol,
                                              m_unit, sign, other, m_s.place.position.value, printNumber(frequency, 9)))});
        d.formula.push_back({text("= "), link(printNumber(operands[0], digits), place),
                             text(fmt::format(" · {}{}{} · {}", printOperand(operands[1], digits), sign,
                                              printOperand(operands[2], digits), printOperand(operands[3], digits)))});
    }

    Result<Derivation> logDecay() const {
        Derivation d;
        if (m.kind == MixerKind::RetNet) {
            const double step = std::exp2(-5.0 - m_head);
            const std::array<double, 1> operands{step};
            const auto formula = [](std::span<const double> x) { return std::log1p(-x[0]); };
            d.value = formula(operands);
            d.from = "the number of its head";
            d.formula = {{text(fmt::format("ln γ = ln(1 − 2^(−5 − h)), h = {}: the same for every token", m_head))},
                         {text(fmt::format("= ln(1 − {})", printNumber(step, digitsThatReproduce(operands, formula))))},
                         resultLine(d.value)};
            return d;
        }
        if (m.kind == MixerKind::Gla) {
            const auto input = m_s.row(SiteId::MixerIn, m_layer);
            if (!input) return Unexpected(input.error());
            const Weight &down = m_s.model.weight(WeightId::MixerDecay, m_layer),
                         &up = m_s.model.weight(WeightId::MixerDecayUp, m_layer);
            const int row = m_head * m.keyWidth + m_unit;
            // Both products in one: what channel i gives through all dimensions between.
            const RowVectorD upRow = up.row(row).cast<double>();
            ProductSum sum;
            sum.left = *input;
            sum.right = RowVectorD::Zero(input->size());
            for (Eigen::Index r = 0; r < upRow.size(); ++r) sum.right += upRow(r) * down.row(r).cast<double>();
            sum.place = [this](int i) { return m_s.at(SiteId::MixerIn, m_layer, Unit(i)); };
            sum.name = [](int i) { return fmt::format("channel {}", i); };
            sum.caption = "x·W_gk by channel";
            sum.bias = static_cast<double>(m_s.model.weight(WeightId::MixerDecayBias, m_layer).row(0)(row));
            static constexpr Function logSigmoid{"logsigmoid", [](double x) { return -softplus.apply(-x); }};
            const double share = 1 / static_cast<double>(m.decayTemperature);
            d.from = "mixer_in and W_gk";
            d.formula.push_back({text(fmt::format("ln α = ln σ(Σᵢ xᵢ · W_gk[i, {}] + bias) / {}", row, m.decayTemperature))});
            addFunctionOfSum(d, logSigmoid, sum, share, true);
            d.formula.push_back({text("W_gk is the product of two smaller matrices")});
            return d;
        }
        auto sum = grouped() ? projected(m_s, SiteId::MixerIn, WeightId::MixerRates, ratesRow(1), std::nullopt, "W_α")
                             : projected(m_s, SiteId::MixerIn, WeightId::MixerDecay, m_head, std::nullopt, "W_α");
        if (!sum) return Unexpected(sum.error());
        sum->bias = static_cast<double>(m_s.model.weight(WeightId::MixerDtBias, m_layer).row(0)(m_head));
        const double A = -std::exp(static_cast<double>(m_s.model.weight(WeightId::MixerALog, m_layer).row(0)(m_head)));
        d.from = "mixer_in and W_α";
        d.formula.push_back({text(fmt::format("ln α = A · softplus(Σᵢ xᵢ · W_α[i, {}] + bias), A = −exp(A_log)", m_head))});
        addFunctionOfSum(d, softplus, *sum, A, true);
        return d;
    }

    Result<Derivation> gate() const {
        int row = m_unit;
        WeightId weight = WeightId::MixerGate;
        if (grouped()) {
            const int head = m_unit / m.valueWidth, K = m.keyWidth, V = m.valueWidth;
            row = (head / group()) * (2 * K + 2 * group() * V) + 2 * K + group() * V + (head % group()) * V + m_unit % V;
            weight = WeightId::MixerInProj;
        }
        const auto sum = projected(m_s, SiteId::MixerIn, weight, row, std::nullopt, "W_gate");
        if (!sum) return Unexpected(sum.error());
        return ofSum(fmt::format("gate = Σᵢ xᵢ · W_gate[i, {}]", row), "W_gate", *sum);
    }

    Result<Derivation> out() const {
        const auto o = beforeOut();
        if (!o) return Unexpected(o.error());
        const int V = m.valueWidth;
        return projectedOut(
            m_s, *o, std::string("the norm of what each head reads, times gain") + (m.outputGate ? ", times silu(gate)" : ""),
            [this, V](int i) { return m_s.atHead(SiteId::MixerRecurrenceOut, Head(i / V), Unit(i % V)); },
            [V](int i) { return fmt::format("head {}, unit {}", i / V, i % V); }, std::nullopt);
    }

    const Sources& m_s;
    const MixerInfo& m;
    Layer m_layer;
    int m_unit, m_head;
};

}  // namespace

Result<Derivation> memoryValue(const Sources& s) { return Inputs(s).derive(); }
Result<RowVectorD> memoryBeforeOut(const Sources& s) { return Inputs(s).beforeOut(); }

}  // namespace lw::derivation
