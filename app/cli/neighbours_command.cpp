// neighbours: which tokens' embeddings or unembeddings are alike.
#include <chrono>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/analysis/neighbours.h"

namespace lw::cli {

namespace {

struct NeighboursRequest : Request {
    std::optional<int> token;
    std::optional<std::string> tokenText;
    int count = 10;
    std::string table = "embed", by = "cosine";
};

int neighbours(const NeighboursRequest& request) {
    if (!request.token && !request.tokenText) throw Usage{"a token is required: --token or --token-text."};
    if (request.count < 1) throw Usage{fmt::format("-k: {} is below 1.", request.count)};
    const auto loaded = openModel(request.model);
    if (!loaded) return complain(loaded.error());
    const Model& model = *(*loaded)->model;
    const Weight& table = model.weight(request.table == "embed" ? WeightId::Embed : WeightId::Unembed);
    if (!table.defined()) {
        return complain(
            {ErrorKind::NotFound,
             fmt::format("{} has no table of {}.", (*loaded)->name, request.table == "embed" ? "embeddings" : "unembeddings"),
             {},
             {}});
    }
    const auto token = request.token ? Result<TokenId>(*request.token) : tokenOfText(**loaded, *request.tokenText);
    if (!token) return complain(token.error());
    const auto begin = std::chrono::steady_clock::now();
    const auto found = neighboursOf(table, *token, request.count, request.by == "cosine" ? Nearness::Cosine : Nearness::Dot);
    if (!found) return complain(found.error());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    if (auto same = model.intact(); !same) return complain(same.error());
    const Tokenizer* tokenizer = (*loaded)->tokenizer.get();
    if (!request.json) {
        for (const NearRow& one : *found)
            printLine(fmt::format("{:>7}  {:20} cosine {:>8.4f}  dot {:>10.4f}", one.id, pieceText(tokenizer, one.id), one.cosine,
                                  one.dot));
        note(fmt::format("nearest to {} by {} among {} rows of {} numbers", pieceText(tokenizer, *token), request.by,
                         table.rows(), table.cols()));
        return Done;
    }
    Json rows = Json::array();
    for (const NearRow& one : *found)
        rows.push_back(
            {{"id", one.id}, {"token", pieceOf(tokenizer, one.id)}, {"cosine", number(one.cosine)}, {"dot", number(one.dot)}});
    printJson({{"id", *token},
               {"token", pieceOf(tokenizer, *token)},
               {"table", request.table},
               {"by", request.by},
               {"rows", table.rows()},
               {"width", table.cols()},
               {"neighbours", std::move(rows)},
               {"seconds", seconds.count()}});
    return Done;
}

}  // namespace

void addNeighbours(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<NeighboursRequest>();
    CLI::App* command = program.add_subcommand("neighbours", "The tokens whose rows of the embedding lie nearest to a token's");
    request->addModel(*command);
    auto* id = command->add_option("--token", request->token, "The token's id");
    command->add_option("--token-text", request->tokenText, "The token's exact text, leading space included")->excludes(id);
    command->add_option("-k", request->count, "How many")->capture_default_str();
    command->add_option("--table", request->table, "The embedding or the unembedding")
        ->check(CLI::IsMember({"embed", "unembed"}))
        ->capture_default_str();
    command->add_option("--by", request->by, "Nearness: cosine or dot product")
        ->check(CLI::IsMember({"cosine", "dot"}))
        ->capture_default_str();
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli neighbours stories260K --token-text \" Timmy\" -k 5");
    command->callback([&chosen, request] { chosen = [request] { return neighbours(*request); }; });
}

}  // namespace lw::cli
