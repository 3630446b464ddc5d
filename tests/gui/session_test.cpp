// Sessions: saved, opened, run again exactly; hostile files.
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QTemporaryDir>

#include <sstream>

#include "app/session.h"
#include "tests/gui/program.h"

using namespace lw;

namespace {

// The first line in which two texts differ, both readings of it; empty if they do not.
std::string firstDifference(const std::string& a, const std::string& b) {
    std::istringstream left(a), right(b);
    std::string one, two;
    while (true) {
        const bool more = static_cast<bool>(std::getline(left, one)), other = static_cast<bool>(std::getline(right, two));
        if (!more && !other) return {};
        if (more != other || one != two) return (more ? one : "(end)") + " | " + (other ? two : "(end)");
    }
}

}  // namespace

TEST_CASE("a session opens to the same screen, generated branches included", "[session]") {
    QTemporaryDir folder;
    const QString file = folder.filePath("lesson.walk");
    Session saved;
    std::vector<TokenId> ids;
    std::vector<std::optional<double>> draws;
    std::string texts;
    {
        Program program("Tom and Lily went to the park");
        program.step(StepKind::Roll);
        program.step(StepKind::Roll);
        program.step(StepKind::Greedy);
        program.workspace().stepBack();
        program.waitUntilComplete();
        program.step(StepKind::Force, 300);
        program.workspace().stepBack();
        program.waitUntilComplete();
        program.step(StepKind::Roll);
        program.workspace().togglePin();
        program.workspace().stepBack();
        program.waitUntilComplete();
        program.window().stage()->showViews({"logit-lens", "next-token"});
        program.select("s2 L3 H2 q8 k4 blocks.3.attn.hook_pattern");
        program.window().saveSessionTo(file);
        CHECK(program.problem().isEmpty());
        saved = program.workspace().session();
        for (const RunNodePtr& node : program.workspace().branches()->nodes()) {
            ids.push_back(node->choice().id);
            draws.push_back(node->choice().draw);
        }
        texts = textsInSight(program.window().stage());
    }
    Program program;
    program.window().openPath(file);
    REQUIRE(
        eventually([&] { return program.workspace().text() == "Tom and Lily went to the park" && !program.workspace().busy(); }));
    program.waitUntilComplete();
    CHECK(program.problem().isEmpty());
    std::vector<TokenId> idsNow;
    std::vector<std::optional<double>> drawsNow;
    for (const RunNodePtr& node : program.workspace().branches()->nodes()) {
        idsNow.push_back(node->choice().id);
        drawsNow.push_back(node->choice().draw);
    }
    CHECK(idsNow == ids);
    CHECK(drawsNow == draws);
    CHECK(print(program.place()) == "s2 L3 H2 q8 k4 blocks.3.attn.hook_pattern");
    CHECK(program.prompt().text() == "Tom and Lily went to the park");
    CHECK(program.window().stage()->panes() == 2);
    CHECK(program.workspace().pinned());
    CHECK(firstDifference(textsInSight(program.window().stage()), texts) == "");
    // What is saved again is the same file.
    const Session again = program.workspace().session();
    QJsonObject a = toJson(saved), b = toJson(again);
    QJsonObject model = a["model"].toObject();
    model["fingerprint"] = b["model"].toObject()["fingerprint"];  // may not have been known when it was taken
    a["model"] = model;
    CHECK(QJsonDocument(a).toJson().toStdString() == QJsonDocument(b).toJson().toStdString());
}

TEST_CASE("A of another model comes back with that model: a Transformer's attention beside a state", "[session]") {
    QTemporaryDir folder;
    const QString file = folder.filePath("beside.walk");
    const auto open = [](Program& program, const char* model) {
        program.workspace().openModel(QString::fromLatin1(model));
        REQUIRE(eventually([&] { return program.workspace().shown() && program.workspace().shown()->modelName == model; }));
        program.waitUntilComplete();
    };
    Session session;
    {
        Program program("Once upon a time, there was a little girl");
        open(program, "layerwalk-transformer");
        program.showView("attention");
        program.select("L1 H0 q5");
        program.workspace().togglePin();
        open(program, "layerwalk-mamba");
        program.showView("state");
        REQUIRE(program.workspace().pinned());
        CHECK(program.workspace().pinned()->shown->modelName == "layerwalk-transformer");
        session = program.workspace().session();
        program.window().saveSessionTo(file);
    }
    {
        Program program;
        program.window().openPath(file);
        REQUIRE(
            eventually([&] { return program.workspace().model()->name == "layerwalk-mamba" && !program.workspace().busy(); }));
        program.waitUntilComplete();
        CHECK(program.problem().isEmpty());
        REQUIRE(program.workspace().pinned());
        const ShownPtr a = program.workspace().pinned()->shown;
        CHECK(a->modelName == "layerwalk-transformer");
        const auto& info = a->trace->model();
        CHECK(info.block(Layer(1)).hasAttention());
        CHECK(program.workspace().shown()->modelName == "layerwalk-mamba");
        CHECK(print(program.workspace().pinned()->place) == "L1 H0 q5");
        QStringList labels;
        for (const QLabel* label : program.window().stage()->findChildren<QLabel*>()) {
            if (label->isVisible()) labels += label->text();
        }
        CHECK(labels.contains("A: L1 H0 q5 · layerwalk-transformer"));
        CHECK(labels.contains("B: now · layerwalk-mamba"));
    }
    // Where A's model is not found, the rest comes back, and it is said.
    Program program;
    session.pin->model = {.name = "elsewhere", .path = "/no/such/elsewhere.gguf", .fingerprint = "00ff", .architecture = "llama"};
    std::string said;
    QObject::connect(&program.workspace(), &Workspace::said, [&](const QString& text) { said += text.toStdString(); });
    program.workspace().apply(session);
    REQUIRE(eventually([&] { return program.workspace().model()->name == "layerwalk-mamba" && !program.workspace().busy(); }));
    program.waitUntilComplete();
    CHECK_FALSE(program.workspace().pinned());
    CHECK(said.find("A was left out") != std::string::npos);
    CHECK(said.find("elsewhere") != std::string::npos);
}

TEST_CASE("a session whose model is not here says so and keeps the present one", "[session]") {
    Program program;
    const auto model = program.workspace().model();
    Session session = program.workspace().session();
    session.model.name = "a-model-from-elsewhere";
    session.model.path = "/no/such/folder/a-model-from-elsewhere.gguf";
    session.model.fingerprint = "00112233445566778899aabbccddeeff";
    session.text = "Lily saw a bird";
    const QString before = program.workspace().text();
    program.workspace().apply(session);
    REQUIRE(eventually([&] { return !program.problem().isEmpty(); }));
    INFO(program.problem().toStdString());
    CHECK(program.problem().contains("a-model-from-elsewhere"));
    CHECK(program.problem().contains("00112233445566778899aabbccddeeff"));
    CHECK(program.workspace().model() == model);
    CHECK(program.workspace().text() == before);
    auto* button = qobject_cast<QPushButton*>(program.window().messages()->button("problem", 0));
    REQUIRE(button);
    QTest::mouseClick(button, Qt::LeftButton);
    REQUIRE(eventually([&] { return program.workspace().text() == "Lily saw a bird"; }));
    program.waitUntilComplete();
    CHECK(program.workspace().model() == model);
}

TEST_CASE("a session as JSON and back", "[session][logic]") {
    Session s;
    s.model = {"m", "/p/m.gguf", "ff", "llama"};
    s.text = "quotes \" and 小貓\n";
    s.context = ContextChoice::CutFront;
    s.tree = {.promptTokens = 3,
              .seed = 0xfedcba9876543210u,
              .nodes = {{.parent = 0, .id = 5, .logit = 1.5f, .probability = 0.25, .draw = 0.125, .dice = 0xffffffffffffffffu},
                        {.parent = 1, .id = 6, .draw = {}, .forced = true},
                        {.parent = 1, .id = 7, .draw = {}, .forced = true, .kept = true}},
              .current = 2};
    s.sampling = {.greedy = true, .temperature = 0.5, .topK = 3, .topP = 0.9, .minP = 0.1, .seed = 0xffffffffffffffffu};
    s.place = *parseLocus("L1 q2");
    s.views.panes = 2;
    s.views.views = {"attention", "block"};
    s.compare = CompareChoice::Difference;
    const auto back = sessionFromJson(QJsonDocument::fromJson(QJsonDocument(toJson(s)).toJson()).object());
    REQUIRE(back);
    CHECK(QJsonDocument(toJson(*back)).toJson() == QJsonDocument(toJson(s)).toJson());
    CHECK(back->tree.nodes[0].dice == 0xffffffffffffffffu);
    CHECK(back->tree.nodes[0].draw == 0.125);
    CHECK_FALSE(back->tree.nodes[1].kept);
    CHECK(back->tree.nodes[2].kept);
    CHECK(back->sampling == s.sampling);
}

TEST_CASE("hostile session files", "[session][logic]") {
    Session s;
    s.tree.nodes = {{.parent = 0, .id = 5, .draw = {}}};
    const QJsonObject good = toJson(s);
    REQUIRE(sessionFromJson(good));
    const auto refuses = [&](const char* field, const QJsonValue& value) {
        QJsonObject bad = good;
        bad[QLatin1String(field)] = value;
        const auto result = sessionFromJson(bad);
        REQUIRE_FALSE(result);
        INFO(result.error().message);
        CHECK(result.error().message.ends_with("."));
    };
    refuses("format", "something-else");
    refuses("version", 99);
    refuses("text", 5);
    refuses("tree", QJsonArray{1});
    refuses("place", "L3 nonsense");
    refuses("context", "sideways");
    const auto tree = [&](const QJsonObject& node, int current) {
        return QJsonObject{{"nodes", QJsonArray{node}}, {"current", current}};
    };
    refuses("tree", tree({{"parent", 1}, {"id", 5}}, 0));  // a parent that does not come before
    refuses("tree", tree({{"parent", 0}}, 0));             // no token
    refuses("tree", tree({{"parent", 0}, {"id", -3}}, 0));
    refuses("tree", tree({{"parent", 0}, {"id", 5.5}}, 0));
    refuses("tree", tree({{"parent", 0}, {"id", 1e300}}, 0));
    refuses("tree", tree({{"parent", 0}, {"id", 5}}, 7));  // a node that is not there
    refuses("tree", tree({{"parent", 0}, {"id", 5}, {"dice", "99999999999999999999999"}}, 0));
    refuses("sampling", QJsonObject{{"temperature", 0}});
    refuses("sampling", QJsonObject{{"top_p", 2}});
    refuses("views", QJsonObject{{"panes", 77}});
}

TEST_CASE("a session that cannot be written is a sentence", "[session]") {
    Program program;
    program.window().saveSessionTo("/no/such/folder/a.walk");
    CHECK_FALSE(program.problem().isEmpty());
}
