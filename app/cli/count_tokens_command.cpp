// count-tokens: the tokens of a whole file, of any size, by one tokenizer or several.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/counted_file.h"
#include "core/load.h"
#include "core/text/bundled_tokenizers.h"
#include "core/text/count_tokens.h"

namespace lw::cli {

namespace {

struct CountRequest {
    std::string file;
    std::vector<std::string> tokenizers;
    bool json = false;
};

double ratio(std::int64_t a, std::int64_t b) {
    return static_cast<double>(a) / static_cast<double>(std::max<std::int64_t>(1, b));
}

int countFile(const CountRequest& request) {
    std::vector<std::string> sources = request.tokenizers;
    if (sources.empty()) {
        for (const BundledTokenizer& one : bundledTokenizers()) sources.emplace_back(one.name);
    }
    std::vector<std::shared_ptr<const Tokenizer>> tokenizers;  // all of them before anything is counted
    for (const std::string& source : sources) {
        auto tokenizer = loadTokenizer(source);
        if (!tokenizer) return complain(tokenizer.error());
        tokenizers.push_back(*std::move(tokenizer));
    }
    const Job job = progressJob();
    const auto opened = openForCounting(request.file, job);
    if (!opened) return complain(opened.error());
    const CountedFile& text = **opened;
    const auto bytes = static_cast<std::int64_t>(text.file->size());
    if (!request.json)
        printLine(fmt::format("{}: {} bytes, {} characters, {} words", request.file, bytes, text.characters, text.words));
    Json rows = Json::array();
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto start = std::chrono::steady_clock::now();
        const auto counted = countTokens(*tokenizers[i], text.file->text(), job);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (auto same = text.file->intact(); !same) return complain(same.error());
        if (!counted) return complain(counted.error());
        job.progress(1, {});
        if (!request.json) {
            printLine(fmt::format("{:14} {:>12} tokens  {:6.3f} bytes a token  {:6.3f} a character  {:6.1f} s", sources[i],
                                  counted->tokens, ratio(bytes, counted->tokens), ratio(counted->tokens, text.characters),
                                  seconds));
            continue;
        }
        rows.push_back({{"tokenizer", sources[i]},
                        {"kind", tokenizers[i]->kind()},
                        {"vocabulary", tokenizers[i]->size()},
                        {"count", counted->tokens},
                        {"bytes_per_token", number(ratio(bytes, counted->tokens))},
                        {"tokens_per_character", number(ratio(counted->tokens, text.characters))},
                        {"seconds", number(seconds)}});
    }
    if (request.json)
        printJson({{"file", request.file},
                   {"bytes", bytes},
                   {"characters", text.characters},
                   {"words", text.words},
                   {"tokenizers", std::move(rows)}});
    return Done;
}

}  // namespace

void addCountTokens(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<CountRequest>();
    CLI::App* command = program.add_subcommand("count-tokens", "Count the tokens of a text file, however large it is");
    command->add_option("FILE", request->file, "A UTF-8 text file; it is read piece by piece, never as a whole")->required();
    command
        ->add_option("--tokenizer", request->tokenizers,
                     "A bundled tokenizer's name, a tokenizer.json, or anything else that holds a tokenizer; several times; "
                     "otherwise every bundled one")
        ->allow_extra_args(false);
    command->add_flag("--json", request->json, "Print one JSON document");
    command->footer("Example:\n  layerwalk-cli count-tokens story.txt --tokenizer gpt2 --tokenizer o200k");
    command->callback([&chosen, request] { chosen = [request] { return countFile(*request); }; });
}

}  // namespace lw::cli
