// tokenize, detokenize: text to ids and back.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/text/utf8.h"

namespace lw::cli {

namespace {

struct TokenizeRequest : Request {
    std::vector<std::string> tokenizers;
    std::string ids;
    bool merges = false;

    /// MODEL, or what --tokenizer names.
    std::vector<std::string> sources() const {
        if (tokenizers.empty() == model.empty()) throw Usage{"give either a MODEL or --tokenizer FILE."};
        return tokenizers.empty() ? std::vector{model} : tokenizers;
    }
};

void addSource(CLI::App& command, TokenizeRequest& request, const char* more) {
    command
        .add_option(
            "--tokenizer", request.tokenizers,
            fmt::format("A bundled tokenizer's name, a tokenizer.json, or anything else that holds a tokenizer, instead of "
                        "MODEL{}",
                        more))
        ->allow_extra_args(false);
}

Result<Encoding> encodingOf(const Tokenizer& t, const TokenizeRequest& request, const std::string& text) {
    Encoding encoding;
    if (request.text.ids) {
        for (const TokenId id : parseIds(*request.text.ids)) {
            if (id < 0 || id >= t.size())
                return fail(ErrorKind::BadInput,
                            fmt::format("The id {} is outside the vocabulary, whose ids go from 0 to {}.", id, t.size() - 1));
            encoding.tokens.push_back({id, 0, 0});
        }
        return encoding;
    }
    if (text.empty()) return encoding;  // an empty text has no tokens, whatever would be put in front of one
    return t.encode(text,
                    {.addSpecial = !request.text.noBos, .parseSpecial = request.text.special, .recordSteps = request.merges});
}

Json documentOf(const Tokenizer& t, const Encoding& encoding, bool withMerges) {
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
    if (withMerges) {
        Json merges = Json::array();
        for (const Merge& merge : encoding.steps.merges)
            merges.push_back({{"word", merge.word},
                              {"left", merge.left},
                              {"right", merge.right},
                              {"rank", merge.rank},
                              {"after", merge.after}});
        document["merges"] = std::move(merges);
    }
    return document;
}

void printTokens(const Tokenizer& t, const Encoding& encoding) {
    for (const Token& token : encoding.tokens) {
        printLine(fmt::format("{:>7}  {:20} {:20} bytes {}–{}", token.id, pieceText(&t, token.id), t.entry(token.id), token.from,
                              token.to));
    }
    for (const Merge& merge : encoding.steps.merges)
        printLine(fmt::format("merge {:>6}: {} + {} → {}", merge.rank, merge.left, merge.right, fmt::join(merge.after, " ")));
}

int tokenize(TokenizeRequest& request) {
    // With --tokenizer the only positional is the text's "-".
    if (!request.tokenizers.empty() && request.model == "-") std::swap(request.model, request.text.dash);
    const auto sources = request.sources();
    std::string text;
    if (!request.text.ids) {
        auto read = readText(request.text);
        if (!read) return complain(read.error());
        text = *std::move(read);
    }
    struct Cut {
        std::shared_ptr<const Tokenizer> tokenizer;
        Encoding encoding;
    };
    std::vector<Cut> cuts;  // all of them before anything is printed
    for (const std::string& source : sources) {
        const auto tokenizer = loadTokenizer(source);
        if (!tokenizer) return complain(tokenizer.error());
        auto encoding = encodingOf(**tokenizer, request, text);
        if (!encoding) return complain(encoding.error());
        cuts.push_back({*tokenizer, *std::move(encoding)});
    }
    if (cuts.size() == 1) {
        const Cut& only = cuts.front();
        if (request.json) {
            printJson(documentOf(*only.tokenizer, only.encoding, request.merges));
        } else {
            printTokens(*only.tokenizer, only.encoding);
            note(fmt::format("{} tokens", only.encoding.tokens.size()));
        }
        return Done;
    }
    const auto characters = static_cast<double>(utf8::length(text));
    Json documents = Json::array();
    for (std::size_t i = 0; i < cuts.size(); ++i) {
        const auto& [tokenizer, encoding] = cuts[i];
        const std::size_t count = encoding.tokens.size();
        if (!request.json) {
            printLine(fmt::format("{} ({}): {} tokens", sources[i], tokenizer->kind(), count));
            printTokens(*tokenizer, encoding);
            continue;
        }
        Json document{{"tokenizer", sources[i]},
                      {"kind", tokenizer->kind()},
                      {"vocabulary", tokenizer->size()},
                      {"count", count},
                      {"tokens_per_character", characters == 0 ? Json() : number(static_cast<double>(count) / characters)}};
        document.update(documentOf(*tokenizer, encoding, request.merges));
        documents.push_back(std::move(document));
    }
    if (request.json) printJson(documents);
    return Done;
}

int detokenize(const TokenizeRequest& request) {
    const auto sources = request.sources();
    if (sources.size() > 1) throw Usage{"give one tokenizer: the ids are those of one vocabulary."};
    const auto tokenizer = loadTokenizer(sources.front());
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
    addSource(*command, *request, "; several times: side by side (with --json a list)");
    request->text.addTo(*command, false);
    command->add_flag("--merges", request->merges, "Every merge in order");
    request->addJson(*command);
    command->footer(
        "Example:\n  layerwalk-cli tokenize stories260K --text \"Once upon a time\" --merges\n"
        "  layerwalk-cli tokenize --tokenizer gpt2 --tokenizer o200k --tokenizer characters --text \"床前明月光\"");
    command->callback([&chosen, request] { chosen = [request] { return tokenize(*request); }; });
}

void addDetokenize(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<TokenizeRequest>();
    CLI::App* command = program.add_subcommand("detokenize", "Turn ids back into text, special tokens written out");
    command->add_option("MODEL", request->model, "Name of a bundled model, a folder or a .gguf file");
    addSource(*command, *request, "");
    command->add_option("--ids", request->ids, "Token ids separated by commas")->required();
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli detokenize stories260K --ids 403,407,261,378");
    command->callback([&chosen, request] { chosen = [request] { return detokenize(*request); }; });
}

}  // namespace lw::cli
