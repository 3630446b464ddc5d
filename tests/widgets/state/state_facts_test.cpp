// What the state view is told: compared with the values the model itself gave, and with sums along another path.
#include "widgets/state/state_facts.h"

#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Ran {
    std::shared_ptr<const LoadedModel> loaded;
    std::shared_ptr<const Trace> trace;
    explicit Ran(const std::string& name) {
        loaded = openModel(zooPath(name));
        trace = runAll(*loaded, Reference(zooPath(name) + "/expected.safetensors").ids("0.input_ids")).trace;
    }
    StateFacts facts(StatePlace place, std::optional<StateFacts> kept = {}) const {
        auto facts = stateFacts({trace, loaded->model, place, std::move(kept)});
        if (!facts) FAIL(facts.error().message);
        return std::move(*facts);
    }
};

double apart(const RowVector& a, const RowVector& b) {
    REQUIRE(a.size() == b.size());
    return static_cast<double>((a - b).cwiseAbs().maxCoeff()) / std::max(1e-6, static_cast<double>(b.cwiseAbs().maxCoeff()));
}

}  // namespace

TEST_CASE("The half-life lies where the straight line between two tokens crosses one half") {
    CHECK(halfLifeOf({1, 0.75, 0.25}) == 1.5);
    CHECK(halfLifeOf({1, 0.5, 0.25}) == 1.0);
    CHECK(halfLifeOf({1, 0}) == 0.5);
    CHECK(halfLifeOf({1, 0.9, 0.8}) == std::nullopt);
    CHECK(halfLifeOf({1}) == std::nullopt);
}

TEST_CASE("A state's facts agree with what the model read, and with each other") {
    for (const auto& [name, layer] : {std::pair{"mamba", 1}, {"mamba2", 1}, {"jamba", 2}, {"qwen3_next", 1}}) {
        const Ran r(name);
        const MixerInfo& m = r.trace->model().block(Layer(layer)).mixer;
        const int head = m.heads - 1;
        for (const int t : {0, 5, 11}) {
            CAPTURE(name, t);
            const StateFacts f = r.facts({Layer(layer), Head(head), Position(t), {}});
            REQUIRE(f.terms);
            CHECK(f.difference <= 1e-6 * std::max(1.0, f.scale));
            CHECK(f.scale >= static_cast<double>(f.terms->after.cwiseAbs().maxCoeff()));
            // the size of the state along the whole text, against the step's own matrix
            REQUIRE(f.sizes->rows() == r.trace->length());
            REQUIRE(f.sizes->cols() == m.heads);
            CHECK(std::abs((*f.sizes)(t, head) - f.terms->after.norm()) < 1e-5f * f.terms->after.norm());
            // what is read over the text has the step's read at its own position
            if (!m.isScan()) CHECK(apart(f.text->heat.row(t), f.terms->read) < 1e-5);
            CHECK(f.survival.size() == static_cast<std::size_t>(r.trace->length() - t));
            CHECK(f.survival.front() == 1.0);
            // the effective weights times what was written give what is read
            REQUIRE(f.effectiveMatrix);
            CHECK(apart(f.effectiveMatrix->row(t), f.effective) == 0);
            if (m.isScan()) {
                const Matrix x = r.trace->matrix(SiteId::SsmInput, Layer(layer));
                const double read = f.effective.cast<double>().dot(x.col(f.channel).transpose().cast<double>());
                CHECK(std::abs(read - static_cast<double>(f.terms->read(f.channel))) <
                      1e-5 * static_cast<double>(f.terms->read.cwiseAbs().maxCoeff()));
            } else if (m.isMatrixMemory()) {
                const Matrix v = r.trace->matrix(SiteId::MixerV, Layer(layer)).middleCols(head * m.valueWidth, m.valueWidth);
                CHECK(apart(f.effective * v, f.terms->read) < 1e-5);
            }
        }
    }
}

TEST_CASE("Gates are shown as they act") {
    const Ran r("qwen3_next");
    const StateFacts f = r.facts({Layer(0), Head(2), Position(4), {}});
    REQUIRE(f.text->gates.size() == 2);
    const GateStrip &beta = f.text->gates[0], &alpha = f.text->gates[1];
    CHECK(beta.symbol == "β");
    CHECK(alpha.symbol == "α");
    const Matrix logits = r.trace->matrix(SiteId::MixerLogDecay, Layer(0)), betas = r.trace->matrix(SiteId::MixerBeta, Layer(0));
    for (int t = 0; t < r.trace->length(); ++t) {
        CHECK(beta.values(t, 0) == betas(t, 2));
        CHECK(std::abs(alpha.values(t, 0) - std::exp(logits(t, 2))) < 1e-6f);
        CHECK((alpha.values(t, 0) > 0 && alpha.values(t, 0) < 1));
    }
    const Ran mamba("mamba");
    const StateFacts g = mamba.facts({Layer(0), Head(0), Position(4), {}});
    REQUIRE(g.text->gates.size() == 1);
    CHECK(g.text->gates[0].symbol == "Δ");
    CHECK(g.text->gates[0].values.cols() == g.mixer.inner);
    CHECK(g.text->gates[0].high == static_cast<double>(g.text->gates[0].values.maxCoeff()));
}

TEST_CASE("What does not change with the position is taken over") {
    const Ran r("qwen3_next");
    const StateFacts first = r.facts({Layer(0), Head(1), Position(4), {}});
    const StateFacts next = r.facts({Layer(0), Head(1), Position(5), {}}, first);
    CHECK(next.sizes == first.sizes);
    CHECK(next.text == first.text);
    CHECK(next.effectiveMatrix == first.effectiveMatrix);
    CHECK(next.effective != first.effective);
    const StateFacts other = r.facts({Layer(0), Head(2), Position(5), {}}, next);
    CHECK(other.sizes == first.sizes);
    CHECK(other.text != first.text);
    CHECK(other.effectiveMatrix != first.effectiveMatrix);
    const StateFacts layer = r.facts({Layer(1), Head(2), Position(5), {}}, other);
    CHECK(layer.sizes != first.sizes);
}

TEST_CASE("A layer that attends has no state; the nearest one that has is found") {
    const Ran r("qwen3_next");  // three layers with a memory, the fourth attends
    const auto facts = stateFacts({r.trace, r.loaded->model, {Layer(3), Head(0), Position(0), {}}, {}});
    REQUIRE(!facts);
    CHECK(facts.error().message.find("Layer 3") != std::string::npos);
    CHECK(nearestWithState(r.trace->model(), Layer(3)) == Layer(2));
    CHECK(nearestWithState(r.trace->model(), Layer(0)) == Layer(0));
    const Ran llama("llama");
    CHECK(nearestWithState(llama.trace->model(), Layer(0)) == std::nullopt);
}

TEST_CASE("A cancelled job says so") {
    const Ran r("mamba2");
    std::stop_source stop;
    stop.request_stop();
    Job job;
    job.stop = stop.get_token();
    const auto facts = stateFacts({r.trace, r.loaded->model, {Layer(0), Head(0), Position(3), {}}, {}}, job);
    REQUIRE(!facts);
    CHECK(facts.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("A place names a number of the state; a place that names none takes the strongest write") {
    const Ran r("qwen3_next");
    const StateFacts f = r.facts({Layer(1), Head(0), Position(7), {}});
    const StateCell strongest = strongestWrite(*f.terms);
    CHECK(std::abs(f.terms->written(strongest.row, strongest.column)) == f.terms->written.cwiseAbs().maxCoeff());
    CHECK(chosenCell(f, {}) == strongest);
    CHECK(chosenCell(f, {.unit = Unit(3), .unit2 = Unit(6), .site = SiteId::MixerErased}) == StateCell{3, 6});
    CHECK(chosenCell(f, {.unit = Unit(3), .unit2 = Unit(99), .site = SiteId::MixerErased}).row == 3);
    CHECK(chosenCell(f, {.unit = Unit(5), .site = SiteId::MixerRecurrenceOut}).column == 5);
    CHECK(chosenCell(f, {.unit = Unit(3), .site = SiteId::MlpPost}) == strongest);
}
