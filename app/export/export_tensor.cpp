#include "app/export/export_tensor.h"

#include <fmt/format.h>

#include "core/analysis/attribution.h"
#include "core/formats/atomic_file.h"
#include "core/formats/csv.h"
#include "core/formats/npy.h"
#include "core/formats/safetensors_writer.h"

namespace lw {

namespace {

std::span<const float> all(const Matrix& m) { return {m.data(), static_cast<std::size_t>(m.size())}; }

// The values outermost axis first, as shapeOf() says.
Result<std::vector<float>> valuesOf(const Shown& shown, SiteRef ref, const Job& job) {
    const Trace& trace = *shown.trace;
    std::vector<float> values;
    const auto append = [&values](std::span<const float> more) { values.insert(values.end(), more.begin(), more.end()); };
    const ModelInfo& info = trace.model();
    const int heads = siteOf(ref.id).perLayer ? info.blocks[static_cast<std::size_t>(ref.layer.value)].attention.heads : 0;
    if (ref.id == SiteId::AttnScores || ref.id == SiteId::Pattern) {
        for (int h = 0; h < heads; ++h) {
            if (job.cancelled()) return cancelledError();
            const Matrix head = ref.id == SiteId::Pattern ? trace.pattern(ref.layer, Head(h)) : trace.scores(ref.layer, Head(h));
            append(all(head));
        }
    } else if (ref.id == SiteId::Result) {
        for (int t = 0; t < trace.length(); ++t) {
            if (job.cancelled()) return cancelledError();
            for (int h = 0; h < heads; ++h) {
                const RowVector row = headResult(trace, *shown.model, ref.layer, Head(h), Position(t)).cast<float>();
                append({row.data(), static_cast<std::size_t>(row.size())});
            }
        }
    } else {
        const Matrix matrix = trace.matrix(ref.id, ref.layer);
        append(all(matrix));
    }
    return values;
}

Result<void> writeCsv(const std::vector<std::int64_t>& shape, const std::vector<float>& values, const std::string& name,
                      const ExportNote& note, const std::filesystem::path& file) {
    const std::int64_t width = shape.empty() ? 1 : shape.back();
    std::vector<std::string> columns;
    for (std::size_t a = 0; a + 1 < shape.size(); ++a) columns.push_back(fmt::format("axis {}", a));
    for (std::int64_t c = 0; c < width; ++c) columns.push_back(std::to_string(c));
    CsvTable csv(columns);
    const std::int64_t rows = width > 0 ? static_cast<std::int64_t>(values.size()) / width : 0;
    for (std::int64_t r = 0; r < rows; ++r) {
        std::vector<CsvCell> cells(shape.size() > 1 ? shape.size() - 1 : 0);
        std::int64_t rest = r;
        for (std::size_t a = cells.size(); a-- > 0;) {
            cells[a] = rest % shape[a];
            rest /= shape[a];
        }
        for (std::int64_t c = 0; c < width; ++c) cells.emplace_back(values[static_cast<std::size_t>(r * width + c)]);
        csv.addRow(cells);
    }
    std::string text = "# tensor: " + name + "\r\n# " + note.oneLine() + "\r\n" + csv.text();
    return writeFileAtomically(file, text);
}

}  // namespace

Result<void> exportTensor(const Shown& shown, SiteRef site, const ExportNote& note, const std::filesystem::path& file,
                          const Job& job) {
    const std::string name = siteName(site.id, site.layer), ending = file.extension().string();
    if (ending != ".csv" && ending != ".npy" && ending != ".safetensors") {
        return fail(ErrorKind::BadInput, fmt::format("Tensors are written as .csv, .npy or .safetensors, not as “{}”.", ending),
                    file.string());
    }
    // A head's addition is no captured site: it is made of z when it is asked for.
    if (!shown.trace->has(site.id == SiteId::Result ? SiteId::Z : site.id, site.layer))
        return fail(ErrorKind::NotFound, fmt::format("{} was not captured in this run.", name), name);
    auto values = valuesOf(shown, site, job);
    if (!values) return tl::unexpected(values.error());
    const std::vector<std::int64_t> shape = shown.trace->model().shapeOf(site.id, site.layer, shown.trace->length());
    if (ending == ".csv") return writeCsv(shape, *values, name, note, file);
    if (ending == ".npy") return writeNpy(file, shape, std::span<const float>(*values), name + "; " + note.oneLine());
    auto writer = SafetensorsWriter::create(file, {{.name = name, .dtype = "F32", .shape = shape}}, note.metadata());
    if (!writer) return tl::unexpected(writer.error());
    if (auto done = writer->append(0, std::span<const float>(*values)); !done) return done;
    return writer->finish();
}

}  // namespace lw
