// Best of n: several texts rolled with different seeds, ranked by how probable the model itself finds them.
#pragma once

#include <vector>

#include "core/generate/generate.h"

namespace lw {

struct SampledText {
    std::uint64_t seed = 0;
    std::vector<Choice> steps;
    double logProbability = 0;  // Σ ln p at temperature 1, nothing struck
    StopReason reason = StopReason::Count;
    double mean() const { return steps.empty() ? 0 : logProbability / static_cast<double>(steps.size()); }
};

// Mean: (1/T) Σ ln p, so that a text is not the worse for being longer. Total: Σ ln p = ln p(text), which favours those that end
// early. Of texts of the same length both give the same order.
enum class RankBy { Mean, Total };

/// The largest first, ties to the lower seed.
void rank(std::vector<SampledText>& texts, RankBy by);

/// n texts with the seeds seed, seed + 1, …, ranked. Fails: as generate(); n < 1.
Result<std::vector<SampledText>> bestOf(const Model& model, const std::vector<TokenId>& prompt, int n,
                                        const GenerateRequest& request, RankBy by = RankBy::Mean, const Job& job = {});

}  // namespace lw
