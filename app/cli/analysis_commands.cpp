// lens, attribute: reading a run.
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/analysis/attribution.h"
#include "core/analysis/logit_lens.h"
#include "core/analysis/memory_text.h"
#include "core/models/ngram.h"
#include "core/run.h"

namespace lw::cli {

namespace {

struct AnalysisRequest : Request {
    int top = 5;
    std::optional<int> position, token;
    std::optional<std::string> tokenText;
};

struct Captured {
    std::shared_ptr<const LoadedModel> loaded;
    std::shared_ptr<const Trace> trace;
};

Result<Captured> capture(const AnalysisRequest& request, const std::vector<std::string>& patterns) {
    auto loaded = openModel(request.model);
    if (!loaded) return Unexpected(loaded.error());
    const Model& model = *(*loaded)->model;
    const auto ids = readIds(request.text, (*loaded)->tokenizer.get(), (*loaded)->name);
    if (!ids) return Unexpected(ids.error());
    if (!model.info().residualStream)  // which both read
        return fail(
            ErrorKind::Unsupported,
            fmt::format("{} has no residual stream, so there is nothing to read out early or to take apart.", (*loaded)->name),
            {},
            memoryText(model.info()).what + std::string(dynamic_cast<const Ngram*>(&model)
                                                            ? " “orders” says which length of context answered."
                                                            : " “run --capture all --out FILE” writes down what it computes."));
    const auto spec = CaptureSpec::parse(patterns, model.info());
    if (!spec) return Unexpected(spec.error());
    const auto result = run(model, *ids, *spec, {.beyondContext = request.text.beyondContext}, progressJob());
    if (!result) return Unexpected(result.error());
    return Captured{*loaded, result->trace};
}

/// Counted from the end if negative. Fails: outside the text.
Result<Position> place(int position, int length) {
    const int from = position < 0 ? position + length : position;
    if (from < 0 || from >= length)
        return fail(ErrorKind::BadInput,
                    fmt::format("The position {} is outside the text, whose {} tokens stand at 0 to {} (−1 is the last).",
                                position, length, length - 1));
    return Position(from);
}

int lens(const AnalysisRequest& request) {
    if (request.top < 1) throw Usage{fmt::format("--top: {} is below 1.", request.top)};
    const auto captured = capture(request, {"blocks.*.hook_resid_*"});
    if (!captured) return complain(captured.error());
    LensRequest asked;
    asked.topK = request.top;
    if (request.position) {
        const auto position = place(*request.position, captured->trace->length());
        if (!position) return complain(position.error());
        asked.positions = {position->value};
    }
    const auto table = logitLens(*captured->trace, *captured->loaded->model, asked, progressJob());
    if (!table) return complain(table.error());
    const Tokenizer* tokenizer = captured->loaded->tokenizer.get();
    Json rows = Json::array(), cells = Json::array();
    for (std::size_t r = 0; r < table->rows.size(); ++r) {
        rows.push_back(table->rows[r].name);
        Json line = Json::array();
        std::string words = fmt::format("{:>12}", table->rows[r].name);
        for (const LensCell& cell : table->cells[r]) {
            Json top = Json::array();
            for (const TokenProbability& p : cell.top)
                top.push_back({{"id", p.id}, {"token", pieceOf(tokenizer, p.id)}, {"probability", number(p.probability)}});
            words += fmt::format("  {} {:.2f}", pieceText(tokenizer, cell.top.front().id), cell.top.front().probability);
            line.push_back({{"top", std::move(top)}, {"entropy", number(cell.entropy)}, {"kl_to_final", number(cell.klToFinal)}});
        }
        if (!request.json) printLine(words);
        cells.push_back(std::move(line));
    }
    if (request.json) printJson({{"rows", std::move(rows)}, {"cells", std::move(cells)}});
    return Done;
}

Result<TokenId> chosenToken(const AnalysisRequest& request, const Captured& captured, Position position) {
    const ModelInfo& info = captured.loaded->model->info();
    if (request.token) {
        if (*request.token < 0 || *request.token >= info.vocabulary)
            return fail(ErrorKind::BadInput, fmt::format("The token {} is outside the vocabulary, whose ids go from 0 to {}.",
                                                         *request.token, info.vocabulary - 1));
        return *request.token;
    }
    const ConstRow logits = captured.trace->logits(position);
    if (!request.tokenText) return topTokens({logits.data(), static_cast<std::size_t>(logits.size())}, 1).front().id;
    return tokenOfText(*captured.loaded, *request.tokenText);
}

int attributeLogit(const AnalysisRequest& request) {
    const auto captured = capture(request, {"all"});
    if (!captured) return complain(captured.error());
    const auto position = place(request.position.value_or(-1), captured->trace->length());
    if (!position) return complain(position.error());
    const auto token = chosenToken(request, *captured, *position);
    if (!token) return complain(token.error());
    const auto found = attribute(*captured->trace, *captured->loaded->model, *position, *token, progressJob());
    if (!found) return complain(found.error());
    const Tokenizer* tokenizer = captured->loaded->tokenizer.get();
    Json terms = Json::array();
    for (const AttributionTerm& term : found->terms) {
        if (!request.json) printLine(fmt::format("{:14} {:>10.4f}", term.name, term.value));
        terms.push_back({{"name", term.name}, {"value", number(term.value)}});
    }
    if (request.json)
        printJson({{"token", *token},
                   {"logit", number(static_cast<float>(found->logit))},
                   {"terms", std::move(terms)},
                   {"sum", number(found->sum)}});
    else
        printLine(fmt::format("{:14} {:>10.4f}   the model's logit of {}: {:.4f}", "sum", found->sum,
                              pieceText(tokenizer, *token), found->logit));
    return Done;
}

}  // namespace

void addLens(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<AnalysisRequest>();
    CLI::App* command = program.add_subcommand("lens", "Logit lens: what each layer's stream would already say");
    request->addModel(*command);
    request->text.addTo(*command);
    command->add_option("--top", request->top, "How many tokens a cell")->capture_default_str();
    command->add_option("--position", request->position, "Only this position (−1 = the last)")->check(CLI::Number);
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli lens stories260K --text \"Once upon a time\" --position -1 --top 3");
    command->callback([&chosen, request] { chosen = [request] { return lens(*request); }; });
}

void addAttribute(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<AnalysisRequest>();
    CLI::App* command =
        program.add_subcommand("attribute", "Direct logit attribution: how much each part pushed a token's logit");
    request->addModel(*command);
    request->text.addTo(*command);
    auto* id = command->add_option("--token", request->token, "The token's id (default: the most probable one)");
    command->add_option("--token-text", request->tokenText, "The token's exact text, leading space included")->excludes(id);
    command->add_option("--position", request->position, "At which position (default −1, the last)")->check(CLI::Number);
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli attribute stories260K --text \"Once upon a time\" --token-text \",\"");
    command->callback([&chosen, request] { chosen = [request] { return attributeLogit(*request); }; });
}

}  // namespace lw::cli
