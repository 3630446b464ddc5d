// The state's picture as numbers: what is written out, where cells lie, how areas lead to places.
#include "widgets/state/state_picture.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/analysis/explain.h"
#include "tests/core/models/zoo.h"
#include "widgets/shared/format.h"
#include "widgets/shared/text_width.h"

using namespace lw;
using namespace lw::test;

namespace {

struct Drawn {
    std::shared_ptr<const LoadedModel> loaded;
    std::shared_ptr<const Trace> trace;
    std::vector<std::string> pieces;
    StateFacts facts;
    StateInput in;

    explicit Drawn(const std::string& name, StatePlace place) {
        loaded = openModel(zooPath(name));
        trace = runAll(*loaded, Reference(zooPath(name) + "/expected.safetensors").ids("0.input_ids")).trace;
        for (int i = 0; i < trace->length(); ++i) pieces.push_back("t" + std::to_string(i));
        auto computed = stateFacts({trace, loaded->model, place, {}});
        if (!computed) FAIL(computed.error().message);
        facts = std::move(*computed);
        in.facts = &facts;
        in.pieces = pieces;
        in.width = 760;
        in.height = 420;
    }
};

bool says(const Picture& picture, const std::string& text) {
    const auto texts = picture.texts();
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& t) { return t.find(text) != std::string::npos; });
}

const StateArea& areaNamed(const StateDrawing& drawing, const std::string& name) {
    for (const StateArea& area : drawing.areas)
        if (area.name == name) return area;
    FAIL("no area " << name);
    return drawing.areas.front();
}

const DataTable& tableNamed(const Picture& picture, const std::string& name) {
    for (const DataTable& table : picture.tables)
        if (table.name == name) return table;
    FAIL("no table " << name);
    return picture.tables.front();
}

// An LSTM's facts by hand: T tokens, H units.
StateFacts cellFacts(const std::shared_ptr<const Trace>& trace, int T, int H) {
    StateFacts f;
    f.trace = trace;
    f.mixer.kind = MixerKind::Lstm;
    f.mixer.inner = H;
    f.place.position = Position(1);
    f.sizes = std::make_shared<Matrix>(Matrix::Constant(T, 1, 2));
    auto text = std::make_shared<HeadOverText>();
    text->heatSite = SiteId::CellC;
    text->heat = Matrix::Constant(T, H, 0.5f);
    text->limit = 0.5;
    text->gates.push_back({.site = SiteId::CellF, .symbol = "f", .name = "keep", .values = Matrix::Constant(T, H, 0.25f)});
    f.text = text;
    StateTerms terms;
    terms.before = terms.kept = Matrix::Constant(1, H, 0.25f);
    terms.written = Matrix::Constant(1, H, 0.125f);
    terms.written(0, H - 2) = -0.5f;
    terms.after = terms.kept + terms.written;
    terms.read = RowVector::Constant(H, 0.1f);
    f.terms = terms;
    f.scale = 0.5;
    f.readScale = 0.1;
    f.survival.assign(static_cast<std::size_t>(T - 1), 1.0);
    for (std::size_t d = 1; d < f.survival.size(); ++d) f.survival[d] = f.survival[d - 1] / 2;
    f.halfLife = halfLifeOf(f.survival);
    f.effectiveFailure = "none";
    return f;
}

std::shared_ptr<const Trace> emptyTrace(int T) {
    auto info = std::make_shared<ModelInfo>();
    info->vocabulary = 1;
    info->width = 1;
    auto block = std::make_shared<TraceBlock>();
    block->ids.assign(static_cast<std::size_t>(T), 0);
    return std::make_shared<const Trace>(info, CaptureSpec::none(), std::vector<std::shared_ptr<const TraceBlock>>{block});
}

}  // namespace

TEST_CASE("The row of the chosen number is the sum, figure by figure") {
    Drawn d("qwen3_next", {Layer(1), Head(2), Position(9), {}});
    d.in.place = {
        .layer = Layer(1), .head = Head(2), .position = Position(9), .unit = Unit(3), .unit2 = Unit(5), .site = SiteId::MixerS};
    const StateDrawing drawing = statePicture(d.in);
    const StateTerms& t = *d.facts.terms;
    double kept = 0, erased = 0, written = 0, after = 0;
    int found = 0;
    for (const Spot& spot : drawing.picture.spots) {
        if (!spot.value || spot.place.unit != Unit(3) || spot.place.unit2 != Unit(5)) continue;
        CHECK(spot.place.position == Position(9));
        CHECK(spot.place.head == Head(2));
        ++found;
        if (spot.place.site == SiteId::MixerKept) kept = *spot.value;
        if (spot.place.site == SiteId::MixerErased) erased = *spot.value;
        if (spot.place.site == SiteId::MixerWritten) written = *spot.value;
        if (spot.place.site == SiteId::MixerS) after = *spot.value;
    }
    CHECK(found == 4);
    CHECK(std::abs(kept - erased + written - after) < 1e-6);
    CHECK(after == static_cast<double>(t.after(3, 5)));
    CHECK(says(drawing.picture, "row 3, column 5:"));
    CHECK(says(drawing.picture, printNumber(kept)));
    CHECK(says(drawing.picture, printNumber(erased)));
    CHECK(says(drawing.picture, printNumber(written)));
    CHECK(says(drawing.picture, printNumber(after)));
    CHECK(says(drawing.picture, "State of layer 1, head 2, at 9 “t9”"));
    CHECK(says(drawing.picture, "Gated DeltaNet"));
}

TEST_CASE("What erases nothing has no picture of it") {
    Drawn d("mamba2", {Layer(0), Head(0), Position(3), {}});
    const StateDrawing drawing = statePicture(d.in);
    CHECK(!says(drawing.picture, "erased"));
    CHECK(says(drawing.picture, "kept"));
    CHECK(says(drawing.picture, "written"));
}

TEST_CASE("A cell of a term leads to its number") {
    Drawn d("qwen3_next", {Layer(0), Head(1), Position(6), {}});
    const StateDrawing drawing = statePicture(d.in);
    const StateArea& area = areaNamed(drawing, "erased");
    const Rect cell = area.cellRect(2, 7);
    const auto hit = area.at(cell.x + cell.w / 2, cell.y + cell.h / 2);
    REQUIRE(hit);
    CHECK(hit->place.unit == Unit(2));
    CHECK(hit->place.unit2 == Unit(7));
    CHECK(hit->place.site == SiteId::MixerErased);
    CHECK(hit->value == static_cast<double>(d.facts.terms->erased(2, 7)));
    CHECK(!area.at(area.rect.right() + 1, cell.y));
}

TEST_CASE("Beside a narrow heading the memory's size is said in short, and no word is cut") {
    const auto beside = [](const std::string& model, const std::string& kind, double width) {
        Drawn d(model, {Layer(1), Head(0), Position(5), {}});
        d.in.width = width;
        const StateDrawing drawing = statePicture(d.in);
        for (const PictureItem& item : drawing.picture.items)
            if (const auto* label = std::get_if<Label>(&item); label && label->text.find(kind) == 0) {
                CHECK(textWidth(label->text, label->size, label->bold) <= label->rect.w);
                return label->text;
            }
        return std::string();
    };
    CHECK(beside("qwen3_next", "Gated DeltaNet", 1200).find("the memory of a head is a ") != std::string::npos);
    CHECK(beside("qwen3_next", "Gated DeltaNet", 640).starts_with("Gated DeltaNet · "));
    CHECK(beside("mamba", "Mamba", 1200).find(" channels × ") != std::string::npos);
    CHECK(beside("mamba", "Mamba", 560).starts_with("Mamba · "));
}

TEST_CASE("All that has a position stands on the same columns, inside the picture, and nothing overlaps") {
    for (const double width : {480.0, 700.0, 1200.0}) {
        Drawn d("qwen3_next", {Layer(1), Head(0), Position(5), {}});
        d.in.width = width;
        const StateDrawing drawing = statePicture(d.in);
        const TextColumns columns = textColumns(width, d.trace->length());
        CHECK(columns.right() <= width);
        for (const StateArea& area : drawing.areas) {
            CAPTURE(area.name, width);
            CHECK(area.rect.x >= 0);
            CHECK(area.rect.right() <= width + 0.01);
            CHECK(area.rect.bottom() <= drawing.picture.height);
            if (area.kind == StateArea::Kind::State || area.kind == StateArea::Kind::Vector) continue;
            CHECK(area.rect.x == columns.left);
            CHECK(std::abs(area.rect.right() - columns.right()) < 1e-9);
            const auto hit = area.at(columns.centre(5), area.rect.y + 1);
            REQUIRE(hit);
            CHECK(hit->column == 5);
        }
        for (std::size_t i = 0; i < drawing.areas.size(); ++i)
            for (std::size_t j = 0; j < i; ++j) {
                const Rect &a = drawing.areas[i].rect, &b = drawing.areas[j].rect;
                CAPTURE(drawing.areas[i].name, drawing.areas[j].name);
                CHECK((a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y));
            }
    }
}

TEST_CASE("The tables hold the numbers of the picture") {
    Drawn d("mamba", {Layer(1), Head(0), Position(4), {}});
    const Picture picture = statePicture(d.in).picture;
    const DataTable& kept = tableNamed(picture, "kept");
    REQUIRE(kept.rows.size() == static_cast<std::size_t>(d.facts.mixer.inner));
    CHECK(kept.rows[5][2] == static_cast<double>(d.facts.terms->kept(5, 2)));
    CHECK(tableNamed(picture, "gate_Δ").rows[4][7] == static_cast<double>(d.facts.text->gates[0].values(4, 7)));
    CHECK(tableNamed(picture, "survival").rows.size() == d.facts.survival.size());
    CHECK(tableNamed(picture, "effective_attention_all").rows[6][4] == static_cast<double>((*d.facts.effectiveMatrix)(6, 4)));
}

TEST_CASE("A cell's numbers are folded into lines, and the fold leads back to the unit") {
    const auto trace = emptyTrace(6);
    const StateFacts facts = cellFacts(trace, 6, 37);
    const std::vector<std::string> pieces{"a", "b", "c", "d", "e", "f"};
    const StateDrawing drawing = statePicture({.facts = &facts, .pieces = pieces, .width = 700, .height = 400});
    const StateArea& area = areaNamed(drawing, "written");
    CHECK(area.values.cols() == 8);
    CHECK(area.values.rows() == 5);
    const Rect cell = area.cellRect(4, 3);  // 4 · 8 + 3
    REQUIRE(area.at(cell.x + 1, cell.y + 1));
    CHECK(area.at(cell.x + 1, cell.y + 1)->place.unit == Unit(35));
    CHECK(area.at(cell.x + 1, cell.y + 1)->place.site == SiteId::CellWritten);
    CHECK(area.at(cell.x + 1, cell.y + 1)->value == -0.5);
    const Rect beyond = area.cellRect(4, 6);  // 38: there are only 37
    CHECK(!area.at(beyond.x + 1, beyond.y + 1));
    CHECK(says(drawing.picture, "unit 35:"));  // the strongest write
    CHECK(says(drawing.picture, "8 units a line"));
    CHECK(says(drawing.picture, "keep f unit 35"));
    CHECK(says(drawing.picture, "half-life 1 tokens"));
    CHECK(says(drawing.picture, "No effective attention"));
}

TEST_CASE("The numbers of neighbouring positions never touch, small ones have fewer digits") {
    bool shortened = false;
    for (int T = 2; T <= 24; ++T) {
        StateFacts facts = cellFacts(emptyTrace(T), T, 8);
        auto text = std::make_shared<HeadOverText>(*facts.text);
        text->gates.front().values.setConstant(0.0083f);
        facts.text = text;
        const std::vector<std::string> pieces(static_cast<std::size_t>(T), "a");
        const StateDrawing drawing = statePicture({.facts = &facts, .pieces = pieces, .width = 680, .height = 400});
        for (const PictureItem& item : drawing.picture.items) {
            const auto* label = std::get_if<Label>(&item);
            if (!label || !label->text.starts_with("0.008") || !label->on) continue;
            INFO(T << ": " << label->text);
            CHECK(textWidth(label->text, label->size, label->bold, label->mono) <= label->rect.w - 2);
            shortened = shortened || label->text == "0.008";
        }
    }
    CHECK(shortened);
}

TEST_CASE("Sentences that stand for a strip are whole, and the frame of the place ends above them") {
    StateFacts facts = cellFacts(emptyTrace(6), 6, 8);
    const std::vector<std::string> pieces{"a", "b", "c", "d", "e", "f"};
    facts.mixer.kind = MixerKind::Rnn;
    facts.survivalFailure = "No survival: a plain cell has no gate that says what it keeps, which is why there is no curve here.";
    const StateDrawing drawing = statePicture({.facts = &facts, .pieces = pieces, .width = 560, .height = 400});
    double frame = 0, sentence = 0;
    for (const PictureItem& item : drawing.picture.items) {
        if (const auto* box = std::get_if<Box>(&item); box && box->frame.ink == Ink::SelectedFrame && box->rect.h > 60)
            frame = std::max(frame, box->rect.bottom());
        const auto* label = std::get_if<Label>(&item);
        if (!label || (label->text.find("No ") != 0 && label->text.find("no curve") == std::string::npos)) continue;
        CHECK(textWidth(label->text, label->size, label->bold) <= label->rect.w);
        sentence = sentence > 0 ? std::min(sentence, label->rect.y) : label->rect.y;
    }
    REQUIRE(sentence > 0);
    CHECK(frame > 0);
    CHECK(frame <= sentence);
}

TEST_CASE("A long text is drawn without thousands of boxes") {
    const auto trace = emptyTrace(2000);
    StateFacts facts = cellFacts(trace, 2000, 512);
    const std::vector<std::string> pieces(2000, "x");
    const StateDrawing drawing = statePicture({.facts = &facts, .pieces = pieces, .width = 700, .height = 400});
    CHECK(drawing.picture.items.size() < 3000);
    CHECK(drawing.picture.spots.size() < 100);
    const StateArea& cells = areaNamed(drawing, "cells c");
    const TextColumns columns = textColumns(700, 2000);
    CHECK(cells.at(columns.centre(1234), cells.rect.y + 1)->place.position == Position(1234));
}

TEST_CASE("A layer without a state is named, and the way to its attention offered") {
    Drawn d("qwen3_next", {Layer(2), Head(0), Position(5), {}});
    d.in.askedFor = Layer(3);
    const Picture picture = statePicture(d.in).picture;
    CHECK(says(picture, "Layer 3 keeps every key and value"));
    CHECK(std::any_of(picture.spots.begin(), picture.spots.end(),
                      [](const Spot& spot) { return spot.action == openAttentionAction; }));
}

TEST_CASE("An agent's memory beside the gates: four acts with the lengths of this step's terms") {
    Drawn d("qwen3_next", {.layer = Layer(1), .head = Head(2), .position = Position(6), .channel = {}});
    d.in.agent = true;
    const StateDrawing drawing = statePicture(d.in);
    const StateTerms& t = *d.facts.terms;
    for (const char* act : {"writes an event down", "reads it back", "lets old events go", "reflects: rewrites it"})
        CHECK(says(drawing.picture, act));
    const DataTable& table = tableNamed(drawing.picture, "agent_memory");
    REQUIRE(table.rows.size() == 4);
    CHECK(table.rows[0][0] == Approx(t.written.norm()));
    CHECK(table.rows[1][0] == Approx(t.read.norm()));
    CHECK(table.rows[2][0] == Approx(t.kept.norm()));
    CHECK(table.rows[3][0] == Approx(t.erased.norm()));
    // The write gate of this step stands beside it, and a click leads to the term.
    const float beta = d.trace->matrix(SiteId::MixerBeta, Layer(1))(6, 2);
    CHECK(says(drawing.picture, "β = " + printNumber(static_cast<double>(beta), 3)));
    const auto spot = std::find_if(drawing.picture.spots.begin(), drawing.picture.spots.end(),
                                   [](const Spot& s) { return s.place.site == SiteId::MixerErased && s.value; });
    REQUIRE(spot != drawing.picture.spots.end());
    CHECK(spot->place.head == Head(2));
    CHECK(spot->place.position == Position(6));
    CHECK_FALSE(says(drawing.picture, "survives"));  // what stands over the text makes room
}

TEST_CASE("A layer that cannot rewrite says so") {
    Drawn d("mamba", {.layer = Layer(0), .head = Head(0), .position = Position(6), .channel = {}});
    d.in.agent = true;
    const StateDrawing drawing = statePicture(d.in);
    CHECK(says(drawing.picture, "it cannot"));
    CHECK(tableNamed(drawing.picture, "agent_memory").rows.size() == 3);
    d.in.controls = false;
    for (const Spot& spot : statePicture(d.in).picture.spots) CHECK(spot.action.empty());
}

TEST_CASE("The formula over what is read gives what is read, the scale of the query with it") {
    Drawn d("qwen3_next", {.layer = Layer(1), .head = Head(2), .position = Position(6), .channel = {}});
    const MixerInfo& m = d.facts.mixer;
    CHECK(says(statePicture(d.in).picture, "q S / √" + std::to_string(m.keyWidth)));
    const Matrix q = d.trace->matrix(SiteId::MixerQ, Layer(1)).middleCols(2 * m.keyWidth, m.keyWidth);
    const RowVectorD read = q.row(6).cast<double>() * d.facts.terms->after.cast<double>() / std::sqrt(double(m.keyWidth));
    CHECK((read.cast<float>() - d.facts.terms->read).cwiseAbs().maxCoeff() < 1e-6 * d.facts.terms->read.cwiseAbs().maxCoeff());
    const auto derived =
        explain(*d.trace, *d.loaded->model,
                {.layer = Layer(1), .head = Head(2), .position = Position(6), .unit = Unit(3), .site = SiteId::MixerRead});
    REQUIRE(derived);
    CHECK(derived->formula.front().front().text.find("(qᵢ / √" + std::to_string(m.keyWidth) + ")") != std::string::npos);
}

TEST_CASE("An agent's page says of each kind only what it has") {
    struct Case {
        const char* model;
        std::vector<std::string> said, unsaid;
    };
    const Case cases[] = {
        {"layerwalk-rnn", {"with no gate", "mixed anew"}, {"input gate", "output gate", "fades"}},
        {"layerwalk-gru", {"update gate"}, {"input gate", "output gate", "cell"}},
        {"layerwalk-lstm", {"input gate", "output gate", "fades by the gate"}, {"key"}},
        {"layerwalk-linear-attention", {"stored under its key", "only added to"}, {"fades by", "gate"}},
        {"layerwalk-deltanet", {"nothing fades", "taken out"}, {"by the gate"}},
        {"layerwalk-retnet", {"at a pace that no token changes", "γ = "}, {"by the gate", "α = "}},
        {"layerwalk-s4d", {"the same for every token", "at a pace that no token changes"}, {"key", "by the gate"}},
        {"layerwalk-mamba", {"the token’s C", "the token’s Δ"}, {"key"}},
        {"layerwalk-gla", {"stored under its key", "fades by the gate"}, {"taken out"}},
        {"layerwalk-rwkv7", {"stored under its key", "taken out"}, {"it cannot"}}};
    for (const Case& one : cases) {
        CAPTURE(one.model);
        const auto loaded = openModel(one.model);
        const auto trace = runAll(*loaded, {939, 716, 260, 579, 12, 519}).trace;
        const auto facts =
            stateFacts({trace, loaded->model, {.layer = Layer(1), .head = Head(0), .position = Position(5), .channel = {}}, {}});
        REQUIRE(facts);
        StateInput in;
        in.facts = &*facts;
        in.width = 900;
        in.height = 420;
        in.agent = true;
        const Picture picture = statePicture(in).picture;
        for (const std::string& word : one.said) {
            CAPTURE(word);
            CHECK(says(picture, word));
        }
        for (const std::string& word : one.unsaid) {
            CAPTURE(word);
            CHECK_FALSE(says(picture, word));
        }
    }
}

TEST_CASE("Complex states are named by their real and imaginary parts") {
    MixerInfo m;
    m.kind = MixerKind::S4d;
    m.inner = 256;
    m.stateSize = 16;
    m.complexState = true;
    CHECK(cellWords(m, 220, 3, sayEnglish) == "channel 220, real part of state 3");
    CHECK(cellWords(m, 220, 12, sayEnglish) == "channel 220, imaginary part of state 4");
    CHECK(memoryWords(m, sayEnglish).find("256 channels × 8 complex states") != std::string::npos);
    m.complexState = false;
    CHECK(cellWords(m, 220, 12, sayEnglish) == "channel 220, state 12");
}

TEST_CASE("B and C of a scan stand over the text, those of the head's group, and lead to their numbers") {
    for (const auto& [name, head] : {std::pair{"mamba", 0}, std::pair{"mamba2", 1}}) {
        CAPTURE(name);
        Drawn d(name, {.layer = Layer(1), .head = Head(head), .position = Position(6), .channel = {}});
        const MixerInfo& m = d.facts.mixer;
        const int first = m.hasMatrixState() ? head / (m.heads / m.groups) * m.stateSize : 0;
        const StateDrawing drawing = statePicture(d.in);
        for (const auto& [title, site, table] :
             {std::tuple{"writes at B", SiteId::SsmB, "B_over_text"}, std::tuple{"reads with C", SiteId::SsmC, "C_over_text"}}) {
            CHECK(says(drawing.picture, title));
            const StateArea& area = areaNamed(drawing, title);
            CHECK(area.place.site == site);
            CHECK(area.firstUnit == first);
            const Matrix all = d.trace->matrix(site, Layer(1));
            CHECK(area.values == Matrix(all.middleCols(first, m.stateSize).transpose()));
            CHECK(tableNamed(drawing.picture, table).rows[6][2] == Approx(static_cast<double>(all(6, first + 2))));
        }
    }
    Drawn other("qwen3_next", {.layer = Layer(1), .head = Head(0), .position = Position(6), .channel = {}});
    CHECK(other.facts.text->vectors.empty());
}
