// An agent's memory beside the gates that do the same here: what is written down, what is read back, what is let go, and what
// reflecting rewrites, each with the numbers of this step.
#include <algorithm>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"
#include "widgets/state/state_parts.h"

namespace lw {

namespace {

constexpr double rowHeight = 46, headHeight = 18, numberWidth = 118;

struct Act {
    const char* agent;  // what an agent with a notebook does
    const char* layer;  // what this layer does
    Ink ink;
    SiteId site;
    const Matrix* values;  // null: this layer has no such act
    std::vector<SiteId> gates;
};

// Mean of a gate's numbers at the position, as it acts.
std::string gateText(const GateStrip& gate, int position, const Say& say) {
    const double value = static_cast<double>(gate.values.row(position).mean());
    const std::string number = gate.symbol + " = " + printNumber(value, 3);
    return gate.values.cols() == 1 ? number : number + say(QT_TRANSLATE_NOOP("State", " (mean)"));
}

std::string gatesText(const StateInput& in, const std::vector<SiteId>& sites) {
    std::string text;
    for (const GateStrip& gate : in.facts->text->gates) {
        if (std::ranges::find(sites, gate.site) == sites.end()) continue;
        text += (text.empty() ? "" : " · ") + gateText(gate, in.facts->place.position.value, in.say);
    }
    return text;
}

struct Words {
    const char *writes, *reads, *letsGo, *reflects;
};
// What each kind does in place of the agent's four acts.
Words wordsOf(const MixerInfo& m) {
    const char* stored = QT_TRANSLATE_NOOP("State", "the value is stored under its key: an outer product");
    const char* matched = QT_TRANSLATE_NOOP("State", "values come back by how well their keys match");
    const char* fades = QT_TRANSLATE_NOOP("State", "what stands there fades by the gate, whatever it was");
    const char* fixedPace = QT_TRANSLATE_NOOP("State", "what stands there fades at a pace that no token changes");
    const char* cannot = QT_TRANSLATE_NOOP("State", "it cannot: what is stored only fades, or is added to");
    const char* replaced = QT_TRANSLATE_NOOP("State", "what the key would read is taken out, then replaced");
    const char* whole = QT_TRANSLATE_NOOP("State", "the state itself goes on, all of it");
    switch (m.kind) {
        case MixerKind::Rnn:
            return {QT_TRANSLATE_NOOP("State", "the token is added through W, with no gate"), whole,
                    QT_TRANSLATE_NOOP("State", "the old state is mixed anew at every token"),
                    QT_TRANSLATE_NOOP("State", "not by choice: tanh and U change all of it at every token")};
        case MixerKind::Lstm:
            return {QT_TRANSLATE_NOOP("State", "the input gate lets a new value into the cell"),
                    QT_TRANSLATE_NOOP("State", "the output gate shows a part of the cell"), fades, cannot};
        case MixerKind::Gru:
            return {QT_TRANSLATE_NOOP("State", "the update gate lets the candidate in"), whole, fades,
                    QT_TRANSLATE_NOOP("State", "the update gate trades old for new, unit by unit")};
        case MixerKind::S4d:
            return {QT_TRANSLATE_NOOP("State", "the input is added through B̄, the same for every token"),
                    QT_TRANSLATE_NOOP("State", "C reads the state, the same for every token"), fixedPace, cannot};
        case MixerKind::Mamba:
        case MixerKind::Mamba2:
            return {QT_TRANSLATE_NOOP("State", "the token’s Δ says how much of it is added, its B where"),
                    QT_TRANSLATE_NOOP("State", "the token’s C reads the state"),
                    QT_TRANSLATE_NOOP("State", "the larger the token’s Δ, the more of what stands there fades"), cannot};
        case MixerKind::RetNet:
            return {stored, matched, fixedPace, cannot};
        case MixerKind::DeltaNet:
            return {stored, matched, QT_TRANSLATE_NOOP("State", "nothing fades: it stays until its key is written anew"),
                    replaced};
        case MixerKind::LinearAttention:
            return {stored, matched, QT_TRANSLATE_NOOP("State", "nothing fades: what is written stays"),
                    QT_TRANSLATE_NOOP("State", "it cannot: what is stored is only added to")};
        default:
            return {stored, matched, fades, m.erases() ? replaced : cannot};
    }
}

std::vector<Act> actsOf(const StateFacts& facts, const Matrix& read) {
    const StateTerms& t = *facts.terms;
    const bool cell = facts.mixer.isCell();
    const Words words = wordsOf(facts.mixer);
    return {
        {QT_TRANSLATE_NOOP("State", "writes an event down"),
         words.writes,
         Ink::Written,
         cell ? SiteId::CellWritten : SiteId::MixerWritten,
         &t.written,
         {SiteId::MixerBeta, SiteId::CellI, SiteId::CellG, SiteId::SsmDelta}},
        {QT_TRANSLATE_NOOP("State", "reads it back"),
         words.reads,
         Ink::Read,
         cell ? SiteId::CellH : SiteId::MixerRead,
         &read,
         {SiteId::CellO}},
        {QT_TRANSLATE_NOOP("State", "lets old events go"),
         words.letsGo,
         Ink::Kept,
         cell ? SiteId::CellKept : SiteId::MixerKept,
         &t.kept,
         {SiteId::MixerLogDecay, SiteId::CellF, SiteId::CellZ}},
        {QT_TRANSLATE_NOOP("State", "reflects: rewrites it"),
         words.reflects,
         Ink::Erased,
         SiteId::MixerErased,
         t.erased.size() > 0 ? &t.erased : nullptr,
         {SiteId::MixerBeta}},
    };
}

}  // namespace

double addAgent(StateDrawing& drawing, const StateInput& in, double y) {
    Picture& picture = drawing.picture;
    addCaption(picture, {0, y, in.width, headHeight}, in.say(QT_TRANSLATE_NOOP("State", "an agent’s memory, and this layer’s")));
    y += headHeight + 2;
    if (!in.facts->terms) {
        picture.label(
            {.rect = {0, y, in.width, 18}, .text = in.facts->termsFailure, .size = TypeSize::Label, .colour = Ink::Muted});
        return y + 20;
    }
    const Matrix read = in.facts->terms->read;
    const double agentWidth = std::clamp(in.width * 0.26, 130.0, 230.0), layerX = 10 + agentWidth,
                 layerWidth = std::max(80.0, in.width - layerX - numberWidth - 8);
    const double before = static_cast<double>(in.facts->terms->before.norm());
    DataTable table{.name = "agent_memory", .columns = {"norm"}};
    for (const Act& act : actsOf(*in.facts, read)) {
        const Rect rect{0, y, in.width, rowHeight - 4};
        picture.box({.rect = {0, y + 3, 4, rowHeight - 10}, .fill = act.values ? act.ink : Ink::Line, .radius = 1});
        picture.label({.rect = {10, y, agentWidth - 8, rowHeight - 4}, .text = in.say(act.agent), .bold = true});
        picture.label({.rect = {layerX, y, layerWidth, 22}, .text = in.say(act.layer), .size = TypeSize::Label});
        const std::string gates = act.values ? gatesText(in, act.gates) : std::string();
        picture.label({.rect = {layerX, y + 20, layerWidth, 16},
                       .text = gates,
                       .size = TypeSize::Small,
                       .colour = Ink::Muted,
                       .mono = true});
        if (act.values) {
            const double norm = static_cast<double>(act.values->norm());
            const std::string number = "‖·‖ = " + printNumber(norm, 3);
            picture.label(
                {.rect = {in.width - numberWidth, y, numberWidth - 4, 22}, .text = number, .align = Align::Right, .mono = true});
            if (act.ink == Ink::Kept && before > 0 && in.facts->mixer.kind != MixerKind::Rnn) {  // there it is no share
                picture.label({.rect = {in.width - numberWidth, y + 20, numberWidth - 4, 16},
                               .text = fill(in.say(QT_TRANSLATE_NOOP("State", "of %1 before")), {printNumber(before, 3)}),
                               .size = TypeSize::Small,
                               .align = Align::Right,
                               .colour = Ink::Muted});
            }
            Locus place{.layer = in.facts->place.layer, .position = in.facts->place.position, .site = act.site};
            if (in.facts->mixer.hasMatrixState()) place.head = in.facts->place.head;
            picture.spot({.rect = rect,
                          .place = place,
                          .says = fill(in.say(QT_TRANSLATE_NOOP("State", "An agent %1; here %2: length %3. %4")),
                                       {in.say(act.agent), in.say(act.layer), printNumber(norm), gates}),
                          .value = norm});
            table.rowNames.push_back(in.say(act.agent));
            table.rows.push_back({norm});
        }
        y += rowHeight;
    }
    picture.tables.push_back(std::move(table));
    return y;
}

}  // namespace lw
