// What the commands print: one JSON document with the promised fields, numbers that fit together, the text's forms.
#include <algorithm>
#include <cmath>

#include "tests/app/cli/program.h"

using namespace lw::test;
using nlohmann::json;

namespace {

const std::string data = LAYERWALK_TEST_DATA;

}  // namespace

TEST_CASE("run: ids, pieces, probabilities and losses of one pass", "[cli]") {
    const json run = cliJson({"run", "stories260K", "--text", "Once upon a time", "--top", "3", "--capture", "hook_embed"});
    REQUIRE(run["ids"].size() == 5);
    CHECK(run["pieces"][0] == "<s>");
    CHECK(run["pieces"][1] == " Once");
    REQUIRE(run["top"].size() == 5);
    double sum = 0;
    REQUIRE(run["loss"].size() == 4);
    for (std::size_t t = 0; t < 4; ++t) {
        CHECK(run["top"][t].size() == 3);
        sum += run["loss"][t].get<double>();
        const json& first = run["top"][t][0];
        CHECK(first["probability"].get<double>() >= run["top"][t][1]["probability"].get<double>());
        if (first["id"] == run["ids"][t + 1])
            CHECK(run["loss"][t].get<double>() == Approx(-std::log(first["probability"].get<double>())).epsilon(1e-6));
    }
    CHECK(run["mean_loss"].get<double>() == Approx(sum / 4));
    CHECK(run["capture_bytes"].get<int>() > 5 * 64 * 4);
    CHECK(run["seconds"].get<double>() > 0);
    const json one = cliJson({"run", "stories260K", "--ids", "1"});
    CHECK(one["mean_loss"].is_null());
    CHECK(one["loss"].empty());
}

TEST_CASE("A text comes in four forms", "[cli]") {
    const TemporaryFolder folder;
    const std::string text = "Lily's 🙂 ball\n";
    const auto ids = [&](std::vector<std::string> form, const Start& start = {}) {
        form.insert(form.begin(), {"run", "stories260K"});
        return cliJson(form, start)["ids"];
    };
    const json want = ids({"--text", text});
    CHECK(ids({"--text-file", folder.write("t", text).string()}) == want);
    CHECK(ids({"-"}, {.input = text}) == want);
    std::string list;
    for (const json& id : want) list += (list.empty() ? "" : ", ") + id.dump();
    CHECK(ids({"--ids", list}) == want);
    json bare = want;
    bare.erase(0);
    CHECK(ids({"--no-bos", "--text", text}) == bare);
    CHECK(ids({"--text", "</s>", "--special"}).size() == 2);
    CHECK(ids({"--text", "</s>"}).size() > 2);
}

TEST_CASE("tokenize and detokenize are each other's inverse", "[cli]") {
    const json t = cliJson({"tokenize", "stories260K", "--text", "a 中 b", "--merges"});
    CHECK(t["ids"].size() == t["pieces"].size());
    CHECK(t["ids"].size() == t["bytes"].size());
    CHECK(t["ids"].size() == t["offsets"].size());
    CHECK(t["entries"].size() == t["ids"].size());
    CHECK(t["merges"].is_array());
    std::string list;
    for (std::size_t i = 1; i < t["ids"].size(); ++i) list += (list.empty() ? "" : ",") + t["ids"][i].dump();
    CHECK(cliJson({"detokenize", "stories260K", "--ids", list})["text"] == "a 中 b");
    bool byte = false;
    for (const json& piece : t["pieces"]) byte = byte || piece == "\\xE4";
    CHECK(byte);
    // A tokenizer's own file will do, and so will a vocabulary without a model.
    const std::string file = data + "/tokenizers/json-kinds/gpt2-like.json";
    CHECK(cliJson({"tokenize", "--tokenizer", file, "--text", "the cat"})["ids"].size() > 1);
    CHECK(cliJson({"detokenize", "--tokenizer", file, "--ids", ""})["text"] == "");
}

TEST_CASE("tokenize: several tokenizers side by side", "[cli]") {
    const json all = cliJson({"tokenize", "--tokenizer", "characters", "--tokenizer", "bytes", "--tokenizer", "layerwalk-4k",
                              "--tokenizer", "stories260K", "--text", "床前明月光"});
    REQUIRE(all.size() == 4);
    CHECK(all[0]["tokenizer"] == "characters");
    CHECK(all[0]["count"] == 5);
    CHECK(all[0]["tokens_per_character"] == 1);
    CHECK(all[0]["ids"][0] == 0x5E8A);
    CHECK(all[1]["count"] == 15);
    CHECK(all[1]["kind"] == "bytes");
    CHECK(all[2]["count"].get<int>() <= 10);
    CHECK(all[3]["pieces"][0] == "<s>");
    for (const json& one : all) {
        CHECK(one["offsets"].size() == one["count"]);
        CHECK(one["offsets"].back()[1] == 15);  // all end where the text ends
    }
    const json one = cliJson({"tokenize", "--tokenizer", "bytes", "-"}, {.input = "ab"});
    CHECK(one["ids"] == json{97, 98});
    CHECK(cliJson({"tokenize", "--tokenizer", "bytes", "--tokenizer", "gpt2", "--text", ""})[1]["ids"].empty());
    CHECK(cliJson({"detokenize", "--tokenizer", "gpt2", "--ids", "464,3797"})["text"] == "The cat");
}

TEST_CASE("merges: every step, and what would have been instead", "[cli]") {
    const json t = cliJson({"merges", "gpt2", "--text", "The unhappiest 床"});
    CHECK(t["kind"] == "byte-level BPE");
    CHECK(t["ids"] == cliJson({"tokenize", "--tokenizer", "gpt2", "--text", "The unhappiest 床"})["ids"]);
    CHECK(t["characters"].size() == 16);
    CHECK(t["graphemes"].size() == 16);
    REQUIRE(t["words"].size() == 3);
    const json& word = t["words"][1];
    CHECK(word["text"] == "Ġunhappiest");
    CHECK(word["from"] == 3);
    CHECK(word["to"] == 14);
    CHECK(word["start"].size() == 11);
    std::size_t pieces = word["start"].size();
    bool other = false;
    for (const json& merge : word["merges"]) {
        CHECK(merge["after"].size() == --pieces);
        CHECK(merge["after"][merge["at"].get<std::size_t>()] ==
              merge["left"].get<std::string>() + merge["right"].get<std::string>());
        if (merge["other"].is_null()) continue;
        other = true;
        CHECK(merge["rank"].get<int>() <= merge["other"]["rank"].get<int>());  // the lowest rank is merged
    }
    CHECK(other);
    const json unigram = cliJson({"merges", "botchan-1k", "--text", "translation"})["words"][0];
    double sum = 0;
    for (const json& edge : unigram["lattice"]["edges"]) {
        if (edge["chosen"].get<bool>()) sum += edge["log_probability"].get<double>();
    }
    CHECK(sum == Approx(unigram["lattice"]["log_probability"].get<double>()).epsilon(1e-5));
    const json world = cliJson({"merges", "rwkv-world", "--text", "unhappiest"});
    CHECK(world["words"][0]["matches"].size() == world["ids"].size());
    CHECK(cliJson({"merges", "gpt2", "--text", "👩‍👩‍👧"})["graphemes"].size() == 1);
    CHECK(cliJson({"merges", "gpt2", "--text", ""})["words"].empty());
}

TEST_CASE("neighbours: nearest rows of either table", "[cli]") {
    const json found = cliJson({"neighbours", "stories260K", "--token-text", " Timmy", "-k", "5"});
    CHECK(found["token"] == " Timmy");
    CHECK(found["rows"] == 512);
    CHECK(found["width"] == 64);
    REQUIRE(found["neighbours"].size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(found["neighbours"][i]["id"] != found["id"]);
        if (i > 0) CHECK(found["neighbours"][i]["cosine"].get<double>() <= found["neighbours"][i - 1]["cosine"].get<double>());
    }
    const json dot = cliJson({"neighbours", data + "/zoo/gpt2", "--token", "5", "--by", "dot", "--table", "unembed", "-k", "3"});
    CHECK(dot["token"].is_null());
    CHECK(dot["neighbours"][0]["dot"].get<double>() >= dot["neighbours"][1]["dot"].get<double>());
}

TEST_CASE("tokenizers: what comes with the program", "[cli]") {
    const json all = cliJson({"tokenizers"});
    REQUIRE(all.size() == 8);
    CHECK(all[0]["name"] == "characters");
    CHECK(all[0]["path"].is_null());
    for (const json& one : all) {
        for (const char* field : {"name", "kind", "what"}) CHECK(one[field].is_string());
        if (!one["path"].is_null()) CHECK(one["licence"].is_string());
    }
}

TEST_CASE("generate: the same seed gives the same text, and the context's end is no error", "[cli]") {
    const std::vector<std::string> words{"generate", "stories260K",   "--text", "Once",   "-n",
                                         "12",       "--temperature", "0.9",    "--seed", "5"};
    json first = cliJson(words), second = cliJson(words);
    first.erase("tokens_per_second");
    second.erase("tokens_per_second");
    CHECK(first == second);
    for (const json& step : first["steps"]) {
        CHECK(step["draw"].get<double>() >= 0);
        CHECK(step["draw"].get<double>() < 1);
    }
    const json greedy = cliJson({"generate", "stories260K", "--text", "Once", "-n", "3", "--greedy"});
    CHECK(greedy["steps"][0]["draw"].is_null());
    const Ended end = cli({"generate", "gpt-nano-sort", "--text", "CBABBC", "-n", "30", "--greedy", "--json"});
    CHECK(end.json()["ids"].size() == 5);
    CHECK(end.err.find("end of the context (11 tokens)") != std::string::npos);
    const json beams = cliJson({"generate", "stories260K", "--text", "Once", "-n", "4", "--beam", "3"})["beams"];
    REQUIRE(beams.size() == 3);
    CHECK(beams[0]["log_probability"].get<double>() >= beams[1]["log_probability"].get<double>());
}

TEST_CASE("lens and attribute add up", "[cli]") {
    const json lens = cliJson({"lens", "stories260K", "--text", "Once upon", "--top", "2"});
    REQUIRE(lens["rows"].size() == 11);
    CHECK(lens["rows"][0] == "0_pre");
    CHECK(lens["rows"][10] == "final_post");
    REQUIRE(lens["cells"].size() == 11);
    CHECK(lens["cells"][10][2]["kl_to_final"].get<double>() == Approx(0).margin(1e-6));
    CHECK(lens["cells"][0].size() == 3);
    CHECK(cliJson({"lens", "stories260K", "--text", "Once upon", "--position", "-1"})["cells"][0].size() == 1);
    const json a = cliJson({"attribute", "stories260K", "--text", "Once upon", "--token-text", " a"});
    double sum = 0;
    for (const json& term : a["terms"]) sum += term["value"].get<double>();
    CHECK(sum == Approx(a["sum"].get<double>()).epsilon(0).margin(1e-9));
    CHECK(sum == Approx(a["logit"].get<double>()).margin(1e-4));
    CHECK(a["terms"][0]["name"] == "embed");
}

TEST_CASE("lens reads every model with a stream, and ends where run ends", "[cli]") {
    for (const char* model : {"layerwalk-mamba", "layerwalk-mamba2", "layerwalk-s4d", "layerwalk-hybrid", "layerwalk-retnet",
                              "layerwalk-transformer", "layerwalk-selective-copy-mamba", "rwkv7-reverse"}) {
        CAPTURE(model);
        const json lens = cliJson({"lens", model, "--ids", "3,7,5", "--position", "-1", "--top", "1"});
        const json ran = cliJson({"run", model, "--ids", "3,7,5", "--top", "1"});
        CHECK(lens["rows"].size() > 2);
        REQUIRE(lens["rows"].back() == "final_post");
        CHECK(lens["cells"].back()[0]["top"][0]["id"] == ran["top"].back()[0]["id"]);
    }
}

TEST_CASE("compare says of each model what run says of it alone", "[cli]") {
    const std::string characters = data + "/../../resources/models/lstm-bronte", text = "Once upon a time";
    const json rows = cliJson({"compare", "--model", "stories260K", "--model", characters, "--text", text, "--top", "2"});
    REQUIRE(rows.size() == 2);
    CHECK(rows[1]["architecture"] == "lstm");
    for (const json& row : rows) {
        const std::string model = row["model"] == "stories260K" ? "stories260K" : characters;
        const json alone = cliJson({"run", model, "--text", text, "--top", "2"});
        CAPTURE(model);
        const json& tokens = row["tokens"];
        REQUIRE(tokens.size() == alone["ids"].size());
        CHECK(tokens[0]["surprise"].is_null());
        double sum = 0;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            CHECK(tokens[i]["id"] == alone["ids"][i]);
            CHECK(tokens[i]["top"][0]["id"] == alone["top"][i][0]["id"]);
            if (i == 0) continue;
            sum += alone["loss"][i - 1].get<double>();
            CHECK(tokens[i]["surprise"].get<double>() == Approx(alone["loss"][i - 1].get<double>()).margin(1e-3));
        }
        CHECK(tokens.back()["offsets"][1] == text.size());
        CHECK(row["bits_per_byte"].get<double>() ==
              Approx(sum / std::log(2.0) / row["predicted_bytes"].get<double>()).margin(1e-3));
    }
    // A cache grows with the text; the state of an LSTM stays as large as it is.
    CHECK(rows[0]["tokens"].back()["state_bytes"] > rows[0]["tokens"].front()["state_bytes"]);
    CHECK(rows[1]["tokens"].back()["state_bytes"] == rows[1]["tokens"].front()["state_bytes"]);
}

TEST_CASE("models, inspect and sites tell what there is", "[cli]") {
    const json models = cliJson({"models"});
    REQUIRE(models.size() >= 2);
    CHECK(models[0]["name"] == "layerwalk-transformer-large");
    CHECK(models[0]["parameters"] == cliJson({"inspect", "layerwalk-transformer-large"})["parameters"]);
    const auto stories = std::find_if(models.begin(), models.end(), [](const json& m) { return m["name"] == "stories260K"; });
    REQUIRE(stories != models.end());
    CHECK((*stories)["parameters"] == cliJson({"inspect", "stories260K"})["parameters"]);
    CHECK(models[0]["context_length"] == 512);
    for (const char* field : {"architecture", "path", "licence", "source"}) CHECK(models[0][field].is_string());
    const json inspected = cliJson({"inspect", data + "/zoo/gpt2"});
    CHECK(inspected["architecture"] == "gpt2");
    CHECK(inspected["tokenizer"].is_null());
    for (const char* field : {"name", "shape", "type", "bytes"}) CHECK(inspected["tensors"][0].contains(field));
    for (const json& site : cliJson({"sites", "gpt-nano-sort"})) {
        for (const char* field : {"name", "axes", "unit", "meaning"}) CHECK(site[field].is_string());
    }
}

TEST_CASE("generate --best-of ranks by the mean or the total; exposure takes its wrong token as text", "[cli]") {
    const std::vector<std::string> common{"generate", "stories260K", "--text", "Lily wanted to", "-n", "8", "--best-of", "5"};
    for (const std::string by : {"mean", "total"}) {
        std::vector<std::string> words = common;
        words.insert(words.end(), {"--rank-by", by});
        const json made = cliJson(words);
        CHECK(made["ranked_by"] == by);
        REQUIRE(made["texts"].size() == 5);
        for (std::size_t i = 0; i < 5; ++i) {
            const json& text = made["texts"][i];
            const double total = text["log_probability"], mean = text["mean"];
            CHECK(mean == Approx(total / static_cast<double>(text["ids"].size())));
            const char* key = by == "mean" ? "mean" : "log_probability";
            if (i > 0) CHECK(made["texts"][i - 1][key].get<double>() >= text[key].get<double>());
        }
    }
    CHECK(cliJson(common)["ranked_by"] == "mean");
    const std::vector<std::string> read{"exposure", "stories260K", "--text", "Once upon a time, there was", "--from", "3"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), read.begin(), read.end());
        return cliJson(more);
    };
    const json written = with({"--wrong-text", "·little"}), byId = with({"--wrong", written["wrong_token"].dump()});
    CHECK(written["steps"] == byId["steps"]);
    CHECK(cliJson({"detokenize", "stories260K", "--ids", written["wrong_token"].dump()})["text"].get<std::string>().find(
              "little") != std::string::npos);
    double cost = 0;
    for (const json& step : written["steps"])
        if (!step["wrong"].is_null()) cost += step["wrong"].get<double>() - step["taught"].get<double>();
    CHECK(written["wrong_cost"].get<double>() == Approx(cost));
}
