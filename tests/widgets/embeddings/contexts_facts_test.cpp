// The same token in two texts: 1 where the context is the same, the cosine's definition where it is not.
#include "core/load.h"
#include "core/run.h"
#include "tests/core/models/zoo.h"
#include "tests/widgets/embeddings/tables.h"
#include "tests/widgets/whole_numbers.h"
#include "widgets/embeddings/context_picture.h"

using namespace lw;
using namespace lw::test;

namespace {

std::shared_ptr<const Trace> read(const LoadedModel& loaded, const std::string& text) {
    const auto encoded = loaded.tokenizer->encode(text);
    if (!encoded) FAIL(encoded.error().message);
    auto result = run(*loaded.model, encoded->ids(), CaptureSpec::all(loaded.model->info()));
    if (!result) FAIL(result.error().message);
    return result->trace;
}

}  // namespace

TEST_CASE("bank and bank: equal as rows of the table, apart in the layers; the control is 1") {
    const auto loaded = loadModel("layerwalk-transformer");
    REQUIRE(loaded);
    const auto a = read(**loaded, "She sat on the bank of the river.");
    const auto b = read(**loaded, "He took his money to the bank in town.");
    const Tokenizer& tokenizer = *(*loaded)->tokenizer;
    const int here = lastPieceOf(tokenizer, a->ids(), "bank"), there = lastPieceOf(tokenizer, b->ids(), "bank");
    REQUIRE((here >= 0 && there >= 0));
    REQUIRE(a->ids()[static_cast<std::size_t>(here)] == b->ids()[static_cast<std::size_t>(there)]);
    CHECK(sameToken(*a, Position(here), *b) == there);
    const auto facts = contextFacts(*a, Position(here), *b, Position(there));
    REQUIRE(facts);
    REQUIRE(static_cast<int>(facts->states.size()) >= (*loaded)->model->info().layers() + 1);
    CHECK(facts->states.front().cosine == Approx(1));  // the same row of the table
    CHECK(facts->states.back().cosine < 0.999);
    std::string line;
    for (const ContextState& state : facts->states) {
        CHECK(state.itself == Approx(1));
        line += state.name + " " + std::to_string(state.cosine) + "  ";
    }
    WARN("bank: " << line);
    // By the definition, in the last layer.
    const Layer last((*loaded)->model->info().layers() - 1);
    const Eigen::RowVectorXd x = a->row(SiteId::ResidPost, last, Position(here)).cast<double>(),
                             y = b->row(SiteId::ResidPost, last, Position(there)).cast<double>();
    CHECK(facts->states.back().cosine == Approx(x.dot(y) / std::sqrt(x.squaredNorm() * y.squaredNorm())));
    CHECK(facts->states.back().lengthA == Approx(x.norm()));

    // The same text read a second time: the same numbers.
    const auto again = read(**loaded, "She sat on the bank of the river.");
    const auto control = contextFacts(*a, Position(here), *again, Position(here));
    REQUIRE(control);
    for (const ContextState& state : control->states) CHECK(state.cosine == Approx(1).epsilon(1e-12));

    ContextInput in{.facts = &*facts, .piecesA = {"a", "b"}, .piecesB = {"c", "d"}, .a = 0, .b = 1};
    const Picture picture = contextPicture(in);
    CHECK(cutNumbers(picture).empty());
    CHECK(spotOf(picture, "second:1"));
    CHECK(picture.tables.back().rows.size() == facts->states.size());
}

TEST_CASE("a word that is cut into pieces: its last piece; a word that is not there") {
    const auto loaded = loadModel("layerwalk-transformer");
    const auto a = read(**loaded, "他買了一台蘋果電腦");
    const Tokenizer& tokenizer = *(*loaded)->tokenizer;
    const int at = lastPieceOf(tokenizer, a->ids(), "果");
    REQUIRE(at >= 0);
    std::string text;
    for (int i = 0; i <= at; ++i) text += tokenizer.bytes(a->ids()[static_cast<std::size_t>(i)]);
    CHECK(text.ends_with("果"));
    CHECK(lastPieceOf(tokenizer, a->ids(), "bank") == -1);
    CHECK(lastPieceOf(tokenizer, a->ids(), "") == -1);
}

TEST_CASE("an LSTM's states are compared too, a model that counts has none") {
    const auto lstm = loadModel("lstm-bronte");
    REQUIRE(lstm);
    const auto a = read(**lstm, "the bank"), b = read(**lstm, "a bank");
    REQUIRE(hasStates(*a));
    const auto facts = contextFacts(*a, Position(7), *b, Position(5));
    REQUIRE(facts);
    CHECK(facts->pathA.allFinite());
    const auto counts = loadModel("layerwalk-ngram");
    REQUIRE(counts);
    const auto c = read(**counts, "once upon");
    CHECK_FALSE(hasStates(*c));
    CHECK_FALSE(contextFacts(*c, Position(0), *c, Position(0)));
}
