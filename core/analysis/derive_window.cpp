// Derivations of layers that see more tokens than their own: the window of a feed-forward LM, RWKV-7's token shift.
#include <fmt/format.h>

#include "core/analysis/derivation_parts.h"
#include "core/models/nplm.h"

namespace lw::derivation {

namespace {

// The embeddings of the window, the oldest first; zeros before the text.
Result<RowVectorD> windowOf(const Sources& s, int tokens) {
    const int D = s.info().width, t = s.place.position.value;
    RowVectorD all = RowVectorD::Zero(std::int64_t{1} * tokens * D);
    for (int i = 0; i < tokens; ++i) {
        const int from = t - (tokens - 1) + i;
        if (from < 0) continue;
        const auto row = s.row(SiteId::Embed, Layer(0), Position(from));
        if (!row) return Unexpected(row.error());
        all.segment(std::int64_t{1} * i * D, D) = *row;
    }
    return all;
}

}  // namespace

Result<Derivation> windowed(const Sources& s) {
    const auto& model = dynamic_cast<const Nplm&>(s.model);
    const int n = model.window(), D = s.info().width, unit = s.place.unit.value, t = s.place.position.value;
    const bool hidden = s.place.site == SiteId::MlpPre;
    const auto window = windowOf(s, n);
    if (!window) return Unexpected(window.error());
    const auto inWindow = [=, &s](int i) {
        return s.at(SiteId::Embed, Layer(0), Unit(i % D), Position(std::max(0, t - (n - 1) + i / D)));
    };
    const auto channel = [=](int i) {
        const int back = n - 1 - i / D;
        return back == 0 ? fmt::format("channel {} of this token", i % D)
                         : fmt::format("channel {} of {} token{} before", i % D, back, back == 1 ? "" : "s");
    };
    ProductSum sum;
    Derivation d;
    if (hidden) {
        const Weight &in = model.weight(WeightId::In, Layer(0)), &bias = model.weight(WeightId::BiasIn, Layer(0));
        sum.left = *window;
        sum.right = in.row(unit).cast<double>();
        sum.place = inWindow;
        sum.name = channel;
        sum.bias = static_cast<double>(bias.row(0)(unit));
        sum.caption = "x·W_in by channel of the window";
        d.from = fmt::format("the embeddings of the last {} tokens and W_in", n);
        d.formula.push_back({text(fmt::format("pre = Σᵢ xᵢ · W_in[i, {}] + bias", unit))});
        d.formula.push_back({text(fmt::format("x: the embeddings of the last {} tokens beside each other", n))});
        addProductSum(d, sum);
        return d;
    }
    const auto post = s.row(SiteId::MlpPost, Layer(0));
    if (!post) return Unexpected(post.error());
    const auto M = static_cast<int>(post->size());
    const bool direct = model.direct().defined();
    sum.left = RowVectorD(M + (direct ? window->size() : 0));
    sum.right = RowVectorD(sum.left.size());
    sum.left.head(M) = *post;
    sum.right.head(M) = model.weight(WeightId::Out, Layer(0)).row(unit).cast<double>();
    if (direct) {
        sum.left.tail(window->size()) = *window;
        sum.right.tail(window->size()) = model.direct().row(unit).cast<double>();
    }
    sum.place = [&](int i) { return i < M ? s.at(SiteId::MlpPost, Layer(0), Unit(i)) : inWindow(i - M); };
    sum.name = [&](int i) { return i < M ? fmt::format("neuron {}", i) : channel(i - M); };
    sum.caption = direct ? "post·W_out and x·W_direct by input" : "post·W_out by neuron";
    d.from = siteName(SiteId::MlpPost, Layer(0)) + " and W_out" + (direct ? ", the window and W_direct" : "");
    d.formula.push_back(
        {text("mlp_out = Σₙ "), link("post", sum.place(0)),
         text(fmt::format("ₙ · W_out[n, {}]{}", unit, direct ? fmt::format(" + Σᵢ xᵢ · W_direct[i, {}]", unit) : ""))});
    addProductSum(d, sum);
    return d;
}

Result<Derivation> shifted(const Sources& s) {
    const Layer layer = s.place.layer;
    const int t = s.place.position.value, unit = s.place.unit.value;
    const std::int64_t D = s.info().width;
    const auto read = [&](int position) -> Result<RowVectorD> {
        if (position < 0) return RowVectorD(RowVectorD::Zero(D));
        const auto row = s.row(SiteId::Ln2Normalized, layer, Position(position));
        if (!row) return row;
        return RowVectorD(row->cwiseProduct(s.vectorOf(WeightId::Ln2Gain, layer, D, 1)) +
                          s.vectorOf(WeightId::Ln2Bias, layer, D, 0));
    };
    const auto now = read(t), before = read(t - 1);
    if (!now) return Unexpected(now.error());
    if (!before) return Unexpected(before.error());
    ProductSum sum;
    sum.left = *now + (*before - *now).cwiseProduct(s.vectorOf(WeightId::InMix, layer, D, 0));
    sum.right = s.model.weight(WeightId::In, layer).row(unit).cast<double>();
    sum.place = [&](int i) { return s.at(SiteId::Ln2Normalized, layer, Unit(i)); };
    sum.name = [](int i) { return fmt::format("channel {}", i); };
    sum.caption = "x·W_in by channel";
    Derivation d;
    d.from = siteName(SiteId::Ln2Normalized, layer) + " of this token and the one before, and W_in";
    d.formula.push_back({text(fmt::format("pre = Σᵢ xᵢ · W_in[i, {}]", unit))});
    d.formula.push_back({text("x = y + (y of the token before − y) ⊙ mix, y = "),
                         link("ln2.normalized", sum.place(largest(sum.left.cwiseProduct(sum.right), 1).front())),
                         text(" ⊙ gain + bias of the norm")});
    addProductSum(d, sum);
    return d;
}

}  // namespace lw::derivation
