// The step of a state as an equation, effective attention, survival: against what the model itself gave, and worked numbers.
#include "core/analysis/state_terms.h"

#include <cmath>

#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Ran {
    std::shared_ptr<const LoadedModel> loaded;
    std::shared_ptr<const Trace> trace;
};

Ran ran(const std::string& name) {
    Ran r;
    r.loaded = openModel(zooPath(name));
    r.trace = runAll(*r.loaded, Reference(zooPath(name) + "/expected.safetensors").ids("0.input_ids")).trace;
    return r;
}

double apart(const Matrix& a, const Matrix& b) {
    REQUIRE((a.rows() == b.rows() && a.cols() == b.cols()));
    return (a - b).cwiseAbs().maxCoeff() / std::max(1e-6f, b.cwiseAbs().maxCoeff());
}

}  // namespace

TEST_CASE("state: kept − erased + written is the state after, and reading it gives what the model read") {
    for (const auto& [name, layer] : {std::pair{"mamba", 1}, {"mamba2", 1}, {"jamba", 2}, {"qwen3_next", 1}}) {
        const Ran r = ran(name);
        const MixerInfo& m = r.trace->model().block(Layer(layer)).mixer;
        const SiteId readSite = m.isMatrixMemory() ? SiteId::MixerRecurrenceOut : SiteId::SsmY;
        const int heads = m.hasMatrixState() ? m.heads : 1;
        for (int h = 0; h < heads; ++h) {
            for (const int t : {0, 1, 7, 16}) {
                CAPTURE(name, h, t);
                const auto terms = stateTerms(*r.trace, *r.loaded->model, Layer(layer), Head(h), Position(t));
                REQUIRE(terms);
                Matrix sum = terms->kept + terms->written;
                if (m.erases()) sum -= terms->erased;
                CHECK((terms->erased.size() > 0) == m.erases());
                CHECK(apart(sum, terms->after) < 1e-6);
                if (t == 0) CHECK(terms->before.isZero());
                const RowVector row = r.trace->row(readSite, Layer(layer), Position(t));
                const Eigen::Index width = row.size() / heads;
                CHECK(apart(terms->read, row.segment(h * width, width)) < 1e-6);
                if (t > 0) {
                    const auto earlier = stateTerms(*r.trace, *r.loaded->model, Layer(layer), Head(h), Position(t - 1));
                    REQUIRE(earlier);
                    CHECK(earlier->after == terms->before);
                }
            }
        }
    }
}

TEST_CASE("effective attention: weights times values is what the recurrence read") {
    for (const auto& [name, layer] : {std::pair{"mamba", 0}, {"mamba2", 0}, {"jamba", 0}, {"qwen3_next", 2}}) {
        const Ran r = ran(name);
        const Trace& trace = *r.trace;
        const MixerInfo& m = trace.model().block(Layer(layer)).mixer;
        for (const int head : {0, 1, m.hasMatrixState() ? m.heads - 1 : m.inner - 1}) {
            for (const int i : {0, 5, 16}) {
                CAPTURE(name, head, i);
                const auto row = effectiveRow(trace, *r.loaded->model, Layer(layer), Head(head), Position(i));
                REQUIRE(row);
                for (int j = i + 1; j < trace.length(); ++j) CHECK((*row)(j) == 0);
                if (m.hasMatrixState()) {
                    const auto operands = memoryOperands(trace, Layer(layer), Head(head));
                    REQUIRE(operands);
                    const RowVector read = *row * operands->v;
                    const SiteId site = m.isMatrixMemory() ? SiteId::MixerRecurrenceOut : SiteId::SsmY;
                    const RowVector want = trace.row(site, Layer(layer), Position(i)).segment(head * m.valueWidth, m.valueWidth);
                    CHECK(apart(read, want) < 1e-5);
                } else {
                    const float read = row->dot(trace.matrix(SiteId::SsmInput, Layer(layer)).col(head));
                    const RowVector all = trace.row(SiteId::SsmY, Layer(layer), Position(i));
                    CHECK(std::abs(read - all(head)) < 1e-5 * all.cwiseAbs().maxCoeff());
                }
            }
        }
    }
}

TEST_CASE("survival starts at 1 and follows the gates") {
    const Ran r = ran("mamba2");
    const Trace& trace = *r.trace;
    const auto share = survival(trace, *r.loaded->model, Layer(0), Head(2), Position(4));
    REQUIRE(share);
    REQUIRE(share->size() == 13);
    CHECK(share->front() == 1);
    // Mamba-2 only fades: the product of the decays since.
    double product = 1;
    for (int t = 5; t < 17; ++t) {
        product *= std::exp(static_cast<double>(trace.row(SiteId::MixerLogDecay, Layer(0), Position(t))(2)));
        CHECK((*share)[static_cast<std::size_t>(t - 4)] == Approx(product).epsilon(1e-5));
    }
    const Ran delta = ran("qwen3_next");
    const auto erased = survival(*delta.trace, *delta.loaded->model, Layer(0), Head(0), Position(3));
    REQUIRE(erased);
    CHECK(erased->front() == 1);
    CHECK(std::abs(erased->back()) < 1);
}

TEST_CASE("what carries no such state says what it has instead") {
    const Ran attention = ran("jamba");
    const auto none = stateTerms(*attention.trace, *attention.loaded->model, Layer(1), Head(0), Position(2));
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("keeps every key and value") != std::string::npos);
    CHECK_FALSE(memoryOperands(*attention.trace, Layer(0), Head(0)));
    CHECK_FALSE(stateTerms(*attention.trace, *attention.loaded->model, Layer(0), Head(0), Position(99)));
    // Operands that were not captured are named.
    const auto loaded = openModel(zooPath("mamba2"));
    const auto few = run(*loaded->model, {3, 4, 5}, CaptureSpec::none());
    REQUIRE(few);
    const auto missing = stateTerms(*few->trace, *loaded->model, Layer(0), Head(0), Position(1));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message.find("blocks.0.mixer.hook_ssm_input") != std::string::npos);
}
