// The block's tensors against TransformerLens' records, its neurons against the weights of the folder.
#include "widgets/block/block_facts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/analysis/attribution.h"
#include "core/bundled.h"
#include "tests/core/models/zoo.h"
#include "tests/worst.h"
#include "widgets/block/block_parts.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Run {
    std::string name;
    std::shared_ptr<const LoadedModel> loaded;
    Reference cache, weights;
    RunResult ran;
    explicit Run(const std::string& n)
        : name(n),
          loaded(openModel(zooPath(n))),
          cache(zooPath(n) + "/cache.safetensors"),
          weights(zooPath(n) + "/model.safetensors") {
        ran = runAll(*loaded, Reference(zooPath(n) + "/expected.safetensors").ids("0.input_ids"));
    }
    double difference(const RowVector& got, const std::string& site, int row) const {
        const std::vector<float> all = cache.floats(site);
        const auto size = got.size();
        return relativeDifference(got.data(), {all.begin() + row * size, all.begin() + (row + 1) * size});
    }
};

}  // namespace

TEST_CASE("The tensors of a block are those of the reference") {
    const std::string name = GENERATE(as<std::string>{}, "gpt2", "llama");
    Run run(name);
    const int layer = GENERATE(0, 1), position = 11;
    CAPTURE(name, layer);
    const auto facts = blockFacts(*run.ran.trace, *run.loaded->model, Layer(layer), Head(3), Position(position));
    REQUIRE(facts);
    const std::string block = "blocks." + std::to_string(layer) + ".";
    double worst = 0;
    widen(worst, run.difference(facts->streamIn, block + "hook_resid_pre", position));
    widen(worst, run.difference(facts->streamMid, block + "hook_resid_mid", position));
    widen(worst, run.difference(facts->streamOut, block + "hook_resid_post", position));
    widen(worst, run.difference(facts->firstOut, block + "hook_attn_out", position));
    widen(worst, run.difference(facts->feedForwardOut, block + "hook_mlp_out", position));
    widen(worst, run.difference(facts->neurons, block + "mlp.hook_post", position));
    widen(worst, run.difference(facts->norm1.normalized, block + "ln1.hook_normalized", position));
    widen(worst, run.difference(facts->norm2.normalized, block + "ln2.hook_normalized", position));
    // per head: the fourth query head, and the key/value head that it shares with the third
    const int kv = name == "llama" ? 1 : 3, kvHeads = name == "llama" ? 2 : 4;
    REQUIRE(facts->inside.size() == 4);
    CHECK(facts->inside[1].head == Head(kv));
    widen(worst, run.difference(facts->inside[0].values, block + "attn.hook_q", position * 4 + 3));
    widen(worst, run.difference(facts->inside[1].values, block + "attn.hook_k", position * kvHeads + kv));
    widen(worst, run.difference(facts->inside[2].values, block + "attn.hook_v", position * kvHeads + kv));
    widen(worst, run.difference(facts->inside[3].values, block + "attn.hook_z", position * 4 + 3));
    INFO("largest difference " << worst);
    CHECK(worst < 2e-5);
    CHECK(facts->norm1.scale == Approx(run.cache.floats(block + "ln1.hook_scale")[position]).epsilon(1e-5));
    CHECK(facts->norm1.mean.has_value() == (name == "gpt2"));
    if (facts->norm1.mean) CHECK(*facts->norm1.mean == Approx(facts->streamIn.cast<double>().mean()));
    CHECK(facts->largestDifference < 1e-5);
    CHECK(facts->norm1.gain.size() == 32);
    CHECK((facts->norm1.bias.size() == 32) == (name == "gpt2"));
}

TEST_CASE("Neurons stand by what they add, and their words are those of their value vectors") {
    const std::string name = GENERATE(as<std::string>{}, "gpt2", "llama");
    CAPTURE(name);
    Run run(name);
    const ModelInfo& info = run.loaded->model->info();
    const int width = info.width, neurons = info.blocks[0].mlp.width, vocabulary = info.vocabulary;
    const auto parts = blockParts(*run.ran.trace, *run.loaded->model, Layer(0), Position(8), 12, 3);
    REQUIRE(parts);
    REQUIRE(parts->neurons.size() == 12);
    CHECK(parts->neuronCount == neurons);

    // v_i from the folder's own file: rows of c_proj, columns of down_proj
    const bool gpt2 = name == "gpt2";
    const auto out = run.weights.floats(gpt2 ? "transformer.h.0.mlp.c_proj.weight" : "model.layers.0.mlp.down_proj.weight");
    const auto gain = run.weights.floats(gpt2 ? "transformer.ln_f.weight" : "model.norm.weight");
    const auto unembed = run.weights.floats(run.weights.has("lm_head.weight") ? "lm_head.weight"
                                            : gpt2                            ? "transformer.wte.weight"
                                                                              : "model.embed_tokens.weight");
    const auto m = run.cache.floats("blocks.0.mlp.hook_post");
    const auto value = [&](int i, int d) {
        return static_cast<double>(gpt2 ? out[static_cast<std::size_t>(i * width + d)]
                                        : out[static_cast<std::size_t>(d * neurons + i)]);
    };
    const auto contribution = [&](int i) {
        double squares = 0;
        for (int d = 0; d < width; ++d) squares += value(i, d) * value(i, d);
        return std::abs(static_cast<double>(m[static_cast<std::size_t>(8 * neurons + i)])) * std::sqrt(squares);
    };
    std::vector<int> order(static_cast<std::size_t>(neurons));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return contribution(a) > contribution(b); });
    double worst = 0;
    for (std::size_t n = 0; n < 12; ++n) {
        const NeuronPart& neuron = parts->neurons[n];
        REQUIRE(neuron.index.value == order[n]);
        widen(worst, std::abs(neuron.contribution - contribution(order[n])) / contribution(order[0]));
        double mean = 0;
        for (int d = 0; gpt2 && d < width; ++d) mean += value(order[n], d) / width;
        std::vector<std::pair<double, int>> scores;
        for (int t = 0; t < vocabulary; ++t) {
            double score = 0;
            for (int d = 0; d < width; ++d)
                score += (value(order[n], d) - mean) * gain[static_cast<std::size_t>(d)] *
                         unembed[static_cast<std::size_t>(t * width + d)];
            scores.emplace_back(-score, t);
        }
        std::sort(scores.begin(), scores.end());
        REQUIRE(neuron.promotes.size() == 3);
        for (std::size_t w = 0; w < 3; ++w) {
            CHECK(neuron.promotes[w].id == scores[w].second);
            widen(worst, std::abs(neuron.promotes[w].logit + scores[w].first));
        }
    }
    INFO("largest difference " << worst);
    CHECK(worst < 1e-5);
    // gated: m = act(gate) · up with SiLU
    if (!gpt2) {
        const NeuronPart& n = parts->neurons.front();
        CHECK(n.activation == Approx(n.pre / (1 + std::exp(-n.pre)) * n.linear).epsilon(1e-4));
    }
    CHECK(parts->shownShare > 0);
    CHECK(parts->shownShare < 1);
}

TEST_CASE("Heads say how long a step they add and what they read most") {
    Run run("llama");
    const auto parts = blockParts(*run.ran.trace, *run.loaded->model, Layer(1), Position(9), 4, 2);
    REQUIRE(parts);
    REQUIRE(parts->heads.size() == 4);
    for (const HeadPart& head : parts->heads) {
        const RowVector row = run.ran.trace->patternRow(Layer(1), head.head, Position(9));
        CHECK(head.weight == row.maxCoeff());
        CHECK(row(head.reads.value) == row.maxCoeff());
        CHECK(head.resultNorm == Approx(headResult(*run.ran.trace, *run.loaded->model, Layer(1), head.head, Position(9)).norm()));
    }
}

TEST_CASE("A block with a mixer shows what the mixer reads, writes and adds") {
    const auto [name, layer, sites] = GENERATE(table<std::string, int, std::vector<SiteId>>(
        {{"mamba", 1, {SiteId::SsmInput, SiteId::SsmDelta, SiteId::SsmB, SiteId::SsmC, SiteId::SsmY, SiteId::SsmSkip}},
         {"mamba2", 1, {SiteId::SsmInput, SiteId::SsmDelta, SiteId::SsmB, SiteId::SsmC, SiteId::SsmY, SiteId::SsmSkip}},
         {"jamba", 2, {SiteId::SsmInput, SiteId::SsmDelta, SiteId::SsmB, SiteId::SsmC, SiteId::SsmY, SiteId::SsmSkip}},
         {"qwen3_next", 1, {SiteId::MixerQ, SiteId::MixerK, SiteId::MixerV, SiteId::MixerRecurrenceOut, SiteId::MixerGateInput}},
         {"rwkv7-reverse", 1, {SiteId::MixerQ, SiteId::MixerK, SiteId::MixerV, SiteId::MixerRecurrenceOut, SiteId::MixerGate}}}));
    CAPTURE(name);
    const bool bundled = name == "rwkv7-reverse";
    const auto loaded = openModel(bundled ? (resourcesFolder() / "models" / name).string() : zooPath(name));
    const auto ran = runAll(*loaded, bundled ? std::vector<TokenId>{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8}
                                             : Reference(zooPath(name) + "/expected.safetensors").ids("0.input_ids"));
    const Trace& trace = *ran.trace;
    const BlockInfo& block = trace.model().block(Layer(layer));
    const Position position(9);
    const auto facts = blockFacts(trace, *loaded->model, Layer(layer), Head(1), position);
    REQUIRE(facts);
    CHECK(facts->firstOut == trace.row(SiteId::MixerOut, Layer(layer), position));
    CHECK(facts->hasFeedForward() == block.hasMlp());
    CHECK((facts->streamMid.size() > 0) == block.hasMlp());
    CHECK(facts->largestDifference < 1e-6 * facts->streamOut.cwiseAbs().maxCoeff());
    REQUIRE(facts->inside.size() == sites.size());
    for (std::size_t i = 0; i < sites.size(); ++i) {
        CHECK(facts->inside[i].site == sites[i]);
        const RowVector row = trace.row(sites[i], Layer(layer), position);
        if (facts->inside[i].head)
            CHECK(facts->inside[i].values ==
                  RowVector(row.segment(row.size() / block.mixer.heads, row.size() / block.mixer.heads)));
        else
            CHECK(facts->inside[i].values == row);
    }

    const auto parts = blockParts(trace, *loaded->model, Layer(layer), position, 1 << 20, 2);
    REQUIRE(parts);
    const Matrix out = loaded->model->weight(WeightId::MixerOutProj, Layer(layer)).toMatrix();
    if (block.mixer.isMatrixMemory()) {
        REQUIRE(static_cast<int>(parts->heads.size()) == block.mixer.heads);
        const RowVector decay = trace.row(SiteId::MixerLogDecay, Layer(layer), position);
        const int keys = static_cast<int>(decay.size()) / block.mixer.heads;  // 1, or one for every key
        double longest = 0;
        for (const HeadPart& head : parts->heads) {
            if (trace.has(SiteId::MixerBeta, Layer(layer)))
                CHECK(head.beta == Approx(trace.row(SiteId::MixerBeta, Layer(layer), position)(head.head.value)));
            double kept = 0;
            for (int i = 0; i < keys; ++i) kept += static_cast<double>(std::exp(decay(head.head.value * keys + i))) / keys;
            CHECK(head.kept == Approx(kept));
            longest += head.resultNorm;
        }
        CHECK(facts->firstOut.norm() <= longest * 1.0001);  // what the memories add, added up
        return;
    }
    // Each channel's step, added up, is what the model added.
    REQUIRE(parts->channelCount == block.mixer.inner);
    REQUIRE(static_cast<int>(parts->channels.size()) == block.mixer.inner);
    RowVectorD sum = RowVectorD::Zero(out.rows());
    for (const NeuronPart& channel : parts->channels) {
        const RowVectorD step = channel.activation * out.col(channel.index.value).transpose().cast<double>();
        CHECK(channel.contribution == Approx(step.norm()).epsilon(1e-5));
        CHECK(channel.pre == Approx(trace.row(SiteId::SsmOutput, Layer(layer), position)(channel.index.value)));
        sum += step;
    }
    CHECK((sum.cast<float>() - facts->firstOut).cwiseAbs().maxCoeff() < 1e-5 * facts->firstOut.cwiseAbs().maxCoeff());
    for (std::size_t i = 1; i < parts->channels.size(); ++i)
        CHECK(parts->channels[i].contribution <= parts->channels[i - 1].contribution);
}

TEST_CASE("Experts that run are listed with their weights") {
    const auto loaded = openModel(zooPath("jamba"));
    const auto ran = runAll(*loaded, Reference(zooPath("jamba") + "/expected.safetensors").ids("0.input_ids"));
    int layers = 0;
    for (int l = 0; l < loaded->model->info().layers(); ++l) {
        if (loaded->model->info().block(Layer(l)).mlp.experts == 0) continue;
        ++layers;
        const auto parts = blockParts(*ran.trace, *loaded->model, Layer(l), Position(4), 4, 2);
        REQUIRE(parts);
        const RowVector weights = ran.trace->row(SiteId::ExpertWeights, Layer(l), Position(4));
        CHECK(static_cast<Eigen::Index>(parts->experts.size()) == (weights.array() != 0).count());
        for (const ExpertPart& expert : parts->experts) CHECK(expert.weight == Approx(weights(expert.index.value)));
        CHECK(parts->neurons.empty());
    }
    CHECK(layers > 0);
}

TEST_CASE("Less itself every part is zero") {
    Run run("gpt2");
    const auto parts =
        blockParts(*run.ran.trace, *run.loaded->model, Layer(1), Position(9), 4, 2, {run.ran.trace.get(), Position(9)});
    REQUIRE(parts);
    for (const NeuronPart& neuron : parts->neurons) CHECK(neuron.contribution == 0);
    for (const HeadPart& head : parts->heads) CHECK(head.resultNorm == 0);
}

TEST_CASE("What was not captured, and a layer that is not there, are said") {
    Run run("llama");
    const auto bare = lw::run(*run.loaded->model, {1, 2, 3}, CaptureSpec::none());
    REQUIRE(bare);
    const auto nothing = blockFacts(*bare->trace, *run.loaded->model, Layer(0), Head(0), Position(0));
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().message.find("not captured") != std::string::npos);
    CHECK_FALSE(blockFacts(*run.ran.trace, *run.loaded->model, Layer(99), Head(0), Position(0)));
    CHECK_FALSE(blockFacts(*run.ran.trace, *run.loaded->model, Layer(0), Head(0), Position(400)));
}
