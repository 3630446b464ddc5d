// Positions: the model's own table and what is added to what; rotary scores against the trace.
#include "tests/core/models/zoo.h"
#include "tests/widgets/embeddings/tables.h"
#include "tests/widgets/whole_numbers.h"
#include "widgets/embeddings/position_picture.h"

using namespace lw;
using namespace lw::test;

namespace {

std::shared_ptr<const Trace> traceOf(const Model& model, const std::string& name) {
    auto result =
        run(model, Reference(zooPath(name) + "/expected.safetensors").ids("0.input_ids"), CaptureSpec::all(model.info()));
    if (!result) FAIL(result.error().message);
    return result->trace;
}

}  // namespace

TEST_CASE("which kinds a model has") {
    CHECK(positionKinds(*openModel(zooPath("gpt2"))->model) == std::vector{PositionKind::Learned, PositionKind::Sinusoidal});
    CHECK(positionKinds(*openModel(zooPath("llama"))->model) == std::vector{PositionKind::Rotary, PositionKind::Sinusoidal});
    CHECK(positionKinds(*openModel(zooPath("mamba"))->model) == std::vector{PositionKind::Sinusoidal});
}

TEST_CASE("a learned table, its likeness, and embed + pos_embed = stream") {
    const auto loaded = openModel(zooPath("gpt2"));
    const Model& model = *loaded->model;
    const auto table = positionTable(model, PositionKind::Learned, 0);
    REQUIRE(table);
    CHECK(table->rows == model.weight(WeightId::PosEmbed).toMatrix().topRows(table->rows.rows()));
    for (int a = 0; a < 5; ++a) {
        CHECK(table->alike(a, a) == Approx(1).epsilon(1e-6));
        const Eigen::RowVectorXd x = table->rows.row(a).cast<double>(), y = table->rows.row(3).cast<double>();
        CHECK(static_cast<double>(table->alike(a, 3)) == Approx(x.dot(y) / x.norm() / y.norm()).epsilon(0).margin(1e-6));
    }
    const auto trace = traceOf(model, "gpt2");
    const Position at(4);
    const AddedRows added{trace->row(SiteId::Embed, Layer(0), at), trace->row(SiteId::PosEmbed, Layer(0), at),
                          trace->row(SiteId::ResidPre, Layer(0), at)};
    CHECK(added.position == table->rows.row(4));
    CHECK((added.embed + added.position - added.sum).cwiseAbs().maxCoeff() < 1e-6f);
    const Picture picture = positionTablePicture({.table = &*table, .added = added, .position = 4, .width = 640, .height = 400});
    CHECK(cutNumbers(picture).empty());
    int numbers = 0;
    for (const Spot& spot : picture.spots) {
        if (spot.place.site != SiteId::ResidPre) continue;
        CHECK(spot.value == Approx(static_cast<double>(added.sum(spot.place.unit->value))));
        ++numbers;
    }
    CHECK(numbers == added.sum.size());
}

TEST_CASE("rotary: every dot is the trace's score, and the line passes through the chosen pair") {
    for (const char* name : {"llama", "qwen3_next"}) {
        CAPTURE(name);
        const auto loaded = openModel(zooPath(name));
        const auto trace = traceOf(*loaded->model, name);
        for (const int head : {0, 1}) {
            const Locus place{.layer = Layer(1), .head = Head(head), .position = Position(9), .key = Position(2)};
            const auto facts = rotaryFacts(*loaded->model, *trace, place);
            REQUIRE(facts);
            const RowVector scores = trace->scoresRow(facts->layer, Head(head), Position(9));
            CHECK(facts->keys.size() == 10);
            for (const KeyScore& key : facts->keys) CHECK(key.score == static_cast<double>(scores(key.key.value)));
            const double size = std::max(1.0, static_cast<double>(scores.head(10).cwiseAbs().maxCoeff()));
            CHECK(facts->byDistance[7] == Approx(static_cast<double>(scores(2))).epsilon(0).margin(2e-5 * size));
            CHECK(facts->byDistance[0] == Approx(facts->scale * facts->q.dot(facts->k)).epsilon(0).margin(1e-9 * size));
            CHECK(facts->keys.back().unturned == Approx(facts->keys.back().score).epsilon(0).margin(2e-5 * size));  // distance 0
            const Picture picture = rotaryPicture({.rotary = &*facts, .pieces = {}, .position = 9, .width = 640, .height = 400});
            CHECK(cutNumbers(picture).empty());
            int dots = 0;
            for (const Spot& spot : picture.spots) dots += spot.place.site == SiteId::AttnScores;
            CHECK(dots == 10);
        }
        // Before turning the captured q is what the turning was undone to (where nothing stands between the two).
        if (std::string(name) == "llama") {
            const auto facts = rotaryFacts(*loaded->model, *trace, {.layer = Layer(0), .head = Head(0), .position = Position(5)});
            const RowVectorD q = trace->row(SiteId::Q, Layer(0), Position(5)).head(facts->headWidth).cast<double>();
            CHECK((facts->q - q).cwiseAbs().maxCoeff() < 1e-5);
        }
    }
    CHECK_FALSE(rotaryFacts(*openModel(zooPath("gpt2"))->model, *traceOf(*openModel(zooPath("gpt2"))->model, "gpt2"), {}));
}
