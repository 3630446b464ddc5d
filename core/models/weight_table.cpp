#include "core/models/weight_table.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/machine_memory.h"
#include "core/trace/capture_spec.h"

namespace lw {

namespace {

bool hasLayer(WeightId id) {
    switch (id) {
        case WeightId::Embed:
        case WeightId::PosEmbed:
        case WeightId::FinalGain:
        case WeightId::FinalBias:
        case WeightId::Unembed:
        case WeightId::BiasUnembed:
            return false;
        default:
            return true;
    }
}

const Weight nothing;

}  // namespace

const Weight& WeightTable::get(WeightId id, Layer layer) const {
    const auto l = static_cast<std::size_t>(layer.value);
    if (!hasLayer(id)) return m_shared[static_cast<std::size_t>(id)];
    return l < m_layers.size() ? m_layers[l][static_cast<std::size_t>(id)] : nothing;
}

void WeightTable::set(WeightId id, Layer layer, Weight weight) {
    const auto l = static_cast<std::size_t>(layer.value);
    if (!hasLayer(id)) {
        m_shared[static_cast<std::size_t>(id)] = std::move(weight);
        return;
    }
    if (l >= m_layers.size()) m_layers.resize(l + 1);
    m_layers[l][static_cast<std::size_t>(id)] = std::move(weight);
}

WeightReader::WeightReader(const WeightSource& source, bool trainable, std::function<std::string(const std::string&)> nameInFile)
    : m_source(source),
      m_maker(dynamic_cast<const InitSource*>(&source)),
      m_trainable(trainable),
      m_nameInFile(std::move(nameInFile)) {}

bool WeightReader::has(const std::string& name) const { return m_source.find(m_nameInFile(name)) != nullptr; }

Weight WeightReader::read(const std::string& name, std::int64_t rows, std::int64_t cols, bool transposed, const Init& init) {
    Weight result = readStored(m_nameInFile(name), rows, cols, transposed, init);
    if (!result.defined()) return result;
    m_count += rows * cols;
    return m_trainable ? result.asTrainable() : result;
}

Weight WeightReader::readRaw(const std::string& stored, std::int64_t rows, std::int64_t cols) {
    const Weight weight = readStored(stored, rows, cols, false);
    return weight.defined() ? Weight::fromMatrix(weight.toMatrix()) : weight;
}

Weight WeightReader::readStored(const std::string& stored, std::int64_t rows, std::int64_t cols, bool transposed,
                                const Init& init) {
    if (m_failed) return {};
    const std::int64_t outer = transposed ? cols : rows, inner = transposed ? rows : cols;
    if (m_maker) {
        // Each number has a gradient and two moments beside it: said before the machine runs out of memory, not after.
        m_made += outer * inner;
        if (m_made > machineMemory() / 16) {
            m_failed = true;
            m_error =
                Error{ErrorKind::OverBudget,
                      fmt::format("{}: up to the tensor {} the model has {} numbers; a training of them takes more than {}, and "
                                  "this machine has {}.",
                                  m_source.where(), stored, m_made, printBytes(m_made * 16), printBytes(machineMemory())),
                      stored};
            return {};
        }
        std::vector<std::int64_t> shape = outer == 1 && !transposed ? std::vector{inner} : std::vector{outer, inner};
        if (stored.ends_with("conv1d.weight")) shape = {outer, 1, inner};  // a convolution of single channels
        m_used.push_back(stored);
        const Weight made = m_maker->make(stored, shape, init);
        return transposed ? made.transposed() : made;
    }
    const TensorEntry* entry = m_source.find(stored);
    const auto refuse = [this](ErrorKind kind, std::string message, const std::string& where) {
        m_failed = true;
        m_error = Error{kind, std::move(message), where};
        return Weight();
    };
    const std::string expected = rows == 1 && !transposed ? fmt::format("[{}]", cols) : fmt::format("[{}, {}]", outer, inner);
    if (!entry) {
        return refuse(
            ErrorKind::NotFound,
            fmt::format("{}: the tensor {} is missing; expected it with the shape {}.", m_source.where(), stored, expected),
            stored);
    }
    std::vector<std::int64_t> shape = entry->shape;
    if (shape.size() == 1) shape.insert(shape.begin(), 1);
    if (shape.size() == 3 && shape[1] == 1) shape.erase(shape.begin() + 1);  // a convolution of single channels
    if (shape != std::vector<std::int64_t>{outer, inner}) {
        return refuse(ErrorKind::Mismatch,
                      fmt::format("{}: the tensor {} has the shape [{}]; the configuration asks for {}.", m_source.where(),
                                  stored, fmt::join(entry->shape, ", "), expected),
                      stored);
    }
    Result<Weight> weight = m_source.weight(stored);
    if (!weight) return refuse(weight.error().kind, weight.error().message, weight.error().where);
    m_used.push_back(stored);
    return transposed ? weight->transposed() : *std::move(weight);
}

Weight WeightReader::readPermuted(const std::string& name, std::int64_t rows, std::int64_t cols,
                                  const std::vector<std::int64_t>& order) {
    const bool trainable = m_trainable;
    m_trainable = false;
    Weight weight = read(name, rows, cols);
    m_trainable = trainable;
    if (!weight.defined()) return weight;
    weight = weight.permuted(order);
    return trainable ? weight.asTrainable() : weight;
}

std::vector<Weight> WeightReader::readJoined(const std::string& name, int parts, std::int64_t rows, std::int64_t cols,
                                             bool transposed, const Init& init) {
    const bool trainable = m_trainable;
    m_trainable = false;
    const Weight joined = rows == 1 ? read(name, 1, parts * cols, false, init) : read(name, parts * rows, cols, transposed, init);
    m_trainable = trainable;
    std::vector<Weight> split(static_cast<std::size_t>(parts));
    if (!joined.defined()) return split;
    for (int i = 0; i < parts; ++i) {
        Weight part = rows == 1 ? Weight::fromMatrix(joined.toMatrix().middleCols(i * cols, cols)) : joined.slice(i * rows, rows);
        split[static_cast<std::size_t>(i)] = trainable ? part.asTrainable() : part;
    }
    return split;
}

void WeightReader::note(WeightTable& table, const std::string& name, std::vector<Weight> weights, bool transposed) const {
    table.parameters.push_back({name, std::move(weights), transposed, m_nameInFile(name)});
}

void WeightReader::warnUnused(std::vector<std::string>& warnings, std::initializer_list<std::string_view> expected) const {
    const std::unordered_set<std::string_view> used(m_used.begin(), m_used.end());
    std::string example;
    int count = 0;
    for (const TensorEntry& entry : m_source.entries()) {
        if (used.contains(entry.name)) continue;
        if (std::ranges::any_of(expected, [&](std::string_view ending) { return entry.name.ends_with(ending); })) continue;
        if (count++ == 0) example = entry.name;
    }
    if (count > 0)
        warnings.push_back(
            fmt::format("{}: {} tensors of the file are not part of this model and were not used, {} for instance.",
                        m_source.where(), count, example));
}

}  // namespace lw
