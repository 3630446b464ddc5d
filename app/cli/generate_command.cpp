// generate: new tokens one at a time, or by beam search.
#include <fmt/format.h>

#include <map>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/generate/beam.h"
#include "core/generate/best_of.h"
#include "core/generate/generate.h"
#include "core/generate/jacobi.h"
#include "core/run.h"

namespace lw::cli {

namespace {

struct GenerateOptions : Request {
    int count = 0;
    SamplingSettings sampling;
    std::optional<int> topK;
    int beams = 0;
    double lengthPenalty = 0;
    bool ignoreEnd = false, jacobi = false;
    int bestOf = 0;
    RankBy rankBy = RankBy::Mean;
};

// The text that the new tokens add to the prompt's: decoded together, since a leading space may belong to the joint.
std::string addedText(const Tokenizer* tokenizer, const std::vector<TokenId>& prompt, const std::vector<TokenId>& added) {
    if (!tokenizer) return {};
    std::vector<TokenId> all = prompt;
    all.insert(all.end(), added.begin(), added.end());
    const auto before = tokenizer->decode(prompt), together = tokenizer->decode(all);
    if (before && together && together->starts_with(*before)) return together->substr(before->size());
    return tokenizer->decode(added).value_or("");
}

// All positions guessed at once, round by round.
int decodeInRounds(const GenerateOptions& request, const LoadedModel& loaded, const std::vector<TokenId>& prompt) {
    const auto made =
        jacobi(*loaded.model, prompt, {.count = request.count, .beyondContext = request.text.beyondContext}, progressJob());
    if (!made) return complain(made.error());
    const Tokenizer* tokenizer = loaded.tokenizer.get();
    Json rounds = Json::array();
    for (const JacobiRound& round : made->rounds) {
        const std::string text = addedText(tokenizer, prompt, round.ids);
        if (!request.json)
            printLine(fmt::format("round {:>3}  {:>4} of {} settled  {}", rounds.size(), round.settled, round.ids.size(), text));
        rounds.push_back({{"ids", round.ids}, {"text", text}, {"settled", round.settled}});
    }
    if (request.json) {
        printJson({{"rounds", std::move(rounds)},
                   {"passes", made->passes()},
                   {"ids", made->ids()},
                   {"seconds", number(made->seconds)},
                   {"step_seconds", number(made->stepSeconds)},
                   {"stopped", made->reason == StopReason::Context ? "context" : "count"}});
    } else {
        note(fmt::format("{} passes in {:.1f} ms; the same tokens one after the other: {} passes in {:.1f} ms", made->passes(),
                         1e3 * made->seconds, made->ids().size(), 1e3 * made->stepSeconds));
    }
    return Done;
}

int rankTexts(const GenerateOptions& request, const LoadedModel& loaded, const std::vector<TokenId>& prompt,
              const GenerateRequest& generation) {
    const auto texts = bestOf(*loaded.model, prompt, request.bestOf, generation, request.rankBy, progressJob());
    if (!texts) return complain(texts.error());
    const bool mean = request.rankBy == RankBy::Mean;
    note(mean ? "ranked by the mean log-probability of a token, (1/T) Σ ln p, nats"
              : "ranked by the log-probability of the whole text, Σ ln p, nats");
    if (!request.json) printLine(fmt::format("{:>9}  {:>9}  {:>6}  {:>4}", "(1/T)Σlnp", "Σ ln p", "tokens", "seed"));
    Json rows = Json::array();
    for (const SampledText& one : *texts) {
        std::vector<TokenId> ids;
        for (const Choice& step : one.steps) ids.push_back(step.id);
        const std::string text = addedText(loaded.tokenizer.get(), prompt, ids);
        if (!request.json)
            printLine(
                fmt::format("{:9.4f}  {:9.4f}  {:>6}  {:>4}  {}", one.mean(), one.logProbability, ids.size(), one.seed, text));
        rows.push_back({{"seed", one.seed},
                        {"ids", std::move(ids)},
                        {"text", text},
                        {"log_probability", number(one.logProbability)},
                        {"mean", number(one.mean())}});
    }
    if (request.json) printJson({{"ranked_by", mean ? "mean" : "total"}, {"texts", std::move(rows)}});
    return Done;
}

int generateText(GenerateOptions& request) {
    if (request.count < 0) throw Usage{fmt::format("-n: {} is below 0.", request.count)};
    if (request.topK && *request.topK <= 0)
        throw Usage{fmt::format("--top-k: {} is not above 0 (leave it out to keep every token).", *request.topK)};
    request.sampling.topK = request.topK.value_or(0);
    if (const auto ok = check(request.sampling); !ok) return complain(ok.error());
    const auto loaded = openModel(request.model);
    if (!loaded) return complain(loaded.error());
    const Model& model = *(*loaded)->model;
    const Tokenizer* tokenizer = (*loaded)->tokenizer.get();
    const auto prompt = readIds(request.text, tokenizer, (*loaded)->name);
    if (!prompt) return complain(prompt.error());
    if (const auto ok = checkIds(model.info(), *prompt, request.text.beyondContext); !ok) return complain(ok.error());

    if (request.beams > 0) {
        BeamRequest beam;
        beam.beams = request.beams;
        beam.count = request.count;
        beam.lengthPenalty = request.lengthPenalty;
        if (!request.ignoreEnd) beam.ends = (*loaded)->ends;
        const auto found = beamSearch(model, *prompt, beam, progressJob());
        if (!found) return complain(found.error());
        Json rows = Json::array();
        for (const Beam& b : found->beams) {
            const std::string text = addedText(tokenizer, *prompt, b.ids);
            if (!request.json)
                printLine(request.lengthPenalty == 0 ? fmt::format("{:9.4f}  {}", b.logProbability, text)
                                                     : fmt::format("{:9.4f} ÷ {}^{:g} = {:9.4f}  {}", b.logProbability,
                                                                   b.ids.size(), request.lengthPenalty, b.score, text));
            rows.push_back(
                {{"ids", b.ids}, {"text", text}, {"log_probability", number(b.logProbability)}, {"score", number(b.score)}});
        }
        if (request.json) printJson({{"beams", std::move(rows)}});
        return Done;
    }

    if (request.jacobi) return decodeInRounds(request, **loaded, *prompt);

    GenerateRequest generation;
    generation.count = request.count;
    generation.settings = request.sampling;
    generation.ignoreEnd = request.ignoreEnd;
    generation.ends = (*loaded)->ends;
    generation.beyondContext = request.text.beyondContext;
    if (request.bestOf > 0) return rankTexts(request, **loaded, *prompt, generation);
    const auto made = generate(model, *prompt, generation, progressJob());
    if (!made) return complain(made.error());
    std::vector<TokenId> ids;
    Json steps = Json::array();
    for (const Choice& step : made->steps) {
        ids.push_back(step.id);
        Json row{{"id", step.id},
                 {"token", pieceOf(tokenizer, step.id)},
                 {"logit", number(step.logit)},
                 {"probability", number(step.probability)},
                 {"draw", step.draw ? number(*step.draw) : Json(nullptr)}};
        if (step.nearEdge) row["near_edge"] = true;
        steps.push_back(std::move(row));
    }
    const std::string text = addedText(tokenizer, *prompt, ids);
    const double speed = made->seconds > 0 ? static_cast<double>(ids.size()) / made->seconds : 0;
    if (made->reason == StopReason::Context)
        note(fmt::format("Stopped after {} tokens at the end of the context ({} tokens).", ids.size(), model.info().context));
    if (made->reason == StopReason::End) note(fmt::format("Stopped after {} tokens at an end token.", ids.size()));
    if (!request.sampling.greedy) note(fmt::format("seed {}", request.sampling.seed));
    if (request.json) {
        printJson({{"ids", ids},
                   {"text", text},
                   {"steps", std::move(steps)},
                   {"tokens_per_second", number(speed)},
                   {"seed", request.sampling.seed},
                   {"stopped", made->reason == StopReason::Count ? "count"
                               : made->reason == StopReason::End ? "end"
                                                                 : "context"}});
        return Done;
    }
    if (tokenizer) {
        printLine(tokenizer->decode(*prompt).value_or("") + text);
    } else {
        std::string list;
        for (const TokenId id : ids) list += fmt::format("{}{}", list.empty() ? "" : ",", id);
        printLine(list);
    }
    note(fmt::format("{:.1f} tokens/s", speed));
    return Done;
}

}  // namespace

void addGenerate(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<GenerateOptions>();
    CLI::App* command = program.add_subcommand("generate", "Continue a text token by token, or by beam search");
    request->addModel(*command);
    request->text.addTo(*command);
    command->add_option("-n", request->count, "How many tokens")->required();
    command->add_flag("--greedy", request->sampling.greedy, "Always the most probable token");
    command->add_option("--temperature", request->sampling.temperature, "Divides the logits; above 0")->capture_default_str();
    command->add_option("--top-k", request->topK, "Keep the k most probable tokens");
    command->add_option("--top-p", request->sampling.topP, "Keep the fewest tokens that reach this probability")
        ->capture_default_str();
    command->add_option("--min-p", request->sampling.minP, "Keep tokens of at least this share of the first one's probability")
        ->capture_default_str();
    command->add_option("--seed", request->sampling.seed, "The dice: the same seed gives the same draws")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber);
    command->add_option("--beam", request->beams, "Beam search with this many beams")->check(CLI::Range(1, 1024));
    command->add_option("--length-penalty", request->lengthPenalty, "Beam scores are divided by length to this power")
        ->capture_default_str();
    auto* jacobi = command->add_flag("--jacobi", request->jacobi,
                                     "Guess all tokens at once, round by round, until they are the greedy ones");
    command->add_option("--best-of", request->bestOf, "So many texts with seeds one after the other, the most probable first")
        ->check(CLI::Range(1, 1024))
        ->excludes(jacobi);
    command
        ->add_option("--rank-by", request->rankBy,
                     "How --best-of ranks: mean, (1/T) Σ ln p of a text of T tokens, or total, Σ ln p, which favours short ones")
        ->transform(CLI::CheckedTransformer(std::map<std::string, RankBy>{{"mean", RankBy::Mean}, {"total", RankBy::Total}}))
        ->default_str("mean");
    command->add_flag("--ignore-end", request->ignoreEnd, "Go on past an end token");
    request->addJson(*command);
    command->footer(
        "Example:\n  layerwalk-cli generate stories260K --text \"Once upon a time\" -n 40 --temperature 0.8 --top-p 0.95 --seed "
        "7");
    command->callback([&chosen, request] { chosen = [request] { return generateText(*request); }; });
}

}  // namespace lw::cli
