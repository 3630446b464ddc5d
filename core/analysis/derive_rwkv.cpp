// Derivations of what RWKV-7's memory is written, faded and read with: everything looks at the token and the one before it.
#include <array>

#include <fmt/format.h>

#include "core/analysis/derive_mixer.h"
#include "core/analysis/numbers.h"

namespace lw::derivation {

namespace {

class Rwkv {
public:
    explicit Rwkv(const Sources& s)
        : m_s(s), m(s.block().mixer), m_layer(s.place.layer), m_column(s.place.head.value * m.keyWidth + s.place.unit.value) {}

    Result<Derivation> derive() const {
        if (auto ok = m_s.has(SiteId::MixerIn, m_layer); !ok) return Unexpected(ok.error());
        switch (m_s.place.site) {
            case SiteId::MixerQ: {
                Derivation d = start(fmt::format("r = Σᵢ xᵢ · W_r[i, {}]", m_column), "W_r");
                addProductSum(d, direct(WeightId::ShiftR, WeightId::Q, m_column, "W_r"));
                return d;
            }
            case SiteId::MixerK:
                return key();
            case SiteId::MixerV:
                return value();
            case SiteId::MixerLogDecay: {
                Derivation d = start("ln w = −e^(−1/2) · σ(tanh(x · W1) · W2 + bias)", "W1 and W2");
                addFunctionOfSum(
                    d, sigmoid,
                    lowRank(WeightId::ShiftW, WeightId::DecayDown, WeightId::DecayUp, WeightId::DecayBias, &tanhOf, m_column),
                    -std::exp(-0.5), true);
                return d;
            }
            case SiteId::MixerInContextRate: {
                Derivation d = start("a = σ(x · A1 · A2 + bias)", "A1 and A2");
                addFunctionOfSum(
                    d, sigmoid,
                    lowRank(WeightId::ShiftA, WeightId::RateDown, WeightId::RateUp, WeightId::RateBias, nullptr, m_column));
                return d;
            }
            case SiteId::MixerGate: {
                Derivation d = start("g = σ(x · G1) · G2", "G1 and G2");
                addProductSum(d,
                              lowRank(WeightId::ShiftG, WeightId::GateDown, WeightId::GateUp, std::nullopt, &sigmoid, m_column));
                return d;
            }
            case SiteId::MixerRemovalKey:
                return removal();
            case SiteId::MixerOut:
                return out();
            default:
                return fail(ErrorKind::Unsupported, fmt::format("{} has no derivation.", siteOf(m_s.place.site).name));
        }
    }

    /// What the last projection reads.
    Result<RowVectorD> beforeOut() const {
        const auto read = m_s.row(SiteId::MixerRecurrenceOut, m_layer), r = m_s.row(SiteId::MixerQ, m_layer),
                   k = m_s.row(SiteId::MixerK, m_layer), v = m_s.row(SiteId::MixerV, m_layer),
                   gate = m_s.row(SiteId::MixerGate, m_layer);
        for (const auto* part : {&read, &r, &k, &v, &gate}) {
            if (!*part) return Unexpected(part->error());
        }
        const int V = m.valueWidth, D = m.heads * V;
        const Weight& bonus = m_s.model.weight(WeightId::Bonus, m_layer);
        RowVectorD o(D);
        for (int h = 0; h < m.heads; ++h) {
            const RowVectorD part = read->segment(h * V, V);
            const double mean = part.mean(), deviation = std::sqrt((part.array() - mean).square().mean() + m.innerNormEps);
            const double now = r->segment(h * V, V).cwiseProduct(k->segment(h * V, V)).dot(bonus.row(h).cast<double>());
            o.segment(h * V, V) = ((part.array() - mean) / deviation).matrix();
            for (int i = h * V; i < (h + 1) * V; ++i)
                o(i) = o(i) * at(WeightId::MixerNormGain, i) + at(WeightId::MixerNormBias, i) + now * (*v)(i);
        }
        return RowVectorD(o.cwiseProduct(*gate));
    }

private:
    // x = mixer_in + (mixer_in of the token before − mixer_in) ⊙ mix
    RowVectorD shifted(WeightId mix) const {
        const int t = m_s.place.position.value;
        const RowVectorD now = m_s.trace.row(SiteId::MixerIn, m_layer, m_s.place.position).cast<double>();
        const RowVectorD before = t > 0 ? RowVectorD(m_s.trace.row(SiteId::MixerIn, m_layer, Position(t - 1)).cast<double>())
                                        : RowVectorD::Zero(now.size());
        return now + (before - now).cwiseProduct(m_s.vectorOf(mix, m_layer, now.size(), 0));
    }
    Locus input(int i) const { return m_s.at(SiteId::MixerIn, m_layer, Unit(i)); }

    Derivation start(std::string symbols, const std::string& matrices) const {
        Derivation d;
        d.from = "mixer_in of this token and the one before, and " + matrices;
        d.formula.push_back({text(std::move(symbols))});
        d.formula.push_back({text("x = mixer_in + (mixer_in of the token before − mixer_in) ⊙ mix")});
        return d;
    }

    ProductSum direct(WeightId mix, WeightId weight, int row, const char* matrix) const {
        ProductSum sum;
        sum.left = shifted(mix);
        sum.right = m_s.model.weight(weight, m_layer).row(row).cast<double>();
        sum.place = [this](int i) { return input(i); };
        sum.name = [](int i) { return fmt::format("channel {}", i); };
        sum.caption = fmt::format("x·{} by channel", matrix);
        return sum;
    }

    // f(x · down) · up + bias: its terms are the dimensions between.
    ProductSum lowRank(WeightId mix, WeightId down, WeightId up, std::optional<WeightId> bias, const Function* f, int row) const {
        const RowVectorD x = shifted(mix);
        const Weight& first = m_s.model.weight(down, m_layer);
        ProductSum sum;
        sum.right = m_s.model.weight(up, m_layer).row(row).cast<double>();
        sum.left = RowVectorD(sum.right.size());
        for (Eigen::Index r = 0; r < sum.left.size(); ++r) {
            const double between = x.dot(first.row(r).cast<double>());
            sum.left(r) = f ? f->apply(between) : between;
        }
        // The strongest channel stands for a dimension that has no place of its own.
        sum.place = [this, x, &first](int r) { return input(largest(x.cwiseProduct(first.row(r).cast<double>()), 1).front()); };
        sum.name = [](int r) { return fmt::format("dimension {} between", r); };
        sum.caption = "by dimension of the narrow layer between";
        if (bias) sum.bias = static_cast<double>(m_s.model.weight(*bias, m_layer).row(0)(row));
        return sum;
    }

    double at(WeightId id, int column) const { return static_cast<double>(m_s.model.weight(id, m_layer).row(0)(column)); }
    double rawKey(int column) const { return total(direct(WeightId::ShiftK, WeightId::K, column, "W_k")); }

    Result<Derivation> key() const {
        const auto rate = m_s.row(SiteId::MixerInContextRate, m_layer);
        if (!rate) return Unexpected(rate.error());
        const ProductSum sum = direct(WeightId::ShiftK, WeightId::K, m_column, "W_k");
        Derivation inner;
        addProductSum(inner, sum);
        const Locus a = m_s.atHead(SiteId::MixerInContextRate, m_s.place.head, m_s.place.unit);
        const std::array<double, 3> operands{inner.value, (*rate)(m_column), at(WeightId::RateOfKey, m_column)};
        const auto formula = [](std::span<const double> x) { return x[0] * (1 + (x[1] - 1) * x[2]); };
        const int digits = digitsThatReproduce(operands, formula);
        Derivation d = start("k = c · (1 + (a − 1) · k_a)", "W_k");
        d.value = formula(operands);
        d.formula.push_back({text("= " + printNumber(operands[0], digits) + " · (1 + ("),
                             link(printNumber(operands[1], digits), a),
                             text(fmt::format(" − 1) · {})", printOperand(operands[2], digits)))});
        d.formula.push_back(resultLine(d.value));
        d.formula.push_back({text(fmt::format("c = Σᵢ xᵢ · W_k[i, {}]", m_column))});
        takeTerms(d, std::move(inner));
        d.operands.push_back(a);
        return d;
    }

    Result<Derivation> value() const {
        const ProductSum sum = direct(WeightId::ShiftV, WeightId::V, m_column, "W_v");
        Derivation d = start(fmt::format("c = Σᵢ xᵢ · W_v[i, {}]", m_column), "W_v");
        if (m_layer.value == 0) {
            d.formula.front() = {text(fmt::format("v = Σᵢ xᵢ · W_v[i, {}]", m_column))};
            addProductSum(d, sum);
            return d;
        }
        const auto first = m_s.row(SiteId::MixerV, Layer(0));
        if (!first) return Unexpected(first.error());
        Locus firstPlace = m_s.atHead(SiteId::MixerV, m_s.place.head, m_s.place.unit);
        firstPlace.layer = Layer(0);
        const double share = sigmoid.apply(
            total(lowRank(WeightId::ShiftV, WeightId::ValueDown, WeightId::ValueUp, WeightId::ValueBias, nullptr, m_column)));
        Derivation inner;
        addProductSum(inner, sum);
        const std::array<double, 3> operands{inner.value, (*first)(m_column), share};
        const auto formula = [](std::span<const double> x) { return x[0] + (x[1] - x[0]) * x[2]; };
        const int digits = digitsThatReproduce(operands, formula);
        d.value = formula(operands);
        d.formula.insert(d.formula.begin(), {text("v = c + ("), link("v of layer 0", firstPlace), text(" − c) · share")});
        d.formula.push_back({text("= " + printNumber(operands[0], digits) + " + ("), figure(operands[1], digits, firstPlace),
                             text(fmt::format(" − {}) · {}", printOperand(operands[0], digits), printOperand(share, digits)))});
        d.formula.push_back(resultLine(d.value));
        d.formula.push_back({text("share = σ(x · V1 · V2 + bias)")});
        takeTerms(d, std::move(inner));
        d.operands.push_back(firstPlace);
        return d;
    }

    Result<Derivation> removal() const {
        const int K = m.keyWidth, firstOfHead = m_s.place.head.value * K;
        RowVectorD all(K);
        for (int i = 0; i < K; ++i) all(i) = rawKey(firstOfHead + i) * at(WeightId::RemovalScale, firstOfHead + i);
        const std::array<double, 2> operands{all(m_column - firstOfHead), all.squaredNorm() + 1e-24};
        const auto formula = [](std::span<const double> x) { return x[0] / std::sqrt(x[1]); };
        const int digits = digitsThatReproduce(operands, formula);
        Derivation inner;
        addProductSum(inner, direct(WeightId::ShiftK, WeightId::K, m_column, "W_k"));
        Derivation d = start("k̂ = c ⊙ k_k / its length", "W_k");
        d.value = formula(operands);
        d.formula.push_back(
            {text(fmt::format("= {} / √({})", printNumber(operands[0], digits), printNumber(operands[1], digits)))});
        d.formula.push_back(resultLine(d.value));
        d.formula.push_back({text(fmt::format("c = Σᵢ xᵢ · W_k[i, {}]", m_column))});
        takeTerms(d, std::move(inner));
        return d;
    }

    Result<Derivation> out() const {
        const auto o = beforeOut();
        if (!o) return Unexpected(o.error());
        const int V = m.valueWidth;
        return projectedOut(
            m_s, *o, "(the norm of what each head reads + (Σ r ⊙ k ⊙ bonus) · v) ⊙ gate",
            [this, V](int i) { return m_s.atHead(SiteId::MixerRecurrenceOut, Head(i / V), Unit(i % V)); },
            [V](int i) { return fmt::format("head {}, unit {}", i / V, i % V); }, WeightId::MixerOutBias);
    }

    const Sources& m_s;
    const MixerInfo& m;
    Layer m_layer;
    int m_column;
};

}  // namespace

Result<Derivation> rwkvValue(const Sources& s) { return Rwkv(s).derive(); }
Result<RowVectorD> rwkvBeforeOut(const Sources& s) { return Rwkv(s).beforeOut(); }

}  // namespace lw::derivation
