// The forms of one system: each against what the model itself read, against the others, and with one of them spoilt.
#include "core/analysis/forms.h"

#include "core/analysis/check.h"
#include "core/analysis/linear_scan.h"
#include "tests/core/models/model_gradients.h"
#include "tests/core/models/zoo.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;
using nlohmann::json;

namespace {

const std::vector<TokenId> ids{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5, 0};

json familyOf(const char* type) {
    return {{"model_type", type},         {"vocab_size", 11}, {"hidden_size", 12},
            {"num_hidden_layers", 2},     {"num_heads", 2},   {"head_dim", 6},
            {"intermediate_size", 16},    {"norm_eps", 1e-5}, {"initializer_range", 0.4},
            {"tie_word_embeddings", true}};
}

// Every form of every layer (a few heads or channels) is within rounding of the recurrence, and that of what the model read.
void checkForms(const Model& model, const std::vector<TokenId>& text) {
    const auto result = run(model, text, CaptureSpec::all(model.info()));
    REQUIRE(result);
    const Trace& trace = *result->trace;
    bool some = false;
    for (int l = 0; l < trace.model().layers(); ++l) {
        const MixerInfo& m = trace.model().block(Layer(l)).mixer;
        if (formsOf(m).size() < 2) continue;
        some = true;
        const int heads = m.hasMatrixState() ? m.heads : m.inner;
        for (const int head : {0, heads / 2, heads - 1}) {
            CAPTURE(l, head);
            for (const int chunk : {1, 5, 16}) {
                const auto compared = compareForms(trace, model, Layer(l), Head(head), chunk);
                REQUIRE(compared);
                REQUIRE(compared->others.size() + 1 == formsOf(m).size());
                for (const FormDifference& one : compared->others) {
                    CAPTURE(formName(one.form), chunk, compared->scale);
                    CHECK(one.largest <= 1e-12 * std::max(1.0, compared->scale));
                }
            }
            const auto read = readBy(Form::Recurrent, trace, model, Layer(l), Head(head));
            REQUIRE(read);
            const SiteId site = m.isMatrixMemory() ? SiteId::MixerRecurrenceOut : SiteId::SsmY;
            const Matrix all = trace.matrix(site, Layer(l));
            const Eigen::Index width = read->cols();
            const double apart = (all.middleCols(head * width, width).cast<double>() - *read).cwiseAbs().maxCoeff();
            CHECK(apart <= 1e-5 * std::max(1.0, static_cast<double>(all.cwiseAbs().maxCoeff())));
        }
    }
    CHECK(some);
}

}  // namespace

TEST_CASE("forms: recurrent, parallel and chunked are one system, in every kind of the family") {
    for (const char* type : {"linear_attention", "retnet", "gla", "delta_net", "gated_delta_net"}) {
        CAPTURE(type);
        checkForms(*makeModel(familyOf(type)), ids);
    }
}

TEST_CASE("forms: of models read from files, and of S4D") {
    for (const char* name : {"mamba", "mamba2", "jamba", "qwen3_next"}) {
        CAPTURE(name);
        checkForms(*openModel(zooPath(name))->model, ids);
    }
    nlohmann::json convolved = familyOf("linear_attention");
    convolved["conv_size"] = 3;
    checkForms(*makeModel(convolved), ids);
    checkForms(*openModel("rwkv7-reverse")->model, {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7});
    for (const bool complex : {true, false}) {
        checkForms(*makeModel({{"model_type", "s4d"},
                               {"vocab_size", 11},
                               {"hidden_size", 6},
                               {"num_hidden_layers", 2},
                               {"state_size", 8},
                               {"complex", complex},
                               {"initializer_range", 0.4},
                               {"tie_word_embeddings", true}}),
                   ids);
    }
}

TEST_CASE("forms: Check prints the largest difference beside a number that was read or is kept") {
    const auto loaded = openModel(zooPath("qwen3_next"));
    const RunResult result = runAll(*loaded, ids);
    Locus place;
    place.site = SiteId::MixerRecurrenceOut;
    place.layer = Layer(0);
    place.head = Head(1);
    place.position = Position(9);
    place.unit = Unit(2);
    const auto checked = checkValue(*result.trace, *loaded->model, place, CheckPath::FromOperands);
    REQUIRE(checked);
    const auto compared = compareForms(*result.trace, *loaded->model, Layer(0), Head(1));
    REQUIRE(compared);
    CHECK(checked->how.find(formsSentence(*compared)) != std::string::npos);
    CHECK(checked->how.find("the parallel and the chunked form differ from the recurrence by at most") != std::string::npos);
    CHECK(checked->relative < 1e-5);
    // Elsewhere there is nothing to compare.
    place = Locus();
    place.site = SiteId::ResidPost;
    place.layer = Layer(0);
    place.position = Position(9);
    place.unit = Unit(2);
    const auto stream = checkValue(*result.trace, *loaded->model, place, CheckPath::FromOperands);
    REQUIRE(stream);
    CHECK(stream->how.find("form") == std::string::npos);
}

TEST_CASE("forms: what there is not is said") {
    const auto jamba = openModel(zooPath("jamba"));
    const RunResult result = runAll(*jamba, ids);
    const auto attention = readBy(Form::Parallel, *result.trace, *jamba->model, Layer(1), Head(0));
    REQUIRE_FALSE(attention);
    CHECK(attention.error().message.find("carries no state of fixed size") != std::string::npos);
    const auto none = readBy(Form::Convolution, *result.trace, *jamba->model, Layer(0), Head(0));
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("Mamba) has no convolution form") != std::string::npos);
    CHECK_FALSE(readBy(Form::Parallel, *result.trace, *jamba->model, Layer(0), Head(100'000)));
    CHECK_FALSE(readBy(Form::Parallel, *result.trace, *jamba->model, Layer(99), Head(0)));
    const auto few = run(*jamba->model, ids, CaptureSpec::none());
    REQUIRE(few);
    const auto missing = readBy(Form::Scan, *few->trace, *jamba->model, Layer(0), Head(0));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message.find("did not capture") != std::string::npos);
    const auto lstm = openModel("lstm-bronte");
    const auto cells = run(*lstm->model, {5, 6, 7}, CaptureSpec::all(lstm->model->info()));
    REQUIRE(cells);
    const auto cell = readBy(Form::Recurrent, *cells->trace, *lstm->model, Layer(0), Head(0));
    REQUIRE_FALSE(cell);
    CHECK(cell.error().message.find("not linear in the state") != std::string::npos);
}

TEST_CASE("scan: 1,024 steps need 10 rounds and come to the recurrence within 2e-15") {
    // Writes from −1 to 1. What rounding leaves grows with the state, which long memories let grow: then of its largest value.
    for (const double least : {0.0, 0.5, 0.9}) {
        CAPTURE(least);
        std::vector<LinearStep> steps;
        Pcg32 random(7);
        for (int t = 0; t < 1024; ++t) steps.push_back({least + (1 - least) * random.uniform(), 2 * random.uniform() - 1});
        double h = 0, largest = 0, worst = 0;
        const std::vector<LinearStep> given = steps;
        CHECK(inclusiveScan(steps) == 10);
        for (std::size_t t = 0; t < given.size(); ++t) {
            h = given[t].a * h + given[t].b;
            largest = std::max(largest, std::abs(h));
            widen(worst, std::abs(steps[t].b - h));
        }
        INFO("largest difference " << worst << ", largest state " << largest);
        CHECK(worst <= 1e-15 * largest);
        if (least < 0.9) CHECK(worst <= 2e-15);
    }
    std::vector<LinearStep> one{{0.5, 3}}, three{{1, 1}, {2, 1}, {3, 1}};
    CHECK(inclusiveScan(one) == 0);
    CHECK(inclusiveScan(three) == 2);
    CHECK(three[2].b == 3 * (2 * 1 + 1) + 1);
}
