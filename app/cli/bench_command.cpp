// bench: speed with and without capture, in one run on one machine.
#include <algorithm>
#include <chrono>
#include <optional>
#include <random>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/base/parallel.h"
#include "core/run.h"

namespace lw::cli {

namespace {

// Unless a number of runs is asked for: three, and more while they are short, since a few milliseconds say little.
constexpr int leastRuns = 3, mostRuns = 25;
constexpr double enoughSeconds = 1.5;

struct BenchRequest : Request {
    int promptTokens = 512, steps = 64;
    std::optional<int> repeat;
};

struct Seconds {
    double prompt = 0, steps = 0;
};

double since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// A prompt, then steps of one token; everything captured is kept until the end, as a window would.
Result<Seconds> once(const Model& model, const std::vector<TokenId>& ids, int promptTokens, const CaptureSpec& spec) {
    Seconds seconds;
    const auto state = model.start();
    std::vector<std::shared_ptr<const TraceBlock>> kept;
    const auto pass = [&](int first, int n) -> Result<void> {
        Recorder recorder(spec, model.info().layers());
        const auto chunk = std::span(ids).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(n));
        auto logits = model.forward(chunk, *state, Tap(&recorder), {});
        if (!logits) return Unexpected(logits.error());
        if (auto same = model.intact(); !same) return Unexpected(same.error());
        kept.push_back(recorder.finish(first, {chunk.begin(), chunk.end()}, *std::move(logits), 0));
        return {};
    };
    auto begin = std::chrono::steady_clock::now();
    if (auto ok = pass(0, promptTokens); !ok) return Unexpected(ok.error());
    seconds.prompt = since(begin);
    begin = std::chrono::steady_clock::now();
    for (int t = promptTokens; t < static_cast<int>(ids.size()); ++t) {
        if (auto ok = pass(t, 1); !ok) return Unexpected(ok.error());
    }
    seconds.steps = since(begin);
    return seconds;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t n = values.size();
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

int bench(BenchRequest& request) {
    const auto loaded = openModel(request.model);
    if (!loaded) return complain(loaded.error());
    const Model& model = *(*loaded)->model;
    const ModelInfo& info = model.info();
    if (!info.canGoBeyondContext && info.context > 0 && request.promptTokens + request.steps > info.context) {
        request.steps = std::min(request.steps, std::max(1, info.context / 2));
        request.promptTokens = std::min(request.promptTokens, info.context - request.steps);
        note(fmt::format("The context of {} is {}: measured with a prompt of {} and {} steps.", info.name, info.context,
                         request.promptTokens, request.steps));
    }
    std::mt19937 random(1);
    std::vector<TokenId> ids(static_cast<std::size_t>(request.promptTokens + request.steps));
    for (TokenId& id : ids) id = static_cast<TokenId>(random() % static_cast<unsigned>(info.vocabulary));

    const CaptureSpec all = CaptureSpec::all(info), none = CaptureSpec::none();
    std::vector<double> promptWith, promptRatio, stepWith, stepRatio;
    if (auto warm = once(model, ids, request.promptTokens, none); !warm) return complain(warm.error());
    const auto begin = std::chrono::steady_clock::now();
    const auto goesOn = [&](int done) {
        if (request.repeat) return done < *request.repeat;
        return done < leastRuns || (done < mostRuns && since(begin) < enoughSeconds);
    };
    for (int i = 0; goesOn(i); ++i) {
        // In turns, the order changing, so that a drift of the machine falls on both alike.
        Result<Seconds> with, without;
        if (i % 2 == 0) {
            with = once(model, ids, request.promptTokens, all);
            without = once(model, ids, request.promptTokens, none);
        } else {
            without = once(model, ids, request.promptTokens, none);
            with = once(model, ids, request.promptTokens, all);
        }
        if (!with) return complain(with.error());
        if (!without) return complain(without.error());
        promptWith.push_back(with->prompt);
        stepWith.push_back(with->steps);
        promptRatio.push_back(with->prompt / without->prompt);
        stepRatio.push_back(with->steps / without->steps);
    }
    const double prompt = request.promptTokens / median(promptWith), steps = request.steps / median(stepWith);
    if (request.json) {
        printJson({{"prompt_tokens_per_second", number(prompt)},
                   {"step_tokens_per_second", number(steps)},
                   {"capture_ratio_prompt", number(median(promptRatio))},
                   {"capture_ratio_step", number(median(stepRatio))},
                   {"threads", threadCount()},
                   {"build", LAYERWALK_BUILD}});
        return Done;
    }
    printLine(fmt::format("{}: prompt of {} tokens {:.1f} tokens/s, {} steps {:.1f} tokens/s, everything captured", info.name,
                          request.promptTokens, prompt, request.steps, steps));
    printLine(fmt::format("capture costs × {:.3f} on the prompt and × {:.3f} on a step ({} threads, {} build, medians of {})",
                          median(promptRatio), median(stepRatio), threadCount(), LAYERWALK_BUILD, promptRatio.size()));
    return Done;
}

}  // namespace

void addBench(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<BenchRequest>();
    CLI::App* command = program.add_subcommand("bench", "Measure speed with and without capture, in one run");
    request->addModel(*command);
    command->add_option("--prompt-tokens", request->promptTokens, "Length of the prompt of random ids")
        ->capture_default_str()
        ->check(CLI::Range(1, 1 << 20));
    command->add_option("--steps", request->steps, "Steps of one token after it")
        ->capture_default_str()
        ->check(CLI::Range(1, 1 << 20));
    command->add_option("--repeat", request->repeat, "Runs; medians are printed (default 3, more where they are short)")
        ->check(CLI::Range(1, 1000));
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli bench stories260K");
    command->callback([&chosen, request] { chosen = [request] { return bench(*request); }; });
}

}  // namespace lw::cli
