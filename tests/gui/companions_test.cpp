// The same text through several models: what reads along, what it says, and how the open model is exchanged.
#include <cmath>

#include "app/run/run_text.h"
#include "core/analysis/softmax_stats.h"
#include "core/load.h"
#include "tests/gui/program.h"
#include "widgets/compare/compare_view.h"

using namespace lw;

namespace {

const QString characters = QStringLiteral(LAYERWALK_TEST_DATA "/../../resources/models/lstm-bronte");

const ReadingRow* row(Program& program, const QString& asked) {
    for (const ReadingRow& row : program.workspace().readings()->facts().rows) {
        if (row.asked == asked.toStdString()) return &row;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("the text of a run and the bytes of its tokens", "[compare]") {
    const auto loaded = loadModel("stories260K");
    REQUIRE(loaded);
    const Tokenizer& tokenizer = *(*loaded)->tokenizer;
    const std::string prompt = "Once upon 小 a";
    const auto encoded = tokenizer.encode(prompt);
    REQUIRE(encoded);
    std::vector<TokenId> ids = encoded->ids();
    const int length = static_cast<int>(ids.size());
    CHECK(textOfRun(tokenizer, prompt, ids, length) == prompt);
    const std::vector<Token> whole = tokensOfRun(tokenizer, prompt, ids);
    REQUIRE(whole.size() == ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) CHECK(whole[i].to == encoded->tokens[i].to);
    // What was generated follows: here a word, and the first byte of a character that is not complete yet.
    const auto more = tokenizer.encode("小");
    REQUIRE(more);
    ids.push_back(ids[2]);
    ids.push_back(more->tokens[more->tokens.size() - 3].id);
    const std::string text = textOfRun(tokenizer, prompt, ids, length);
    CHECK(text == prompt + tokenizer.bytes(ids[2]));
    CHECK(tokensOfRun(tokenizer, text, ids).back().to == static_cast<std::int64_t>(text.size()) + 1);
    // Letters that were generated one by one stay tokens of their own, though the tokenizer would join them.
    std::vector<TokenId> letters{encoded->tokens[0].id};
    for (const char* letter : {" ", "O", "n", "c", "e"})
        letters.push_back(tokenizer.encode(letter, {.addSpecial = false})->tokens.back().id);
    const std::vector<Token> apart = tokensOfRun(tokenizer, "Once", letters);
    REQUIRE(apart.size() == letters.size());
    for (std::size_t i = 0; i < letters.size(); ++i) CHECK(apart[i].id == letters[i]);
    // Cut at the front: the text is what the tokens stand for.
    const std::vector<TokenId> cut{ids.begin() + 1, ids.begin() + 4};
    CHECK(textOfRun(tokenizer, {}, cut, 3) == tokenizer.bytes(ids[1]) + tokenizer.bytes(ids[2]) + tokenizer.bytes(ids[3]));
}

TEST_CASE("the open model's row is its own run; another model reads the same bytes", "[compare]") {
    Program program("Once upon a time there was a dog");
    program.showView("compare");
    auto* view = qobject_cast<CompareView*>(program.window().stage()->activeView()->view());
    REQUIRE(view);
    view->choose({characters});
    program.waitUntilComplete();
    const ReadingRow* open = row(program, "stories260K");
    REQUIRE((open && open->reading));
    CHECK(open->open);
    const Trace& trace = *program.workspace().shown()->trace;
    REQUIRE(static_cast<int>(open->reading->tokens.size()) == trace.length());
    for (int i = 1; i < trace.length(); ++i) {
        const ConstRow logits = trace.logits(Position(i - 1));
        const double surprise =
            surprisal({logits.data(), static_cast<std::size_t>(logits.size())}, trace.ids()[static_cast<std::size_t>(i)]);
        CHECK(*open->reading->tokens[static_cast<std::size_t>(i)].surprise == Approx(surprise).margin(1e-3));
    }
    const ReadingRow* letters = row(program, characters);
    REQUIRE(letters);
    INFO(letters->problem);
    REQUIRE(letters->reading);
    CHECK(letters->architecture == "lstm");
    CHECK(letters->reading->tokens.back().to == static_cast<std::int64_t>(program.prompt().text().size()));
    CHECK(contains(textsIn(view), "lstm-bronte"));
    CHECK(contains(textsIn(view), printNumber(*letters->reading->bitsPerByte(), 3)));
}

TEST_CASE("a step adds a token to every row; a name opens its model at the same text and view", "[compare]") {
    Program program("Once upon a time");
    program.showView("compare");
    auto* view = qobject_cast<CompareView*>(program.window().stage()->activeView()->view());
    REQUIRE(view);
    view->choose({characters});
    program.waitUntilComplete();
    const auto before = row(program, "stories260K")->reading->tokens.size();
    Q_EMIT program.workspace().intents()->greedy();
    REQUIRE(eventually([&] { return !program.workspace().busy(); }));
    program.waitUntilComplete();
    const ReadingRow* open = row(program, "stories260K");
    REQUIRE(open->reading->tokens.size() == before + 1);
    const ReadingRow* letters = row(program, characters);
    REQUIRE(letters->reading);
    CHECK(letters->reading->tokens.back().to == open->reading->tokens.back().to);

    program.select("L1 q2");
    Q_EMIT program.workspace().intents()->useModel(characters);
    REQUIRE(eventually([&] { return program.workspace().model()->name == "lstm-bronte"; }));
    program.waitUntilComplete();
    CHECK(print(program.workspace().selection()->current()) == "L1 q2");  // both have such a place
    CHECK(program.workspace().text() == "Once upon a time");
    CHECK(program.window().stage()->activeId() == "compare");
    CHECK(row(program, "lstm-bronte")->open);
}

TEST_CASE("what cannot read along says why in its row, if it was asked for by name", "[compare]") {
    Program program("Once upon a time");
    program.showView("compare");
    auto* view = qobject_cast<CompareView*>(program.window().stage()->activeView()->view());
    REQUIRE(view);
    view->choose({"/no/such/model"});
    program.waitUntilComplete();
    const ReadingRow* missing = row(program, "/no/such/model");
    REQUIRE(missing);
    CHECK(contains(missing->problem, "/no/such/model"));
    CHECK(contains(textsIn(view), missing->problem));
    // Of those at hand only what can read the text is shown.
    view->choose({});
    program.waitUntilComplete();
    for (const ReadingRow& any : program.workspace().readings()->facts().rows) CHECK(any.problem.empty());
}

TEST_CASE("the gradient through the states follows the place", "[compare]") {
    Program program("It was the best of times");
    program.showView("compare");
    auto* view = qobject_cast<CompareView*>(program.window().stage()->activeView()->view());
    REQUIRE(view);
    view->choose({characters});
    view->setGradients(true);
    program.waitUntilComplete();
    const ReadingRow* letters = row(program, characters);
    REQUIRE((letters && letters->gradients));
    CHECK_FALSE(row(program, "stories260K")->gradients);  // attention reaches every token without a state
    const auto loaded = loadModel(characters.toStdString());
    REQUIRE(loaded);
    std::vector<TokenId> ids;
    for (const ReadToken& token : letters->reading->tokens) ids.push_back(token.id);
    const int last = letters->gradients->position;
    const auto alone = stateGradients(*(*loaded)->model, ids, Position(last), letters->gradients->target);
    REQUIRE(alone);
    CHECK(alone->all == letters->gradients->all);
    program.select("q3");
    letters = row(program, characters);
    REQUIRE(letters->gradients);
    CHECK(letters->gradients->position < last);
    CHECK(letters->gradients->target == ids[static_cast<std::size_t>(letters->gradients->position) + 1]);
    CHECK(contains(textsIn(view), "bytes of text back"));
    view->setGradients(false);
    program.waitUntilComplete();
    CHECK_FALSE(row(program, characters)->gradients);
}
