// tokenize, detokenize: text to ids and back.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"

namespace lw::cli {

namespace {

struct TokenizeRequest : Request {
    std::string tokenizer, ids;
    bool merges = false;
    const std::string& source() const {
        if (tokenizer.empty() == model.empty()) throw Usage{"give either a MODEL or --tokenizer FILE."};
        return tokenizer.empty() ? model : tokenizer;
    }
};

void addSource(CLI::App& command, TokenizeRequest& request) {
    command.add_option("--tokenizer", request.tokenizer,
                       "A tokenizer.json, or anything else that holds a tokenizer, instead of MODEL");
}

int tokenize(TokenizeRequest& request) {
    // With --tokenizer the only positional is the text's "-".
    if (!request.tokenizer.empty() && request.model == "-") std::swap(request.model, request.text.dash);
    const auto tokenizer = loadTokenizer(request.source());
    if (!tokenizer) return complain(tokenizer.error());
    const Tokenizer& t = **tokenizer;
    Encoding encoding;
    if (request.text.ids) {
        for (const TokenId id : parseIds(*request.text.ids)) {
            if (id < 0 || id >= t.size())
                return complain({ErrorKind::BadInput,
                                 fmt::format("The id {} is outside the vocabulary, whose ids go from 0 to {}.", id, t.size() - 1),
                                 {},
                                 {}});
            encoding.tokens.push_back({id, 0, 0});
        }
    } else {
        const auto text = readText(request.text);
        if (!text) return complain(text.error());
        // An empty text has no tokens, whatever would be put in front of one.
        if (!text->empty()) {
            auto made = t.encode(
                *text, {.addSpecial = !request.text.noBos, .parseSpecial = request.text.special, .recordSteps = request.merges});
            if (!made) return complain(made.error());
            encoding = *std::move(made);
        }
    }
    if (!request.json) {
        for (const Token& token : encoding.tokens) {
            printLine(fmt::format("{:>7}  {:20} {:20} bytes {}–{}", token.id, pieceText(&t, token.id), t.entry(token.id),
                                  token.from, token.to));
        }
        for (const Merge& merge : encoding.steps.merges)
            printLine(fmt::format("merge {:>6}: {} + {} → {}", merge.rank, merge.left, merge.right, fmt::join(merge.after, " ")));
        note(fmt::format("{} tokens", encoding.tokens.size()));
        return Done;
    }
    Json ids = Json::array(), pieces = Json::array(), entries = Json::array(), bytes = Json::array(), offsets = Json::array();
    for (const Token& token : encoding.tokens) {
        ids.push_back(token.id);
        pieces.push_back(pieceOf(&t, token.id));
        entries.push_back(std::string(t.entry(token.id)));
        Json one = Json::array();
        for (const char c : t.bytes(token.id)) one.push_back(static_cast<unsigned char>(c));
        bytes.push_back(std::move(one));
        offsets.push_back({token.from, token.to});
    }
    Json document{{"ids", std::move(ids)},
                  {"pieces", std::move(pieces)},
                  {"entries", std::move(entries)},
                  {"bytes", std::move(bytes)},
                  {"offsets", std::move(offsets)}};
    if (request.merges) {
        Json merges = Json::array();
        for (const Merge& merge : encoding.steps.merges)
            merges.push_back({{"word", merge.word},
                              {"left", merge.left},
                              {"right", merge.right},
                              {"rank", merge.rank},
                              {"after", merge.after}});
        document["merges"] = std::move(merges);
    }
    printJson(document);
    return Done;
}

int detokenize(const TokenizeRequest& request) {
    const auto tokenizer = loadTokenizer(request.source());
    if (!tokenizer) return complain(tokenizer.error());
    const auto text = (*tokenizer)->decode(parseIds(request.ids));
    if (!text) return complain(text.error());
    if (request.json)
        printJson({{"text", *text}});
    else
        printLine(*text);
    return Done;
}

}  // namespace

void addTokenize(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<TokenizeRequest>();
    CLI::App* command = program.add_subcommand("tokenize", "Split a text into tokens: pieces and ids");
    command->add_option("MODEL", request->model,
                        "Name of a bundled model, a folder, a .gguf file (also one with a vocabulary only)");
    addSource(*command, *request);
    request->text.addTo(*command, false);
    command->add_flag("--merges", request->merges, "Every merge in order");
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli tokenize stories260K --text \"Once upon a time\" --merges");
    command->callback([&chosen, request] { chosen = [request] { return tokenize(*request); }; });
}

void addDetokenize(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<TokenizeRequest>();
    CLI::App* command = program.add_subcommand("detokenize", "Turn ids back into text, special tokens written out");
    command->add_option("MODEL", request->model, "Name of a bundled model, a folder or a .gguf file");
    addSource(*command, *request);
    command->add_option("--ids", request->ids, "Token ids separated by commas")->required();
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli detokenize stories260K --ids 403,407,261,378");
    command->callback([&chosen, request] { chosen = [request] { return detokenize(*request); }; });
}

}  // namespace lw::cli
