#include "widgets/inspector/explanation_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/inspector/wrap.h"
#include "widgets/shared/format.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double margin = 14, names = 66, rowLine = 16, formulaLine = 20, chartHeight = 84;

// "= 0.8102": the end of a derivation, which stands out.
bool isResult(const FormulaLine& line) {
    if (line.size() != 1 || line[0].link || !line[0].text.starts_with("= ")) return false;
    return line[0].text.find_first_of(" (", 2) == std::string::npos;
}

class Writing {
public:
    Writing(double width, const Measure& measure, const Say& say)
        : m_measure(measure), m_say(say), m_width(width), m_right(width - margin) {}

    void caption(const std::string& text) {
        m_picture.label({.rect = {margin, m_y, m_right - margin, 16},
                         .text = text,
                         .size = TypeSize::Label,
                         .colour = Ink::Muted,
                         .bold = true});
        m_y += 20;
    }

    // At the right of the caption's line: the way back along the links.
    void backLink() {
        const std::string text = m_say(QT_TRANSLATE_NOOP("Inspector", "← back"));
        const double width = m_measure(text, TypeSize::Label, false, false) + 2;
        const Rect rect{m_right - width, m_y, width, 16};
        m_picture.label({.rect = rect, .text = text, .size = TypeSize::Label, .align = Align::Right, .colour = Ink::Accent});
        m_picture.spot({.rect = rect,
                        .place = {},
                        .says = m_say(QT_TRANSLATE_NOOP("Inspector", "back to where the link was followed from")),
                        .value = std::nullopt,
                        .action = "back"});
    }

    void bigNumber(const Explanation& e, bool allDigits) {
        const std::string text = allDigits ? printFull(static_cast<float>(e.value)) : printNumber(e.value);
        const TypeSize size = m_measure(text, TypeSize::Big, false, true) <= m_right - margin ? TypeSize::Big : TypeSize::Title;
        const double width = std::min(m_right - margin, m_measure(text, size, false, true) + 2), height = 40;
        m_picture.label({.rect = {margin, m_y, width, height}, .text = text, .size = size, .mono = true});
        const double left = margin + width + 8;
        if (!e.unit.empty() && e.unit != "probability" && m_right - left > 30)
            m_picture.label(
                {.rect = {left, m_y + 14, m_right - left, 18}, .text = e.unit, .size = TypeSize::Label, .colour = Ink::Muted});
        m_picture.spot({.rect = {margin, m_y, width, height},
                        .place = {},
                        .says = fill(m_say(QT_TRANSLATE_NOOP("Inspector", "%1: %2 · click for all digits")),
                                     {e.title, printFull(static_cast<float>(e.value))}),
                        .value = e.value,
                        .action = "digits"});
        m_y += height + 8;
    }

    void row(const std::string& name, const std::string& text) {
        if (text.empty()) return;
        rule();
        const double left = margin + names;
        const auto lines = wrapText(text, m_right - left, TypeSize::Label, true, m_measure);
        m_picture.label(
            {.rect = {margin, m_y + 4, names - 6, rowLine}, .text = name, .size = TypeSize::Label, .colour = Ink::Muted});
        double y = m_y + 4;
        for (const std::string& line : lines) {
            m_picture.label({.rect = {left, y, m_right - left, rowLine}, .text = line, .size = TypeSize::Label, .mono = true});
            y += rowLine;
        }
        m_y = y + 4;
    }

    void rule() {
        m_picture.box({.rect = {margin, m_y, m_right - margin, 1}, .fill = Ink::Line});
        m_y += 1;
    }

    void gap(double height) { m_y += height; }

    void formula(const std::vector<FormulaLine>& formula) {
        for (const FormulaLine& whole : formula) {
            for (const FormulaLine& line : wrapFormula(whole, m_right - margin, TypeSize::Label, m_measure)) {
                double x = margin;
                for (const FormulaPart& part : line) {
                    const bool result = isResult(whole);
                    const double width = m_measure(part.text, TypeSize::Label, result, true);
                    m_picture.label({.rect = {x, m_y, width + 1, formulaLine},
                                     .text = part.text,
                                     .size = TypeSize::Label,
                                     .colour = part.link ? Ink::Accent : Ink::Text,
                                     .bold = result,
                                     .mono = true});
                    if (part.link) link(x, width, part);
                    x += width;
                }
                m_y += formulaLine;
            }
        }
    }

    // places: what each bar stands for, if it is a value of its own.
    void chart(const Contributions& parts, const std::vector<Locus>& places = {}) {
        if (parts.values.empty()) return;
        const Rect area{margin, m_y + 6, m_right - margin, chartHeight};
        // Where there are more parts than room, each bar is the largest of those it stands for, and the caption says so.
        const auto count = parts.values.size();
        const auto bars = std::min(count, static_cast<std::size_t>(area.w / 2));
        double high = 0, low = 0;
        for (const double v : parts.values) {
            high = std::max(high, v);
            low = std::min(low, v);
        }
        const double span = high - low > 0 ? high - low : 1, zero = area.y + area.h * high / span;
        const double step = area.w / static_cast<double>(bars), gapBetween = step >= 5 ? 1 : 0;
        for (std::size_t bar = 0; bar < bars; ++bar) {
            const std::size_t from = bar * count / bars, to = (bar + 1) * count / bars;
            std::size_t at = from;
            for (std::size_t i = from; i < to; ++i)
                if (std::abs(parts.values[i]) > std::abs(parts.values[at])) at = i;
            const double v = parts.values[at], height = std::max(v == 0 ? 0.0 : 1.0, std::abs(v) / span * area.h);
            const double x = area.x + static_cast<double>(bar) * step;
            m_picture.box({.rect = {x, v >= 0 ? zero - height : zero, std::min(step - gapBetween, 24.0), height},
                           .fill = Colour::mapped(ColourMap::Diverging, v >= 0 ? 0.85 : -0.85)});
            const std::string label = at < parts.labels.size() ? parts.labels[at] : std::to_string(at);
            m_picture.spot({.rect = {x, area.y, step, area.h},
                            .place = at < places.size() ? places[at] : Locus{},
                            .says = fill(m_say(QT_TRANSLATE_NOOP("Inspector", "part %1: %2")), {label, printNumber(v)}),
                            .value = v});
        }
        m_picture.box({.rect = {area.x, std::round(zero), area.w, 1}, .fill = Ink::Faint});
        m_y = area.bottom() + 6;
        std::string words = parts.caption;
        if (bars < count) words += m_say(QT_TRANSLATE_NOOP("Inspector", "; a bar is the largest of its neighbours"));
        paragraph(words, TypeSize::Small, Ink::Muted);

        DataTable table{
            .name = "contributions", .columns = {"index", "value"}, .rowNames = parts.labels, .rows = {}, .textRows = {}};
        for (std::size_t i = 0; i < count; ++i) table.rows.push_back({static_cast<double>(i), parts.values[i]});
        m_picture.tables.push_back(std::move(table));
    }

    void paragraph(const std::string& text, TypeSize size, Ink ink) {
        const double height = std::round(typePixels(size) * 1.45);
        for (const std::string& line : wrapText(text, m_right - margin, size, false, m_measure)) {
            m_picture.label({.rect = {margin, m_y, m_right - margin, height}, .text = line, .size = size, .colour = ink});
            m_y += height;
        }
    }

    Picture done() {
        m_picture.width = m_width;
        m_picture.height = m_y;
        return std::move(m_picture);
    }

    Picture& picture() { return m_picture; }
    double& y() { return m_y; }

private:
    void link(double x, double width, const FormulaPart& part) {
        const std::size_t start = part.text.find_first_not_of(' '), end = part.text.find_last_not_of(' ');
        if (start == std::string::npos) return;
        const double before = m_measure(part.text.substr(0, start), TypeSize::Label, false, true);
        const double after = m_measure(part.text.substr(end + 1), TypeSize::Label, false, true);
        const Rect rect{x + before, m_y, width - before - after, formulaLine};
        m_picture.stroke({.points = {{rect.x, m_y + 17}, {rect.right(), m_y + 17}}, .colour = Ink::Accent});
        const std::string place = print(*part.link);
        m_picture.spot({.rect = rect,
                        .place = {},
                        .says = fill(m_say(QT_TRANSLATE_NOOP("Inspector", "%1 comes from %2 · click to follow")),
                                     {part.text.substr(start, end - start + 1), place}),
                        .value = std::nullopt,
                        .action = "follow:" + place});
    }

    const Measure& m_measure;
    const Say& m_say;
    Picture m_picture;
    double m_width, m_right, m_y = margin;
};

}  // namespace

Picture explanationPicture(const InspectorFacts& facts, double width, const Measure& measure, const Say& say) {
    const Explanation& e = facts.explanation;
    Writing page(width, measure, say);
    if (facts.canGoBack) page.backLink();
    page.caption(e.title);
    page.bigNumber(e, facts.allDigits);
    page.row(say(QT_TRANSLATE_NOOP("Inspector", "site")), e.site);
    page.row(say(QT_TRANSLATE_NOOP("Inspector", "in words")), e.inWords);
    for (const InspectorRow& row : facts.more) page.row(row.name, row.text);
    page.row(say(QT_TRANSLATE_NOOP("Inspector", "place")), e.indices);
    page.row(say(QT_TRANSLATE_NOOP("Inspector", "shape")), e.shape);
    if (!e.formula.empty()) {
        page.gap(12);
        page.caption(say(QT_TRANSLATE_NOOP("Inspector", "Where it comes from")));
        page.formula(e.formula);
    }
    if (e.contributions) page.chart(*e.contributions);
    if (facts.probability) {
        page.gap(12);
        page.caption(
            fill(say(QT_TRANSLATE_NOOP("Inspector", "As a probability: %1")), {printProbability(facts.probability->value)}));
        page.formula(facts.probability->formula);
    }
    page.gap(4);
    Picture picture = page.done();
    picture.title = e.title + " " + printNumber(e.value);
    picture.subtitle = e.inWords;
    return picture;
}

Picture vectorPicture(const VectorFacts& facts, double width, const Measure& measure, const Say& say) {
    Writing page(width, measure, say);
    if (facts.canGoBack) page.backLink();
    page.caption(facts.title);
    double squares = 0;
    for (const float v : facts.values) squares += static_cast<double>(v) * v;
    Explanation length;
    length.title = say(QT_TRANSLATE_NOOP("Inspector", "Length of the vector"));
    length.value = std::sqrt(squares);
    length.unit = say(QT_TRANSLATE_NOOP("Inspector", "length"));
    page.bigNumber(length, false);
    page.row(say(QT_TRANSLATE_NOOP("Inspector", "site")), facts.site);
    page.row(say(QT_TRANSLATE_NOOP("Inspector", "in words")), facts.inWords);
    for (const InspectorRow& row : facts.more) page.row(row.name, row.text);
    page.row(say(QT_TRANSLATE_NOOP("Inspector", "values")), std::to_string(facts.values.size()));
    page.gap(4);
    Contributions bars;
    bars.caption = say(QT_TRANSLATE_NOOP("Inspector", "A bar is one value. Click it to see where it comes from."));
    bars.values.assign(facts.values.begin(), facts.values.end());
    page.chart(bars, facts.places);
    page.gap(4);
    Picture picture = page.done();
    picture.title = facts.title;
    picture.subtitle = facts.inWords;
    return picture;
}

Picture noValuePicture(const std::string& sentence, bool canGoBack, double width, const Measure& measure, const Say& say) {
    Writing page(width, measure, say);
    if (canGoBack) page.backLink();
    page.caption(say(QT_TRANSLATE_NOOP("Inspector", "Number inspector")));
    page.paragraph(sentence, TypeSize::Body, Ink::Text);
    page.gap(8);
    Picture picture = page.done();
    picture.title = say(QT_TRANSLATE_NOOP("Inspector", "Number inspector"));
    picture.subtitle = sentence;
    return picture;
}

Picture narrowPicture(const std::string& title, const std::string& number, double height, const Measure& measure) {
    Picture picture;
    picture.width = 32;
    picture.height = height;
    const double numberWidth = measure(number, TypeSize::Body, true, true) + 2;
    picture.label({.rect = {0, 12, 32, 20}, .text = "‹", .size = TypeSize::Title, .align = Align::Centre, .colour = Ink::Muted});
    // Read from the bottom up, as the spine of a book.
    const double titleWidth =
        std::min(measure(title, TypeSize::Label, false, false) + 2, std::max(0.0, height - numberWidth - 60));
    const double titleBottom = 44 + numberWidth + 12 + titleWidth;
    picture.label({.rect = {24, 44 + numberWidth - 16, numberWidth, 16},
                   .text = number,
                   .size = TypeSize::Body,
                   .bold = true,
                   .mono = true,
                   .angle = 90});
    picture.label({.rect = {24, titleBottom - 16, titleWidth, 16},
                   .text = title,
                   .size = TypeSize::Label,
                   .colour = Ink::Muted,
                   .angle = 90});
    picture.spot(
        {.rect = {0, 0, 32, height}, .place = {}, .says = title + " " + number, .value = std::nullopt, .action = "widen"});
    picture.title = title + " " + number;
    return picture;
}

}  // namespace lw
