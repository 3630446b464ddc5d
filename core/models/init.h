// Making a model's first weights instead of reading them: a source whose tensors come into being, at random but repeatably, when
// an architecture reads them. So an architecture is written once, and training starts where reading a file would.
//
// How an architecture says what a tensor starts as: it passes an Init to WeightReader::read. Reading a file, the Init is ignored.
//
//     reader.read(at + "dt_bias", 1, H, false, Init::values([=](std::int64_t, std::int64_t, Pcg32& random) {
//         const double step = std::exp(random.uniform() * std::log(100.0) + std::log(0.001));  // 0.001 … 0.1
//         return step + std::log(-std::expm1(-step));                                          // softplus⁻¹
//     }));
//     reader.read(at + "A_log", E, N, false, Init::values([](std::int64_t, std::int64_t n, Pcg32&) { return std::log(n + 1.0);
//     })); reader.read(at + "D", 1, E, false, Init::ones());
//
// Without one the name decides (Init::byName): a single row is a gain and starts as ones, or is a bias (its name ends in "bias")
// and starts as zeros; a matrix is normal with the configuration's initializer_range (0.02 if it has none); a projection back
// into the residual stream (o_proj, down_proj, c_proj, out_proj) is narrower by √(2 · layers), so that the stream's size does not
// grow with the depth (Radford et al. 2019).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/pcg32.h"
#include "core/tensor/weight_source.h"

namespace lw {

struct Init {
    /// Row and column are those of the tensor as it is stored (before a transposed read turns it); called row by row.
    using Value = std::function<double(std::int64_t row, std::int64_t col, Pcg32& random)>;

    static Init byName() { return {}; }
    static Init normal(double deviation);
    static Init uniform(double low, double high);
    static Init constant(double value);
    static Init ones() { return constant(1); }
    static Init zeros() { return constant(0); }
    static Init values(Value value) { return {std::move(value)}; }

    Value value = {};  // empty: by name
};

/// Normal with mean 0 and deviation 1 (Box and Muller 1958; two draws of the generator's uniform a value).
double normalNumber(Pcg32& random);

class InitSource final : public WeightSource {
public:
    /// Each tensor has a random stream of its own, made of the seed and its name, so that the order of reading changes nothing.
    /// The number of layers and initializer_range are the configuration's.
    InitSource(std::uint64_t seed, const nlohmann::json& config, std::string where);

    std::string_view where() const override { return m_where; }
    /// The tensors made so far, with the shapes that a file of them has.
    std::span<const TensorEntry> entries() const override { return m_entries; }
    /// What has been made. A token embedding asked for by a name with a prefix ("model.embed_tokens.weight") is there from the
    /// start: that is how architectures see that names carry the prefix. The pointer is good until the next `make`.
    const TensorEntry* find(std::string_view name) const override;
    /// Fails: NotFound (tensors are made, see `make`).
    Result<Weight> weight(std::string_view name) const override;

    /// A new tensor of this shape (outermost first, as safetensors prints it); more than 2 dimensions are joined into rows.
    Weight make(const std::string& name, const std::vector<std::int64_t>& shape, const Init& init) const;

private:
    Init::Value byName(std::string_view name, std::int64_t rows) const;

    std::uint64_t m_seed;
    std::string m_where;
    double m_deviation = 0.02;
    int m_layers = 1;
    mutable std::vector<TensorEntry> m_entries;  // grows while the model reads; a source is used by one thread
};

}  // namespace lw
