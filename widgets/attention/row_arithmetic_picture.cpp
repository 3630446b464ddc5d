#include "widgets/attention/row_arithmetic_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/attention/row_parts.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double captionHeight = 18, headHeight = 17, lineHeight = 18, foldHeight = 22;
constexpr double inset = 4;  // of the numbers from the right end of the selected key's row

std::string fixed2(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", std::abs(value));
    return (value < 0 && std::string_view(text) != "0.00" ? "−" : "") + std::string(text);
}

std::string signed3(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", std::abs(value));
    const bool zero = std::string_view(text) == "0.000";
    return (zero ? "" : value < 0 ? "−" : "+") + std::string(text);
}

/// Three decimals below 1, as the weights have, so that a very small one keeps the column's width.
std::string flowText(double flow) { return flow < 1 ? fixed3(flow) : printNumber(flow, 3); }

struct Column {
    std::string head;
    double right = 0, width = 0;
};

class Writer {
public:
    Writer(Picture& picture, const RowArithmeticInput& in) : m_picture(picture), m_in(in) {
        const RowArithmetic& row = *in.row;
        const double root = std::sqrt(static_cast<double>(std::max(1, row.headWidth)));
        const bool byRoot = std::abs(row.scale * root - 1) < 1e-5;
        std::vector<std::string> heads;
        if (row.difference) {
            heads = {in.say(QT_TRANSLATE_NOOP("Attention", "weight B")), in.say(QT_TRANSLATE_NOOP("Attention", "weight A")),
                     "B − A"};
        } else {
            heads = {byRoot ? "q·k / √" + std::to_string(row.headWidth) : "q·k × " + printNumber(row.scale, 3), "exp(·−max)",
                     in.say(QT_TRANSLATE_NOOP("Attention", "weight"))};
            if (row.hasValues) heads.push_back("× |v|");
        }
        // The columns share what the key's name leaves; exp(· − max) has the widest head.
        double numbers = 0;
        for (const std::string& head : heads) numbers += columnWidth(head);
        if (heads.size() > 3 && in.width - numbers < 58) {  // rather a name that can be read
            numbers -= columnWidth(heads.back());
            heads.pop_back();
        }
        double x = std::max(in.width - inset - numbers, 56.0);
        const double squeeze = std::min(1.0, (in.width - inset - x) / numbers);
        m_names = x - 4;
        for (std::string& head : heads) {
            const double w = columnWidth(head) * squeeze;
            x += w;
            m_columns.push_back({std::move(head), x, w});
        }
    }

    double nameWidth() const { return m_names; }
    const std::vector<Column>& columns() const { return m_columns; }

    /// spill: how far the text may reach over the column to its left.
    void number(std::size_t column, double y, const std::string& text, bool bold, Colour colour, std::optional<Spot> spot,
                double spill = 0) {
        const Column& c = m_columns[column];
        const Rect rect{c.right - c.width + 2 - spill, y, c.width - 2 + spill, lineHeight};
        m_picture.label({.rect = rect,
                         .text = text,
                         .size = TypeSize::Label,
                         .align = Align::Right,
                         .colour = colour,
                         .bold = bold,
                         .mono = true});
        if (spot) {
            spot->rect = rect;
            m_picture.spot(std::move(*spot));
        }
    }

private:
    static double columnWidth(const std::string& head) { return std::max(50.0, textWidth(head, TypeSize::Small) + 6); }
    Picture& m_picture;
    const RowArithmeticInput& m_in;
    std::vector<Column> m_columns;
    double m_names = 0;
};

/// The keys that are written out: the weightiest, and the selected one in any case.
std::vector<const RowTerm*> written(const RowArithmeticInput& in) {
    std::vector<const RowTerm*> terms;
    const std::vector<RowTerm>& all = in.row->terms;
    const auto most = static_cast<std::size_t>(std::max(1, in.mostTerms));
    for (std::size_t i = 0; i < all.size() && terms.size() < most; ++i) terms.push_back(&all[i]);
    if (in.key && all.size() > most &&
        std::none_of(terms.begin(), terms.end(), [&](const RowTerm* t) { return t->key == *in.key; })) {
        const auto chosen = std::find_if(all.begin(), all.end(), [&](const RowTerm& t) { return t.key == *in.key; });
        if (chosen != all.end()) terms.back() = &*chosen;
    }
    return terms;
}

void addTerm(Picture& picture, Writer& writer, const RowArithmeticInput& in, const RowTerm& term, double y) {
    const RowArithmetic& row = *in.row;
    const bool chosen = in.key == term.key;
    const std::string& piece = pieceAt(in, term.key);
    const std::string number = std::to_string(term.key);
    const double numberWidth = textWidth(number, TypeSize::Small, false, true) + 2;
    const TypeSize size = in.width < 260 ? TypeSize::Label : TypeSize::Body;
    const double nameWidth = std::min(textWidth(piece, size, chosen), writer.nameWidth() - numberWidth - 4);
    picture.label({.rect = {0, y, nameWidth, lineHeight}, .text = piece, .size = size, .bold = chosen});
    picture.label({.rect = {nameWidth + 4, y + 1, numberWidth, lineHeight},
                   .text = number,
                   .size = TypeSize::Small,
                   .colour = Ink::Muted,
                   .mono = true});
    const std::string who = fill(in.say(QT_TRANSLATE_NOOP("Attention", "query %1 “%2”, key %3 “%4”")),
                                 {std::to_string(row.query), pieceAt(in, row.query), number, piece});
    picture.spot({.rect = {0, y, writer.nameWidth(), lineHeight}, .place = placeOf(row, term.key, SiteId::Pattern), .says = who});
    const auto spot = [&](SiteId site, const std::string& what, double value) {
        return Spot{.place = placeOf(row, term.key, site), .says = who + ": " + what + " " + printNumber(value), .value = value};
    };
    const std::string weight = in.say(QT_TRANSLATE_NOOP("Attention", "weight"));
    if (row.difference) {
        const double difference = term.weight - term.otherWeight;
        writer.number(0, y, fixed3(term.weight), chosen, Ink::Text, spot(SiteId::Pattern, weight + " B", term.weight));
        writer.number(1, y, fixed3(term.otherWeight), chosen, Ink::Muted, std::nullopt);
        writer.number(2, y, signed3(difference), chosen, Ink::Text, spot(SiteId::Pattern, "B − A", difference));
        return;
    }
    writer.number(0, y, fixed2(term.score), chosen, Ink::Text,
                  spot(SiteId::AttnScores, in.say(QT_TRANSLATE_NOOP("Attention", "score")), term.score));
    writer.number(1, y, fixed3(term.exponential), chosen, Ink::Text, spot(SiteId::AttnScores, "exp(· − max)", term.exponential));
    writer.number(2, y, fixed3(term.weight), chosen, Ink::Text, spot(SiteId::Pattern, weight, term.weight));
    if (writer.columns().size() > 3) {
        const double flow = term.weight * term.valueLength;
        writer.number(3, y, flowText(flow), chosen, Ink::Text, spot(SiteId::Pattern, weight + " × |v|", flow));
    }
}

/// What is not written out, summed, and the check that all weights make 1.
void addRest(Picture& picture, Writer& writer, const RowArithmeticInput& in, const std::vector<const RowTerm*>& terms, double y) {
    const RowArithmetic& row = *in.row;
    double exponential = row.sum, weight = row.weightSum, flow = 0, other = 0;
    for (const RowTerm& t : row.terms) {
        flow += t.weight * t.valueLength;
        other += t.otherWeight;
    }
    const double allFlow = flow, allOther = other;
    for (const RowTerm* t : terms) {
        exponential -= t->exponential;
        weight -= t->weight;
        flow -= t->weight * t->valueLength;
        other -= t->otherWeight;
    }
    const std::size_t more = row.terms.size() - terms.size();
    std::vector<std::pair<std::string, std::string>> parts;  // rest, sum
    if (row.difference) {
        parts = {{fixed3(std::max(0.0, weight)), fixed3(row.weightSum)},
                 {fixed3(std::max(0.0, other)), fixed3(allOther)},
                 {signed3(weight - other), signed3(row.weightSum - allOther)}};
    } else {
        parts = {{"", ""},
                 {fixed3(std::max(0.0, exponential)), fixed3(row.sum)},
                 {fixed3(std::max(0.0, weight)), fixed3(row.weightSum)},
                 {flowText(std::max(0.0, flow)), flowText(allFlow)}};
    }
    if (more > 0) {
        const double width = writer.nameWidth() + (row.difference ? 0 : writer.columns()[0].width);  // nothing stands there
        picture.label({.rect = {0, y, width, lineHeight},
                       .text = fill(in.say(QT_TRANSLATE_NOOP("Attention", "… %1 more")), {std::to_string(more)}),
                       .size = TypeSize::Label,
                       .colour = Ink::Muted});
        for (std::size_t c = 0; c < writer.columns().size(); ++c) {
            if (!parts[c].first.empty()) writer.number(c, y, parts[c].first, false, Ink::Muted, std::nullopt);
        }
        y += lineHeight;
    }
    picture.stroke({.points = {{0, y + 0.5}, {in.width, y + 0.5}}, .colour = Ink::Line});
    const std::string most = fill("max %1", {fixed2(row.maximum)});
    const double spill =
        row.difference ? 0 : std::max(0.0, textWidth(most, TypeSize::Label, false, true) + 2 - writer.columns()[0].width);
    picture.label({.rect = {0, y + 1, writer.nameWidth() - spill, lineHeight},
                   .text = in.say(QT_TRANSLATE_NOOP("Attention", "sum")),
                   .size = TypeSize::Label,
                   .colour = Ink::Muted});
    if (!row.difference) writer.number(0, y + 1, most, false, Ink::Muted, std::nullopt, spill);
    for (std::size_t c = 0; c < writer.columns().size(); ++c) {
        if (!parts[c].second.empty()) writer.number(c, y + 1, parts[c].second, false, Ink::Text, std::nullopt);
    }
}

}  // namespace

double rowArithmeticHeight(int terms, bool unfolded) {
    const double table = captionHeight + headHeight + (terms + 2) * lineHeight + 2 + foldHeight;
    return unfolded ? table + valueSumHeight(terms) : table;
}

Picture rowArithmeticPicture(const RowArithmeticInput& in) {
    const RowArithmetic& row = *in.row;
    Picture picture;
    picture.width = in.width;
    Writer writer(picture, in);
    std::string caption = row.difference
                              ? fill(in.say(QT_TRANSLATE_NOOP("Attention", "query %1 “%2”: B, A (its query %3), B − A")),
                                     {std::to_string(row.query), pieceAt(in, row.query), std::to_string(row.otherQuery)})
                              : fill(in.say(QT_TRANSLATE_NOOP("Attention", "row of query %1 “%2”, step by step")),
                                     {std::to_string(row.query), pieceAt(in, row.query)});
    addCaption(picture, {0, 0, in.width, captionHeight - 2}, caption);
    double y = captionHeight;
    picture.label({.rect = {0, y, writer.nameWidth(), headHeight},
                   .text = in.say(QT_TRANSLATE_NOOP("Attention", "key")),
                   .size = TypeSize::Small,
                   .colour = Ink::Muted});
    for (const Column& c : writer.columns()) {
        picture.label({.rect = {c.right - c.width, y, c.width, headHeight},
                       .text = c.head,
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = Ink::Muted});
    }
    y += headHeight;
    const std::vector<const RowTerm*> terms = written(in);
    for (const RowTerm* term : terms) {
        if (in.key == term->key)
            picture.box({.rect = {0, y + 0.5, in.width, lineHeight - 1}, .fill = Colour(Ink::Accent, 0.16), .radius = 2});
        addTerm(picture, writer, in, *term, y);
        y += lineHeight;
    }
    addRest(picture, writer, in, terms, y);
    y += lineHeight + (row.terms.size() > terms.size() ? lineHeight : 0) + 2;
    if (row.hasValues && !row.difference) {
        const std::string text = in.values
                                     ? in.say(QT_TRANSLATE_NOOP("Attention", "▾ weighted sum of the values: Σ weight · v = z"))
                                     : in.say(QT_TRANSLATE_NOOP("Attention", "▸ show the weighted sum of the values"));
        const Rect rect{0, y + 2, std::min(in.width, textWidth(text, TypeSize::Label) + 8), foldHeight - 4};
        picture.label({.rect = rect, .text = text, .size = TypeSize::Label, .colour = Ink::Accent});
        picture.spot({.rect = rect, .says = text, .action = foldValuesAction});
        y += foldHeight;
        if (in.values) {
            addValueSum(picture, in, terms, y);
            y += valueSumHeight(static_cast<int>(terms.size()));
        }
    }
    picture.height = y;
    DataTable table;
    table.name = fill("row_L%1_H%2_q%3",
                      {std::to_string(row.place.layer.value), std::to_string(row.place.head.value), std::to_string(row.query)});
    table.columns = row.difference ? std::vector<std::string>{"key", "weight_B", "weight_A", "difference"}
                                   : std::vector<std::string>{"key", "score", "exp_score_minus_max", "weight", "value_length"};
    for (const RowTerm& t : row.terms) {
        table.rowNames.push_back(pieceAt(in, t.key));
        if (row.difference)
            table.rows.push_back({static_cast<double>(t.key), t.weight, t.otherWeight, t.weight - t.otherWeight});
        else
            table.rows.push_back({static_cast<double>(t.key), t.score, t.exponential, t.weight, t.valueLength});
    }
    picture.tables.push_back(std::move(table));
    return picture;
}

}  // namespace lw
