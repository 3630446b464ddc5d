// train-tokenizer: learns a byte-level BPE vocabulary from text files and writes it as tokenizer.json.
#include <chrono>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/formats/atomic_file.h"
#include "core/formats/mapped_file.h"
#include "core/text/bpe_trainer.h"
#include "core/text/bpe_writer.h"
#include "core/text/byte_alphabet.h"

namespace lw::cli {

namespace {

struct TrainTokenizerRequest {
    std::vector<std::string> files, special;
    int vocabulary = 0;
    std::int64_t leastCount = BpeTrainingOptions().leastCount;
    std::string out;
    bool steps = false, json = false;
};

/// Every file's words, each file read once; a file that is named several times counts as often.
Result<WordCounts> countWords(const TrainTokenizerRequest& request) {
    auto words = WordCounts::make(request.special);
    if (!words) return words;
    std::vector<std::pair<std::string, std::int64_t>> files;
    for (const std::string& name : request.files) {
        const auto known = std::ranges::find(files, name, &std::pair<std::string, std::int64_t>::first);
        if (known == files.end())
            files.emplace_back(name, 1);
        else
            ++known->second;
    }
    for (const auto& [name, times] : files) {
        const auto file = MappedFile::open(name);
        if (!file) return Unexpected(file.error());
        if (auto added = words->add((*file)->text(), times, name, progressJob()); !added) return Unexpected(added.error());
    }
    return words;
}

int trainTokenizer(const TrainTokenizerRequest& request) {
    const auto begin = std::chrono::steady_clock::now();
    const auto words = countWords(request);
    if (!words) return complain(words.error());
    Json steps = Json::array();
    std::int64_t tokens = words->bytes();
    const auto spelled = [](const BpeTrainer& trainer, TokenId id) {
        return spellBytes(trainer.learned().pieces[static_cast<std::size_t>(id)]);
    };
    const auto watch = [&](const BpeTrainer& trainer, const BpeTrainer::Step& step) {
        tokens = step.tokens;
        if (!request.steps) return;
        const std::string left = spelled(trainer, step.pair.left), right = spelled(trainer, step.pair.right);
        if (request.json) {
            steps.push_back({{"rank", step.rank},
                             {"left", left},
                             {"right", right},
                             {"count", step.pair.count},
                             {"id", step.piece},
                             {"tokens", step.tokens},
                             {"bytes_per_token", number(trainer.bytesPerToken())}});
        } else {
            printLine(fmt::format("{:>6}  {:>9} × {} + {} → {}   {} tokens, {:.3f} bytes each", step.rank, step.pair.count, left,
                                  right, spelled(trainer, step.piece), step.tokens, trainer.bytesPerToken()));
        }
    };
    const auto learned =
        trainBpe(*words, {.vocabulary = request.vocabulary, .special = request.special, .leastCount = request.leastCount},
                 progressJob(), watch);
    if (!learned) return complain(learned.error());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    if (auto written = writeFileAtomically(request.out, tokenizerJsonOf(*learned)); !written) return complain(written.error());

    const auto size = static_cast<int>(learned->pieces.size());
    const double bytesPerToken = static_cast<double>(words->bytes()) / static_cast<double>(tokens);
    if (request.json) {
        Json document{{"vocabulary", size},
                      {"merges", learned->merges.size()},
                      {"words", words->words().size()},
                      {"bytes", words->bytes()},
                      {"tokens", tokens},
                      {"bytes_per_token", number(bytesPerToken)},
                      {"seconds", seconds.count()}};
        if (request.steps) document["steps"] = std::move(steps);
        printJson(document);
    } else {
        printLine(fmt::format("{}: {} pieces, {} merges; {} bytes became {} tokens of {:.3f} bytes ({:.1f} s)", request.out, size,
                              learned->merges.size(), words->bytes(), tokens, bytesPerToken, seconds.count()));
    }
    if (size < request.vocabulary) {
        note(fmt::format("The text has no more pairs that occur {} times: {} pieces instead of {}.", request.leastCount, size,
                         request.vocabulary));
    }
    return Done;
}

}  // namespace

void addTrainTokenizer(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<TrainTokenizerRequest>();
    CLI::App* command = program.add_subcommand("train-tokenizer", "Learn a byte-level BPE vocabulary from text files");
    command->add_option("FILE", request->files, "UTF-8 texts; a file that is named twice counts twice")->required();
    command->add_option("--vocabulary", request->vocabulary, "Ids to reach: special tokens, 256 bytes and one for each merge")
        ->required();
    command->add_option("--out", request->out, "The tokenizer.json to write")->required();
    command
        ->add_option("--special", request->special,
                     "A special token, such as <|endoftext|>: gets the first ids and is not learned from")
        ->allow_extra_args(false);
    command->add_option("--least-count", request->leastCount, "Merge no pair that occurs less often")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_flag("--steps", request->steps, "Every merge: its pair, its count, what is left of the text");
    command->add_flag("--json", request->json, "Print one JSON document");
    command->footer(
        "Example:\n  layerwalk-cli train-tokenizer stories.txt --vocabulary 4000 --special \"<|endoftext|>\" --out "
        "tokenizer.json");
    command->callback([&chosen, request] { chosen = [request] { return trainTokenizer(*request); }; });
}

}  // namespace lw::cli
