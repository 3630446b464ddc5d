#include "core/models/init.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lw {

namespace {

/// FNV-1a, 64 bits: names become seeds.
std::uint64_t hashOf(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return hash;
}

template <class Names>
double firstNumber(const nlohmann::json& config, const Names& names, double fallback) {
    for (const char* name : names) {
        if (config.is_object() && config.contains(name) && config[name].is_number()) return config[name].get<double>();
    }
    return fallback;
}

}  // namespace

double normalNumber(Pcg32& random) {
    const double radius = std::sqrt(-2 * std::log1p(-random.uniform()));
    return radius * std::cos(2 * std::numbers::pi * random.uniform());
}

Init Init::normal(double deviation) {
    return values([deviation](std::int64_t, std::int64_t, Pcg32& random) { return deviation * normalNumber(random); });
}

Init Init::uniform(double low, double high) {
    return values([low, high](std::int64_t, std::int64_t, Pcg32& random) { return low + (high - low) * random.uniform(); });
}

Init Init::constant(double value) {
    return values([value](std::int64_t, std::int64_t, Pcg32&) { return value; });
}

InitSource::InitSource(std::uint64_t seed, const nlohmann::json& config, std::string where)
    : m_seed(seed), m_where(std::move(where)) {
    static constexpr std::array<const char*, 2> deviation{"initializer_range", "init_std"};
    static constexpr std::array<const char*, 3> layers{"num_hidden_layers", "n_layer", "num_layers"};
    m_deviation = firstNumber(config, deviation, 0.02);
    m_layers = std::max(1, static_cast<int>(firstNumber(config, layers, 1)));
}

const TensorEntry* InitSource::find(std::string_view name) const {
    const auto made = std::ranges::find(m_entries, name, &TensorEntry::name);
    if (made != m_entries.end()) return &*made;
    static const TensorEntry promised;
    for (const std::string_view ending :
         {".embed_tokens.weight", ".wte.weight", ".embeddings.weight", ".embed_in.weight", ".word_embeddings.weight"}) {
        if (name.ends_with(ending)) return &promised;
    }
    return nullptr;
}

Result<Weight> InitSource::weight(std::string_view name) const {
    return fail(ErrorKind::NotFound, fmt::format("{}: the tensor {} is made when its shape is known.", m_where, name),
                std::string(name));
}

Init::Value InitSource::byName(std::string_view name, std::int64_t rows) const {
    if (name.ends_with("bias")) return Init::zeros().value;
    if (rows == 1) return Init::ones().value;
    double deviation = m_deviation;
    for (const std::string_view back : {"o_proj.weight", "down_proj.weight", "c_proj.weight", "out_proj.weight"}) {
        if (name.ends_with(back)) deviation /= std::sqrt(2.0 * m_layers);
    }
    return Init::normal(deviation).value;
}

Weight InitSource::make(const std::string& name, const std::vector<std::int64_t>& shape, const Init& init) const {
    std::int64_t rows = 1;
    for (std::size_t i = 0; i + 1 < shape.size(); ++i) rows *= shape[i];
    const std::int64_t cols = shape.empty() ? 1 : shape.back();
    const Init::Value value = init.value ? init.value : byName(name, rows);
    Pcg32 random(m_seed ^ hashOf(name));
    Matrix values(rows, cols);
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < cols; ++c) values(r, c) = static_cast<float>(value(r, c, random));
    }
    m_entries.push_back({name, shape, "F32", rows * cols * static_cast<std::int64_t>(sizeof(float))});
    return Weight::fromMatrix(std::move(values));
}

}  // namespace lw
