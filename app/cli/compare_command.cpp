// compare: one text through several models, token by token: the numbers of the Compare view.
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/analysis/reading.h"

namespace lw::cli {

namespace {

struct CompareRequest {
    std::vector<std::string> models;
    TextRequest text;
    int top = 5;
    bool json = false;
};

Json optional(std::optional<double> value) { return value ? number(*value) : Json(nullptr); }

Json tokensOf(const Reading& reading, const Tokenizer* tokenizer) {
    Json tokens = Json::array();
    for (const ReadToken& token : reading.tokens) {
        Json expected = Json::array();
        for (const ExpectedToken& next : token.next) {
            expected.push_back({{"id", next.token.id},
                                {"token", pieceOf(tokenizer, next.token.id)},
                                {"logit", number(next.token.logit)},
                                {"probability", number(next.token.probability)}});
        }
        tokens.push_back({{"id", token.id},
                          {"token", pieceOf(tokenizer, token.id)},
                          {"offsets", {token.from, token.to}},
                          {"surprise", optional(token.surprise)},
                          {"entropy", number(token.entropy)},
                          {"state_bytes", token.stateBytes},
                          {"seconds", number(token.seconds)},
                          {"top", std::move(expected)}});
    }
    return tokens;
}

int compare(const CompareRequest& request) {
    if (request.top < 1) throw Usage{fmt::format("--top: {} is below 1.", request.top)};
    if (request.text.ids) throw Usage{"--ids: models with other tokenizers read a text; give it with --text."};
    const auto text = readText(request.text);
    if (!text) return complain(text.error());
    Json rows = Json::array();
    for (const std::string& name : request.models) {
        const auto loaded = openModel(name);
        if (!loaded) return complain(loaded.error());
        const Tokenizer* tokenizer = (*loaded)->tokenizer.get();
        if (!tokenizer)
            return complain({ErrorKind::BadInput, fmt::format("{} has no tokenizer, so it cannot read a text.", name), name, {}});
        auto encoded = tokenizer->encode(*text, {.addSpecial = !request.text.noBos, .parseSpecial = request.text.special});
        if (!encoded) return complain(encoded.error());
        const auto reading =
            readAlong(*(*loaded)->model, *tokenizer, std::move(encoded->tokens), request.top, nullptr, progressJob());
        if (!reading) return complain(reading.error());
        const ReadToken& last = reading->tokens.back();
        if (reading->leftOut > 0)
            note(fmt::format("{} reads only the first {} tokens; {} are past its context.", (*loaded)->name,
                             reading->tokens.size(), reading->leftOut));
        if (!request.json) {
            const auto bits = reading->bitsPerByte();
            std::string words;
            for (const ExpectedToken& next : last.next)
                words += fmt::format("  {} {:.3f}", pieceText(tokenizer, next.token.id), next.token.probability);
            printLine(fmt::format("{:<20} {:>5} tokens  {} bits a byte  {:>10} carried on  {:.2f} ms a step  next:{}",
                                  (*loaded)->name, reading->tokens.size(), bits ? fmt::format("{:.3f}", *bits) : "—",
                                  printBytes(last.stateBytes), reading->secondsPerStep() * 1000, words));
        }
        rows.push_back({{"model", (*loaded)->name},
                        {"architecture", (*loaded)->model->info().architecture},
                        {"parameters", (*loaded)->model->info().parameters},
                        {"bits_per_byte", optional(reading->bitsPerByte())},
                        {"nats_per_token", optional(reading->natsPerToken())},
                        {"predicted_bytes", reading->predictedBytes()},
                        {"left_out", reading->leftOut},
                        {"seconds_per_step", number(reading->secondsPerStep())},
                        {"tokens", tokensOf(*reading, tokenizer)}});
    }
    if (request.json) printJson(rows);
    return Done;
}

}  // namespace

void addCompare(CLI::App& program, Action& chosen) {
    auto* command = program.add_subcommand("compare", "The same text through several models, token by token");
    auto request = std::make_shared<CompareRequest>();
    command->add_option("--model", request->models, "A model, as for the other commands; repeat it for each")
        ->required()
        ->allow_extra_args(false);
    request->text.addTo(*command, false);
    command->add_option("--top", request->top, "How many expected tokens at each position (default 5)")->check(CLI::Number);
    command->add_flag("--json", request->json, "Print one JSON document: a list, one entry for each model");
    command->footer(
        "Tokens are laid beside one another by the bytes of the text (offsets). Example:\n"
        "  layerwalk-cli compare --model stories260K --model gpt-nano-sort --text \"ABC\"");
    command->callback([&chosen, request] { chosen = [request] { return compare(*request); }; });
}

}  // namespace lw::cli
