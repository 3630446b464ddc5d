// The block's picture as numbers: strips hold the tensors, the trunk runs from bottom to top, the sum says its difference.
#include "widgets/block/block_picture.h"

#include <algorithm>

#include "core/analysis/explain.h"
#include "tests/core/models/zoo.h"
#include "widgets/shared/format.h"
#include "widgets/shared/text_width.h"

using namespace lw;
using namespace lw::test;

namespace {

BlockInput inputOf(const LoadedModel& loaded, const RunResult& ran, int layer, int position) {
    BlockInput in;
    auto facts = blockFacts(*ran.trace, *loaded.model, Layer(layer), Head(0), Position(position));
    REQUIRE(facts);
    in.facts = *facts;
    auto parts = blockParts(*ran.trace, *loaded.model, Layer(layer), Position(position), 12, 3);
    REQUIRE(parts);
    in.parts = *parts;
    in.piece = [](TokenId id) { return "t" + std::to_string(id); };
    in.pieces.assign(static_cast<std::size_t>(ran.trace->length()), "p");
    in.pieceHere = "p";
    in.layers = loaded.model->info().layers();
    return in;
}

const NamedStrip& stripOf(const BlockPicture& drawn, SiteId site) {
    const auto found =
        std::find_if(drawn.strips.begin(), drawn.strips.end(), [&](const NamedStrip& s) { return s.strip.place.site == site; });
    REQUIRE(found != drawn.strips.end());
    return *found;
}

}  // namespace

TEST_CASE("Blocks with mixers have the rows that they are made of, and places that can be explained") {
    const auto [name, layer] = GENERATE(table<std::string, int>({{"mamba", 0}, {"mamba2", 1}, {"jamba", 2}, {"qwen3_next", 0}}));
    CAPTURE(name);
    const auto loaded = openModel(zooPath(name));
    const RunResult ran = runAll(*loaded, {5, 6, 7, 8, 9, 10});
    const BlockInput in = inputOf(*loaded, ran, layer, 4);
    const BlockPicture drawn = blockPicture(in, 802, 560, sayEnglish);
    const BlockInfo& block = loaded->model->info().block(Layer(layer));
    double below = std::max(560.0, drawn.picture.height) + 1;
    std::vector<SiteId> order{SiteId::ResidPre, SiteId::Ln1Normalized, in.facts.inside.front().site, SiteId::MixerOut};
    if (block.hasMlp()) order.insert(order.end(), {SiteId::ResidMid, SiteId::MlpOut});
    order.push_back(SiteId::ResidPost);
    for (const SiteId site : order) {
        const NamedStrip& strip = stripOf(drawn, site);
        CHECK(strip.strip.rect.bottom() < below);
        below = strip.strip.rect.y;
    }
    int led = 0;
    for (const Spot& spot : drawn.picture.spots) {
        if (!spot.place.site || !spot.place.layer) continue;
        Locus place = spot.place;
        if (!place.unit) place.unit = Unit(0);
        const auto why = explain(*ran.trace, *loaded->model, place);
        CAPTURE(print(place));
        if (!why) FAIL(why.error().message);
        ++led;
    }
    CHECK(led > 15);
}

TEST_CASE("Every tensor of the block has its strip, in the order of the computation from bottom to top") {
    const std::string name = GENERATE(as<std::string>{}, "gpt2", "llama");
    const double width = GENERATE(632.0, 802.0), height = GENERATE(330.0, 400.0, 560.0);
    CAPTURE(name, width, height);
    const auto loaded = openModel(zooPath(name));
    const RunResult ran = runAll(*loaded, {5, 6, 7, 8, 9, 10});
    const BlockInput in = inputOf(*loaded, ran, 1, 4);
    const BlockPicture drawn = blockPicture(in, width, height, sayEnglish);
    const SiteId order[] = {SiteId::ResidPre,      SiteId::Ln1Normalized, SiteId::Q,      SiteId::AttnOut,  SiteId::ResidMid,
                            SiteId::Ln2Normalized, SiteId::MlpPost,       SiteId::MlpOut, SiteId::ResidPost};
    double below = std::max(height, drawn.picture.height) + 1;
    for (const SiteId site : order) {
        const NamedStrip& strip = stripOf(drawn, site);
        CHECK(strip.strip.rect.bottom() < below);
        below = strip.strip.rect.y;
        const RowVector row = ran.trace->row(site, Layer(1), Position(4));
        if (site == SiteId::Q)
            CHECK(strip.values == RowVector(row.head(8)));
        else
            CHECK(strip.values == row);
        CHECK(strip.strip.place.layer == Layer(1));
        CHECK(strip.strip.place.position == Position(4));
    }
    if (height >= 400) CHECK(drawn.picture.height <= height + 1);
    for (const NamedStrip& strip : drawn.strips) CHECK(strip.strip.rect.y >= 28);  // under the heading, also where it is low
    for (std::size_t a = 0; a < drawn.strips.size(); ++a)
        for (std::size_t b = a + 1; b < drawn.strips.size(); ++b) {
            const Rect &p = drawn.strips[a].strip.rect, &q = drawn.strips[b].strip.rect;
            CHECK((p.right() <= q.x || q.right() <= p.x || p.bottom() <= q.y || q.bottom() <= p.y));
        }
    const auto texts = drawn.picture.texts();
    CHECK(std::any_of(texts.begin(), texts.end(), [&](const std::string& t) {
        return t.find("within " + printNumber(in.facts.largestDifference, 2)) != std::string::npos ||
               (in.facts.largestDifference == 0 && t.find("within 0") != std::string::npos);
    }));
}

TEST_CASE("Neurons and heads are places with their numbers") {
    const auto loaded = openModel(zooPath("llama"));
    const RunResult ran = runAll(*loaded, {5, 6, 7, 8, 9, 10});
    const BlockInput in = inputOf(*loaded, ran, 0, 5);
    const BlockPicture drawn = blockPicture(in, 802, 560, sayEnglish);
    const RowVector post = ran.trace->row(SiteId::MlpPost, Layer(0), Position(5));
    int neurons = 0, heads = 0;
    for (const Spot& spot : drawn.picture.spots) {
        if (spot.place.site == SiteId::MlpPost && spot.place.unit) {
            CHECK(*spot.value == static_cast<double>(post(spot.place.unit->value)));
            ++neurons;
        }
        if (spot.place.site == SiteId::Pattern) {
            CHECK(*spot.value ==
                  static_cast<double>(ran.trace->patternRow(Layer(0), *spot.place.head, Position(5))(spot.place.key->value)));
            ++heads;
        }
    }
    CHECK(neurons == 12);
    CHECK(heads == 4);
}

TEST_CASE("The heads over what a head reads do not touch, whatever the width") {
    const auto loaded = openModel(zooPath("llama"));
    const RunResult ran = runAll(*loaded, {5, 6, 7, 8, 9, 10});
    const BlockInput in = inputOf(*loaded, ran, 0, 5);
    int seen = 0;
    for (int width = 480; width <= 1200; width += 10) {
        const BlockPicture drawn = blockPicture(in, width, 560, sayEnglish);
        const Label *reads = nullptr, *weight = nullptr;
        for (const PictureItem& item : drawn.picture.items) {
            const auto* label = std::get_if<Label>(&item);
            if (label && label->text == "reads most") reads = label;
            if (label && label->text == "weight") weight = label;
        }
        if (!reads || !weight) continue;
        ++seen;
        INFO(width);
        CHECK(reads->rect.x + textWidth(reads->text, reads->size) < weight->rect.right() - textWidth(weight->text, weight->size));
    }
    CHECK(seen > 10);
}

TEST_CASE("Five strips beside each other in a small window still have their whole names") {
    const auto loaded = openModel("layerwalk-rwkv7");
    const RunResult ran = runAll(*loaded, {5, 6, 7, 8, 9, 10});
    const BlockPicture drawn = blockPicture(inputOf(*loaded, ran, 1, 4), 666, 380, sayEnglish);
    int named = 0;
    for (const PictureItem& item : drawn.picture.items) {
        const auto* label = std::get_if<Label>(&item);
        if (!label) continue;
        for (const char* name : {"q H", "k H", "v H", "read", "gate"}) {
            if (!label->text.starts_with(name) || !label->bold) continue;
            CAPTURE(label->text);
            ++named;
            CHECK(textWidth(label->text, label->size, label->bold) <= label->rect.w);
        }
    }
    CHECK(named >= 5);
}

TEST_CASE("B − A is the difference of the tensors, and blocks of other sizes have none") {
    const auto gpt2 = openModel(zooPath("gpt2"));
    const RunResult ran = runAll(*gpt2, {5, 6, 7, 8, 9, 10});
    BlockInput in = inputOf(*gpt2, ran, 1, 5);
    in.factsA = inputOf(*gpt2, ran, 1, 2).facts;
    const BlockPicture drawn = blockPicture(in, 802, 560, sayEnglish);
    const RowVector wanted =
        ran.trace->row(SiteId::MlpOut, Layer(1), Position(5)) - ran.trace->row(SiteId::MlpOut, Layer(1), Position(2));
    CHECK(stripOf(drawn, SiteId::MlpOut).values == wanted);
    CHECK(drawn.picture.title.find("B − A") != std::string::npos);

    const auto llama = openModel(zooPath("llama"));
    const RunResult other = runAll(*llama, {5, 6});
    const auto facts = blockFacts(*other.trace, *llama->model, Layer(0), Head(0), Position(1));
    REQUIRE(facts);
    CHECK_FALSE(blockDifference(in.facts, *facts));
}
