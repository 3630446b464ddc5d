#include "core/trace_file.h"

#include <vector>

#include <fmt/format.h>

#include "core/analysis/attribution.h"
#include "core/analysis/state_operands.h"
#include "core/analysis/state_terms.h"
#include "core/formats/safetensors_writer.h"
#include "core/tensor/elementwise.h"

namespace lw {

namespace {

std::span<const float> values(const Matrix& m) { return {m.data(), static_cast<std::size_t>(m.size())}; }

std::span<const float> values(const RowVector& v) { return {v.data(), static_cast<std::size_t>(v.size())}; }

int memoryHeads(const MixerInfo& mixer) { return mixer.hasMatrixState() ? mixer.heads : 1; }

// What a step does to the state at one position, head by head.
Result<void> writeState(SafetensorsWriter& out, std::size_t index, const Trace& trace, const Model& model, const SiteRef& ref,
                        Position position, const Job& job) {
    for (int h = 0; h < memoryHeads(trace.model().block(ref.layer).mixer); ++h) {
        const auto terms = stateTerms(trace, model, ref.layer, Head(h), position, job);
        if (!terms) return Unexpected(terms.error());
        const Matrix read = terms->read;
        const Matrix& part = ref.id == SiteId::MixerKept      ? terms->kept
                             : ref.id == SiteId::MixerErased  ? terms->erased
                             : ref.id == SiteId::MixerWritten ? terms->written
                             : ref.id == SiteId::MixerRead    ? read
                                                              : terms->after;
        if (auto ok = out.append(index, values(part)); !ok) return ok;
    }
    return {};
}

// Weights over earlier tokens that a recurrence amounts to, row by row: the matrix of a head is never held.
Result<void> writeEffective(SafetensorsWriter& out, std::size_t index, const Trace& trace, const Model& model, const SiteRef& ref,
                            const Job& job) {
    const int heads = trace.model().headsOf(ref.id, ref.layer);
    for (int h = 0; h < heads; ++h) {
        if (job.cancelled()) return cancelledError();
        for (int t = 0; t < trace.length(); ++t) {
            const auto row = effectiveRow(trace, model, ref.layer, Head(h), Position(t));
            if (!row) return Unexpected(row.error());
            if (auto ok = out.append(index, values(*row)); !ok) return ok;
        }
    }
    return {};
}

// Ā = exp(Δ A) and Δ B, channel × state, for every token.
Result<void> writeDiscrete(SafetensorsWriter& out, std::size_t index, const Trace& trace, const Model& model,
                           const SiteRef& ref) {
    const auto operands = scanOperands(trace, model, ref.layer);
    if (!operands) return Unexpected(operands.error());
    const ScanOperands& o = *operands;
    for (int t = 0; t < o.length(); ++t) {
        Matrix one = ref.id == SiteId::SsmABar ? Matrix((o.A.array().colwise() * o.delta.row(t).transpose().array()).matrix())
                                               : Matrix(o.delta.row(t).transpose() * o.B.row(t));
        if (ref.id == SiteId::SsmABar) exp(one.data(), one.data(), one.size());
        if (auto ok = out.append(index, values(one)); !ok) return ok;
    }
    return {};
}

// The sum of all keys so far, of every head.
Result<void> writeNormaliser(SafetensorsWriter& out, std::size_t index, const Trace& trace, const SiteRef& ref) {
    const int heads = trace.model().headsOf(ref.id, ref.layer);
    std::vector<Matrix> keys;
    for (int h = 0; h < heads; ++h) {
        auto operands = memoryOperands(trace, ref.layer, Head(h));
        if (!operands) return Unexpected(operands.error());
        keys.push_back(std::move(operands->w));
    }
    std::vector<RowVector> sums(static_cast<std::size_t>(heads), RowVector::Zero(keys.front().cols()));
    for (int t = 0; t < trace.length(); ++t) {
        for (std::size_t h = 0; h < keys.size(); ++h) {
            sums[h] += keys[h].row(t);
            if (auto ok = out.append(index, values(sums[h])); !ok) return ok;
        }
    }
    return {};
}

Result<void> writeSite(SafetensorsWriter& out, std::size_t index, const Trace& trace, const Model& model, const SiteRef& ref,
                       const Job& job) {
    const int T = trace.length();
    const Axes axes = siteOf(ref.id).axes;
    if (ref.id == SiteId::MixerEffectivePattern) return writeEffective(out, index, trace, model, ref, job);
    if (ref.id == SiteId::SsmABar || ref.id == SiteId::SsmBBar) return writeDiscrete(out, index, trace, model, ref);
    if (ref.id == SiteId::MixerNormZ) return writeNormaliser(out, index, trace, ref);
    if (axes == Axes::HeadQueryKey) {
        const int heads = trace.model().headsOf(ref.id, ref.layer);
        for (int h = 0; h < heads; ++h) {
            const Matrix one = ref.id == SiteId::Pattern ? trace.pattern(ref.layer, Head(h)) : trace.scores(ref.layer, Head(h));
            if (auto ok = out.append(index, values(one)); !ok) return ok;
        }
        return {};
    }
    for (int t = 0; t < T; ++t) {
        if (ref.id == SiteId::MixerRead) {
            if (auto ok = writeState(out, index, trace, model, ref, Position(t), job); !ok) return ok;
            continue;
        }
        if (ref.id == SiteId::Result) {
            const int heads = trace.model().headsOf(ref.id, ref.layer);
            for (int h = 0; h < heads; ++h) {
                const RowVector one = headResult(trace, model, ref.layer, Head(h), Position(t)).cast<float>();
                if (auto ok = out.append(index, std::span<const float>(one.data(), static_cast<std::size_t>(one.size()))); !ok)
                    return ok;
            }
            continue;
        }
        const RowVector row = trace.row(ref.id, ref.layer, Position(t));
        if (auto ok = out.append(index, values(row)); !ok) return ok;
    }
    return {};
}

}  // namespace

Result<void> writeTrace(const Trace& trace, const Model& model, const std::filesystem::path& path,
                        const std::map<std::string, std::string>& metadata, const Job& job) {
    const int T = trace.length();
    std::vector<SiteRef> sites;
    std::vector<ArrayDeclaration> arrays{{"input_ids", "I64", {T}}, {"logits", "F32", {T, trace.model().vocabulary}}};
    for (const SiteRef& ref : trace.spec().wanted()) {
        if (ref.id == SiteId::Logits) continue;
        sites.push_back(ref);
        const std::string name = siteName(ref.id, ref.layer);
        const std::vector<std::int64_t> shape = trace.model().shapeOf(ref.id, ref.layer, T);
        if (!isPerPosition(siteOf(ref.id))) {
            arrays.push_back({name, "F32", shape});
            continue;
        }
        for (int t = 0; t < T; ++t) arrays.push_back({fmt::format("{}.{}", name, t), "F32", shape});
    }
    auto out = SafetensorsWriter::create(path, std::move(arrays), metadata);
    if (!out) return Unexpected(out.error());
    const std::vector<std::int64_t> ids(trace.ids().begin(), trace.ids().end());
    if (auto ok = out->append(0, std::span<const std::int64_t>(ids)); !ok) return ok;
    if (auto ok = writeSite(*out, 1, trace, model, {SiteId::Logits, Layer(0)}, job); !ok) return ok;
    std::size_t index = 2;
    for (std::size_t i = 0; i < sites.size(); ++i) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(i) / static_cast<double>(sites.size()), "writing the trace");
        if (!isPerPosition(siteOf(sites[i].id))) {
            if (auto ok = writeSite(*out, index++, trace, model, sites[i], job); !ok) return ok;
            continue;
        }
        for (int t = 0; t < T; ++t) {
            if (auto ok = writeState(*out, index++, trace, model, sites[i], Position(t), job); !ok) return ok;
        }
    }
    return out->finish();
}

}  // namespace lw
