#include "core/train/model_folder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/formats/safetensors_writer.h"
#include "core/tensor/half.h"

namespace lw::train {

namespace {

// The stored matrix of a parameter: parts joined by rows (rows of one: by columns), then turned if it is stored so.
Matrix stored(const Parameter& parameter) {
    const bool vector = parameter.weights.front().rows() == 1;
    Eigen::Index rows = 0, cols = 0;
    for (const Weight& w : parameter.weights) {
        rows = vector ? 1 : rows + w.rows();
        cols = vector ? cols + w.cols() : w.cols();
    }
    Matrix joined(rows, cols);
    Eigen::Index at = 0;
    for (const Weight& w : parameter.weights) {
        if (vector)
            joined.middleCols(at, w.cols()) = w.toMatrix();
        else
            joined.middleRows(at, w.rows()) = w.toMatrix();
        at += vector ? w.cols() : w.rows();
    }
    return parameter.transposed ? Matrix(joined.transpose()) : joined;
}

}  // namespace

std::uint16_t toBfloat16(float x) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    if (std::isnan(x)) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
    return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

float throughBfloat16(float x) { return bfloat16ToFloat(toBfloat16(x)); }

Result<void> writeWeights(const std::filesystem::path& path, std::span<const TensorEntry> tensors, const Model& model,
                          bool bfloat16) {
    std::vector<ArrayDeclaration> arrays;
    for (const TensorEntry& tensor : tensors) arrays.push_back({tensor.name, bfloat16 ? "BF16" : "F32", tensor.shape});
    auto writer = SafetensorsWriter::create(path, std::move(arrays), {{"format", "pt"}});
    if (!writer) return Unexpected(writer.error());
    const std::vector<Parameter> parameters = model.parameters();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const auto parameter = std::ranges::find(parameters, tensors[i].name, &Parameter::stored);
        if (parameter == parameters.end())
            return fail(
                ErrorKind::Mismatch,
                fmt::format("{}: the tensor {} is no parameter of {}.", path.string(), tensors[i].name, model.info().name),
                tensors[i].name);
        const Matrix values = stored(*parameter);
        Result<void> ok;
        if (bfloat16) {
            std::vector<std::uint16_t> rounded(static_cast<std::size_t>(values.size()));
            std::transform(values.data(), values.data() + values.size(), rounded.begin(), toBfloat16);
            ok = writer->appendBytes(i, std::as_bytes(std::span(rounded)));
        } else {
            ok = writer->append(i, std::span<const float>(values.data(), static_cast<std::size_t>(values.size())));
        }
        if (!ok) return ok;
    }
    return writer->finish();
}

Result<void> writeModelFiles(const std::filesystem::path& folder, const nlohmann::json& config,
                             const std::string& tokenizerJson) {
    if (auto ok = writeFileAtomically(folder / "config.json", config.dump(2) + "\n"); !ok) return ok;
    if (tokenizerJson.empty()) return {};
    return writeFileAtomically(folder / "tokenizer.json", tokenizerJson);
}

}  // namespace lw::train
