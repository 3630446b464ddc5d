// The best path of a Unigram model against all ways to cut a word, and the record of its lattice.
#include "core/text/unigram_model.h"

#include <cmath>
#include <random>
#include <set>

#include "core/text/tokenizer_json.h"
#include "tests/catch.h"
#include "tests/core/text/files.h"

using namespace lw;

namespace {

Vocabulary vocabulary(std::vector<std::string> entries) {
    auto made = Vocabulary::make(std::move(entries), "a test");
    REQUIRE(made);
    return *made;
}

std::unique_ptr<const WordModel> model(const Vocabulary& words, std::vector<double> scores, const UnigramOptions& options) {
    auto made = UnigramModel::make(words, std::move(scores), std::vector<bool>(static_cast<std::size_t>(words.size()), true),
                                   options, "a test");
    REQUIRE(made);
    return std::move(*made);
}

/// The largest sum over all ways to cut the word; an unknown character counts -30.
double bestOf(const std::string& word, const Vocabulary& words, const std::vector<double>& scores) {
    if (word.empty()) return 0;
    double best = -1e300;
    for (std::size_t length = 1; length <= word.size(); ++length) {
        const TokenId id = words.find(word.substr(0, length));
        if (id < 0 && length > 1) continue;
        const double score = id < 0 ? -30 : scores[static_cast<std::size_t>(id)];
        best = std::max(best, score + bestOf(word.substr(length), words, scores));
    }
    return best;
}

}  // namespace

TEST_CASE("the best path is the best of all ways to cut a word") {
    std::mt19937 random(5);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> entries{"<unk>"};
        std::vector<double> scores{-30};
        std::set<std::string> known;
        for (int i = 0; i < 12; ++i) {
            std::string entry;
            for (unsigned n = 1 + static_cast<unsigned>(random() % 4); n > 0; --n) entry += static_cast<char>('a' + random() % 3);
            if (!known.insert(entry).second) continue;
            entries.push_back(entry);
            scores.push_back(-static_cast<double>(random() % 1000) / 100 - 0.013 * i);
        }
        const Vocabulary words = vocabulary(entries);
        UnigramOptions options;
        options.unknown = 0;
        options.unknownScore = -30;
        options.singlePrecision = false;
        const auto made = model(words, scores, options);
        std::string word;
        for (int i = 0; i < 9; ++i) word += static_cast<char>('a' + random() % 4);
        CAPTURE(round, word);
        StepLog log;
        log.steps.words.resize(1);
        std::vector<Symbol> symbols, plain;
        REQUIRE(made->cut(word, symbols, &log));
        REQUIRE(made->cut(word, plain, nullptr));
        REQUIRE(log.steps.lattices.size() == 1);
        const Lattice& lattice = log.steps.lattices[0];
        CHECK(lattice.logProbability == Approx(bestOf(word, words, scores)).epsilon(1e-12));
        double sum = 0;
        std::int64_t at = 0;
        for (const LatticeEdge& edge : lattice.edges) {
            if (!edge.chosen) continue;
            CHECK(edge.from == at);
            at = edge.to;
            sum += edge.logProbability;
            CHECK(edge.best == Approx(sum).epsilon(1e-12));
        }
        CHECK(at == static_cast<std::int64_t>(word.size()));
        CHECK(sum == Approx(lattice.logProbability).epsilon(1e-12));
        std::uint32_t covered = 0;
        for (const Symbol& symbol : symbols) {
            CHECK(symbol.from == covered);
            covered = symbol.to;
        }
        CHECK(covered == word.size());
        REQUIRE(plain.size() == symbols.size());
        for (std::size_t i = 0; i < plain.size(); ++i) CHECK(plain[i].id == symbols[i].id);
    }
}

TEST_CASE("unknown characters become one token, or their bytes, or an error") {
    const Vocabulary words = vocabulary({"<unk>", "a", "<0xC3>", "<0xA9>"});
    UnigramOptions options;
    options.unknown = 0;
    std::vector<Symbol> symbols;
    REQUIRE(model(words, {0, -1, 0, 0}, options)->cut("aéxa", symbols, nullptr));
    REQUIRE(symbols.size() == 3);
    CHECK(symbols[1].id == 0);
    CHECK(symbols[1].from == 1);
    CHECK(symbols[1].to == 4);
    options.bytes = ByteTokens(words);
    symbols.clear();
    REQUIRE(model(words, {0, -1, 0, 0}, options)->cut("éa", symbols, nullptr));
    REQUIRE(symbols.size() == 3);
    CHECK(symbols[0].id == 2);
    CHECK(symbols[1].id == 3);
    options.unknown = -1;
    symbols.clear();
    const auto done = model(words, {0, -1, 0, 0}, options)->cut("ax", symbols, nullptr);
    REQUIRE(!done);
    CHECK(done.error().message.find("no token for \"x\"") != std::string::npos);
    CHECK(!UnigramModel::make(words, {0, 1}, {true, true}, options, "a test"));
    CHECK(!UnigramModel::make(words, {0, 1, 2, std::nan("")}, {true, true, true, true}, options, "a test"));
}

TEST_CASE("a T5-like text's lattices are recorded, one a word") {
    const auto tokenizer = tokenizerFromJson(test::reference("json-kinds/t5-like.json"), "t5-like");
    REQUIRE(tokenizer);
    CHECK((*tokenizer)->kind() == "Unigram");
    const std::string text = "The little girl's unhappiest dog";
    const auto encoding = (*tokenizer)->encode(text, {.recordSteps = true});
    REQUIRE(encoding);
    CHECK(encoding->ids() == (*tokenizer)->encode(text)->ids());
    CHECK(encoding->steps.words.size() == 5);
    REQUIRE(encoding->steps.lattices.size() == 5);
    std::vector<TokenId> chosen;
    for (const Lattice& lattice : encoding->steps.lattices) {
        for (const LatticeEdge& edge : lattice.edges) {
            if (edge.chosen) chosen.push_back(edge.id);
        }
    }
    CHECK(chosen == encoding->ids());
}

TEST_CASE("a long word's lattice has its limit") {
    const Vocabulary words = vocabulary({"<unk>", "a", "aa", "aaa"});
    UnigramOptions options;
    options.unknown = 0;
    const auto made = model(words, {0, -1, -1.5, -1.7}, options);
    StepLog log;
    log.steps.words.resize(1);
    std::vector<Symbol> symbols;
    const auto done = made->cut(std::string(2'000'000, 'a'), symbols, &log);
    REQUIRE(!done);
    CHECK(done.error().kind == ErrorKind::OverBudget);
    REQUIRE(made->cut(std::string(2'000'000, 'a'), symbols, nullptr));
}
