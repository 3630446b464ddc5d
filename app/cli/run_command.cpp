// run: one forward pass, its predictions, and what was captured.
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/analysis/softmax_stats.h"
#include "core/generate/generate.h"
#include "core/generate/most_probable.h"
#include "core/run.h"
#include "core/trace_file.h"

namespace lw::cli {

namespace {

struct RunRequest : Request {
    int top = 5;
    std::vector<std::string> capture;
    std::string memory, out;
};

std::span<const float> rowOf(const Trace& trace, int t) {
    const ConstRow row = trace.logits(Position(t));
    return {row.data(), static_cast<std::size_t>(row.size())};
}

int runOnce(const RunRequest& request) {
    if (request.top < 0) throw Usage{fmt::format("--top: {} is below 0.", request.top)};
    const std::int64_t budget = request.memory.empty() ? defaultCaptureBudget() : parseMemory(request.memory);
    const auto loaded = openModel(request.model);
    if (!loaded) return complain(loaded.error());
    const Model& model = *(*loaded)->model;
    const Tokenizer* tokenizer = (*loaded)->tokenizer.get();
    const auto ids = readIds(request.text, tokenizer, (*loaded)->name);
    if (!ids) return complain(ids.error());
    auto spec =
        request.capture.empty() ? Result<CaptureSpec>(CaptureSpec::none()) : CaptureSpec::parse(request.capture, model.info());
    if (!spec) return complain(spec.error());
    const int T = static_cast<int>(ids->size());
    if (!request.memory.empty() || !request.capture.empty())
        note(fmt::format("The captures take {} of {}.", printBytes(spec->bytes(model.info(), T)), printBytes(budget)));
    const auto result = run(model, *ids, *spec, {.budget = budget, .beyondContext = request.text.beyondContext}, progressJob());
    if (!result) return complain(result.error());
    const Trace& trace = *result->trace;
    if (!request.out.empty()) {
        const std::string text = request.text.ids ? "" : readText(request.text).value_or("");
        const auto written = writeTrace(trace, model, request.out,
                                        {{"model", (*loaded)->name},
                                         {"fingerprint", (*loaded)->fingerprint()},
                                         {"text", text},
                                         {"program", "layerwalk " LAYERWALK_VERSION}},
                                        progressJob());
        if (!written) return complain(written.error());
    }
    for (int t = 0; t < T; ++t) {  // what was captured is written all the same: it shows where the numbers went wrong
        if (mostProbable(Matrix(trace.logits(Position(t))), 0) < 0) return complain(notADistribution(model.info(), t).value());
    }

    double total = 0;
    Json loss = Json::array(), top = Json::array(), pieces = Json::array();
    for (int t = 0; t < T; ++t) {
        if (t + 1 < T) {
            const double nats = surprisal(rowOf(trace, t), (*ids)[static_cast<std::size_t>(t) + 1]);
            total += nats;
            loss.push_back(number(nats));
        }
        pieces.push_back(pieceOf(tokenizer, (*ids)[static_cast<std::size_t>(t)]));
    }
    const Json mean = T > 1 ? number(total / (T - 1)) : Json(nullptr);
    if (!request.json) {
        for (int t = 0; t < T; ++t) {
            std::string line = fmt::format("{:>5} {:>7}  {:16} →", t, (*ids)[static_cast<std::size_t>(t)],
                                           pieceText(tokenizer, (*ids)[static_cast<std::size_t>(t)]));
            for (const TokenProbability& p : topTokens(rowOf(trace, t), request.top))
                line += fmt::format("  {} {:.3f}", pieceText(tokenizer, p.id), p.probability);
            printLine(line);
        }
        if (T > 1) printLine(fmt::format("mean loss {:.4f} nats a token", total / (T - 1)));
        note(fmt::format("{} tokens in {:.1f} ms, {} captured", T, trace.seconds() * 1000, printBytes(trace.bytes())));
        return Done;
    }
    for (int t = 0; t < T; ++t) {
        Json row = Json::array();
        for (const TokenProbability& p : topTokens(rowOf(trace, t), request.top)) {
            row.push_back({{"id", p.id},
                           {"token", pieceOf(tokenizer, p.id)},
                           {"logit", number(p.logit)},
                           {"probability", number(p.probability)}});
        }
        top.push_back(std::move(row));
    }
    printJson({{"ids", *ids},
               {"pieces", std::move(pieces)},
               {"top", std::move(top)},
               {"loss", std::move(loss)},
               {"mean_loss", mean},
               {"seconds", number(trace.seconds())},
               {"capture_bytes", spec->bytes(model.info(), T)}});
    return Done;
}

}  // namespace

void addRun(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<RunRequest>();
    CLI::App* command = program.add_subcommand("run", "One forward pass: predictions at every position, loss, captures");
    request->addModel(*command);
    request->text.addTo(*command);
    command->add_option("--top", request->top, "How many tokens to show at each position")->capture_default_str();
    command
        ->add_option("--capture", request->capture,
                     "“all”, or patterns of site names such as 'blocks.*.attn.hook_pattern,hook_embed'")
        ->allow_extra_args(false);
    command->add_option("--memory", request->memory,
                        "Budget of the captures, such as 500MB or 2GiB (default: a quarter of the machine's)");
    command->add_option("--out", request->out, "Write the captured values to this safetensors file");
    request->addJson(*command);
    command->footer(
        "Example:\n  layerwalk-cli run stories260K --text \"Once upon a time\" --top 3 --capture all --out trace.safetensors");
    command->callback([&chosen, request] { chosen = [request] { return runOnce(*request); }; });
}

}  // namespace lw::cli
