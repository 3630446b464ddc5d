// What the derivations of all mixers' inputs and outputs share: a projection of a site's row, a short convolution, and the kinds.
// Internal to analysis.
#pragma once

#include "core/analysis/derivation_parts.h"

namespace lw::derivation {

/// Σᵢ x[i] · W[row, i] (+ bias[row]) over the row of a site. `matrix`: the weight's name, "W_in".
/// Fails: the site was not captured.
Result<ProductSum> projected(const Sources& s, SiteId input, WeightId weight, int row, std::optional<WeightId> bias,
                             const char* matrix);

/// Σⱼ taps[channel, j] · x over the last tokens (+ bias[channel]): column `column` of a site, this token last. Tokens before the
/// text are left out, as they count as zero.
Result<ProductSum> convolved(const Sources& s, SiteId source, int column, WeightId taps, int channel,
                             std::optional<WeightId> bias);

/// x / √(mean x² + ε) · gain of one of several numbers: what RMS norms inside mixers do. `extra` multiplies what is printed.
Derivation normedOf(const std::string& symbol, const RowVectorD& x, int unit, double eps, double gain, const std::string& name,
                    const std::function<Locus(int)>& place);

/// Σ left · right, the last projection of a mixer.
Derivation projectedOut(const Sources& s, const RowVectorD& left, const std::string& what, const std::function<Locus(int)>& place,
                        const std::function<std::string(int)>& name, std::optional<WeightId> bias);

// The kinds.
Result<Derivation> scanValue(const Sources& s);    // Mamba, Mamba-2, S4D
Result<Derivation> memoryValue(const Sources& s);  // linear attention and its family
Result<Derivation> rwkvValue(const Sources& s);

// What the last projection of each reads at the place's position, in double.
Result<RowVectorD> scanBeforeOut(const Sources& s);
Result<RowVectorD> memoryBeforeOut(const Sources& s);
Result<RowVectorD> rwkvBeforeOut(const Sources& s);

}  // namespace lw::derivation
