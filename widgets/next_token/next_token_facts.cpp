#include "widgets/next_token/next_token_facts.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/analysis/softmax_stats.h"

namespace lw {

const Bin* NextTokenFacts::find(TokenId id) const {
    for (const auto* list : {&bins, &extra})
        for (const Bin& bin : *list)
            if (bin.id == id) return &bin;
    return nullptr;
}

NextTokenFacts nextTokenFacts(std::span<const float> logits, const SamplingSettings& settings, Position position,
                              std::optional<TokenId> follows, std::optional<Choice> choice, int most,
                              std::span<const TokenId> always) {
    NextTokenFacts facts;
    facts.position = position;
    facts.settings = settings;
    facts.vocabulary = static_cast<int>(logits.size());
    facts.follows = follows;
    facts.choice = choice;
    const std::vector<Bin> all = distribution(logits, settings);
    const auto shown = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(most, 0, static_cast<std::ptrdiff_t>(all.size())));
    const auto wanted = [&](TokenId id) { return follows == id || std::find(always.begin(), always.end(), id) != always.end(); };
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Bin& bin = all[i];
        if (bin.probability > 0) {
            ++facts.kept;
            facts.entropyAfter -= bin.probability * std::log(bin.probability);
        }
        if (bin.rawProbability > 0) facts.entropyBefore -= bin.rawProbability * std::log(bin.rawProbability);
        if (bin.struckBy) {
            const std::string_view by = bin.struckBy;
            ++(by == "top-k" ? facts.struckTopK : by == "top-p" ? facts.struckTopP : facts.struckMinP);
        }
        if (i < shown) {
            facts.bins.push_back(bin);
        } else {
            facts.restRaw += bin.rawProbability;
            facts.restAfter += bin.probability;
            if (wanted(bin.id)) facts.extra.push_back(bin);
        }
        if (choice && choice->draw && !facts.drawn && bin.probability > 0 && *choice->draw < bin.upTo) facts.drawn = bin.id;
    }
    if (follows && *follows >= 0 && *follows < facts.vocabulary) facts.surprise = surprisal(logits, *follows);
    return facts;
}

std::vector<TokenDifference> tokenDifferences(std::span<const float> logitsB, std::span<const float> logitsA, int most) {
    if (logitsA.size() != logitsB.size()) return {};
    const std::vector<double> a = softmax(logitsA), b = softmax(logitsB);
    std::vector<TokenDifference> all(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) all[i] = {static_cast<TokenId>(i), a[i], b[i]};
    const auto end = all.begin() + std::clamp<std::ptrdiff_t>(most, 0, static_cast<std::ptrdiff_t>(all.size()));
    std::partial_sort(all.begin(), end, all.end(), [](const TokenDifference& x, const TokenDifference& y) {
        const double dx = std::abs(x.difference()), dy = std::abs(y.difference());
        return dx != dy ? dx > dy : x.id < y.id;
    });
    all.erase(end, all.end());
    return all;
}

}  // namespace lw
