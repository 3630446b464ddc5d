// One forward pass for everything: chunks, steps, captures and branches give the same numbers.
#include "core/models/kv_cache.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("any chunking of a prompt equals the whole within 1e-5 of the largest logit") {
    for (const std::string name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const std::vector<TokenId> ids = Reference(zooPath(name) + "/expected.safetensors").ids("0.input_ids");
        const Matrix whole = runAll(*loaded, ids).trace->matrix(SiteId::Logits);
        for (const int chunk : {1, 2, 5, 16}) {
            const Matrix parts = runAll(*loaded, ids, chunk).trace->matrix(SiteId::Logits);
            const double worst = (parts - whole).cwiseAbs().maxCoeff() / whole.cwiseAbs().maxCoeff();
            INFO(name << ", chunks of " << chunk << ": " << worst);
            CHECK(worst < 1e-5);
        }
    }
}

TEST_CASE("captures on equal captures off, bit for bit") {
    for (const std::string name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const std::vector<TokenId> ids = Reference(zooPath(name) + "/expected.safetensors").ids("0.input_ids");
        const auto off = run(*loaded->model, ids, CaptureSpec::none());
        REQUIRE(off);
        CHECK(off->trace->matrix(SiteId::Logits) == runAll(*loaded, ids).trace->matrix(SiteId::Logits));
    }
}

TEST_CASE("what a trace derives is what the model computed, bit for bit") {
    const auto loaded = openModel(zooPath("llama"));
    const auto trace = runAll(*loaded, Reference(zooPath("llama") + "/expected.safetensors").ids("0.input_ids")).trace;
    CHECK(trace->matrix(SiteId::ResidPost, Layer(0)) == trace->matrix(SiteId::ResidPre, Layer(1)));
    const Layer last(trace->model().layers() - 1);
    CHECK(loaded->model->readOut(trace->matrix(SiteId::ResidPost, last)) == trace->matrix(SiteId::Logits));
}

TEST_CASE("a site without a layer is the same whichever layer the place names") {
    const auto loaded = openModel(zooPath("llama"));
    const auto trace = runAll(*loaded, {3, 4, 5}).trace;
    for (const SiteId id : {SiteId::Embed, SiteId::FinalScale, SiteId::FinalNormalized, SiteId::Logits}) {
        CAPTURE(siteOf(id).name);
        REQUIRE(trace->has(id, Layer(2)));
        CHECK(trace->value(id, Layer(2), {}, Position(1), {}, Unit(0)) == trace->value(id, Layer(0), {}, Position(1), {}, Unit(0)));
    }
}

TEST_CASE("a branch copies at most one page a layer and leaves the other lane alone") {
    KvCache trunk(2, 4);
    const Matrix prompt = Matrix::Random(KvCache::pageRows + 5, 4);
    for (int l = 0; l < 2; ++l) trunk.append(Layer(l), prompt, prompt);
    trunk.advance(static_cast<int>(prompt.rows()));
    KvCache left = trunk, right = trunk;
    const Matrix a = Matrix::Constant(1, 4, 1.0f), b = Matrix::Constant(1, 4, 2.0f);
    for (int l = 0; l < 2; ++l) {
        left.append(Layer(l), a, a);   // goes on in the shared page
        right.append(Layer(l), b, b);  // branches off: its own last page
    }
    CHECK(left.sharedPages(trunk) == 4);
    CHECK(right.sharedPages(trunk) == 2);
    CHECK(trunk.rows(Layer(0)).back().rows == 5);
    CHECK(left.rows(Layer(0)).back().keys[5 * 4] == 1.0f);
    CHECK(right.rows(Layer(0)).back().keys[5 * 4] == 2.0f);
    CHECK(right.rows(Layer(1)).back().keys[4 * 4] == prompt(KvCache::pageRows + 4, 0));
}

TEST_CASE("past the context: both numbers, and beyond only where the architecture can") {
    const std::vector<TokenId> longText(70, 3);
    const auto llama = openModel(zooPath("llama"));
    const auto refused = run(*llama->model, longText, CaptureSpec::none());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::OverContext);
    CHECK(refused.error().message.find("70") != std::string::npos);
    CHECK(refused.error().message.find("64") != std::string::npos);
    CHECK(run(*llama->model, longText, CaptureSpec::none(), {.beyondContext = true}));
    const auto gpt2 = openModel(zooPath("gpt2"));
    CHECK_FALSE(run(*gpt2->model, longText, CaptureSpec::none(), {.beyondContext = true}));
}

TEST_CASE("memory over budget is an error with a cheaper offer") {
    const auto loaded = openModel(zooPath("llama"));
    const auto refused = run(*loaded->model, {3, 4, 5}, CaptureSpec::all(loaded->model->info()), {.budget = 2000});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::OverBudget);
    CHECK_FALSE(refused.error().offer.empty());
    const std::int64_t told = CaptureSpec::all(loaded->model->info()).bytes(loaded->model->info(), 3);
    const auto kept = run(*loaded->model, {3, 4, 5}, CaptureSpec::all(loaded->model->info()), {.budget = told});
    REQUIRE(kept);
    CHECK(kept->trace->bytes() == told);
}
