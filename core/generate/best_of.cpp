#include "core/generate/best_of.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lw {

void rank(std::vector<SampledText>& texts, RankBy by) {
    const auto score = [by](const SampledText& text) { return by == RankBy::Mean ? text.mean() : text.logProbability; };
    std::ranges::sort(texts, [&](const SampledText& a, const SampledText& b) {
        const double x = score(a), y = score(b);
        return x != y ? x > y : a.seed < b.seed;
    });
}

Result<std::vector<SampledText>> bestOf(const Model& model, const std::vector<TokenId>& prompt, int n,
                                        const GenerateRequest& request, RankBy by, const Job& job) {
    if (n < 1) return fail(ErrorKind::BadInput, fmt::format("{} texts are asked for; expected at least 1.", n));
    std::vector<SampledText> texts;
    for (int i = 0; i < n; ++i) {
        job.progress(static_cast<double>(i) / n, "texts");
        GenerateRequest one = request;
        one.settings.seed = request.settings.seed + static_cast<std::uint64_t>(i);
        auto made = generate(model, prompt, one, Job{job.stop, {}});
        if (!made) return Unexpected(made.error());
        SampledText text{one.settings.seed, std::move(made->steps), 0, made->reason};
        for (const Choice& step : text.steps) text.logProbability += std::log(step.rawProbability);
        texts.push_back(std::move(text));
    }
    rank(texts, by);
    return texts;
}

}  // namespace lw
