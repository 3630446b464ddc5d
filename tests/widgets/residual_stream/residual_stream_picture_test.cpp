// The residual-stream picture as numbers: printed norms, bars that add up to the logit, rows from bottom to top.
#include "widgets/residual_stream/residual_stream_picture.h"

#include <algorithm>
#include <cmath>

#include "tests/core/models/zoo.h"
#include "widgets/residual_stream/stream_rows.h"
#include "widgets/shared/format.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Drawn {
    std::shared_ptr<const LoadedModel> loaded;
    RunResult ran;
    ResidualStreamInput in;
    Drawn(const std::string& name, int position, TokenId token) : loaded(openModel(zooPath(name))) {
        ran = runAll(*loaded, Reference(zooPath(name) + "/expected.safetensors").ids("0.input_ids"));
        auto stream = streamFacts(*ran.trace, Position(position));
        REQUIRE(stream);
        in.stream = *stream;
        auto attribution = attribute(*ran.trace, *loaded->model, Position(position), token);
        REQUIRE(attribution);
        in.attribution = *attribution;
        in.piece = "here";
        in.attributedPiece = "there";
    }
    Picture picture(double width = 800, double height = 560) const {
        return residualStreamPicture(in, width, height, sayEnglish);
    }
};

bool says(const Picture& picture, const std::string& text) {
    const auto texts = picture.texts();
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& t) { return t.find(text) != std::string::npos; });
}

// The spots right of the middle but for the sum line: what pushed the logit.
std::vector<const Spot*> pushes(const Picture& picture) {
    std::vector<const Spot*> spots;
    for (const Spot& spot : picture.spots)
        if (spot.value && spot.rect.x > picture.width / 2 && spot.place.site != SiteId::Logits) spots.push_back(&spot);
    return spots;
}

}  // namespace

TEST_CASE("Bars by size fall, and with the rest add up to the logit") {
    const std::string name = GENERATE(as<std::string>{}, "gpt2", "llama");
    CAPTURE(name);
    Drawn drawn(name, 7, 11);
    // little height: most terms go into the rest
    const Picture picture = drawn.picture(800, GENERATE(280.0, 560.0));
    const auto spots = pushes(picture);
    REQUIRE(spots.size() > 4);
    double sum = 0, before = INFINITY;
    for (std::size_t i = 0; i < spots.size(); ++i) {
        sum += *spots[i]->value;
        const bool rest = !spots[i]->place.site;
        if (!rest) {
            CHECK(std::abs(*spots[i]->value) <= before);
            before = std::abs(*spots[i]->value);
        }
    }
    // b_U has the logits' site and is left out of pushes(); neither model of the zoo has one
    const double logit = drawn.ran.trace->logits(Position(7))(11);
    INFO("sum of the bars " << sum << ", logit " << logit);
    CHECK(std::abs(sum - logit) < 2e-5 * std::max(1.0, std::abs(logit)));
    CHECK(says(picture, printNumber(logit, 6)));
    CHECK(says(picture, "difference"));
}

TEST_CASE("By layer, rows add up to the logit and a row's heads to the row") {
    Drawn drawn("gpt2", 9, 3);
    drawn.in.order = AttributionOrder::ByLayer;
    const Picture picture = drawn.picture();
    double rows = 0, heads = 0, bias = 0, attention = 0;
    for (const Spot* spot : pushes(picture)) {
        if (spot->place.head) {
            if (spot->place.layer == Layer(1)) heads += *spot->value;
            continue;
        }
        rows += *spot->value;
        if (spot->place.layer == Layer(1) && spot->place.site == SiteId::AttnOut) attention = *spot->value;
    }
    for (const AttributionTerm& term : drawn.in.attribution->terms)
        if (term.name == "L1.attn_bias") bias = term.value;
    CHECK(rows == Approx(drawn.ran.trace->logits(Position(9))(3)).epsilon(1e-4));
    CHECK(heads + bias == Approx(attention));
    CHECK(bias != 0);
}

TEST_CASE("The printed norms are the trace's, and their places lead to them") {
    Drawn drawn("llama", 4, 0);
    const Picture picture = drawn.picture();
    for (const StreamRow& row : drawn.in.stream.rows) {
        const double norm = drawn.ran.trace->row(row.after, row.afterLayer, Position(4)).cast<double>().norm();
        CHECK(says(picture, printNumber(norm, 3)));
        const auto here = std::find_if(picture.spots.begin(), picture.spots.end(), [&](const Spot& s) {
            return s.rect.x < picture.width / 2 && s.place.site == row.after && s.place.layer == row.afterLayer &&
                   s.value == row.streamNorm;
        });
        REQUIRE(here != picture.spots.end());
        CHECK(here->place.position == Position(4));
    }
    REQUIRE(picture.tables.size() == 2);
    CHECK(picture.tables[0].rows.size() == drawn.in.stream.rows.size());
    CHECK(picture.tables[1].rows.size() == drawn.in.attribution->terms.size());
}

TEST_CASE("Rows stand from bottom to top without overlap, whatever the number of layers") {
    const int layers = GENERATE(1, 5, 12, 30, 80);
    const double height = GENERATE(240.0, 500.0);
    CAPTURE(layers, height);
    std::vector<StreamRow> rows(1);
    for (int l = 0; l < layers; ++l) {
        rows.push_back({.part = StreamPart::Attention, .layer = Layer(l), .afterLayer = Layer(l)});
        rows.push_back({.part = StreamPart::FeedForward, .layer = Layer(l), .afterLayer = Layer(l)});
    }
    const StreamRowLayout layout(rows, true, 40, height);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        CHECK(layout.row(i).bottom() <= layout.row(i - 1).y + 1e-9);
        CHECK(layout.row(i).h >= 6);
    }
    CHECK(layout.biasRow().bottom() <= layout.row(rows.size() - 1).y + 1e-9);
    CHECK(layout.bottom() == Approx(layout.row(0).bottom()));
    CHECK(layout.biasRow().y == 40);
    // room for a line of 10 px type
    CHECK(layout.bandHeight() >= 12);
    for (int l = 0; l < layers; ++l) CHECK(layout.layer(Layer(l)).h > 0);
}

TEST_CASE("In difference mode every term is B less A by name, and the sums too") {
    Drawn b("gpt2", 12, 5), a("gpt2", 6, 5);
    b.in.streamA = a.in.stream;
    Attribution inA = *a.in.attribution;
    inA.terms.push_back({"only_in_A", SiteId::Embed, {}, {}, 2.5});
    b.in.attributionA = inA;
    const Attribution shown = shownAttribution(b.in);
    REQUIRE(shown.terms.size() == b.in.attribution->terms.size() + 1);
    for (std::size_t i = 0; i + 1 < shown.terms.size(); ++i)
        CHECK(shown.terms[i].value == Approx(b.in.attribution->terms[i].value - a.in.attribution->terms[i].value));
    CHECK(shown.terms.back().value == -2.5);
    CHECK(shown.logit == Approx(b.in.attribution->logit - a.in.attribution->logit));
    const Picture picture = b.picture();
    CHECK(picture.title.find("B − A") != std::string::npos);
    const double d = b.in.stream.rows[2].additionNorm - a.in.stream.rows[2].additionNorm;
    CHECK(says(picture, printNumber(d, 3)));
}

TEST_CASE("One line a layer: the two additions' numbers have heads of their own") {
    Drawn drawn("llama", 4, 0);
    const Picture low = drawn.picture(672, 120);
    CHECK(says(low, "attn"));
    CHECK(says(low, "mlp"));
}
