// exposure: a text with its true tokens, with the model's own, and with one wrong token.
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/generate/exposure.h"
#include "core/text/one_token.h"

namespace lw::cli {

namespace {

struct ExposureRequest : Request {
    int from = 1;
    std::optional<int> wrong;
    std::string wrongText;
};

int compareExposure(ExposureRequest& request) {
    const auto loaded = openModel(request.model);
    if (!loaded) return complain(loaded.error());
    const Tokenizer* tokenizer = (*loaded)->tokenizer.get();
    const auto ids = readIds(request.text, tokenizer, (*loaded)->name);
    if (!ids) return complain(ids.error());
    if (!request.wrongText.empty()) {
        if (!tokenizer) throw Usage{fmt::format("--wrong-text: {} has no tokenizer; give an id by --wrong.", (*loaded)->name)};
        const auto id = oneToken(*tokenizer, request.wrongText);
        if (!id) return complain(id.error());
        request.wrong = *id;
    }
    const auto made = exposure(*(*loaded)->model, *ids, request.from, request.wrong, request.text.beyondContext, progressJob());
    if (!made) return complain(made.error());
    if (!request.json)
        printLine(fmt::format("{:>5}  {:16} {:>9}  {:16} {:>9}{}", "", "true token", "loss", "its own", "loss",
                              made->wrongToken ? "   after the wrong token" : ""));
    Json rows = Json::array();
    for (const ExposureStep& step : made->steps) {
        if (!request.json)
            printLine(
                fmt::format("{:>5}  {:16} {:>9.4f}  {:16} {:>9.4f}{}", step.position, pieceText(tokenizer, step.truth),
                            step.taught, pieceText(tokenizer, step.said), step.free,
                            step.wrong ? fmt::format("   {:>9.4f} ({:+.4f})", *step.wrong, *step.wrong - step.taught) : ""));
        rows.push_back({{"position", step.position},
                        {"token", step.truth},
                        {"piece", pieceOf(tokenizer, step.truth)},
                        {"taught", number(step.taught)},
                        {"best", step.best},
                        {"said", step.said},
                        {"said_piece", pieceOf(tokenizer, step.said)},
                        {"free", number(step.free)},
                        {"wrong", step.wrong ? number(*step.wrong) : Json(nullptr)}});
    }
    if (request.json) {
        printJson({{"from", made->from},
                   {"wrong_token", made->wrongToken ? Json(*made->wrongToken) : Json(nullptr)},
                   {"steps", std::move(rows)},
                   {"taught_mean", number(made->taughtMean())},
                   {"free_mean", number(made->freeMean())},
                   {"wrong_loss", made->wrongToken ? number(made->wrongLoss) : Json(nullptr)},
                   {"wrong_mean", made->wrongToken ? number(made->wrongMean()) : Json(nullptr)},
                   {"wrong_cost", made->wrongToken ? number(made->wrongCost()) : Json(nullptr)}});
        return Done;
    }
    printLine(
        fmt::format("mean loss: {:.4f} nats with the true tokens, {:.4f} with its own", made->taughtMean(), made->freeMean()));
    if (made->wrongToken)
        printLine(
            fmt::format("the wrong token {} costs {:.4f} itself; the rest after it {:.4f} a token, without it {:.4f}: {:+.4f} "
                        "together",
                        pieceText(tokenizer, *made->wrongToken), made->wrongLoss, made->wrongMean(), made->taughtMeanAfterFirst(),
                        made->wrongCost()));
    return Done;
}

}  // namespace

void addExposure(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<ExposureRequest>();
    CLI::App* command =
        program.add_subcommand("exposure", "A text read with its true tokens, with the model's own, and with a wrong one");
    request->addModel(*command);
    request->text.addTo(*command);
    command->add_option("--from", request->from, "The first position that the model says itself, and of the wrong token")
        ->capture_default_str();
    command->add_option("--wrong", request->wrong, "The id of a token to stand at that position instead of the true one");
    command->add_option("--wrong-text", request->wrongText, "The same as a piece of text that is one token of the vocabulary")
        ->excludes(command->get_option("--wrong"));
    request->addJson(*command);
    command->footer(
        "Example:\n  layerwalk-cli exposure stories260K --text \"Once upon a time, there was a little girl\" --from 4 "
        "--wrong-text \" big\"");
    command->callback([&chosen, request] { chosen = [request] { return compareExposure(*request); }; });
}

}  // namespace lw::cli
