// The number inspector: every site of a model has an explanation whose printed figures give the value again.
#include "core/analysis/explain.h"
#include "core/analysis/attribution.h"
#include "core/analysis/check.h"
#include "core/analysis/softmax_stats.h"
#include "tests/core/analysis/every_place.h"
#include "tests/core/analysis/formula_reader.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

std::string variantPath(const std::string& name) { return std::string(LAYERWALK_TEST_DATA) + "/variants/" + name; }

Explanation explained(const Trace& trace, const Model& model, const Locus& place) {
    auto e = explain(trace, model, place);
    if (!e) FAIL(print(place) << ": " << e.error().message);
    return *e;
}

double shown(const Trace& trace, const Model& model, const Locus& p) {
    if (*p.site == SiteId::Result) {
        return static_cast<float>(headResult(trace, model, *p.layer, *p.head, *p.position)(p.unit->value));
    }
    return trace.value(*p.site, p.layer.value_or(Layer(0)), p.head, *p.position, p.key, p.unit).value();
}

}  // namespace

TEST_CASE("Every site has an explanation with its value, its figures and its operands") {
    for (const std::string& path :
         {zooPath("gpt2"), zooPath("llama"), variantPath("llama-biases-head-dim"), variantPath("mistral-window"),
          variantPath("gpt2-own-head-inner-f16"), variantPath("gpt2-unscaled-gelu"), variantPath("llama-llama3"),
          std::string(LAYERWALK_TEST_DATA) + "/stories260K/stories260K-Q8_0.gguf"}) {
        const auto loaded = openModel(path);
        const Model& model = *loaded->model;
        const auto trace = runAll(*loaded, {3, 17, 5, 22, 9, 40, 3, 17}, 5).trace;  // two blocks
        double worst = 0;
        std::string where;
        int places = 0;
        for (const Locus& place : everyPlace(*trace)) {
            const Explanation e = explained(*trace, model, place);
            CAPTURE(path, print(place));
            ++places;
            REQUIRE(e.place == place);
            REQUIRE(e.value == shown(*trace, model, place));
            REQUIRE(!e.title.empty());
            REQUIRE(!e.inWords.empty());
            REQUIRE(!e.indices.empty());
            REQUIRE(!e.shape.empty());
            REQUIRE(e.site == siteName(*place.site, place.layer.value_or(Layer(0))));
            REQUIRE(!e.formula.empty());

            const std::vector<double> figures = FormulaReader::figures(e);
            REQUIRE(!figures.empty());
            const double scale = std::abs(e.value) + 1e-6;  // single values may be tiny against the sums they come from
            for (const double figure : figures) {
                if (std::isinf(e.value)) {
                    REQUIRE(figure == e.value);
                    continue;
                }
                CAPTURE(e.value, figure, FormulaReader::joined(e.formula[1]));
                REQUIRE(std::isfinite(figure));
                const double off = std::abs(figure - e.value) / std::max(scale, sizeAround(*trace, model, place));
                if (off > worst) {
                    worst = off;
                    where = print(place);
                }
            }
            // Every operand is a place with an explanation of its own; only tables have none.
            const bool table = *place.site == SiteId::Embed || *place.site == SiteId::PosEmbed;
            REQUIRE(e.operands.empty() == table);
            for (const Locus& operand : e.operands) REQUIRE(explain(*trace, model, operand));
            for (const FormulaLine& line : e.formula) {
                for (const FormulaPart& part : line) {
                    if (part.link) REQUIRE(explain(*trace, model, *part.link));
                }
            }
            if (e.contributions) {
                double sum = 0;
                for (const double v : e.contributions->values) sum += v;
                REQUIRE(sum == Approx(e.contributions->sum).epsilon(1e-9).margin(1e-9));
                REQUIRE((e.contributions->labels.empty() || e.contributions->labels.size() == e.contributions->values.size()));
                REQUIRE(e.contributions->caption.find("sum") != std::string::npos);
            }
        }
        CAPTURE(path, worst, where, places);
        CHECK(worst < 5e-6);
        CHECK(places > 1000);
    }
}

TEST_CASE("Contributions of a sum add up to the value") {
    for (const char* name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const auto trace = runAll(*loaded, {3, 17, 5, 22, 9}).trace;
        for (const SiteId site : {SiteId::Q, SiteId::K, SiteId::V, SiteId::Z, SiteId::AttnOut, SiteId::MlpPre, SiteId::MlpOut,
                                  SiteId::ResidPre, SiteId::ResidMid, SiteId::ResidPost, SiteId::Result, SiteId::Logits}) {
            Locus place{.position = Position(4), .unit = Unit(3), .site = site};
            if (siteOf(site).perLayer) place.layer = Layer(1);
            const Axes axes = siteOf(site).axes;
            if (axes == Axes::PositionHeadUnit || axes == Axes::PositionHeadChannel) place.head = Head(2);
            const Explanation e = explained(*trace, *loaded->model, place);
            CAPTURE(name, e.site, e.contributions->caption);
            CHECK(e.contributions->sum == Approx(e.value).epsilon(1e-5).margin(1e-5));
        }
    }
}

TEST_CASE("An attention weight reads as the design shows it") {
    const auto loaded = openModel(zooPath("llama"));
    const auto trace = runAll(*loaded, {3, 17, 5, 22, 9}).trace;
    const Explanation e = explained(*trace, *loaded->model, parseLocus("L1 H2 q4 k1 blocks.1.attn.hook_pattern").value());
    CHECK(e.title == "Attention weight");
    CHECK(e.site == "blocks.1.attn.hook_pattern");
    CHECK(e.inWords == "how much query 4 reads key 1");
    CHECK(e.indices == "head 2, query 4, key 1");
    CHECK(e.shape == "4 × 5 × 5, rows sum to 1");
    CHECK(FormulaReader::joined(e.formula[0]) == "weight = exp(s − max) / Σ exp(s − max)");
    CHECK(FormulaReader::joined(e.formula[1]).rfind("= exp(", 0) == 0);
    CHECK(FormulaReader::joined(e.formula[3]).rfind("s = q · k / √8 = ", 0) == 0);
    CHECK(e.contributions->caption.rfind("q·k by dimension: 8 products, sum ", 0) == 0);
    CHECK(e.contributions->values.size() == 8);
    CHECK(e.operands[0] == parseLocus("L1 H2 q4 k1 blocks.1.attn.hook_attn_scores").value());
    // The sum in the formula is that of the score's own explanation.
    const Explanation score = explained(*trace, *loaded->model, e.operands[0]);
    CHECK(e.contributions->sum == score.contributions->sum);
    CHECK(FormulaReader::figures(score)[0] == Approx(score.value).epsilon(1e-5));
}

TEST_CASE("Masked places say why") {
    const auto loaded = openModel(variantPath("mistral-window"));
    const auto trace = runAll(*loaded, {3, 17, 5, 22, 9, 8, 7, 6}).trace;
    const auto at = [&](SiteId site, int q, int k) {
        return explained(*trace, *loaded->model,
                         Locus{.layer = Layer(0), .head = Head(1), .position = Position(q), .key = Position(k), .site = site});
    };
    CHECK(at(SiteId::Pattern, 2, 3).value == 0);
    CHECK(FormulaReader::joined(at(SiteId::Pattern, 2, 3).formula[0]) ==
          "masked: key 3 comes after query 2, which may not see it");
    CHECK(at(SiteId::AttnScores, 2, 3).value == -INFINITY);
    CHECK(FormulaReader::joined(at(SiteId::AttnScores, 7, 2).formula[0]) ==
          "masked: key 2 is outside the window of 5 tokens that query 7 sees");
    CHECK(at(SiteId::Pattern, 7, 3).value > 0);
}

TEST_CASE("Follow back ends at the token") {
    for (const char* name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const auto trace = runAll(*loaded, {3, 17, 5, 22, 9}).trace;
        Locus place{.position = Position(4), .unit = Unit(42), .site = SiteId::Logits};
        int steps = 0;
        for (; steps < 100; ++steps) {
            const Explanation e = explained(*trace, *loaded->model, place);
            if (e.operands.empty()) break;
            place = e.operands.front();
        }
        CAPTURE(name, steps, print(place));
        CHECK(steps < 100);
        CHECK((place.site == SiteId::Embed || place.site == SiteId::PosEmbed));
    }
}

TEST_CASE("A probability is explained from the logits") {
    const auto loaded = openModel(zooPath("llama"));
    const auto trace = runAll(*loaded, {3, 17, 5}).trace;
    const auto e = explainProbability(*trace, *loaded->model, Position(2), 31);
    REQUIRE(e);
    const auto p = softmax({trace->logits(Position(2)).data(), 97});
    CHECK(e->value == Approx(p[31]).epsilon(1e-12));
    CHECK(FormulaReader::figures(*e)[0] == Approx(p[31]).epsilon(2e-6));
    CHECK(e->operands[0].unit == Unit(31));
    CHECK(!explainProbability(*trace, *loaded->model, Position(2), 97));
}

TEST_CASE("A place that names no value says which part is wrong") {
    const auto loaded = openModel(zooPath("llama"));
    const auto trace = runAll(*loaded, {3, 17, 5}).trace;
    const auto message = [&](const char* place) {
        const auto e = explain(*trace, *loaded->model, parseLocus(place).value());
        REQUIRE(!e);
        return e.error().message;
    };
    CHECK(message("L1 H2 q1").find("no site") != std::string::npos);
    CHECK(message("q1 n3 blocks.7.hook_resid_pre").find("layer 7") != std::string::npos);
    CHECK(message("n3 blocks.1.hook_resid_pre").find("no position (q)") != std::string::npos);
    CHECK(message("q3 n3 blocks.1.hook_resid_pre").find("position 3") != std::string::npos);
    CHECK(message("q1 blocks.1.hook_resid_pre").find("no channel (n)") != std::string::npos);
    CHECK(message("q1 n32 blocks.1.hook_resid_pre").find("channel 32") != std::string::npos);
    CHECK(message("q1 n1 blocks.1.attn.hook_q").find("no head (H)") != std::string::npos);
    CHECK(message("H4 q1 n1 blocks.1.attn.hook_q").find("head 4") != std::string::npos);
    CHECK(message("H1 q1 blocks.1.attn.hook_pattern").find("no key (k)") != std::string::npos);
    CHECK(message("q1 n97 logits").find("token 97") != std::string::npos);
    CHECK(message("q1 n1 hook_pos_embed").find("has no hook_pos_embed") != std::string::npos);
}

TEST_CASE("A run that captured little explains what it can") {
    const auto loaded = openModel(zooPath("llama"));
    const std::vector<std::string> patterns{"blocks.1.attn.hook_q"};
    const auto spec = CaptureSpec::parse(patterns, loaded->model->info());
    REQUIRE(spec);
    const auto few = run(*loaded->model, {3, 17, 5}, *spec);
    REQUIRE(few);
    const Locus q = parseLocus("H1 q1 n2 blocks.1.attn.hook_q").value();
    const Explanation e = explained(*few->trace, *loaded->model, q);
    CHECK(e.value == few->trace->row(SiteId::Q, Layer(1), Position(1))(10));
    REQUIRE(e.formula.size() == 1);
    CHECK(e.formula[0][0].text.find("blocks.1.ln1.hook_normalized, which was not captured") != std::string::npos);
    const auto check = checkValue(*few->trace, *loaded->model, q, CheckPath::FromOperands);
    REQUIRE(!check);
    CHECK(check.error().kind == ErrorKind::NotFound);
    CHECK(checkValue(*few->trace, *loaded->model, q, CheckPath::WholeRun));  // needs only the ids
    const auto missing = explain(*few->trace, *loaded->model, parseLocus("q1 n2 blocks.1.hook_resid_pre").value());
    REQUIRE(!missing);
    CHECK(missing.error().message.find("was not captured") != std::string::npos);
}
