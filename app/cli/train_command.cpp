// train: makes a model by learning. evaluate: the loss of a model over a whole file.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/formats/config_json.h"
#include "core/train/documents.h"
#include "core/train/evaluation.h"
#include "core/train/packed_text.h"
#include "core/train/trainer.h"

namespace lw::cli {

namespace {

struct TrainRequest {
    std::string config, out, data;
    bool restart = false, json = false;
    std::string commandLine;
};

volatile std::sig_atomic_t stopSignals = 0;

// While it lives, Ctrl-C and SIGTERM ask for a stop instead of ending the program; a second one ends it. A handler and not a
// mask: threads that libraries started before would not have the mask.
class StopOnSignal {
public:
    StopOnSignal() {
        struct sigaction action {};
        action.sa_handler = [](int) {
            if (stopSignals != 0) _exit(130);
            stopSignals = 1;
        };
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &m_earlier[i]);
        m_waiter = std::jthread([this](const std::stop_token& end) { wait(end); });
    }
    ~StopOnSignal() {
        m_waiter = {};  // asks it to stop and joins
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &m_earlier[i], nullptr);
    }
    StopOnSignal(const StopOnSignal&) = delete;
    StopOnSignal& operator=(const StopOnSignal&) = delete;
    std::stop_token token() const { return m_stop.get_token(); }

private:
    static constexpr std::array<int, 2> signals{SIGINT, SIGTERM};

    void wait(const std::stop_token& end) {
        while (!end.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            if (stopSignals == 0) continue;
            m_stop.request_stop();
            note("Stopping after a checkpoint; once more ends at once.");
            return;
        }
    }
    std::array<struct sigaction, 2> m_earlier{};
    std::stop_source m_stop;
    std::jthread m_waiter;
};

// Freed memory is kept for the next step instead of being handed back to the system and asked for again.
void keepFreedMemory() {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 2'000'000'000);
    mallopt(M_TOP_PAD, 64 << 20);
#endif
}

std::string duration(double seconds) {
    const auto s = static_cast<std::int64_t>(seconds);
    if (s < 90) return fmt::format("{} s", s);
    if (s < 5400) return fmt::format("{} min", (s + 30) / 60);
    return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

void printReport(const train::TrainReport& report, bool json) {
    if (json) {
        Json line{{"step", report.step},
                  {"loss", number(report.loss)},
                  {"validation_loss", report.validationLoss ? number(*report.validationLoss) : Json(nullptr)},
                  {"tokens_per_second", number(report.tokensPerSecond)},
                  {"learning_rate", number(report.rate)},
                  {"gradient_norm", number(report.gradientNorm)},
                  {"tokens", report.tokens}};
        if (report.accuracy) line["accuracy"] = number(*report.accuracy);
        printJson(line);
        std::fflush(stdout);
        return;
    }
    const bool terminal = isatty(STDERR_FILENO) != 0;
    std::string line = fmt::format("step {}/{}  loss {:.4f}", report.step, report.steps, report.loss);
    if (report.validationLoss) line += fmt::format("  validation {:.4f}", *report.validationLoss);
    if (report.accuracy) line += fmt::format("  accuracy {:.1f} %", 100 * *report.accuracy);
    line += fmt::format("  {:.0f} tokens/s", report.tokensPerSecond);
    if (terminal && !report.validationLoss) {
        std::fprintf(stderr, "\r%s  %s left\033[K", line.c_str(), duration(report.secondsLeft).c_str());
        return;
    }
    if (terminal) std::fputs("\r\033[K", stderr);
    printLine(line);
    std::fflush(stdout);
}

int trainModel(const TrainRequest& request) {
    keepFreedMemory();
    const auto json = readJsonFile(request.config);
    if (!json) return complain(json.error());
    const std::filesystem::path folder =
        request.data.empty() ? std::filesystem::path(request.config).parent_path() : std::filesystem::path(request.data);
    const auto config = train::readTrainConfig(*json, request.config, folder);
    if (!config) return complain(config.error());
    const train::TrainOptions options{request.restart, request.commandLine, "layerwalk " LAYERWALK_VERSION};
    const train::TrainHooks hooks{[&](const train::TrainReport& report) { printReport(report, request.json); },
                                  [](std::string_view sentence) { note(sentence); }};
    const StopOnSignal signal;
    const auto summary = train::train(*config, request.out, options, hooks, {.stop = signal.token()});
    if (!request.json && isatty(STDERR_FILENO)) std::fputs("\r\033[K", stderr);
    if (!summary) return complain(summary.error());
    if (!summary->complete)
        return complain(
            {ErrorKind::Cancelled,
             fmt::format("Stopped after step {} of {}; the checkpoint is in {}.", summary->step, config->steps, request.out),
             {},
             "The same command goes on from there."});
    const nlohmann::json& record = summary->record;
    if (request.json) return Done;
    if (summary->stoppedEarly)
        printLine(fmt::format("stopped early after step {}: validation no longer improved", summary->step));
    std::string line =
        fmt::format("{}: {} parameters, {} tokens in {}, validation loss {:.4f} nats a token", record.value("name", ""),
                    record.value("parameters", std::int64_t{0}), record.value("tokens", std::int64_t{0}),
                    duration(record.value("seconds", 0.0)), record.value("validation_loss", 0.0));
    if (record.contains("bits_per_byte")) line += fmt::format(", {:.4f} bits a byte", record["bits_per_byte"].get<double>());
    if (record.contains("accuracy")) line += fmt::format(", accuracy {:.1f} %", 100 * record["accuracy"].get<double>());
    printLine(line);
    return Done;
}

struct EvaluateRequest : Request {
    std::string file, separator;
    int context = 0, stride = 0;
};

int evaluateModel(EvaluateRequest& request) {
    const auto loaded = openModel(request.model);
    if (!loaded) return complain(loaded.error());
    const Model& model = *(*loaded)->model;
    const Tokenizer* tokenizer = (*loaded)->tokenizer.get();
    if (!tokenizer)
        return complain(
            {ErrorKind::NotFound, fmt::format("{} has no tokenizer, so it cannot read a text.", (*loaded)->name), {}, {}});
    const int longest = model.info().context;
    int context = request.context > 0 ? request.context : longest > 0 ? longest : 1024;
    if (longest > 0 && context > longest && !model.info().canGoBeyondContext)
        return complain(
            {ErrorKind::OverContext, fmt::format("--context {} is beyond the model's context of {}.", context, longest), {}, {}});
    const int stride = request.stride > 0 ? request.stride : context;
    if (stride > context) throw Usage{fmt::format("--stride {} would leave out tokens between windows of {}.", stride, context)};
    const auto documents = train::readDocuments(request.file, request.separator);
    if (!documents) return complain(documents.error());
    const auto text = train::tokenizeDocuments(*documents, *tokenizer, request.file, progressJob());
    if (!text) return complain(text.error());
    std::vector<train::Sequence> windows;
    for (const auto& document : text->documents) {
        for (train::Sequence& window : train::evaluationWindows(document, context, stride)) windows.push_back(std::move(window));
    }
    if (windows.empty())
        return complain({ErrorKind::BadInput, fmt::format("{}: the text has no token to predict.", request.file), {}, {}});
    const auto begin = std::chrono::steady_clock::now();
    const auto result = train::evaluate(model, windows, progressJob());
    if (!result) return complain(result.error());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const std::int64_t bytes = text->predictable;
    if (request.json) {
        printJson({{"loss", number(result->loss())},
                   {"bits_per_byte", number(result->bitsPerByte(bytes))},
                   {"accuracy", number(result->accuracy())},
                   {"tokens", result->predicted},
                   {"bytes", bytes},
                   {"documents", text->documents.size()},
                   {"windows", result->sequences},
                   {"context", context},
                   {"stride", stride},
                   {"seconds", number(seconds)}});
        return Done;
    }
    printLine(fmt::format("{}: {:.4f} nats a token, {:.4f} bits a byte over {} tokens ({} bytes)", (*loaded)->name,
                          result->loss(), result->bitsPerByte(bytes), result->predicted, bytes));
    printLine(
        fmt::format("{} documents, windows of {} tokens every {}, {:.1f} s", text->documents.size(), context, stride, seconds));
    return Done;
}

constexpr const char* trainHelp = R"(CONFIG.json (docs/training.md has every field):
  {"model": {fields of a config.json}, "tokenizer": "tokenizer.json",
   "data": {"texts": ["a.txt", {"path": "b.txt", "separator": "<|endoftext|>"}], "validation": ["c.txt"]},
   "steps": 1000, "batch": 16, "context": 256, "seed": 1,
   "optimizer": {"learning_rate": 1e-3, "warmup": 100, "floor": 0.1, "weight_decay": 0.1, "clip": 1}}
or, instead of texts, a task: "data": {"task": "copy", "length": 16, "symbols": 8}
(copy, reverse, selective_copy, associative_recall, induction, addition, parity).

FOLDER becomes a model that every other command opens, with training.json, the record, beside it. Interrupted at
any moment, the same command goes on from the last checkpoint and comes to the same numbers.

Example:
  layerwalk-cli train training/induction.json --out models/induction)";

}  // namespace

void addTrain(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<TrainRequest>();
    CLI::App* command = program.add_subcommand("train", "Train a model, or go on with a training");
    command->add_option("CONFIG", request->config, "A JSON file that says what to train, on what, for how long")->required();
    command->add_option("--out", request->out, "The folder for the model, its checkpoints and the record")->required();
    command->add_option("--data", request->data, "The folder that the texts' paths start from (default: CONFIG's own)");
    command->add_flag("--restart", request->restart, "Begin anew: remove the checkpoints that are in the folder");
    command->add_flag("--json", request->json, "Print one line of JSON for each report");
    command->footer(trainHelp);
    command->callback([&chosen, request] {
        request->commandLine = fmt::format("layerwalk-cli train {}{} --out {}", request->config,
                                           request->data.empty() ? "" : " --data " + request->data, request->out);
        chosen = [request] { return trainModel(*request); };
    });
}

void addEvaluate(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<EvaluateRequest>();
    CLI::App* command = program.add_subcommand("evaluate", "The loss of a model over a whole text file");
    request->addModel(*command);
    command->add_option("--text-file", request->file, "A UTF-8 text, or poems as JSON")->required();
    command->add_option("--separator", request->separator,
                        "Cuts the text into documents, each read by itself, such as '<|endoftext|>'");
    command->add_option("--context", request->context, "Tokens of a window (default: the model's context)")
        ->check(CLI::Range(1, 1 << 20));
    command
        ->add_option("--stride", request->stride,
                     "Windows begin so many tokens apart; each token is predicted once (default: the window's length)")
        ->check(CLI::Range(1, 1 << 20));
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli evaluate stories260K --text-file story.txt --stride 256");
    command->callback([&chosen, request] { chosen = [request] { return evaluateModel(*request); }; });
}

}  // namespace lw::cli
