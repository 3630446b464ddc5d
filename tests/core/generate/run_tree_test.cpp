// The tree of generation: rewinding, forcing and branching give what a fresh run of the same ids gives.
#include "core/generate/run_tree.h"
#include "core/models/kv_cache.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

// Largest difference between two traces over all stored and derived sites, as a share of each site's largest value.
double differenceOf(const Trace& a, const Trace& b) {
    double worst = 0;
    for (const SiteRef& ref : a.spec().wanted()) {
        if (siteOf(ref.id).axes == Axes::HeadQueryKey) {
            for (int h = 0; h < a.model().blocks[0].attention.heads; ++h) {
                worst = std::max<double>(worst,
                                         (a.pattern(ref.layer, Head(h)) - b.pattern(ref.layer, Head(h))).cwiseAbs().maxCoeff());
            }
            continue;
        }
        const Matrix x = a.matrix(ref.id, ref.layer), y = b.matrix(ref.id, ref.layer);
        REQUIRE(x.rows() == y.rows());
        worst = std::max<double>(worst, (x - y).cwiseAbs().maxCoeff() / std::max(1e-6f, y.cwiseAbs().maxCoeff()));
    }
    return worst;
}

RunNodePtr rootOf(const Model& model, std::vector<TokenId> ids, std::uint64_t seed = 0) {
    auto node = root(model, std::move(ids), CaptureSpec::all(model.info()), seed, 0, false);
    if (!node) FAIL(node.error().message);
    return *node;
}

RunNodePtr stepped(const Model& model, const RunNodePtr& node, const StepRequest& request) {
    auto next = step(model, node, CaptureSpec::all(model.info()), request);
    if (!next) FAIL(next.error().message);
    return *next;
}

}  // namespace

TEST_CASE("Rewind, another token and a branch equal fresh runs of the same ids") {
    for (const char* name : {"gpt2", "llama"}) {
        const auto loaded = openModel(zooPath(name));
        const Model& model = *loaded->model;
        const CaptureSpec spec = CaptureSpec::all(model.info());
        const RunNodePtr start = rootOf(model, {3, 17, 5, 22, 9});
        const RunNodePtr a = stepped(model, start, {.forced = 11}), ab = stepped(model, a, {.forced = 12}),
                         abc = stepped(model, ab, {.forced = 13});
        // Back to the first step, and on along another way; then back again along the first.
        const RunNodePtr b = stepped(model, start, {.forced = 40}), bc = stepped(model, b, {.forced = 41}),
                         abd = stepped(model, ab, {.forced = 50});
        const std::vector<std::pair<RunNodePtr, std::vector<TokenId>>> paths{{abc, {3, 17, 5, 22, 9, 11, 12, 13}},
                                                                             {bc, {3, 17, 5, 22, 9, 40, 41}},
                                                                             {abd, {3, 17, 5, 22, 9, 11, 12, 50}},
                                                                             {start, {3, 17, 5, 22, 9}}};
        for (const auto& [node, ids] : paths) {
            const auto path = traceTo(node, model.sharedInfo(), spec);
            CHECK(std::vector<TokenId>(path->ids().begin(), path->ids().end()) == ids);
            const double worst = differenceOf(*path, *runAll(*loaded, ids).trace);
            CAPTURE(name, node->depth(), worst);
            CHECK(worst < 1e-5);
        }
        CHECK(abc->depth() == 3);
        CHECK(pathTo(abc) == std::vector<RunNodePtr>{start, a, ab, abc});
        CHECK(abc->choice().forced);
        CHECK(start->choice().id == -1);
    }
}

TEST_CASE("Steps share what they have in common") {
    const auto loaded = openModel(zooPath("llama"));
    const Model& model = *loaded->model;
    const RunNodePtr start = rootOf(model, {3, 17, 5});
    const RunNodePtr a = stepped(model, start, {.forced = 11}), b = stepped(model, start, {.forced = 12});
    const auto cache = [](const RunNodePtr& node) { return dynamic_cast<const KvCache*>(node->state().get()); };
    REQUIRE(cache(start));
    CHECK(cache(start)->length() == 3);  // untouched by the steps after it
    CHECK(cache(a)->length() == 4);
    // The first child goes on in the same pages, the second has its own copy of the last.
    CHECK(cache(a)->sharedPages(*cache(start)) == model.info().layers());
    CHECK(cache(b)->sharedPages(*cache(a)) == 0);
    // A trace of a path is made of the nodes' own blocks.
    const auto path = traceTo(a, model.sharedInfo(), CaptureSpec::all(model.info()));
    CHECK(path->blocks()[0] == start->block());
    CHECK(path->blocks()[1] == a->block());
    CHECK(a->block()->first == 3);
    CHECK(a->block()->rows() == 1);
}

TEST_CASE("Long prompts share whole pages between branches") {
    const auto loaded = openModel(std::string(LAYERWALK_TEST_DATA) + "/stories260K/stories260K-F16.gguf");
    const Model& model = *loaded->model;
    const RunNodePtr start = rootOf(model, std::vector<TokenId>(300, 5));
    const RunNodePtr a = stepped(model, start, {.forced = 11}), b = stepped(model, start, {.forced = 12});
    const auto* first = dynamic_cast<const KvCache*>(a->state().get());
    const auto* second = dynamic_cast<const KvCache*>(b->state().get());
    REQUIRE((first && second));
    CHECK(second->sharedPages(*first) == 2 * model.info().layers());  // 300 = 2 pages of 128 and a part
}

TEST_CASE("The dice go on from node to node and come back with a rewind") {
    const auto loaded = openModel(zooPath("gpt2"));
    const Model& model = *loaded->model;
    const StepRequest request{.settings = {.temperature = 1.2}};
    const RunNodePtr start = rootOf(model, {3, 17, 5}, 77);
    const RunNodePtr a = stepped(model, start, request), ab = stepped(model, a, request);
    Pcg32 random(77);
    CHECK(a->choice().draw == random.uniform());
    CHECK(ab->choice().draw == random.uniform());
    CHECK(ab->random() == random);
    const RunNodePtr again = stepped(model, start, request);
    CHECK(again->choice().id == a->choice().id);
    CHECK(again->choice().draw == a->choice().draw);
    // A forced or greedy step leaves the dice as they are.
    CHECK(stepped(model, start, {.forced = 5})->random() == start->random());
    CHECK(stepped(model, start, {.settings = {.greedy = true}})->random() == start->random());
    // Rolling again: the same node with the dice after the first roll.
    const RunNodePtr rolled = stepped(model, withRandom(start, a->random()), request);
    CHECK(rolled->choice().draw == ab->choice().draw);
}

TEST_CASE("A step that cannot be made says why") {
    const auto loaded = openModel(zooPath("gpt2"));
    const Model& model = *loaded->model;
    const CaptureSpec spec = CaptureSpec::none();
    const RunNodePtr full = rootOf(model, std::vector<TokenId>(64, 3)), some = rootOf(model, {3});
    const auto over = step(model, full, spec, {.forced = 4});
    REQUIRE(!over);
    CHECK(over.error().kind == ErrorKind::OverContext);
    CHECK(over.error().message.find("64") != std::string::npos);
    CHECK(!step(model, full, spec, {.forced = 4, .beyondContext = true}));  // learned positions end there
    const auto outside = step(model, some, spec, {.forced = 97});
    REQUIRE(!outside);
    CHECK(outside.error().message.find("97") != std::string::npos);
    CHECK(step(model, some, spec, {.settings = {.temperature = 0}}).error().where == "--temperature");
    std::stop_source stop;
    stop.request_stop();
    CHECK(step(model, some, spec, {.forced = 4}, {.stop = stop.get_token()}).error().kind == ErrorKind::Cancelled);
    const auto llama = openModel(zooPath("llama"));
    const RunNodePtr end = rootOf(*llama->model, std::vector<TokenId>(64, 3));
    CHECK(!step(*llama->model, end, spec, {.forced = 4}));
    CHECK(step(*llama->model, end, spec, {.forced = 4, .beyondContext = true}));
}
