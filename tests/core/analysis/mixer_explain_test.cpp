// Every number of every kind of mixer has an explanation: its printed figures give the value again, its operands are places.
#include <functional>

#include "core/analysis/check.h"
#include "core/analysis/explain.h"
#include "core/bundled.h"
#include "tests/core/analysis/formula_reader.h"
#include "tests/core/models/model_gradients.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace {

std::vector<int> some(std::int64_t count) {
    std::vector<int> list{0};
    for (const std::int64_t i : {count / 3, count / 2 + 1, count - 1}) {
        if (i > list.back() && i < count) list.push_back(static_cast<int>(i));
    }
    return list;
}

// Places of all sites that this block has, the corners and some between of every axis.
void everyPlace(const Trace& trace, const std::function<void(const Locus&)>& visit) {
    const ModelInfo& info = trace.model();
    for (const Site& site : allSites()) {
        for (int l = 0; l < (site.perLayer ? info.layers() : 1); ++l) {
            if (!info.has(site.id, Layer(l))) continue;
            const std::vector<std::int64_t> shape = info.shapeOf(site.id, Layer(l), trace.length());
            Locus place{.site = site.id};
            if (site.perLayer) place.layer = Layer(l);
            const auto positions = [&](const std::function<void()>& then) {
                for (const int q : some(trace.length())) {
                    place.position = Position(q);
                    then();
                }
            };
            const auto heads = [&](std::int64_t count, const std::function<void()>& then) {
                for (const int h : some(count)) {
                    place.head = Head(h);
                    then();
                }
            };
            const auto units = [&](std::int64_t count, const std::function<void()>& then) {
                for (const int n : some(count)) {
                    place.unit = Unit(n);
                    then();
                }
            };
            const auto columns = [&](std::int64_t count) {
                for (const int n : some(count)) {
                    place.unit2 = Unit(n);
                    visit(place);
                }
            };
            const std::int64_t last = shape.back();
            positions([&] {
                switch (site.axes) {
                    case Axes::PositionScale:
                        visit(place);
                        break;
                    case Axes::HeadQueryKey:
                        heads(shape.front(), [&] {
                            for (const int k : some(trace.length())) {
                                place.key = Position(k);
                                visit(place);
                            }
                        });
                        break;
                    case Axes::PositionHeadUnit:
                    case Axes::PositionHeadChannel: {
                        const int count = info.headsOf(site.id, Layer(l));
                        heads(count, [&] { units(info.widthOf(site.id, Layer(l)) / count, [&] { visit(place); }); });
                        break;
                    }
                    case Axes::StateOfPosition:
                        heads(shape.size() == 3 ? shape.front() : 1,
                              [&] { units(shape[shape.size() - 2], [&] { columns(last); }); });
                        break;
                    case Axes::PositionRowColumn:
                        units(shape[shape.size() - 2], [&] { columns(last); });
                        break;
                    default:
                        units(last, [&] { visit(place); });
                }
            });
        }
    }
}

struct Worst {
    double off = 0;
    std::string where;
};

void explainEverything(const std::string& name, const LoadedModel& loaded, const std::vector<TokenId>& ids) {
    const auto trace = runAll(loaded, ids, 5).trace;  // two blocks
    std::map<SiteId, Worst> worst;
    std::vector<std::string> without;
    std::map<std::pair<SiteId, int>, double> sizes;
    int places = 0;
    everyPlace(*trace, [&](const Locus& place) {
        const auto e = explain(*trace, *loaded.model, place);
        CAPTURE(name, print(place));
        if (!e) FAIL(e.error().message);
        REQUIRE(!e->title.empty());
        REQUIRE(!e->inWords.empty());
        const std::vector<double> figures = FormulaReader::figures(*e);
        if (figures.empty()) {
            without.push_back(print(place) + ": " + FormulaReader::joined(e->formula.front()));
            return;
        }
        ++places;
        const double value = e->value;
        CAPTURE(value, FormulaReader::joined(e->formula[0]), FormulaReader::joined(e->formula[1]));
        double& size = sizes[{*place.site, place.layer.value_or(Layer(0)).value}];
        if (std::isfinite(value)) size = std::max(size, std::abs(value));
        for (const double figure : figures) {
            if (std::isinf(value)) {
                REQUIRE(figure == value);
                continue;
            }
            REQUIRE(std::isfinite(figure));
            // Against the largest number of this site so far: single ones may be tiny against the sums they come from.
            const double off = std::abs(figure - value) / std::max({std::abs(value), size, 1e-3});
            Worst& w = worst[*place.site];
            if (off > w.off) w = {off, print(place) + ": " + FormulaReader::joined(e->formula[1])};
        }
        const SiteId site = *place.site;
        const bool table = site == SiteId::Embed || site == SiteId::PosEmbed || trace->model().layers() == 0;  // or counts
        const bool constant = FormulaReader::joined(e->formula[0]).find("the same for every token") != std::string::npos;
        REQUIRE((table || constant || !e->operands.empty()));
        for (const Locus& operand : e->operands) REQUIRE(explain(*trace, *loaded.model, operand));
        for (const FormulaLine& line : e->formula) {
            for (const FormulaPart& part : line) {
                if (part.link) REQUIRE(explain(*trace, *loaded.model, *part.link));
            }
        }
        if (e->contributions) {
            double sum = 0;
            for (const double v : e->contributions->values) sum += v;
            REQUIRE(sum == Approx(e->contributions->sum).epsilon(1e-9).margin(1e-9));
        }
        const auto check = checkValue(*trace, *loaded.model, place, CheckPath::FromOperands);
        if (!check) FAIL(check.error().message);
        REQUIRE(check->recomputed == Approx(figures.back()).epsilon(1e-5).margin(1e-6));
    });
    for (const std::string& place : without) UNSCOPED_INFO(name << " has no figures at " << place);
    CHECK(without.empty());
    for (const auto& [site, w] : worst) {
        CAPTURE(name, siteName(site), w.where, w.off);
        CHECK(w.off < 2e-5);
    }
    CAPTURE(name, places);
    CHECK(places >= 12);
}

}  // namespace

TEST_CASE("Every number of the reference models with mixers is explained") {
    for (const char* name : {"mamba", "mamba2", "jamba", "qwen3_next"}) {
        const auto loaded = openModel(zooPath(name));
        explainEverything(name, *loaded, {3, 17, 5, 22, 9, 40, 3, 17});
    }
}

TEST_CASE("Every number of the bundled models is explained") {
    for (const char* name :
         {"layerwalk-rnn", "layerwalk-lstm", "layerwalk-gru", "layerwalk-linear-attention", "layerwalk-retnet", "layerwalk-gla",
          "layerwalk-deltanet", "layerwalk-gated-deltanet", "layerwalk-mamba", "layerwalk-mamba2", "layerwalk-hybrid",
          "layerwalk-s4d", "layerwalk-nplm", "layerwalk-ngram", "layerwalk-recall-linear-attention",
          "layerwalk-selective-copy-s4d", "rwkv7-reverse", "layerwalk-rwkv7"}) {
        const BundledModel* bundled = bundledModel(name);
        REQUIRE(bundled);
        const auto loaded = openModel((resourcesFolder() / bundled->path).string());
        explainEverything(name, *loaded, {3, 7, 5, 2, 1, 4, 3, 7});
    }
}

TEST_CASE("Every number of a hybrid of all kinds is explained") {
    LoadedModel loaded;
    loaded.name = "hybrid";
    loaded.model = makeModel({{"model_type", "hybrid"},
                              {"vocab_size", 50},
                              {"hidden_size", 8},
                              {"num_hidden_layers", 12},
                              {"layer_types",
                               {"s4d", "linear_attention", "mamba2", "attention", "lstm", "retnet", "gla", "delta_net", "rnn",
                                "gated_delta_net", "mamba", "gru"}},
                              {"num_heads", 2},
                              {"head_dim", 4},
                              {"state_size", 4},
                              {"n_groups", 2},
                              {"expand", 1},
                              {"intermediate_size", 6},
                              {"initializer_range", 0.4}});
    explainEverything("hybrid of all kinds", loaded, {3, 17, 5, 22, 9, 40, 3, 17});
}
