#include "widgets/tokens/token_strip_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double margin = 14, gap = 4, padding = 8, apart = 20;
constexpr double chipTop = 16, chipHeight = 42, textTop = 4, textHeight = 20, figuresTop = 24, figuresHeight = 14;
constexpr double leastChip = 32, bracketTop = 4;

std::string idText(TokenId id) { return std::to_string(id); }

// "260 · 0.203"; the first token was given no probability.
std::string figures(const StripToken& token, bool first) {
    if (first) return idText(token.id) + " · —";
    return idText(token.id) + " · " + (token.logProbability ? printProbability(std::exp(*token.logProbability)) : "…");
}

Colour shadeOf(const StripToken& token, bool shaded) {
    if (!shaded || !token.logProbability) return Ink::Panel;
    return Colour::mapped(ColourMap::Sequential, 0.7 * std::min(1.0, -*token.logProbability / surpriseAtFullShade));
}

class Layout {
public:
    Layout(const StripFacts& facts, const Measure& measure, const Say& say) : m_facts(facts), m_measure(measure), m_say(say) {}

    StripLayout make() {
        m_picture.height = tokenStripHeight();
        if (m_facts.beyondInFront) addBeyond();
        for (std::size_t i = 0; i < m_facts.tokens.size(); ++i) addToken(static_cast<int>(i));
        for (const SharedCharacter& character : m_facts.characters) addBracket(character);
        if (!m_facts.beyondInFront) addBeyond();
        addGhosts();
        m_picture.width = m_x - gap + margin;
        m_picture.title = m_say(QT_TRANSLATE_NOOP("TokenStrip", "Tokens"));
        addTable();
        return {std::move(m_picture), std::move(m_chips), m_firstGhost};
    }

private:
    Rect place(const std::string& text, const std::string& below) {
        const double width = std::ceil(std::max({leastChip, m_measure(text, TypeSize::Body, false, false) + 2 * padding,
                                                 m_measure(below, TypeSize::Small, false, false) + 2 * padding}));
        const Rect chip{m_x, chipTop, width, chipHeight};
        m_x += width + gap;
        return chip;
    }

    void addTexts(const Rect& chip, const std::string& text, const std::string& below, Colour fill, bool grey) {
        Label upper{.rect = {chip.x + 2, chip.y + textTop, chip.w - 4, textHeight}, .text = text, .align = Align::Centre};
        Label lower{.rect = {chip.x + 2, chip.y + figuresTop, chip.w - 4, figuresHeight},
                    .text = below,
                    .size = TypeSize::Small,
                    .align = Align::Centre,
                    .colour = Ink::Muted};
        if (grey)
            upper.colour = Ink::Muted;
        else if (fill.map && fill.value > 0.08)  // on a light shade the quiet grey reads well, on a strong one it would not
            upper.on = lower.on = fill;
        m_picture.label(std::move(upper));
        m_picture.label(std::move(lower));
    }

    void addToken(int position) {
        const StripToken& token = m_facts.tokens[static_cast<std::size_t>(position)];
        if (token.generated && (position == 0 || !m_facts.tokens[static_cast<std::size_t>(position) - 1].generated))
            addGeneratedMark();
        const std::string below = figures(token, position == 0);
        const Rect chip = place(token.text, below);
        const Colour fill = shadeOf(token, m_facts.shaded);
        m_picture.box({.rect = chip, .fill = fill, .frame = Ink::Line, .radius = 5});
        if (token.marked)
            m_picture.box({.rect = {chip.x + 6, chip.bottom() - 5, chip.w - 12, 3}, .fill = Ink::SelectedFrame, .radius = 1});
        addTexts(chip, token.text, below, fill, false);
        Locus here;
        here.position = Position(position);
        m_picture.spot({.rect = {chip.x, 0, chip.w, m_picture.height},
                        .place = here,
                        .says = sentence(token, position),
                        .value = token.logProbability ? std::optional(std::exp(*token.logProbability)) : std::nullopt});
        m_chips.push_back(chip);
    }

    std::string sentence(const StripToken& token, int position) const {
        const std::string who = fill(m_say(QT_TRANSLATE_NOOP("TokenStrip", "position %1 “%2” · id %3")),
                                     {std::to_string(position), token.text, idText(token.id)});
        if (position == 0) return who + " · " + m_say(QT_TRANSLATE_NOOP("TokenStrip", "the first token has no probability"));
        if (!token.logProbability) return who;
        return who + " · " +
               fill(m_say(QT_TRANSLATE_NOOP("TokenStrip", "the model gave it %1 · surprise %2 %3")),
                    {printProbability(std::exp(*token.logProbability)),
                     printNumber(inUnit(-*token.logProbability, m_facts.unit), 3), std::string(unitName(m_facts.unit))});
    }

    // The generated part stands apart, behind a line.
    void addGeneratedMark() {
        if (m_x > margin) m_x += apart - gap;
        const double x = m_x - apart / 2;
        m_picture.stroke({.points = {{x, chipTop}, {x, chipTop + chipHeight}}, .colour = Ink::Faint, .dashed = true});
        const std::string word = m_say(QT_TRANSLATE_NOOP("TokenStrip", "generated"));
        m_picture.label({.rect = {x + apart / 2, 0, m_measure(word, TypeSize::Small, false, false), 14},
                         .text = word,
                         .size = TypeSize::Small,
                         .colour = Ink::Muted});
    }

    void addBracket(const SharedCharacter& character) {
        const Rect &from = m_chips[static_cast<std::size_t>(character.first)],
                   &to = m_chips[static_cast<std::size_t>(character.last)];
        const double left = from.x + 2, right = to.right() - 2, middle = (left + right) / 2, bottom = chipTop - 2;
        const double width = m_measure(character.text, TypeSize::Label, false, false) + 8, y = bracketTop + 4;
        m_picture.stroke({.points = {{left, bottom}, {left, y}, {middle - width / 2, y}}, .colour = Ink::Faint});
        m_picture.stroke({.points = {{middle + width / 2, y}, {right, y}, {right, bottom}}, .colour = Ink::Faint});
        m_picture.label({.rect = {middle - width / 2, 0, width, 15},
                         .text = character.text,
                         .size = TypeSize::Label,
                         .align = Align::Centre});
    }

    void addBeyond() {
        if (m_facts.beyond.empty()) return;
        if (!m_chips.empty()) m_x += apart - gap;
        const double from = m_x;
        if (m_facts.beyondInFront) addLeftOut();
        for (const StripToken& token : m_facts.beyond) {
            const Rect chip = place(token.text, idText(token.id));
            m_picture.box({.rect = chip, .fill = Ink::Grid, .frame = Ink::Line, .radius = 5});
            addTexts(chip, token.text, idText(token.id), Ink::Grid, true);
            m_picture.spot(
                {.rect = chip,
                 .place = {},
                 .says = fill(m_say(QT_TRANSLATE_NOOP("TokenStrip", "“%1” · id %2 · beyond the context of %3 tokens, not run")),
                              {token.text, idText(token.id), std::to_string(m_facts.context)})});
        }
        if (!m_facts.beyondInFront) addLeftOut();
        const std::size_t count = m_facts.beyond.size() + static_cast<std::size_t>(m_facts.beyondLeftOut);
        const std::string words = fill(m_say(QT_TRANSLATE_NOOP("TokenStrip", "%1 tokens beyond the context of %2: not run")),
                                       {std::to_string(count), std::to_string(m_facts.context)});
        const double width = m_measure(words, TypeSize::Small, false, false) + 2;
        m_picture.label({.rect = {from, 0, width, 14}, .text = words, .size = TypeSize::Small, .colour = Ink::Muted});
        m_x = std::max(m_x, from + width + gap);
        if (m_facts.beyondInFront) m_x += apart - gap;
    }

    // One chip for all that have none of their own.
    void addLeftOut() {
        if (m_facts.beyondLeftOut == 0) return;
        const std::string below =
            fill(m_say(QT_TRANSLATE_NOOP("TokenStrip", "%1 more")), {std::to_string(m_facts.beyondLeftOut)});
        const Rect chip = place("…", below);
        m_picture.box({.rect = chip, .fill = Ink::Grid, .frame = Ink::Line, .radius = 5});
        addTexts(chip, "…", below, Ink::Grid, true);
        m_picture.spot({.rect = chip,
                        .place = {},
                        .says = fill(m_say(QT_TRANSLATE_NOOP("TokenStrip", "%1 more tokens beyond the context of %2, not run")),
                                     {std::to_string(m_facts.beyondLeftOut), std::to_string(m_facts.context)})});
    }

    void addGhosts() {
        if (m_facts.ghosts.empty()) return;
        m_x += apart - gap;
        bool first = true;
        for (const StripGhost& ghost : m_facts.ghosts) {
            const std::string p = printProbability(ghost.probability);
            const std::string below = first ? fill(m_say(QT_TRANSLATE_NOOP("TokenStrip", "next · %1")), {p}) : p;
            const Rect chip = place(ghost.text, below);
            if (first) m_firstGhost = chip;
            m_picture.box({.rect = chip, .fill = Ink::None, .frame = Ink::Faint, .radius = 5, .dashed = true});
            addTexts(chip, ghost.text, below, Ink::None, true);
            m_picture.spot({.rect = chip,
                            .place = {},
                            .says = fill(m_say(QT_TRANSLATE_NOOP(
                                             "TokenStrip", "next token “%1” · id %2 · probability %3 · click to go on with it")),
                                         {ghost.text, idText(ghost.id), p}),
                            .value = ghost.probability,
                            .action = "force:" + idText(ghost.id)});
            first = false;
        }
    }

    void addTable() {
        DataTable table{.name = "tokens",
                        .columns = {"position", "id", "probability", "surprise_nats", "generated"},
                        .rowNames = {},
                        .rows = {},
                        .textRows = {}};
        for (std::size_t i = 0; i < m_facts.tokens.size(); ++i) {
            const StripToken& token = m_facts.tokens[i];
            const double log = token.logProbability.value_or(std::nan(""));
            table.rowNames.push_back(token.text);
            table.rows.push_back(
                {static_cast<double>(i), static_cast<double>(token.id), std::exp(log), -log, token.generated ? 1.0 : 0.0});
        }
        m_picture.tables.push_back(std::move(table));
    }

    const StripFacts& m_facts;
    const Measure& m_measure;
    const Say& m_say;
    Picture m_picture;
    std::vector<Rect> m_chips;
    Rect m_firstGhost;
    double m_x = margin;
};

}  // namespace

double tokenStripHeight() { return chipTop + chipHeight + 4; }

StripLayout tokenStrip(const StripFacts& facts, const Measure& measure, const Say& say) {
    return Layout(facts, measure, say).make();
}

void addStripFrames(Picture& picture, const std::vector<Rect>& chips, const Locus& place) {
    const auto chip = [&chips](const auto& position) -> const Rect* {
        const bool there = position && position->value >= 0 && position->value < static_cast<int>(chips.size());
        return there ? &chips[static_cast<std::size_t>(position->value)] : nullptr;
    };
    const Rect* selected = chip(place.position);
    const Rect* key = chip(place.key);
    const auto frame = [&picture](const Rect& r, double out, Ink ink, bool dashed) {
        picture.box({.rect = {r.x - out, r.y - out, r.w + 2 * out, r.h + 2 * out},
                     .fill = Ink::None,
                     .frame = ink,
                     .frameWidth = 2,
                     .radius = 5 + out,
                     .dashed = dashed});
    };
    if (key) frame(*key, key == selected ? -2 : 1, Ink::Accent, true);
    if (selected) frame(*selected, 1, Ink::SelectedFrame, false);
}

}  // namespace lw
