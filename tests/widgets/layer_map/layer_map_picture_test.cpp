#include "widgets/layer_map/layer_map_picture.h"

#include <algorithm>

#include "tests/catch.h"
#include "tests/widgets/whole_numbers.h"
#include "widgets/shared/format.h"

using namespace lw;
using lw::test::cutNumbers;

namespace {

ModelInfo model(int layers) {
    ModelInfo info;
    info.name = "test";
    info.width = 64;
    info.vocabulary = 100;
    BlockInfo block;
    block.attention = {.heads = 8, .kvHeads = 4, .headWidth = 8};
    block.mlp = {.width = 172, .gated = true};
    info.blocks.assign(static_cast<std::size_t>(layers), block);
    return info;
}

LayerMapFacts facts(const ModelInfo& info) {
    LayerMapFacts f;
    f.model = &info;
    f.position = 13;
    f.piece = "·to";
    for (int i = 0; i < info.layers(); ++i) {
        f.sizes.push_back({.attention = 2.0 + i, .feedForward = 1.0 + i, .layer = 3.0 + i});
        f.words.push_back({.site = SiteId::ResidPre, .layer = Layer(i), .piece = "pre" + std::to_string(i), .probability = 0.1});
        f.words.push_back({.site = SiteId::ResidMid, .layer = Layer(i), .piece = "mid" + std::to_string(i), .probability = 0.2});
    }
    f.words.push_back({.site = SiteId::ResidPost, .layer = Layer(info.layers() - 1), .piece = "final", .probability = 0.923});
    f.output = LensWord{.site = SiteId::Logits, .layer = Layer(0), .piece = "·Mary", .probability = 0.923};
    return f;
}

bool says(const Picture& picture, const std::string& text) { return std::ranges::count(picture.texts(), text) > 0; }

const Spot* spotOf(const Picture& picture, const std::string& place) {
    const auto found = std::ranges::find_if(picture.spots, [&](const Spot& spot) { return print(spot.place) == place; });
    return found == picture.spots.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("Thirty layers with one unfolded fit windows of 900 and of 720 pixels") {
    const ModelInfo info = model(30);
    LayerMapFacts f = facts(info);
    f.selected.layer = Layer(24);
    CHECK(layerMapPicture(f, 234, 740).height <= 740);
    CHECK(layerMapPicture(f, 234, 600).height <= 600);
    CHECK(layerMapPicture(f, 234, 550).height <= 550);
    // beyond that it grows instead of becoming illegible
    const ModelInfo deep = model(100);
    LayerMapFacts g = facts(deep);
    const Picture tall = layerMapPicture(g, 234, 600);
    CHECK(tall.height > 1000);
}

TEST_CASE("Each layer is a row from the output down to the embedding") {
    const ModelInfo info = model(30);
    const LayerMapFacts f = facts(info);
    const Picture picture = layerMapPicture(f, 234, 740);
    double before = -1;
    for (int layer = 29; layer >= 0; --layer) {
        const auto spot =
            std::ranges::find_if(picture.spots, [&](const Spot& s) { return s.place.layer == Layer(layer) && !s.place.site; });
        REQUIRE(spot != picture.spots.end());
        CHECK(spot->rect.y > before);
        CHECK(spot->rect.h >= 11);
        before = spot->rect.y;
    }
    CHECK(spotOf(picture, "q13 logits")->rect.y < before);
    CHECK(spotOf(picture, "q13 hook_embed")->rect.y > before);
    CHECK(says(picture, "next · 0.923"));
    CHECK(says(picture, "position 13"));
}

TEST_CASE("A layer's word is what the lens reads after it") {
    const ModelInfo info = model(3);
    const Picture picture = layerMapPicture(facts(info), 234, 200);
    CHECK(says(picture, "pre1"));   // after layer 0
    CHECK(says(picture, "pre2"));   // after layer 1
    CHECK(says(picture, "final"));  // after layer 2
    CHECK_FALSE(says(picture, "pre0"));
    CHECK_FALSE(says(picture, "mid0"));
    CHECK(picture.tables.at(0).rowNames == std::vector<std::string>{"pre1", "pre2", "final"});
}

TEST_CASE("The chosen layer unfolds with its parts, norms and sums") {
    const ModelInfo info = model(30);
    LayerMapFacts f = facts(info);
    f.selected.layer = Layer(24);
    const Picture picture = layerMapPicture(f, 234, 740);
    CHECK(says(picture, "Layer 24"));
    CHECK(says(picture, "attention"));
    CHECK(says(picture, "feed-forward"));
    CHECK(says(picture, "adds 26"));  // attention of layer 24: 2 + 24
    CHECK(says(picture, "adds 25"));
    CHECK(says(picture, "mid24"));
    for (const char* place :
         {"L24 q13 blocks.24.hook_attn_out", "L24 q13 blocks.24.hook_mlp_out", "L24 q13 blocks.24.ln1.hook_normalized",
          "L24 q13 blocks.24.ln2.hook_normalized", "L24 q13 blocks.24.hook_resid_mid", "L24 q13 blocks.24.hook_resid_post"}) {
        CAPTURE(place);
        CHECK(spotOf(picture, place) != nullptr);
    }
    // from the bottom up: norm, attention, ⊕, then norm, feed-forward, ⊕
    const auto y = [&](const char* place) { return spotOf(picture, place)->rect.y; };
    CHECK(y("L24 q13 blocks.24.ln1.hook_normalized") > y("L24 q13 blocks.24.hook_attn_out"));
    CHECK(y("L24 q13 blocks.24.hook_attn_out") > y("L24 q13 blocks.24.hook_resid_mid"));
    CHECK(y("L24 q13 blocks.24.hook_resid_mid") > y("L24 q13 blocks.24.ln2.hook_normalized"));
    CHECK(y("L24 q13 blocks.24.ln2.hook_normalized") > y("L24 q13 blocks.24.hook_mlp_out"));
}

TEST_CASE("Bars are proportional to what the layers add") {
    const ModelInfo info = model(4);
    const Picture picture = layerMapPicture(facts(info), 234, 250);
    std::vector<double> lengths;
    for (const PictureItem& item : picture.items)
        if (const auto* box = std::get_if<Box>(&item); box && box->fill.ink == Ink::Line) lengths.push_back(box->rect.w);
    REQUIRE(lengths.size() == 4);  // layers 3 … 0 with sizes 6, 5, 4, 3
    CHECK(lengths[3] / lengths[0] == Approx(3.0 / 6));
    CHECK(lengths[1] / lengths[0] == Approx(5.0 / 6));
}

TEST_CASE("Few layers show their branches without being unfolded") {
    const ModelInfo info = model(5);
    const Picture picture = layerMapPicture(facts(info), 234, 700);
    CHECK(std::ranges::count(picture.texts(), "attention") == 5);
    CHECK(spotOf(picture, "L2 q13 blocks.2.hook_mlp_out") != nullptr);
    CHECK(picture.height <= 700 + 1e-9);
}

TEST_CASE("The map is the model's own: no feed-forward, no branch for it") {
    ModelInfo info = model(2);
    for (BlockInfo& block : info.blocks) block.mlp.width = 0;
    LayerMapFacts f = facts(info);
    f.selected.layer = Layer(1);
    const Picture picture = layerMapPicture(f, 234, 700);
    CHECK_FALSE(says(picture, "feed-forward"));
    CHECK(says(picture, "attention"));
    info.hasPosEmbed = true;
    CHECK(spotOf(layerMapPicture(f, 234, 700), "q13 hook_pos_embed") != nullptr);
}

TEST_CASE("Without sizes and words the map is still there") {
    const ModelInfo info = model(3);
    LayerMapFacts f;
    f.model = &info;
    f.selected.layer = Layer(0);
    const Picture picture = layerMapPicture(f, 234, 500);
    CHECK(says(picture, "Layer 0"));
    f.selected.layer = Layer(17);  // a layer of another model
    CHECK_FALSE(says(layerMapPicture(f, 234, 500), "Layer 17"));
}

TEST_CASE("Numbers are whole at every width the map has, few layers or many") {
    const double width = GENERATE(226.0, 234.0);
    const int layers = GENERATE(3, 5, 30);
    ModelInfo info = model(layers);
    info.hasPosEmbed = true;
    LayerMapFacts f = facts(info);
    for (LayerSize& size : f.sizes) size = {.attention = 0.5574, .feedForward = 0.0123, .layer = 0.5612};
    f.selected.layer = Layer(1);
    const Picture picture = layerMapPicture(f, width, 700);
    CHECK(cutNumbers(picture) == std::vector<std::string>{});
    CHECK(says(picture, "adds 0.557"));
}

TEST_CASE("Few layers take the height: the text lies at the bottom") {
    const ModelInfo info = model(3);
    LayerMapFacts f = facts(info);
    f.selected.layer = Layer(1);
    const Picture picture = layerMapPicture(f, 234, 700);
    CHECK(picture.height <= 700 + 1e-9);
    CHECK(picture.height > 660);
}

TEST_CASE("A model without vectors ends in its tokens") {
    ModelInfo counted = model(0);
    counted.width = 0;
    REQUIRE_FALSE(counted.has(SiteId::Embed));
    const ModelInfo one = model(1);
    LayerMapFacts f = facts(one);
    f.model = &counted;
    f.sizes.clear();
    f.words.clear();
    const Picture picture = layerMapPicture(f, 234, 600);
    CHECK(says(picture, "tokens"));
    CHECK_FALSE(says(picture, "embedding"));
    CHECK(says(layerMapPicture(facts(one), 234, 600), "embedding"));
}
