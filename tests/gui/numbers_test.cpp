// Every number on the screen is the run's own: the pictures say what trace, analysis and the command line say.
#include <QProcess>

#include <nlohmann/json.hpp>

#include "core/analysis/attribution.h"
#include "core/analysis/softmax_stats.h"
#include "tests/gui/program.h"

using namespace lw;

namespace {

constexpr const char* text = "Once upon a time, there was a little girl named Lily. She";

std::string view(Program& program, const char* id) {
    program.showView(id);
    return textsIn(program.window().stage()->activeView());
}

nlohmann::json cli(const QStringList& arguments) {
    QProcess process;
    process.start(QStringLiteral(LAYERWALK_BIN "/layerwalk-cli"), arguments);
    REQUIRE(process.waitForFinished(60000));
    INFO(process.readAllStandardError().toStdString());
    REQUIRE(process.exitCode() == 0);
    return nlohmann::json::parse(process.readAllStandardOutput().toStdString());
}

}  // namespace

TEST_CASE("each view shows the numbers of the run", "[numbers]") {
    Program program(text);
    const ShownPtr asTraced = program.workspace().shown();  // kept: steps show another
    const Shown& shown = *asTraced;
    const Trace& trace = *shown.trace;
    const int q = 8;
    program.select("L3 H5 q8 k4 blocks.3.attn.hook_pattern");

    const ConstRow logits = trace.logits(Position(trace.length() - 1));
    const auto top = topTokens({logits.data(), static_cast<std::size_t>(logits.size())}, 3);
    const float weight = trace.patternRow(Layer(3), Head(5), Position(q))[4];

    SECTION("attention") {
        CHECK(contains(view(program, "attention"),
                       printNumber(static_cast<double>(trace.scoresRow(Layer(3), Head(5), Position(q))[7]), 3)));
    }
    SECTION("inspector") {
        CHECK(contains(textsIn(program.window().inspector()), printNumber(static_cast<double>(weight))));
        CHECK(contains(textsIn(program.window().inspector()), "blocks.3.attn.hook_pattern"));
    }
    SECTION("token strip") {
        const ConstRow before = trace.logits(Position(q - 1));
        const double p = std::exp(-surprisal({before.data(), static_cast<std::size_t>(before.size())}, trace.ids()[q]));
        CHECK(contains(textsIn(program.window().strip()), printProbability(p)));
    }
    SECTION("residual stream") {
        program.select("L3 q12");
        const ConstRow at = trace.logits(Position(12));
        const TokenId first = topTokens({at.data(), static_cast<std::size_t>(at.size())}, 1).front().id;
        const auto said =
            cli({"attribute", "stories260K", "--text", text, "--position", "12", "--token", QString::number(first), "--json"});
        const std::string shownTexts = view(program, "residual-stream");
        INFO(shownTexts);
        CHECK(contains(shownTexts, printNumber(said.at("logit").get<double>(), 6)));
        const RowVector stream = trace.row(SiteId::ResidMid, Layer(3), Position(12));
        CHECK(contains(shownTexts, printNumber(static_cast<double>(stream.norm()), 3)));
    }
    SECTION("block") {
        const RowVector out = trace.row(SiteId::MlpOut, Layer(3), Position(q));
        const std::string shownTexts = view(program, "block");
        INFO(shownTexts);
        CHECK((contains(shownTexts, printNumber(static_cast<double>(out.norm()), 3)) ||
               contains(shownTexts, printNumber(static_cast<double>(out.norm()), 4))));
    }
    SECTION("next token") {
        program.select(("q" + std::to_string(trace.length() - 1)).c_str());
        const std::string shownTexts = view(program, "next-token");
        INFO(shownTexts);
        CHECK(contains(shownTexts, printProbability(top.front().probability)));
        CHECK(contains(shownTexts, printNumber(static_cast<double>(top.front().logit))));
    }
    SECTION("generation") {
        program.step(StepKind::Greedy);
        program.step(StepKind::Greedy);
        const auto said = cli({"generate", "stories260K", "--text", text, "-n", "2", "--greedy", "--json"});
        const std::string shownTexts = view(program, "generation");
        INFO(shownTexts);
        for (int i = 0; i < 2; ++i) {
            const TokenId id = program.workspace().shown()->trace->ids()[static_cast<std::size_t>(trace.length() + i)];
            CHECK(said.at("ids").at(static_cast<std::size_t>(i)) == id);
            CHECK(contains(shownTexts, program.workspace().shown()->piece(id)));
        }
    }
}

TEST_CASE("the window and the command line agree to the bit", "[numbers]") {
    Program program(text);
    const Trace& trace = *program.workspace().shown()->trace;
    const auto said = cli({"run", "stories260K", "--text", text, "--top", "3", "--json"});
    REQUIRE(said.at("ids").size() == trace.ids().size());
    for (int t = 0; t < trace.length(); ++t) {
        CHECK(said.at("ids").at(static_cast<std::size_t>(t)) == trace.ids()[static_cast<std::size_t>(t)]);
        for (const auto& entry : said.at("top").at(static_cast<std::size_t>(t))) {
            CHECK(entry.at("logit").get<float>() == trace.logits(Position(t))[entry.at("id").get<int>()]);
        }
    }
}

TEST_CASE("the logit lens shows the last row's probability", "[numbers]") {
    Program program(text);
    program.select(("q" + std::to_string(program.tokens() - 1) + " blocks.4.hook_resid_post").c_str());
    const auto cell = cli({"lens", "stories260K", "--text", text, "--top", "1", "--json"});
    const auto& last = cell.at("cells").back().back().at("top").at(0);
    CHECK(contains(view(program, "logit-lens"), printProbability(last.at("probability").get<double>())));
}
