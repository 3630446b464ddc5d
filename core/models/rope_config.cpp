#include "core/models/rope_config.h"

#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace lw {

std::vector<double> rotaryFrequencies(ConfigReader& config, int headWidth, int context, std::optional<double> turnedPart) {
    const double topTheta = config.number("rope_theta", 10000.0, 1e-6, 1e15);
    const nlohmann::json* parameters = config.object("rope_parameters");
    const nlohmann::json* scaling = config.object("rope_scaling");
    static const nlohmann::json nothing = nlohmann::json::object();
    const nlohmann::json& chosen = parameters ? *parameters : scaling ? *scaling : nothing;
    const char* field = parameters ? "rope_parameters" : "rope_scaling";
    ConfigReader rope(chosen, config.where() + ": " + field);

    const double theta = rope.number("rope_theta", topTheta, 1e-6, 1e15);
    const std::string older = rope.text("type", "default");
    const std::string type = rope.text("rope_type", older);
    const double part = rope.number("partial_rotary_factor", turnedPart.value_or(1.0), 0, 1);
    if (turnedPart) {
        headWidth = static_cast<int>(
            headWidth * (rope.has("partial_rotary_factor") ? part : config.number("partial_rotary_factor", part, 0, 1)));
        headWidth -= headWidth % 2;
    } else if (part != 1.0) {
        rope.refuse(ErrorKind::Unsupported,
                    fmt::format("{}: {}.partial_rotary_factor is not 1; rotating a part of a head is not supported here.",
                                config.where(), field),
                    field);
    }

    std::vector<double> frequencies(static_cast<std::size_t>(headWidth / 2));
    for (std::size_t i = 0; i < frequencies.size(); ++i)
        frequencies[i] = std::pow(theta, -2.0 * static_cast<double>(i) / headWidth);
    if (type == "linear") {
        const double factor = rope.number("factor", {}, 1e-6, 1e9);
        for (double& f : frequencies) f /= factor;
    } else if (type == "llama3") {
        const double factor = rope.number("factor", {}, 1e-6, 1e9);
        const double low = rope.number("low_freq_factor", {}, 1e-6, 1e9), high = rope.number("high_freq_factor", {}, 1e-6, 1e9);
        const double original = rope.number("original_max_position_embeddings", context, 1, 1e12);
        if (high <= low)
            rope.refuse(ErrorKind::Mismatch,
                        fmt::format("{}: high_freq_factor {} is not above low_freq_factor {}.", rope.where(), high, low), field);
        for (double& f : frequencies) {
            const double waveLength = 2 * std::numbers::pi / f;
            if (waveLength < original / high) continue;
            if (waveLength > original / low) {
                f /= factor;
                continue;
            }
            const double smooth = (original / waveLength - low) / (high - low);
            f = (1 - smooth) * f / factor + smooth * f;
        }
    } else if (type != "default") {
        rope.refuse(
            ErrorKind::Unsupported,
            fmt::format("{}: the rope scaling “{}” is not supported; default, linear and llama3 are.", config.where(), type),
            field);
    }
    static constexpr std::array<std::string_view, 1> ignored{"original_max_position_embeddings"};
    rope.harmless(ignored);
    if (!rope.error() && !rope.warnings().empty()) rope.refuse(ErrorKind::Unsupported, rope.warnings().front(), field);
    if (rope.error()) config.refuse(rope.error()->kind, rope.error()->message, field);
    return frequencies;
}

}  // namespace lw
