// The reader of a second text by itself: it gives what the first text would have given, the newest question wins, it waits while
// the model is busy, and what cannot be read is a sentence.
#include "app/second_reader.h"

#include <QSignalSpy>

#include <algorithm>

#include "core/load.h"
#include "tests/gui/program.h"

using namespace lw;

namespace {

constexpr std::int64_t budget = std::int64_t{1} << 30;

Origin originOf(const char* model) {
    const auto loaded = loadModel(model);
    REQUIRE(loaded);
    Origin origin;
    origin.model = *loaded;
    origin.text = "the first text";
    return origin;
}

bool complete(const SecondReader& reader) {
    return eventually([&] { return reader.facts()->complete(); });
}

}  // namespace

TEST_CASE("a second text is read as the model reads it alone", "[second]") {
    const Origin origin = originOf("stories260K");
    SecondReader reader;
    reader.setOrigin(origin, budget, InformationUnit::Nats);
    CHECK(reader.facts()->complete());  // nothing was asked for
    reader.read("Tom ran to the bank");
    CHECK_FALSE(reader.facts()->complete());
    CHECK_FALSE(reader.facts()->shown());
    REQUIRE(complete(reader));
    CHECK(reader.facts()->problem().empty());
    const ShownPtr shown = reader.facts()->shown();
    REQUIRE(shown);
    const auto encoded = origin.model->tokenizer->encode("Tom ran to the bank");
    REQUIRE(encoded);
    CHECK(std::ranges::equal(shown->trace->ids(), encoded->ids()));
    // The logits of a run without any capture.
    const auto state = origin.model->model->start();
    const auto logits = origin.model->model->forward(encoded->ids(), *state, Tap(), {});
    REQUIRE(logits);
    const Position last(shown->trace->length() - 1);
    CHECK(shown->trace->row(SiteId::Logits, Layer(0), last) == RowVector(logits->value().row(last.value)));
}

TEST_CASE("the newest second text wins, and none is none", "[second]") {
    SecondReader reader;
    reader.setOrigin(originOf("stories260K"), budget, InformationUnit::Nats);
    QString longText;
    for (int i = 0; i < 60; ++i) longText += QStringLiteral("Lily had a cat. ");
    reader.read(longText);
    reader.read("Once");
    REQUIRE(complete(reader));
    CHECK(reader.facts()->text() == "Once");
    REQUIRE(reader.facts()->shown());
    CHECK(reader.facts()->shown()->text == "Once");
    const ShownPtr before = reader.facts()->shown();
    reader.read("Once");  // known
    CHECK(reader.facts()->shown() == before);
    reader.read(longText);
    reader.read({});
    CHECK(reader.facts()->complete());
    QTest::qWait(200);  // the long one's end changes nothing
    CHECK(reader.facts()->text().empty());
    CHECK_FALSE(reader.facts()->shown());
}

TEST_CASE("a second text waits while the model is at work on the first", "[second]") {
    SecondReader reader;
    reader.setOrigin(originOf("stories260K"), budget, InformationUnit::Nats);
    reader.pause();
    reader.read("Once upon a time");
    QTest::qWait(150);
    CHECK_FALSE(reader.facts()->complete());
    CHECK_FALSE(reader.facts()->shown());
    reader.resume();
    REQUIRE(complete(reader));
    CHECK(reader.facts()->shown());
    // Interrupted in the middle it begins again.
    reader.read("Once upon another time");
    reader.pause();
    QTest::qWait(150);
    CHECK_FALSE(reader.facts()->complete());
    reader.resume();
    REQUIRE(complete(reader));
    REQUIRE(reader.facts()->shown());
    CHECK(reader.facts()->shown()->text == "Once upon another time");
}

TEST_CASE("another model reads the second text again; what it cannot read is a sentence", "[second]") {
    SecondReader reader;
    reader.read("Once");  // before there is a model
    CHECK_FALSE(reader.facts()->complete());
    const Origin stories = originOf("stories260K");
    reader.setOrigin(stories, budget, InformationUnit::Nats);
    REQUIRE(complete(reader));
    REQUIRE(reader.facts()->shown());
    QSignalSpy changed(reader.facts(), &SecondText::changed);
    Origin sameRun = stories;
    sameRun.text = "another first text";
    reader.setOrigin(sameRun, budget, InformationUnit::Nats);
    QTest::qWait(50);
    CHECK(changed.isEmpty());  // the first text does not matter
    reader.setOrigin(originOf("gpt-nano-sort"), budget, InformationUnit::Nats);
    CHECK_FALSE(reader.facts()->shown());
    REQUIRE(complete(reader));
    CHECK_FALSE(reader.facts()->shown());
    INFO(reader.facts()->problem());
    CHECK(contains(reader.facts()->problem(), "O"));  // the letter that it has no token for
    CHECK(reader.facts()->problem().ends_with("."));
    reader.read("CAB");
    REQUIRE(complete(reader));
    CHECK(reader.facts()->problem().empty());
    REQUIRE(reader.facts()->shown());
    CHECK(std::ranges::equal(reader.facts()->shown()->trace->ids(), std::vector<TokenId>{2, 0, 1}));
    reader.setOrigin(stories, 1000, InformationUnit::Nats);  // no memory
    REQUIRE(complete(reader));
    CHECK_FALSE(reader.facts()->shown());
    CHECK_FALSE(reader.facts()->problem().empty());
}
