// merges: how a text became tokens, step by step. tokenizers: those that come with the program.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/bundled.h"
#include "core/text/bundled_tokenizers.h"
#include "core/text/graphemes.h"
#include "core/text/utf8.h"

namespace lw::cli {

namespace {

struct MergesRequest : Request {};

Json documentOf(const Merge& merge) {
    Json other;
    if (merge.otherRank >= 0) other = {{"left", merge.otherLeft}, {"right", merge.otherRight}, {"rank", merge.otherRank}};
    return {{"left", merge.left}, {"right", merge.right}, {"rank", merge.rank},
            {"at", merge.at},     {"after", merge.after}, {"other", other}};
}

Json documentOf(const Tokenizer& t, const Lattice& lattice) {
    Json edges = Json::array();
    for (const LatticeEdge& edge : lattice.edges)
        edges.push_back({{"from", edge.from},
                         {"to", edge.to},
                         {"id", edge.id},
                         {"entry", std::string(t.entry(edge.id))},
                         {"log_probability", number(edge.logProbability)},
                         {"best", number(edge.best)},
                         {"chosen", edge.chosen}});
    return {{"log_probability", number(lattice.logProbability)}, {"edges", std::move(edges)}};
}

Json documentOf(const Tokenizer& t, const Match& match) {
    return {{"from", match.from},
            {"to", match.to},
            {"id", match.id < 0 ? Json() : Json(match.id)},
            {"entry", match.id < 0 ? Json() : Json(std::string(t.entry(match.id)))},
            {"tried", match.tried},
            {"shorter", match.shorter}};
}

Json ranges(const std::vector<ByteRange>& all) {
    Json list = Json::array();
    for (const ByteRange& one : all) list.push_back({one.from, one.to});
    return list;
}

std::vector<ByteRange> charactersOf(std::string_view text) {
    std::vector<ByteRange> all;
    for (std::size_t at = 0; at < text.size();) {
        const auto from = static_cast<std::int64_t>(at);
        const int bytes = utf8::decode(text, at).bytes;
        all.push_back({from, from + bytes});
        at += static_cast<std::size_t>(bytes);
    }
    return all;
}

void printWord(const Tokenizer& t, const Steps& steps, std::int64_t index) {
    const WordCut& word = steps.words[static_cast<std::size_t>(index)];
    printLine(fmt::format("{}   bytes {}–{}{}", word.text, word.from, word.to, word.whole ? ", an entry by itself" : ""));
    if (!word.start.empty()) printLine(fmt::format("          {}", fmt::join(word.start, " ")));
    for (const Merge& merge : steps.merges) {
        if (merge.word != index) continue;
        printLine(fmt::format(
            "  {:>7} {}   {} + {}{}", merge.rank, fmt::join(merge.after, " "), merge.left, merge.right,
            merge.otherRank < 0 ? "" : fmt::format(", before {} + {} ({})", merge.otherLeft, merge.otherRight, merge.otherRank)));
    }
    for (const Lattice& lattice : steps.lattices) {
        if (lattice.word != index) continue;
        for (const LatticeEdge& edge : lattice.edges) {
            printLine(fmt::format("  {} {:>3}–{:<3} {:20} {:>9.4f}   best {:>9.4f}", edge.chosen ? "→" : " ", edge.from, edge.to,
                                  t.entry(edge.id), edge.logProbability, edge.best));
        }
    }
    for (const Match& match : steps.matches) {
        if (match.word != index) continue;
        printLine(fmt::format("  {:>3}–{:<3} {}{}", match.from, match.to, match.id < 0 ? "nothing fits" : t.entry(match.id),
                              match.shorter.empty() ? "" : fmt::format("   rather than {}", fmt::join(match.shorter, ", "))));
    }
}

int merges(MergesRequest& request) {
    if (request.text.ids) throw Usage{"--ids: the steps are those of a text; give --text, --text-file or “-”."};
    const auto tokenizer = loadTokenizer(request.model);
    if (!tokenizer) return complain(tokenizer.error());
    const Tokenizer& t = **tokenizer;
    const auto text = readText(request.text);
    if (!text) return complain(text.error());
    Encoding encoding;
    if (!text->empty()) {
        auto made =
            t.encode(*text, {.addSpecial = !request.text.noBos, .parseSpecial = request.text.special, .recordSteps = true});
        if (!made) return complain(made.error());
        encoding = *std::move(made);
    }
    const Steps& steps = encoding.steps;
    if (!request.json) {
        for (std::size_t i = 0; i < steps.words.size(); ++i) printWord(t, steps, static_cast<std::int64_t>(i));
        note(fmt::format("{}: {} words, {} tokens", t.kind(), steps.words.size(), encoding.tokens.size()));
        return Done;
    }
    Json words = Json::array();
    for (const WordCut& word : steps.words)
        words.push_back({{"text", word.text},
                         {"from", word.from},
                         {"to", word.to},
                         {"whole", word.whole},
                         {"start", word.start},
                         {"merges", Json::array()},
                         {"lattice", nullptr},
                         {"matches", Json::array()}});
    const auto of = [&](std::int64_t word) -> Json& { return words[static_cast<std::size_t>(word)]; };
    for (const Merge& merge : steps.merges) of(merge.word)["merges"].push_back(documentOf(merge));
    for (const Lattice& lattice : steps.lattices) of(lattice.word)["lattice"] = documentOf(t, lattice);
    for (const Match& match : steps.matches) of(match.word)["matches"].push_back(documentOf(t, match));
    Json ids = Json::array(), pieces = Json::array(), offsets = Json::array();
    for (const Token& token : encoding.tokens) {
        ids.push_back(token.id);
        pieces.push_back(pieceOf(&t, token.id));
        offsets.push_back({token.from, token.to});
    }
    printJson({{"tokenizer", request.model},
               {"kind", t.kind()},
               {"ids", std::move(ids)},
               {"pieces", std::move(pieces)},
               {"offsets", std::move(offsets)},
               {"words", std::move(words)},
               {"characters", ranges(charactersOf(*text))},
               {"graphemes", ranges(graphemes(*text))}});
    return Done;
}

int listTokenizers(bool json) {
    Json rows = Json::array();
    for (const BundledTokenizer& one : bundledTokenizers()) {
        const auto tokenizer = loadTokenizer(std::string(one.name));
        if (!tokenizer) return complain(tokenizer.error());
        const auto text = [](std::string_view words) { return words.empty() ? Json() : Json(std::string(words)); };
        rows.push_back({{"name", std::string(one.name)},
                        {"kind", (*tokenizer)->kind()},
                        {"vocabulary", (*tokenizer)->size()},
                        {"keeps_text", (*tokenizer)->keepsText()},
                        {"what", std::string(one.what)},
                        {"path", one.path.empty() ? Json() : Json((resourcesFolder() / one.path).string())},
                        {"licence", text(one.licence)},
                        {"source", text(one.source)}});
        if (!json)
            printLine(fmt::format("{:14} {:22} {:>8} ids  {}", one.name, (*tokenizer)->kind(), (*tokenizer)->size(), one.what));
    }
    if (json) printJson(rows);
    return Done;
}

}  // namespace

void addMerges(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<MergesRequest>();
    CLI::App* command =
        program.add_subcommand("merges", "How a text became tokens, step by step: merges, lattice, longest matches");
    command->add_option("TOKENIZER", request->model, "A bundled tokenizer or model, a tokenizer file, a folder or a .gguf file")
        ->required();
    request->text.addTo(*command, false);
    request->addJson(*command);
    command->footer(
        "Example:\n  layerwalk-cli merges gpt2 --text \"The unhappiest child\"\n"
        "  layerwalk-cli merges botchan-1k --text \"translation\"    (a lattice)\n"
        "  layerwalk-cli merges rwkv-world --text \"床前明月光\"    (longest matches)");
    command->callback([&chosen, request] { chosen = [request] { return merges(*request); }; });
}

void addTokenizers(CLI::App& program, Action& chosen) {
    auto json = std::make_shared<bool>(false);
    CLI::App* command = program.add_subcommand("tokenizers", "The tokenizers that come with the program");
    command->add_flag("--json", *json, "Print one JSON document");
    command->footer("Example:\n  layerwalk-cli tokenizers");
    command->callback([&chosen, json] { chosen = [json] { return listTokenizers(*json); }; });
}

}  // namespace lw::cli
