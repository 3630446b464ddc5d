#include "core/analysis/state_operands.h"

#include <cmath>

#include <fmt/format.h>

#include "core/tensor/elementwise.h"

namespace lw {

namespace {

Result<Matrix> captured(const Trace& trace, SiteId site, Layer layer) {
    if (trace.has(site, layer)) return trace.matrix(site, layer);
    return fail(
        ErrorKind::NotFound,
        fmt::format("The state of layer {} is made of {}, which this run did not capture.", layer.value, siteName(site, layer)),
        siteName(site, layer));
}

Matrix exponential(Matrix x) {
    exp(x.data(), x.data(), x.size());
    return x;
}

// The head's columns of a matrix that lies head beside head.
Matrix ofHead(const Matrix& all, int head, int heads) {
    const Eigen::Index width = all.cols() / heads;
    return all.middleCols(head * width, width);
}

// Each row times its own number.
Matrix rowsTimes(const Matrix& x, const Matrix& by) { return (x.array().colwise() * by.col(0).array()).matrix(); }

Result<MemoryOperands> ofMamba2(const Trace& trace, const MixerInfo& m, Layer layer, int head) {
    const auto x = captured(trace, SiteId::SsmInput, layer), delta = captured(trace, SiteId::SsmDelta, layer),
               decay = captured(trace, SiteId::MixerLogDecay, layer), B = captured(trace, SiteId::SsmB, layer),
               C = captured(trace, SiteId::SsmC, layer);
    for (const auto* part : {&x, &delta, &decay, &B, &C}) {
        if (!*part) return Unexpected(part->error());
    }
    MemoryOperands o;
    const int group = head / (m.heads / m.groups);
    o.q = ofHead(*C, group, m.groups);
    o.w = ofHead(*B, group, m.groups);
    o.v = rowsTimes(ofHead(*x, head, m.heads), delta->col(head));
    o.d = exponential(decay->col(head));
    return o;
}

Result<MemoryOperands> ofFamily(const Trace& trace, const MixerInfo& m, Layer layer, int head) {
    const auto part = [&](SiteId site) -> Result<Matrix> {
        auto all = captured(trace, site, layer);
        if (!all) return all;
        return ofHead(*all, head, m.heads);
    };
    const auto q = part(SiteId::MixerQ), k = part(SiteId::MixerK), v = part(SiteId::MixerV);
    for (const auto* one : {&q, &k, &v}) {
        if (!*one) return Unexpected(one->error());
    }
    MemoryOperands o;
    o.q = *q * m.readScale;
    o.w = *k;
    o.v = *v;
    o.normalised = m.normalised;
    if (m.decays()) {
        const auto decay = part(SiteId::MixerLogDecay);
        if (!decay) return Unexpected(decay.error());
        o.d = exponential(*decay);
    }
    if (m.kind == MixerKind::Rwkv7) {
        const auto removal = part(SiteId::MixerRemovalKey), rate = part(SiteId::MixerInContextRate);
        if (!removal) return Unexpected(removal.error());
        if (!rate) return Unexpected(rate.error());
        o.r = *removal;
        o.e = rate->cwiseProduct(*removal);
    } else if (m.erases()) {
        const auto beta = part(SiteId::MixerBeta);
        if (!beta) return Unexpected(beta.error());
        o.w = o.e = rowsTimes(*k, *beta);
        o.r = o.d.size() > 0 ? rowsTimes(*k, o.d) : *k;  // looked up in the memory that has faded already
    }
    return o;
}

}  // namespace

MatrixStateRun MemoryOperands::run(int first, int count) const {
    const auto column = [first](const Matrix& m) -> MatrixStateRun::Column {
        if (m.size() == 0) return {};
        return {m.row(first).data(), m.cols()};
    };
    MatrixStateRun run;
    run.T = count;
    run.K = keyWidth();
    run.V = valueWidth();
    run.q = column(q);
    run.w = column(w);
    run.v = column(v);
    run.d = column(d);
    run.decayPerKey = d.cols() > 1;
    run.e = column(e);
    run.r = column(r);
    return run;
}

Result<MemoryOperands> memoryOperands(const Trace& trace, Layer layer, Head head) {
    const ModelInfo& info = trace.model();
    if (layer.value < 0 || layer.value >= info.layers() || !info.block(layer).mixer.hasMatrixState()) {
        return fail(ErrorKind::Unsupported,
                    fmt::format("Layer {} of {} has no memory that is a matrix.", layer.value, info.name));
    }
    const MixerInfo& m = info.block(layer).mixer;
    if (head.value < 0 || head.value >= m.heads)
        return fail(ErrorKind::BadInput, fmt::format("Layer {} has {} heads (0 to {}); head {} is none of them.", layer.value,
                                                     m.heads, m.heads - 1, head.value));
    return m.kind == MixerKind::Mamba2 ? ofMamba2(trace, m, layer, head.value) : ofFamily(trace, m, layer, head.value);
}

DiagonalSsm LtiOperands::ssm() const {
    const auto imaginary = [](const Matrix& m) { return m.size() > 0 ? m.data() : nullptr; };
    return {static_cast<int>(keep.rows()), static_cast<int>(keep.cols()), keep.data(), imaginary(keepImag),
            write.data(),                  imaginary(writeImag),          read.data(), imaginary(readImag)};
}

Result<LtiOperands> ltiOperands(const Trace& trace, const Model& model, Layer layer) {
    const ModelInfo& info = trace.model();
    if (layer.value < 0 || layer.value >= info.layers() || info.block(layer).mixer.kind != MixerKind::S4d)
        return fail(ErrorKind::Unsupported, fmt::format("Layer {} of {} is no S4D.", layer.value, info.name));
    const MixerInfo& m = info.block(layer).mixer;
    auto u = captured(trace, SiteId::SsmInput, layer);
    if (!u) return Unexpected(u.error());
    const auto weight = [&](WeightId id) { return model.weight(id, layer).toMatrix(); };
    const Matrix aLog = weight(WeightId::MixerALog), logStep = weight(WeightId::MixerLogStep),
                 aImag = m.complexState ? weight(WeightId::MixerAImag) : Matrix(Matrix::Zero(aLog.rows(), aLog.cols()));
    LtiOperands o;
    o.u = *std::move(u);
    o.keep = o.keepImag = o.write = o.writeImag = Matrix(aLog.rows(), aLog.cols());
    for (Eigen::Index e = 0; e < aLog.rows(); ++e) {
        for (Eigen::Index n = 0; n < aLog.cols(); ++n) {
            const DiscretePole pole =
                discretise(std::exp(static_cast<double>(logStep(0, e))),
                           {-std::exp(static_cast<double>(aLog(e, n))), static_cast<double>(aImag(e, n))},
                           m.bilinear ? Discretisation::Bilinear : Discretisation::ZeroOrderHold);
            o.keep(e, n) = static_cast<float>(pole.keep.real());
            o.keepImag(e, n) = static_cast<float>(pole.keep.imag());
            o.write(e, n) = static_cast<float>(pole.write.real());
            o.writeImag(e, n) = static_cast<float>(pole.write.imag());
        }
    }
    o.read = weight(WeightId::MixerRead);
    if (m.complexState)
        o.readImag = weight(WeightId::MixerReadImag);
    else
        o.keepImag = o.writeImag = Matrix();
    return o;
}

Result<ScanOperands> scanOperands(const Trace& trace, const Model& model, Layer layer) {
    const ModelInfo& info = trace.model();
    if (layer.value < 0 || layer.value >= info.layers() || info.block(layer).mixer.kind != MixerKind::Mamba)
        return fail(ErrorKind::Unsupported, fmt::format("Layer {} of {} is no selective scan.", layer.value, info.name));
    auto x = captured(trace, SiteId::SsmInput, layer), delta = captured(trace, SiteId::SsmDelta, layer),
         B = captured(trace, SiteId::SsmB, layer), C = captured(trace, SiteId::SsmC, layer);
    for (const auto* part : {&x, &delta, &B, &C}) {
        if (!*part) return Unexpected(part->error());
    }
    Matrix A = -exponential(model.weight(WeightId::MixerALog, layer).toMatrix());
    return ScanOperands{*std::move(x), *std::move(delta), std::move(A), *std::move(B), *std::move(C)};
}

}  // namespace lw
