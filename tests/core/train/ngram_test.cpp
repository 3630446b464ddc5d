// n-gram models: probabilities against a worked example and an independent implementation, the table in its file, and the way
// from a configuration to a model that opens.
#include <cmath>
#include <fstream>

#include "core/analysis/attribution.h"
#include "core/analysis/check.h"
#include "core/analysis/explain.h"
#include "core/analysis/logit_lens.h"
#include "core/analysis/ngram_orders.h"
#include "core/formats/safetensors.h"
#include "core/formats/safetensors_writer.h"
#include "core/load.h"
#include "core/models/ngram.h"
#include "core/run.h"
#include "core/train/evaluation.h"
#include "core/train/ngram_counts.h"
#include "core/train/ngram_training.h"
#include "core/train/train_data.h"
#include "tests/core/train/training.h"
#include "tests/worst.h"

using namespace lw;
using namespace lw::test;
using namespace lw::train;
using nlohmann::json;

namespace {

NgramTable counted(const std::vector<Sequence>& sequences, const NgramSettings& settings) {
    auto table = countNgrams(sequences, settings);
    if (!table) FAIL(table.error().message);
    return *std::move(table);
}

Ngram modelOf(NgramTable table) {
    auto info = std::make_shared<ModelInfo>();
    info->name = "counted";
    info->architecture = "ngram";
    info->vocabulary = table.vocabulary();
    info->finalNorm = info->residualStream = false;
    return Ngram(info, std::move(table));
}

MatrixD logitsOf(const Model& model, const std::vector<TokenId>& ids) {
    const auto state = model.start();
    const auto logits = model.forward(ids, *state, Tap(), {}, LogitRows::All);
    REQUIRE(logits);
    return logits->value().cast<double>();
}

// 0 1 0 1 0 2: the runs 01 twice, 10 twice, 02 once.
const std::vector<Sequence> small{{{0, 1, 0, 1, 0}, {1, 0, 1, 0, 2}}};

}  // namespace

TEST_CASE("an n-gram model worked out by hand") {
    const Ngram model = modelOf(counted(small, {3, 2, {}, true}));
    // One run was seen once, two twice, none thrice: one discount 1 / (1 + 2·2) = 0.2. Each token follows one other token, so
    // each has the count 1 of 3 in order 1, whose discount is then ½: p₁ = (1 − ½) / 3 + ½ · 1/3 = 1/3.
    CHECK(model.table().orders[1].discounts == std::array<double, 3>{0.2, 0.2, 0.2});
    CHECK(model.table().orders[0].discounts == std::array<double, 3>{0.5, 0.5, 0.5});
    const MatrixD p = logitsOf(model, {0, 1, 2}).array().exp().matrix();
    // After 0: 1 − (1.8 + 0.8) / 3 = 0.4 / 3 is handed on.
    CHECK(p(0, 0) == Approx(0.4 / 9).epsilon(1e-6));
    CHECK(p(0, 1) == Approx(1.8 / 3 + 0.4 / 9).epsilon(1e-6));
    CHECK(p(0, 2) == Approx(0.8 / 3 + 0.4 / 9).epsilon(1e-6));
    CHECK(p(1, 0) == Approx(1.8 / 2 + 0.1 / 3).epsilon(1e-6));
    CHECK(p(1, 1) == Approx(0.1 / 3).epsilon(1e-6));
    CHECK(p(2, 1) == Approx(1.0 / 3).epsilon(1e-6));  // nothing was ever seen after 2
}

TEST_CASE("n-gram probabilities equal those of a second implementation, and sum to 1") {
    std::ifstream file(std::string(LAYERWALK_TEST_DATA) + "/ngram/golden.json");
    const json golden = json::parse(file);
    std::vector<Sequence> sequences;
    for (const json& s : golden["sequences"]) sequences.push_back({s["ids"], s["targets"]});
    const std::vector<TokenId> text = golden["text"];
    for (const json& want : golden["cases"]) {
        CAPTURE(want["order"].get<int>(), want["least"].dump());
        const Ngram model = modelOf(counted(sequences, {golden["vocabulary"], want["order"], want["least"], want["three"]}));
        for (std::size_t k = 0; k < want["discounts"].size(); ++k) {
            for (std::size_t i = 0; i < 3; ++i)
                CHECK(model.table().orders[k].discounts[i] == Approx(want["discounts"][k][i].get<double>()).epsilon(1e-12));
        }
        const MatrixD logits = logitsOf(model, text);
        double worst = 0, worstSum = 0;
        for (Eigen::Index t = 0; t < logits.rows(); ++t) {
            for (Eigen::Index w = 0; w < logits.cols(); ++w) {
                const double expected = want["log_probabilities"][static_cast<std::size_t>(t)][static_cast<std::size_t>(w)];
                widen(worst, std::abs(logits(t, w) - expected));
            }
            worstSum = std::max(worstSum, std::abs(logits.row(t).array().exp().sum() - 1));
        }
        INFO("largest difference " << worst << ", of a sum from 1 " << worstSum);
        CHECK(worst < 2e-6);
        CHECK(worstSum < 1e-5);

        // Token by token, and from a copy of the state, as all at once.
        auto state = model.start();
        std::unique_ptr<State> copy;
        for (std::size_t t = 0; t < text.size(); ++t) {
            if (t == 20) copy = state->clone();
            const auto row = model.forward(std::span(text).subspan(t, 1), *state, Tap(), {}, LogitRows::Last);
            REQUIRE(row);
            CHECK(row->value().cast<double>().row(0) == logits.row(static_cast<Eigen::Index>(t)));
        }
        REQUIRE(copy);
        CHECK(copy->length() == 20);
        CHECK(copy->bytes() == 4 * (want["order"].get<int>() - 1));
        const auto rest = model.forward(std::span(text).subspan(20), *copy, Tap(), {}, LogitRows::All);
        REQUIRE(rest);
        CHECK(rest->value().cast<double>() == MatrixD(logits.bottomRows(rest->rows())));
    }
}

TEST_CASE("the shares of the orders add up to the probability, and say which order answered") {
    const Ngram model = modelOf(counted(small, {3, 2, {}, true}));
    const auto result = run(model, {0, 1, 2}, CaptureSpec::none());
    REQUIRE(result);
    const Trace& trace = *result->trace;
    for (int t = 0; t < 3; ++t) {
        for (TokenId w = 0; w < 3; ++w) {
            const auto shares = ngramOrders(trace, model, Position(t), w);
            REQUIRE(shares);
            REQUIRE(shares->size() == 3);
            double sum = 0;
            for (const OrderShare& share : *shares) sum += share.share;
            CHECK(std::log(sum) == Approx(static_cast<double>(trace.logits(Position(t))(w))).epsilon(1e-6));
        }
    }
    const auto afterZero = ngramOrders(trace, model, Position(0), 1), afterTwo = ngramOrders(trace, model, Position(2), 1);
    REQUIRE(afterZero);
    REQUIRE(afterTwo);
    CHECK(answeringOrder(*afterZero) == 2);
    CHECK((*afterZero)[2].count == 2);
    CHECK((*afterZero)[2].total == 3);
    CHECK((*afterZero)[2].times);
    CHECK((*afterZero)[2].share == Approx(0.6));
    CHECK(answeringOrder(*afterTwo) < 2);
    CHECK((*afterTwo)[2].total == 0);
    CHECK_FALSE(ngramOrders(trace, model, Position(3), 1));
    CHECK_FALSE(ngramOrders(trace, model, Position(0), 3));

    Locus place;
    place.position = Position(0);
    place.unit = Unit(1);
    place.site = SiteId::Logits;
    const auto explained = explain(trace, model, place);
    REQUIRE(explained);
    REQUIRE(explained->contributions);
    CHECK(explained->contributions->sum == Approx(0.6 + 0.4 / 9));
    CHECK(explained->formula.size() == 6);
    CHECK(explained->formula[3].front().text.find("order 2: (2 − 0.2) / 3") == 0);
    const auto check = checkValue(trace, model, place, CheckPath::FromOperands);
    REQUIRE(check);
    CHECK(check->relative < 1e-6);
    const auto whole = checkValue(trace, model, place, CheckPath::WholeRun);
    REQUIRE_FALSE(whole);
    CHECK(whole.error().kind == ErrorKind::Unsupported);

    // What it does not have, it says.
    CHECK_FALSE(model.info().has(SiteId::Embed));
    CHECK_FALSE(model.info().has(SiteId::ResidPre));
    CHECK(model.info().has(SiteId::Logits));
    const auto lens = logitLens(trace, model, {}, {});
    REQUIRE_FALSE(lens);
    CHECK(lens.error().message == "counted has no layers to look into.");
    const auto attributed = attribute(trace, model, Position(0), 1, {});
    REQUIRE_FALSE(attributed);
    CHECK(attributed.error().kind == ErrorKind::Unsupported);
    const auto all = run(model, {0, 1}, CaptureSpec::all(model.info()));
    REQUIRE(all);
    CHECK(all->trace->has(SiteId::Logits));
}

TEST_CASE("an n-gram model is counted, written, opened again, and not counted twice") {
    const TemporaryFolder folder;
    json config = copyTraining();
    config["model"] = {{"model_type", "ngram"}, {"vocab_size", 9}, {"order", 4}, {"least_counts", {1, 1, 2}}};
    const Trained first = runTraining(config, folder.path() / "m");
    if (!first.summary) FAIL(first.summary.error().message);
    CHECK(first.summary->complete);
    REQUIRE(first.reports.size() == 1);
    CHECK(first.reports[0].validationLoss);
    const auto loaded = loadModel((folder.path() / "m").string());
    if (!loaded) FAIL(loaded.error().message);
    CHECK((*loaded)->warnings.empty());
    CHECK((*loaded)->tokenizer);
    CHECK((*loaded)->model->info().parameters == first.summary->record["parameters"]);
    const auto trainConfig = readTrainConfig(config, "training.json", ".");
    REQUIRE(trainConfig);
    const auto data = readTrainData(*trainConfig);
    REQUIRE(data);
    const auto loss = evaluate(*(*loaded)->model, data->validation[0].sequences);
    REQUIRE(loss);
    CHECK(loss->loss() == Approx(first.summary->record["validation_loss"].get<double>()).epsilon(1e-6));

    const std::string bytes = bytesOf(folder.path() / "m" / "model.safetensors");
    const Trained again = runTraining(config, folder.path() / "m");
    REQUIRE(again.summary);
    CHECK(again.reports.empty());
    REQUIRE(again.notes.size() == 1);
    CHECK(again.notes[0].find("this training is complete") != std::string::npos);
    json other = config;
    other["model"]["order"] = 3;
    const Trained mismatch = runTraining(other, folder.path() / "m");
    REQUIRE_FALSE(mismatch.summary);
    CHECK(mismatch.summary.error().kind == ErrorKind::Mismatch);
    CHECK(mismatch.summary.error().message.find("the field model") != std::string::npos);
    CHECK(bytesOf(folder.path() / "m" / "model.safetensors") == bytes);
    CHECK(runTraining(other, folder.path() / "m", 0, true).summary);
    CHECK(bytesOf(folder.path() / "m" / "model.safetensors") != bytes);

    // The fingerprint sees the counts, which are no weights.
    const auto reopened = loadModel((folder.path() / "m").string());
    REQUIRE(reopened);
    CHECK((*loaded)->fingerprint() != (*reopened)->fingerprint());

    json slip = config;
    slip["model"]["ordre"] = 3;
    const Trained refused = runTraining(slip, folder.path() / "n");
    REQUIRE_FALSE(refused.summary);
    CHECK(refused.summary.error().message.find("ordre") != std::string::npos);
    std::stop_source stop;
    stop.request_stop();
    const auto cancelled = train::train(*trainConfig, folder.path() / "c", {}, {}, {.stop = stop.get_token()});
    REQUIRE_FALSE(cancelled);
    CHECK(cancelled.error().kind == ErrorKind::Cancelled);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "c" / "model.safetensors"));
}

TEST_CASE("a table that breaks a promise is refused with the tensor's name") {
    const TemporaryFolder folder;
    const NgramTable good = counted(small, {3, 2, {}, true});
    const auto opened = [&](const NgramTable& table) -> Result<NgramTable> {
        const auto path = folder.path() / "model.safetensors";
        REQUIRE(writeNgramTable(path, table));
        const auto file = SafetensorsFile::open(path);
        REQUIRE(file);
        return readNgramTable(**file, **file, 2, 3);
    };
    const auto same = opened(good);
    REQUIRE(same);
    CHECK(same->orders[1].ids == good.orders[1].ids);
    CHECK(same->orders[1].counts == good.orders[1].counts);
    CHECK(same->orders[1].totals == good.orders[1].totals);
    CHECK(same->entries() == good.entries());
    const auto refused = [&](const std::string& tensor, const std::function<void(NgramTable&)>& breakIt) {
        CAPTURE(tensor);
        NgramTable table = good;
        breakIt(table);
        const auto result = opened(table);
        REQUIRE_FALSE(result);
        CHECK(result.error().message.find(tensor) != std::string::npos);
        CHECK(result.error().message.find("model.safetensors") != std::string::npos);
    };
    refused("orders.2.ids", [](NgramTable& t) { t.orders[1].ids[0] = 3; });
    refused("orders.2.ids", [](NgramTable& t) { t.orders[1].ids[1] = t.orders[1].ids[0]; });
    refused("orders.2.first", [](NgramTable& t) { t.orders[1].first[1] = 9; });
    refused("orders.2.first", [](NgramTable& t) { t.orders[1].first.pop_back(); });
    refused("orders.2.totals", [](NgramTable& t) { t.orders[1].totals[0] = 1; });
    refused("orders.1.counts", [](NgramTable& t) { t.orders[0].counts.push_back(1); });
    refused("orders.2.counts", [](NgramTable& t) { t.orders[1].counts.pop_back(); });
    refused("discounts", [](NgramTable& t) { t.orders[1].discounts[0] = 1.5; });
    refused("discounts", [](NgramTable& t) { t.orders[1].discounts[2] = std::nan(""); });
}
