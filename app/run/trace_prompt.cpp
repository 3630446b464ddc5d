#include "app/run/trace_prompt.h"

#include <array>
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

namespace lw {

CaptureSpec captureSpec(CaptureChoice choice, const ModelInfo& model) {
    if (choice == CaptureChoice::Everything) return CaptureSpec::all(model);
    std::vector<std::string> patterns;
    // Of mixers and cells everything that is kept: their states are made of it, and it does not grow faster than the stream.
    if (model.hasMixer()) {
        for (const char* pattern : {"blocks.*.mixer.*", "blocks.*.rnn.*", "blocks.*.hook_mixer_*"}) {
            if (CaptureSpec::parse(std::array<std::string, 1>{pattern}, model)) patterns.emplace_back(pattern);
        }
    }
    for (const SiteId id :
         {SiteId::Embed, SiteId::ResidPre, SiteId::ResidMid, SiteId::ResidPost, SiteId::AttnOut, SiteId::MlpOut, SiteId::Q,
          SiteId::K, SiteId::V, SiteId::RotQ, SiteId::RotK, SiteId::Z, SiteId::Pattern, SiteId::FinalScale}) {
        if (!model.has(id)) continue;
        std::string pattern(siteOf(id).name);
        if (const auto at = pattern.find("{i}"); at != std::string::npos) pattern.replace(at, 3, "*");
        patterns.push_back(std::move(pattern));
    }
    const auto spec = CaptureSpec::parse(patterns, model);
    return spec ? *spec : CaptureSpec::all(model);
}

Result<std::vector<TokenId>> idsFromText(const std::string& text, int vocabulary) {
    std::vector<TokenId> ids;
    for (std::size_t i = 0; i < text.size();) {
        const auto isDigit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
        if (!isDigit(i)) {
            ++i;
            continue;
        }
        const std::size_t from = i;
        while (isDigit(i)) ++i;
        const std::string word = text.substr(from, i - from);
        const long long id = word.size() > 10 ? -1 : std::atoll(word.c_str());
        if (id < 0 || id >= vocabulary) {
            return fail(ErrorKind::BadInput, fmt::format("The id {} is outside the vocabulary (0 … {}).", word, vocabulary - 1));
        }
        ids.push_back(static_cast<TokenId>(id));
    }
    if (ids.empty()) {
        return fail(ErrorKind::BadInput,
                    "This model has no tokenizer: write token ids instead of words, for instance “3, 17, 5”.");
    }
    return ids;
}

Result<TracedPrompt> tracePrompt(const Origin& origin, std::int64_t budget, const Job& job) {
    const auto begin = std::chrono::steady_clock::now();
    const LoadedModel& loaded = *origin.model;
    const ModelInfo& info = loaded.model->info();
    if (origin.text.empty()) return fail(ErrorKind::BadInput, "There is nothing to run: the text is empty.");

    std::vector<TokenId> ids;
    int inFront = 0;
    if (loaded.tokenizer) {
        job.progress(0, "tokenising");
        auto encoding = loaded.tokenizer->encode(origin.text);
        if (!encoding) return tl::unexpected(encoding.error());
        ids = encoding->ids();
        if (!ids.empty() && loaded.tokenizer->bos() == ids.front()) inFront = 1;
    } else {
        auto written = idsFromText(origin.text, info.vocabulary);
        if (!written) return tl::unexpected(written.error());
        ids = std::move(*written);
    }
    if (static_cast<int>(ids.size()) <= inFront)
        return fail(ErrorKind::BadInput, "There is nothing to run: the text has no tokens.");
    if (job.cancelled()) return cancelledError();

    PromptFit fit = fitPrompt(ids, inFront, info.context, info.canGoBeyondContext, origin.context);
    const CaptureSpec spec = captureSpec(origin.capture, info);
    auto made = root(*loaded.model, fit.kept, spec, origin.seed, budget, fit.beyond, job);
    if (!made) return tl::unexpected(made.error());

    TracedPrompt result;
    if (loaded.tokenizer) {
        const auto trace = traceTo(*made, loaded.model->sharedInfo(), spec);
        result.script = scriptKnowledge(*loaded.tokenizer, fit.kept, fit.cutFront.empty() ? trace.get() : nullptr);
    }
    result.branches = std::make_shared<Branches>(origin, std::move(fit), spec, std::move(*made));
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return result;
}

}  // namespace lw
