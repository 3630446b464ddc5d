// orders: which length of context an n-gram model answered from.
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/analysis/ngram_orders.h"
#include "core/analysis/softmax_stats.h"
#include "core/run.h"

namespace lw::cli {

namespace {

struct OrdersRequest : Request {
    std::optional<int> token;
};

int orders(const OrdersRequest& request) {
    const auto loaded = openModel(request.model);
    if (!loaded) return complain(loaded.error());
    const Model& model = *(*loaded)->model;
    const Tokenizer* tokenizer = (*loaded)->tokenizer.get();
    const auto ids = readIds(request.text, tokenizer, (*loaded)->name);
    if (!ids) return complain(ids.error());
    const auto result = run(model, *ids, CaptureSpec::none(), {.beyondContext = request.text.beyondContext}, progressJob());
    if (!result) return complain(result.error());
    const Trace& trace = *result->trace;
    Json rows = Json::array();
    for (int t = 0; t < trace.length(); ++t) {
        // What the text goes on with; after its last token what is most probable.
        const ConstRow logits = trace.logits(Position(t));
        const TokenId best = topTokens({logits.data(), static_cast<std::size_t>(logits.size())}, 1).front().id;
        const TokenId next = request.token            ? *request.token
                             : t + 1 < trace.length() ? (*ids)[static_cast<std::size_t>(t) + 1]
                                                      : best;
        const auto shares = ngramOrders(trace, model, Position(t), next);
        if (!shares) return complain(shares.error());
        double probability = 0;
        Json parts = Json::array();
        std::string words;
        for (const OrderShare& share : *shares) {
            probability += share.share;
            parts.push_back({{"order", share.order},
                             {"share", number(share.share)},
                             {"count", share.count},
                             {"total", share.total},
                             {"discount", number(share.discount)},
                             {"passed_on", number(share.passedOn)}});
        }
        for (std::size_t k = shares->size(); k-- > 1;)
            words += fmt::format("  {}: {:.1f} %", (*shares)[k].order, 100 * (*shares)[k].share / probability);
        if (!request.json)
            printLine(fmt::format("{:>5}  {:16} → {:16} p {:.4f}, of it by order{}", t,
                                  pieceText(tokenizer, (*ids)[static_cast<std::size_t>(t)]), pieceText(tokenizer, next),
                                  probability, words));
        rows.push_back({{"position", t},
                        {"token", next},
                        {"piece", pieceOf(tokenizer, next)},
                        {"probability", number(probability)},
                        {"answering_order", answeringOrder(*shares)},
                        {"orders", std::move(parts)}});
    }
    if (request.json) printJson(rows);
    return Done;
}

}  // namespace

void addOrders(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<OrdersRequest>();
    CLI::App* command = program.add_subcommand("orders", "n-gram models: which length of context answered");
    request->addModel(*command);
    request->text.addTo(*command);
    command->add_option("--token", request->token,
                        "The token's id (default: the one that comes next in the text, at its end the most probable)");
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli orders layerwalk-ngram --text \"Once upon a time\"");
    command->callback([&chosen, request] { chosen = [request] { return orders(*request); }; });
}

}  // namespace lw::cli
