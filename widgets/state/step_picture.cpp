// The step at one position: kept − erased + written = new, and what is read out of it, as pictures on one scale.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"
#include "widgets/state/state_parts.h"

namespace lw {

namespace {

constexpr double nameHeight = 16, formulaHeight = 15, footHeight = 15, signWidth = 24, rowHeight = 20;
constexpr int mostBars = 64;

struct Formulas {
    const char *kept, *erased, *written, *after;
    std::string read;
};
Formulas formulasOf(const MixerInfo& m) {
    // A query is made shorter before it reads; a quotient by q · z undoes it.
    const std::string read = m.readScale != 1 ? "q S / √" + std::to_string(m.keyWidth) : "q S";
    switch (m.kind) {
        case MixerKind::Rnn:
            return {"h′U + b′", "", "x W + b", "h = tanh(sum)", "h"};
        case MixerKind::Lstm:
            return {"f ⊙ c′", "", "i ⊙ g", "c", "h = o ⊙ tanh c"};
        case MixerKind::Gru:
            return {"z ⊙ h′", "", "(1 − z) ⊙ n", "h", "h"};
        case MixerKind::RetNet:
            return {"γ S′", "", "k ⊗ v", "S", read};
        case MixerKind::Gla:
            return {"diag(α) S′", "", "k ⊗ v", "S", read};
        case MixerKind::DeltaNet:
            return {"S′", "β k ⊗ (k S′)", "β k ⊗ v", "S", read};
        case MixerKind::GatedDeltaNet:
            return {"α S′", "β k ⊗ (k α S′)", "β k ⊗ v", "S", read};
        case MixerKind::Rwkv7:
            return {"diag(α) S′", "(a ⊙ κ) ⊗ (κ S′)", "k ⊗ v", "S", "r S"};
        case MixerKind::S4d:
            return {"Ā ⊙ h′", "", "B̄ u", "h", m.complexState ? "2 Re h C" : "h C"};
        case MixerKind::Mamba:
            return {"exp(ΔA) ⊙ h′", "", "Δx ⊗ B", "h", "h C"};
        case MixerKind::Mamba2:
            return {"α H′", "", "B ⊗ Δx", "H", "C H"};
        default:
            return {"S′", "", "k ⊗ v", "S", m.normalised ? "q S / (q · z)" : read};
    }
}

struct Term {
    const char* name;
    const char* formula;
    Ink ink;
    SiteId site;
    const Matrix* values;
    const char* sign;  // before it
};

std::vector<Term> termsOf(const StateInput& in) {
    const StateTerms& t = *in.facts->terms;
    const Formulas f = formulasOf(in.facts->mixer);
    const bool cell = in.facts->mixer.isCell();
    std::vector<Term> terms{
        {QT_TRANSLATE_NOOP("State", "kept"), f.kept, Ink::Kept, cell ? SiteId::CellKept : SiteId::MixerKept, &t.kept, ""}};
    if (t.erased.size() > 0)
        terms.push_back({QT_TRANSLATE_NOOP("State", "erased"), f.erased, Ink::Erased, SiteId::MixerErased, &t.erased, "−"});
    terms.push_back({QT_TRANSLATE_NOOP("State", "written"), f.written, Ink::Written,
                     cell ? SiteId::CellWritten : SiteId::MixerWritten, &t.written, "+"});
    const bool squashed = in.facts->mixer.kind == MixerKind::Rnn;  // the state is no sum, it is the tanh of one
    terms.push_back(
        {QT_TRANSLATE_NOOP("State", "new state"), f.after, Ink::New, stateSite(in.facts->mixer), &t.after, squashed ? "→" : "="});
    return terms;
}

Locus termPlace(const StateInput& in, SiteId site) {
    Locus place;
    place.layer = in.facts->place.layer;
    if (in.facts->mixer.hasMatrixState() || in.facts->mixer.isScan()) place.head = in.facts->place.head;
    place.position = in.facts->place.position;
    place.site = site;
    return place;
}

// The two lines over a term.
void addTermHead(Picture& picture, double x, double y, double width, const std::string& name, Ink ink,
                 const std::string& formula) {
    picture.label({.rect = {x, y, width, nameHeight}, .text = name, .size = TypeSize::Body, .colour = ink, .bold = true});
    picture.label(
        {.rect = {x, y + nameHeight, width, formulaHeight}, .text = formula, .size = TypeSize::Label, .colour = Ink::Muted});
}

std::string gateNow(const StateInput& in, SiteId site) {
    for (const GateStrip& gate : in.facts->text->gates) {
        if (gate.site != site || gate.values.cols() != 1) continue;
        return gate.symbol + " = " + printNumber(static_cast<double>(gate.values(in.facts->place.position.value, 0)), 3);
    }
    return {};
}

std::string footOf(const StateInput& in, const Term& term) {
    if (term.ink == Ink::New || in.facts->lessA) return "‖·‖ = " + printNumber(static_cast<double>(term.values->norm()), 3);
    std::string foot;
    if (term.ink == Ink::Kept) foot = gateNow(in, SiteId::MixerLogDecay);
    if (term.ink == Ink::Erased || term.ink == Ink::Written) foot = gateNow(in, SiteId::MixerBeta);
    if (term.ink == Ink::Written && in.facts->mixer.kind == MixerKind::Mamba2) foot = gateNow(in, SiteId::SsmDelta);
    return foot.empty() ? "‖·‖ = " + printNumber(static_cast<double>(term.values->norm()), 3) : foot;
}

void addRead(StateDrawing& drawing, const StateInput& in, Rect box) {
    Picture& picture = drawing.picture;
    const StateFacts& facts = *in.facts;
    const RowVector& read = facts.terms->read;
    const auto count = static_cast<int>(read.size());
    const SiteId site = facts.mixer.isCell() ? SiteId::CellH : SiteId::MixerRead;
    StateArea area{.kind = StateArea::Kind::Vector,
                   .rect = box,
                   .values = read,
                   .count = count,
                   .place = termPlace(in, site),
                   .name = in.say(QT_TRANSLATE_NOOP("State", "read"))};
    if (count <= mostBars) {
        const double width = box.w / std::max(1, count), zero = box.y + box.h / 2;
        picture.stroke({.points = {{box.x, zero}, {box.right(), zero}}, .colour = Ink::Line});
        for (int i = 0; i < count; ++i) {
            const double v = static_cast<double>(read(i));
            const double length = facts.readScale > 0 ? std::abs(v) / facts.readScale * box.h / 2 : 0;
            picture.box({.rect = {box.x + width * i, v > 0 ? zero - length : zero, std::max(1.0, width - 1), length},
                         .fill = Colour::mapped(ColourMap::Diverging, v > 0 ? 0.75 : -0.75)});
        }
    } else {
        area.values = foldVector(read);
        picture.box({.rect = {box.x - 1, box.y - 1, box.w + 2, box.h + 2}, .frame = Ink::Line});
        addCells(picture, box, area.values, facts.readScale, ColourMap::Diverging);
    }
    const std::string says =
        fill(in.say(QT_TRANSLATE_NOOP("State", "read: the %1 numbers that go on from here")), {std::to_string(count)});
    picture.spot({.rect = box, .place = area.place, .says = says, .raster = true});
    drawing.areas.push_back(std::move(area));
}

void addTables(Picture& picture, const std::vector<Term>& terms, const RowVector& read) {
    for (const Term& term : terms) {
        DataTable table{.name = term.name};
        std::replace(table.name.begin(), table.name.end(), ' ', '_');
        for (Eigen::Index c = 0; c < term.values->cols(); ++c) table.columns.push_back(std::to_string(c));
        for (Eigen::Index r = 0; r < term.values->rows(); ++r) {
            std::vector<double> row;
            for (Eigen::Index c = 0; c < term.values->cols(); ++c) row.push_back(static_cast<double>((*term.values)(r, c)));
            table.rows.push_back(std::move(row));
        }
        picture.tables.push_back(std::move(table));
    }
    DataTable table{.name = "read", .columns = {"value"}};
    for (Eigen::Index i = 0; i < read.size(); ++i) table.rows.push_back({static_cast<double>(read(i))});
    picture.tables.push_back(std::move(table));
}

// "unit 12:  kept 0.31 + written 0.22 = new 0.53", every figure a place.
double addValueRow(StateDrawing& drawing, const StateInput& in, const std::vector<Term>& terms, StateCell cell, double y) {
    Picture& picture = drawing.picture;
    const MixerInfo& mixer = in.facts->mixer;
    const bool ofCell = mixer.isCell();
    const std::string where = cellWords(mixer, ofCell ? cell.column : cell.row, cell.column, in.say) + ":";
    const double whereWidth = textWidth(where, TypeSize::Label) + 10;
    picture.label({.rect = {0, y, whereWidth, rowHeight}, .text = where, .size = TypeSize::Label, .colour = Ink::Muted});
    double x = whereWidth;
    const bool squashed = mixer.kind == MixerKind::Rnn;
    const char* becomes = in.facts->lessA ? "  →" : "  tanh →";  // the tanh of a difference is no difference
    for (const Term& term : terms) {
        const std::string sign = squashed && term.ink == Ink::New ? becomes : term.sign;
        const double value = static_cast<double>((*term.values)(cell.row, cell.column));
        const std::string name = (in.facts->lessA ? "Δ " : "") + in.say(term.name), number = printNumber(value);
        const double nameWidth = textWidth(name, TypeSize::Label) + 4,
                     numberWidth = textWidth(number, TypeSize::Body, false, true) + 4,
                     signRoom = sign.empty() ? 0 : textWidth(sign, TypeSize::Body) + 8;
        if (x > whereWidth && x + signRoom + nameWidth + numberWidth > in.width) {  // it goes on in the next line
            x = whereWidth;
            y += rowHeight;
        }
        if (!sign.empty()) {
            const double width = signRoom;
            picture.label({.rect = {x, y, width, rowHeight}, .text = sign, .align = Align::Centre, .colour = Ink::Muted});
            x += width;
        }
        Locus place = termPlace(in, term.site);
        place.unit = Unit(ofCell ? cell.column : cell.row);
        if (!ofCell) place.unit2 = Unit(cell.column);
        const Rect rect{x, y, nameWidth + numberWidth, rowHeight};
        if (in.place.site == term.site)
            picture.box({.rect = {rect.x - 3, y + 1, rect.w + 4, rowHeight - 2},
                         .fill = Ink::SelectedFill,
                         .frame = Ink::SelectedFrame,
                         .radius = 4});
        picture.label({.rect = {x, y, nameWidth, rowHeight}, .text = name, .size = TypeSize::Label, .colour = term.ink});
        picture.label({.rect = {x + nameWidth, y, numberWidth, rowHeight},
                       .text = number,
                       .colour = term.ink == Ink::New ? Ink::Text : term.ink,
                       .bold = term.ink == Ink::New,
                       .mono = true});
        picture.spot({.rect = rect, .place = place, .says = name + " " + number, .value = value});
        x += rect.w + 2;
    }
    return y + rowHeight;
}

}  // namespace

SiteId stateSite(const MixerInfo& m) {
    if (m.isCell()) return m.kind == MixerKind::Lstm ? SiteId::CellC : SiteId::CellH;
    return m.isScan() ? SiteId::SsmH : SiteId::MixerS;
}

std::string cellWords(const MixerInfo& m, int unit, int unit2, const Say& say) {
    if (m.isCell()) return fill(say(QT_TRANSLATE_NOOP("State", "unit %1")), {std::to_string(unit)});
    if (m.complexState) {  // real parts first, then the imaginary parts
        const int half = m.stateSize / 2;
        return fill(say(unit2 < half ? QT_TRANSLATE_NOOP("State", "channel %1, real part of state %2")
                                     : QT_TRANSLATE_NOOP("State", "channel %1, imaginary part of state %2")),
                    {std::to_string(unit), std::to_string(unit2 % std::max(1, half))});
    }
    return fill(
        say(m.isScan() ? QT_TRANSLATE_NOOP("State", "channel %1, state %2") : QT_TRANSLATE_NOOP("State", "row %1, column %2")),
        {std::to_string(unit), std::to_string(unit2)});
}

double addStep(StateDrawing& drawing, const StateInput& in, double y) {
    Picture& picture = drawing.picture;
    const StateFacts& facts = *in.facts;
    if (!facts.terms) {
        picture.label({.rect = {0, y, in.width, 40}, .text = facts.termsFailure, .colour = Ink::Muted});
        return y + 44;
    }
    const std::vector<Term> terms = termsOf(in);
    const StateCell cell = chosenCell(facts, in.place);
    const auto count = static_cast<double>(terms.size());
    const double room = (in.width - signWidth * count - 8) / (count + 1);
    const double side = std::floor(std::clamp(std::min(room, in.height * 0.33), 64.0, 200.0));
    const double top = y + nameHeight + formulaHeight + 2;
    double x = 1;
    const std::string lessA = facts.lessA ? "Δ " : "";
    for (const Term& term : terms) {
        if (*term.sign)
            picture.label({.rect = {x, top, signWidth, side},
                           .text = term.sign,
                           .size = TypeSize::Title,
                           .align = Align::Centre,
                           .colour = Ink::Muted});
        if (*term.sign) x += signWidth;
        addTermHead(picture, x, y, side + signWidth - 4, lessA + in.say(term.name), term.ink, term.formula);
        StateArea area{.kind = StateArea::Kind::State,
                       .rect = {x, top, side, side},
                       .values = *term.values,
                       .place = termPlace(in, term.site),
                       .cell = facts.mixer.isCell(),
                       .name = in.say(term.name)};
        if (area.cell) {
            area.count = static_cast<int>(term.values->cols());
            area.values = foldVector(term.values->row(0));
        }
        picture.box({.rect = {x - 1, top - 1, side + 2, side + 2}, .frame = Ink::Line});
        addCells(picture, area.rect, area.values, facts.scale, ColourMap::Diverging);
        const auto columns = static_cast<int>(area.values.cols());
        const Rect chosen =
            area.cell ? area.cellRect(cell.column / columns, cell.column % columns) : area.cellRect(cell.row, cell.column);
        const double grow = std::max(1.0, (6 - chosen.w) / 2), tall = std::max(1.0, (6 - chosen.h) / 2);
        picture.box({.rect = {chosen.x - grow, chosen.y - tall, chosen.w + 2 * grow - 1, chosen.h + 2 * tall - 1},
                     .frame = Ink::SelectedFrame,
                     .frameWidth = 2});
        picture.label({.rect = {x, top + side + 2, side + signWidth - 4, footHeight},
                       .text = footOf(in, term),
                       .size = TypeSize::Small,
                       .colour = Ink::Muted,
                       .mono = true});
        picture.spot({.rect = area.rect, .place = area.place, .says = area.name + " " + term.formula, .raster = true});
        drawing.areas.push_back(std::move(area));
        x += side;
    }
    x += signWidth;
    addTermHead(picture, x, y, side, lessA + in.say(QT_TRANSLATE_NOOP("State", "read")), Ink::Read, formulasOf(facts.mixer).read);
    addRead(drawing, in, {x, top, side, side});
    picture.label({.rect = {x, top + side + 2, in.width - x, footHeight},
                   .text = "±" + printNumber(facts.readScale, 3),
                   .size = TypeSize::Small,
                   .colour = Ink::Muted,
                   .mono = true});
    y = top + side + 2 + footHeight;
    addDivergingLegend(picture, 0, y + 2, std::min(200.0, in.width * 0.35), "−" + printNumber(facts.scale, 3),
                       printNumber(facts.scale, 3));
    const double noteX = std::min(200.0, in.width * 0.35) + 10;
    const char* axes = facts.mixer.isCell() ? QT_TRANSLATE_NOOP("State", "%1 units a line")
                       : facts.mixer.complexState
                           ? QT_TRANSLATE_NOOP("State", "rows: channels, columns: states, real | imaginary")
                       : facts.mixer.isScan() ? QT_TRANSLATE_NOOP("State", "rows: channels, columns: states")
                                              : QT_TRANSLATE_NOOP("State", "rows: key, columns: value");
    picture.label(
        {.rect = {noteX, y + 1, in.width - noteX, 14},
         .text = fill(in.say(QT_TRANSLATE_NOOP("State", "terms on one scale, read on its own · %1 · met within %2")),
                      {fill(in.say(axes), {std::to_string(foldedColumns(facts.mixer.inner))}), printNumber(facts.difference, 2)}),
         .size = TypeSize::Small,
         .colour = Ink::Muted});
    addTables(picture, terms, facts.terms->read);
    return addValueRow(drawing, in, terms, cell, y + 17) + 4;
}

}  // namespace lw
