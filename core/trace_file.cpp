#include "core/trace_file.h"

#include <vector>

#include "core/analysis/attribution.h"
#include "core/formats/safetensors_writer.h"

namespace lw {

namespace {

std::span<const float> values(const Matrix& m) { return {m.data(), static_cast<std::size_t>(m.size())}; }

Result<void> writeSite(SafetensorsWriter& out, std::size_t index, const Trace& trace, const Model& model, const SiteRef& ref) {
    const int T = trace.length();
    const Axes axes = siteOf(ref.id).axes;
    if (axes == Axes::HeadQueryKey) {
        const int heads = trace.model().headsOf(ref.id, ref.layer);
        for (int h = 0; h < heads; ++h) {
            const Matrix one = ref.id == SiteId::Pattern ? trace.pattern(ref.layer, Head(h)) : trace.scores(ref.layer, Head(h));
            if (auto ok = out.append(index, values(one)); !ok) return ok;
        }
        return {};
    }
    for (int t = 0; t < T; ++t) {
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
        if (auto ok = out.append(index, std::span<const float>(row.data(), static_cast<std::size_t>(row.size()))); !ok) return ok;
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
        arrays.push_back({siteName(ref.id, ref.layer), "F32", trace.model().shapeOf(ref.id, ref.layer, T)});
    }
    auto out = SafetensorsWriter::create(path, std::move(arrays), metadata);
    if (!out) return Unexpected(out.error());
    const std::vector<std::int64_t> ids(trace.ids().begin(), trace.ids().end());
    if (auto ok = out->append(0, std::span<const std::int64_t>(ids)); !ok) return ok;
    if (auto ok = writeSite(*out, 1, trace, model, {SiteId::Logits, Layer(0)}); !ok) return ok;
    for (std::size_t i = 0; i < sites.size(); ++i) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(i) / static_cast<double>(sites.size()), "writing the trace");
        if (auto ok = writeSite(*out, i + 2, trace, model, sites[i]); !ok) return ok;
    }
    return out->finish();
}

}  // namespace lw
