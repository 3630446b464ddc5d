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
#include "core/train/task_data.h"
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
    std::string file, separator, task;
    std::vector<int> lengths;
    int context = 0, stride = 0, examples = 256;
    std::uint64_t seed = 0;
};

// Right answers by the length of what is asked. An answer counts as right as a whole if every token of it had the highest logit
// after the right ones before it: then greedy generation gives it too.
int evaluateTask(const EvaluateRequest& request, const LoadedModel& loaded) {
    const auto json = readJsonFile(request.task);
    if (!json) return complain(json.error());
    const auto config = train::readTrainConfig(*json, request.task, std::filesystem::path(request.task).parent_path());
    if (!config) return complain(config.error());
    if (!config->data.task)
        return complain({ErrorKind::BadInput, fmt::format("{} trains on texts; --task needs a task.", request.task), "data", {}});
    train::TaskSettings task = *config->data.task;
    const Model& model = *loaded.model;
    const auto letters = static_cast<int>(train::taskAlphabet(task).size());
    if (model.info().vocabulary != letters)
        return complain({ErrorKind::Mismatch,
                         fmt::format("{} has {} tokens; the task {} has {} characters.", loaded.name, model.info().vocabulary,
                                     task.name, letters),
                         {},
                         {}});
    Json rows = Json::array();
    const std::vector<int> lengths = request.lengths.empty() ? std::vector{task.length} : request.lengths;
    for (const int length : lengths) {
        task.length = task.minLength = length;
        if (task.name == "associative_recall" && length > task.symbols)
            return complain({ErrorKind::BadInput,
                             fmt::format("{} pairs need as many different keys; the task has {}.", length, task.symbols),
                             {},
                             {}});
        task.items = std::min(task.items, length);
        task.queries = std::min(task.queries, length);
        train::TaskSequences source(task, request.seed, 77);  // 77: neither training nor validation
        std::vector<train::Sequence> sequences;
        for (int i = 0; i < request.examples; ++i) sequences.push_back(source.sequence(i));
        const auto result = train::evaluate(model, sequences, progressJob());
        if (!result) return complain(result.error());
        const double whole = static_cast<double>(result->allCorrect) / static_cast<double>(result->sequences);
        rows.push_back({{"length", length},
                        {"examples", result->sequences},
                        {"loss", number(result->loss())},
                        {"accuracy", number(result->accuracy())},
                        {"all_correct", number(whole)}});
        if (!request.json)
            printLine(
                fmt::format("length {:>4}: {:>6.1f} % of {} answers right as a whole, {:>6.1f} % of the tokens, {:.4f} nats",
                            length, 100 * whole, result->sequences, 100 * result->accuracy(), result->loss()));
    }
    if (request.json) printJson(rows);
    return Done;
}

int evaluateModel(EvaluateRequest& request) {
    const auto loaded = openModel(request.model);
    if (!loaded) return complain(loaded.error());
    if (!request.task.empty()) return evaluateTask(request, **loaded);
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
    CLI::App* command =
        program.add_subcommand("evaluate", "The loss of a model over a whole text file, or its right answers to a task");
    request->addModel(*command);
    auto* what = command->add_option_group("what", "A text or a task");
    what->add_option("--text-file", request->file, "A UTF-8 text, or poems as JSON");
    what->add_option("--task", request->task, "A training configuration on a task: right answers instead of a text's loss");
    what->require_option(1);
    command
        ->add_option("--lengths", request->lengths, "Lengths of the task to try, comma separated (default: the configuration's)")
        ->delimiter(',')
        ->check(CLI::Range(1, 100000));
    command->add_option("--examples", request->examples, "Of each length")->check(CLI::Range(1, 1 << 20))->capture_default_str();
    command->add_option("--seed", request->seed, "Other examples")->capture_default_str();
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
