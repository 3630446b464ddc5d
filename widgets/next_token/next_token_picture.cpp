#include "widgets/next_token/next_token_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/next_token/cumulative_bar.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double rowHeight = 19, columnHeads = 34, numberWidth = 54, lineHeight = 18, barBlock = cumulativeBarHeight + 24;

struct Columns {
    double token = 0, tokenWidth = 0, logit = 0, before = 0, after = 0, barWidth = 0, struck = 0;
};
constexpr double logitWidth = 58, struckWidth = 44, gap = 14;

Columns columnsFor(double width, double tokenWidth) {
    Columns c;
    c.tokenWidth = tokenWidth;
    c.logit = tokenWidth;
    c.before = c.logit + logitWidth + gap;
    const double rest = width - c.before - 2 * (numberWidth + 4) - gap - struckWidth;
    c.barWidth = std::max(30.0, rest / 2);
    c.after = c.before + c.barWidth + 4 + numberWidth + gap;
    c.struck = width - struckWidth - 6;  // a framed row ends right of its words
    return c;
}

std::string bits(double nats, InformationUnit unit) { return printNumber(inUnit(nats, unit), 3); }

// The line under the bars: entropies, surprise, what was struck out.
std::string informationWords(const NextTokenInput& in, const Say& say) {
    const NextTokenFacts& f = in.facts;
    std::string text = fill(say(QT_TRANSLATE_NOOP("NextToken", "entropy %1 → %2 %3")),
                            {bits(f.entropyBefore, in.unit), bits(f.entropyAfter, in.unit), std::string(unitName(in.unit))});
    if (f.follows)
        text += "  ·  " + fill(say(QT_TRANSLATE_NOOP("NextToken", "surprise of “%1” %2 %3")),
                               {in.piece(*f.follows), bits(f.surprise, in.unit), std::string(unitName(in.unit))});
    return text;
}

std::string keptWords(const NextTokenFacts& f, const Say& say) {
    std::string text =
        fill(say(QT_TRANSLATE_NOOP("NextToken", "%1 of %2 kept")), {std::to_string(f.kept), std::to_string(f.vocabulary)});
    for (const auto& [name, count] :
         {std::pair("top-k", f.struckTopK), std::pair("top-p", f.struckTopP), std::pair("min-p", f.struckMinP)})
        if (count > 0) text += " · " + fill(say(QT_TRANSLATE_NOOP("NextToken", "%1 −%2")), {name, std::to_string(count)});
    return text;
}

// What is known of the choice of the token that follows.
std::string choiceWords(const NextTokenFacts& f, const CumulativeBarInput& bar, const Say& say) {
    if (!f.choice) return {};
    const Choice& choice = *f.choice;
    const std::string piece = bar.piece(choice.id);
    std::string text;
    if (choice.kept)
        text = fill(say(QT_TRANSLATE_NOOP("NextToken", "“%1” was kept with its path, a beam or a sampled text")), {piece});
    else if (choice.forced)
        text = fill(say(QT_TRANSLATE_NOOP("NextToken", "“%1” was forced")), {piece});
    else if (!choice.draw)
        text = fill(say(QT_TRANSLATE_NOOP("NextToken", "“%1” was taken as the most probable")), {piece});
    else if (f.drawn == choice.id)
        text = drawWords(bar, say);
    else
        text = fill(say(QT_TRANSLATE_NOOP("NextToken", "the dice showed %1 and gave “%2” (%3) under the settings of then")),
                    {printNumber(*choice.draw, 6), piece, printProbability(choice.probability)});
    return text;
}

void addNearEdge(Picture& picture, const Choice& choice, Rect rect, const Say& say) {
    if (!choice.nearEdge) return;
    picture.label(
        {.rect = rect,
         .text = say(QT_TRANSLATE_NOOP("NextToken", "within 1e−5 of an edge: another machine might choose the neighbour")),
         .size = TypeSize::Small,
         .align = Align::Right,
         .colour = Ink::Erased,
         .bold = true});
}

CumulativeBarInput barOf(const NextTokenInput& in, const NextTokenFacts& f, bool canForce) {
    CumulativeBarInput bar{f.bins, f.position, std::nullopt, f.drawn, canForce, in.piece};
    if (f.choice && f.choice->draw) bar.draw = f.choice->draw;
    return bar;
}

// How often the token came: a needle over its bar, and between thin marks where it lies but for one time in many thousands.
void addRolls(Picture& picture, const DrawHistogram& rolled, TokenId id, Rect bar, double unit, double countX, const Say& say) {
    const auto token = std::ranges::find(rolled.tokens, id, &DrawCount::id);
    if (token == rolled.tokens.end() || rolled.rolls == 0) return;
    const double n = static_cast<double>(rolled.rolls);
    const auto x = [&](double count) { return bar.x + std::clamp(count / n * unit, 0.0, bar.w); };
    const double low = x(token->expected - 4 * token->spread), high = x(token->expected + 4 * token->spread),
                 middle = bar.y + bar.h / 2;
    picture.stroke({.points = {{low, middle}, {high, middle}}, .colour = Ink::Muted, .dashed = true});
    for (const double end : {low, high}) picture.stroke({.points = {{end, middle - 4}, {end, middle + 4}}, .colour = Ink::Muted});
    const double at = x(static_cast<double>(token->count));
    picture.stroke({.points = {{at, bar.y + 1}, {at, bar.y + bar.h - 1}}, .colour = Ink::Text, .width = 2});
    const Rect count{countX, bar.y, struckWidth, bar.h};
    picture.label({.rect = count,
                   .text = std::to_string(token->count),
                   .size = TypeSize::Label,
                   .align = Align::Right,
                   .bold = true,
                   .mono = true});
    picture.spot(
        {.rect = count,
         .place = {},
         .says = fill(say(QT_TRANSLATE_NOOP("NextToken", "came %1 times of %2, expected %3 ± %4 (four standard deviations)")),
                      {std::to_string(token->count), std::to_string(rolled.rolls), printNumber(token->expected, 4),
                       printNumber(4 * token->spread, 3)}),
         .value = static_cast<double>(token->count)});
}

void addRow(Picture& picture, const NextTokenInput& in, const Bin& bin, const Columns& c, double y, double width, double unit,
            const Say& say) {
    const NextTokenFacts& f = in.facts;
    const bool follows = f.follows == bin.id;
    const bool chosen = in.place.site == SiteId::Logits && in.place.unit && in.place.unit->value == bin.id;
    const bool struck = bin.struckBy != nullptr;
    const std::string piece = in.piece(bin.id);
    const Rect line{0, y, width, rowHeight};
    if (chosen)
        picture.box({.rect = {line.x, line.y + 0.5, line.w, line.h - 1},
                     .fill = Ink::SelectedFill,
                     .frame = Ink::SelectedFrame,
                     .radius = 4});
    else if (follows)
        picture.box({.rect = {line.x, line.y + 0.5, line.w, line.h - 1}, .frame = Ink::Accent, .radius = 4, .dashed = true});

    const double idWidth = 44;
    picture.label({.rect = {c.token + 6, y, c.tokenWidth - idWidth - 6, rowHeight},
                   .text = piece,
                   .colour = struck ? Ink::Muted : Ink::Text,
                   .bold = follows || chosen});
    picture.label({.rect = {c.token + c.tokenWidth - idWidth, y, idWidth - 4, rowHeight},
                   .text = std::to_string(bin.id),
                   .size = TypeSize::Small,
                   .align = Align::Right,
                   .colour = Ink::Muted,
                   .mono = true});
    if (struck) {
        const double textRight = c.token + 6 + std::min(c.tokenWidth - idWidth - 6, textWidth(piece, TypeSize::Body));
        picture.stroke(
            {.points = {{c.token + 4, y + rowHeight / 2 + 1}, {textRight, y + rowHeight / 2 + 1}}, .colour = Ink::Erased});
    }
    const auto number = [&](double left, double w, const std::string& text, Colour colour = Ink::Text) {
        picture.label({.rect = {left, y, w, rowHeight},
                       .text = text,
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .colour = colour,
                       .mono = true});
    };
    number(c.logit, logitWidth, printNumber(bin.logit, 4));
    const double barTop = y + 4, barHeight = rowHeight - 8;
    const auto track = [&](double left) {
        picture.box({.rect = {left, barTop, c.barWidth, barHeight}, .fill = Ink::Grid, .radius = 2});
    };
    const auto length = [&](double p) { return p > 0 ? std::max(1.0, p * unit) : 0.0; };
    track(c.before);
    picture.box({.rect = {c.before, barTop, length(bin.rawProbability), barHeight}, .fill = Ink::Accent, .radius = 2});
    number(c.before + c.barWidth + 4, numberWidth, printProbability(bin.rawProbability));
    track(c.after);
    if (struck) {
        addHatchedBar(picture, {c.after, barTop, std::max(3.0, bin.tempered * unit), barHeight}, Ink::Erased);
        number(c.after + c.barWidth + 4, numberWidth, printProbability(bin.tempered), Ink::Muted);
        picture.label({.rect = {c.struck, y, struckWidth, rowHeight},
                       .text = bin.struckBy,
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = Ink::Erased});
    } else {
        picture.box({.rect = {c.after, barTop, length(bin.probability), barHeight}, .fill = Ink::FeedForward, .radius = 2});
        number(c.after + c.barWidth + 4, numberWidth, printProbability(bin.probability));
        if (in.rolled) addRolls(picture, *in.rolled, bin.id, {c.after, y, c.barWidth, rowHeight}, unit, c.struck, say);
    }
    // the bars force where a token can be forced; the numbers are always places
    const Locus place{.position = f.position, .unit = Unit(bin.id), .site = SiteId::Logits};
    const std::string says = fill(say(QT_TRANSLATE_NOOP("NextToken", "“%1” (%2): logit %3, probability %4 before, %5 after")),
                                  {piece, std::to_string(bin.id), printNumber(bin.logit), printProbability(bin.rawProbability),
                                   printProbability(bin.probability)});
    if (in.tip)
        picture.spot({.rect = line,
                      .says = fill(say(QT_TRANSLATE_NOOP("NextToken", "click to go on with “%1”; %2")), {piece, says}),
                      .value = bin.probability,
                      .action = "force:" + std::to_string(bin.id)});
    else
        picture.spot({.rect = line, .place = place, .says = says, .value = bin.rawProbability});
    picture.spot({.rect = {c.logit, y, logitWidth, rowHeight}, .place = place, .says = says, .value = bin.logit});
    picture.spot({.rect = {c.before + c.barWidth + 4, y, numberWidth, rowHeight},
                  .place = place,
                  .says = says,
                  .value = bin.rawProbability});
    picture.spot({.rect = {c.after + c.barWidth + 4, y, numberWidth, rowHeight},
                  .place = place,
                  .says = says,
                  .value = struck ? bin.tempered : bin.probability});
}

}  // namespace

std::string settingsWords(const SamplingSettings& s, const Say& say) {
    if (s.greedy) return say(QT_TRANSLATE_NOOP("NextToken", "greedy: the most probable alone"));
    std::string text = fill(say(QT_TRANSLATE_NOOP("NextToken", "temperature %1")), {printNumber(s.temperature, 3)});
    if (s.topK > 0) text += " · top-k " + std::to_string(s.topK);
    if (s.topP < 1) text += " · top-p " + printNumber(s.topP, 3);
    if (s.minP > 0) text += " · min-p " + printNumber(s.minP, 3);
    return text;
}

int nextTokenRows(double height, bool lastRoll, bool rolled) {
    const double room = height - columnHeads - rowHeight - (rolled ? 3 : 1) * lineHeight - 10 - barBlock * (lastRoll ? 2 : 1);
    return std::clamp(static_cast<int>(room / rowHeight), 4, 40);
}

std::pair<std::string, std::string> nextTokenTitle(const NextTokenInput& in, const Say& say) {
    return {fill(say(QT_TRANSLATE_NOOP("NextToken", "Next token after %1 “%2”")),
                 {std::to_string(in.facts.position.value), in.pieceHere}),
            in.tip ? say(QT_TRANSLATE_NOOP("NextToken", "click a bar to go on with that token"))
                   : say(QT_TRANSLATE_NOOP("NextToken", "inside the text: a token can be forced only at its end"))};
}

Picture nextTokenPicture(const NextTokenInput& in, double width, double height, const Say& say) {
    Picture picture;
    const auto [title, subtitle] = nextTokenTitle(in, say);
    const std::vector<Pill> pills{
        {say(QT_TRANSLATE_NOOP("NextToken", "⚄ × 1,000")), rollsAction, in.rolled.has_value(),
         say(QT_TRANSLATE_NOOP("NextToken", "roll the dice 1,000 times and count: the text stays as it is"))}};
    const double right = in.controls ? pillsWidth(pills) + 10 : 0;
    addHeading(picture, 0, 0, width - right, title, subtitle);
    if (in.controls) addPills(picture, width - pillsWidth(pills), 1, pills);
    const double top = headingHeight;
    const NextTokenFacts& f = in.facts;
    const bool withLast = in.lastRoll && height >= 400;
    const auto rows = std::min<std::size_t>(
        f.bins.size(), static_cast<std::size_t>(nextTokenRows(height - top, withLast, in.rolled.has_value())));

    std::vector<const Bin*> shown;
    for (std::size_t i = 0; i < rows; ++i) shown.push_back(&f.bins[i]);
    // the token that follows and a selected one keep a row, however improbable
    const auto keep = [&](TokenId id) {
        if (const Bin* bin = f.find(id); bin && std::find(shown.begin(), shown.end(), bin) == shown.end()) shown.push_back(bin);
    };
    if (f.follows) keep(*f.follows);
    if (in.place.site == SiteId::Logits && in.place.unit && (!in.place.position || in.place.position == f.position))
        keep(in.place.unit->value);
    if (shown.size() > rows && rows > 2)
        shown.erase(shown.begin() + static_cast<std::ptrdiff_t>(2 * rows - shown.size()),
                    shown.begin() + static_cast<std::ptrdiff_t>(rows));

    double tokenWidth = 96, largest = 0;
    for (const Bin* bin : shown) {
        tokenWidth = std::max(tokenWidth, textWidth(in.piece(bin->id), TypeSize::Body, true) + 56);
        largest = std::max({largest, bin->rawProbability, bin->probability, bin->tempered});
    }
    const Columns c = columnsFor(width, std::min(tokenWidth, width * 0.26));
    const double unit = largest > 0 ? c.barWidth / largest : 0;

    // column heads
    const auto head = [&](double left, double w, const std::string& text, const std::string& under, Align align) {
        addCaption(picture, {left, top, w, 16}, text, align);
        picture.label(
            {.rect = {left, top + 15, w, 14}, .text = under, .size = TypeSize::Small, .align = align, .colour = Ink::Muted});
    };
    const double columnWidth = c.barWidth + 4 + numberWidth;
    head(6, c.tokenWidth - 6, say(QT_TRANSLATE_NOOP("NextToken", "token")), say(QT_TRANSLATE_NOOP("NextToken", "id")),
         Align::Left);
    head(c.logit, logitWidth, say(QT_TRANSLATE_NOOP("NextToken", "logit")), "", Align::Right);
    head(c.before, columnWidth, say(QT_TRANSLATE_NOOP("NextToken", "before")),
         say(QT_TRANSLATE_NOOP("NextToken", "temperature 1, nothing struck out")), Align::Left);
    head(c.after, width - c.after, say(QT_TRANSLATE_NOOP("NextToken", "after")), settingsWords(f.settings, say), Align::Left);

    double y = top + columnHeads;
    double sumRaw = 0, sumAfter = 0;
    for (const Bin* bin : shown) {
        addRow(picture, in, *bin, c, y, width, unit, say);
        sumRaw += bin->rawProbability;
        sumAfter += bin->probability;
        y += rowHeight;
    }
    // the rest, so that both columns add up to 1
    const int rest = f.vocabulary - static_cast<int>(shown.size());
    if (rest > 0) {
        picture.label({.rect = {6, y, c.before - 6, rowHeight},
                       .text = fill(say(QT_TRANSLATE_NOOP("NextToken", "… %1 more")), {std::to_string(rest)}),
                       .size = TypeSize::Label,
                       .colour = Ink::Muted});
        for (const auto& [left, p] : {std::pair(c.before, 1 - sumRaw), std::pair(c.after, 1 - sumAfter)}) {
            const double q = std::max(0.0, p) < 1e-12 ? 0.0 : p;
            const Rect rect{left + c.barWidth + 4, y, numberWidth, rowHeight};
            picture.label({.rect = rect,
                           .text = printProbability(q),
                           .size = TypeSize::Label,
                           .align = Align::Right,
                           .colour = Ink::Muted,
                           .mono = true});
            picture.spot({.rect = rect,
                          .place = {.position = f.position, .site = SiteId::Logits},
                          .says = fill(say(QT_TRANSLATE_NOOP("NextToken", "all the other %1 tokens together: %2")),
                                       {std::to_string(rest), printProbability(q)}),
                          .value = q});
        }
    }
    y += rowHeight + 2;
    const std::string information = informationWords(in, say), kept = keptWords(f, say);
    const double keptWidth = std::min(width * 0.5, textWidth(kept, TypeSize::Label) + 8);
    picture.label({.rect = {6, y, width - keptWidth - 16, lineHeight}, .text = information, .size = TypeSize::Label});
    picture.spot({.rect = {6, y, width - keptWidth - 16, lineHeight},
                  .place = {.position = f.position, .site = SiteId::Logits},
                  .says = information,
                  .value = inUnit(f.entropyBefore, in.unit)});
    picture.label({.rect = {width - keptWidth, y, keptWidth, lineHeight},
                   .text = kept,
                   .size = TypeSize::Label,
                   .align = Align::Right,
                   .colour = Ink::Muted});
    y += lineHeight;
    if (in.rolled) {
        for (const std::string& words :
             {fill(say(QT_TRANSLATE_NOOP("NextToken", "rolled %1 times with seed %2; the farthest from what is expected: %3 σ")),
                   {std::to_string(in.rolled->rolls), std::to_string(in.rolled->seed),
                    printNumber(in.rolled->largestDeviation, 2)}),
              say(QT_TRANSLATE_NOOP("NextToken",
                                    "needle and number: how often it came; dashed: four σ to both sides of the expected"))}) {
            picture.label({.rect = {6, y, width - 6, lineHeight}, .text = words, .size = TypeSize::Label, .colour = Ink::Muted});
            y += lineHeight;
        }
    }
    y += 8;

    const auto cumulative = [&](const NextTokenFacts& facts, const std::string& caption, bool canForce) {
        const CumulativeBarInput bar = barOf(in, facts, canForce);
        const std::string words = choiceWords(facts, bar, say);
        addCaption(picture, {6, y, width - 6, 16}, words.empty() ? caption : caption + " — " + words);
        if (facts.choice) addNearEdge(picture, *facts.choice, {width * 0.5, y, width * 0.5, 16}, say);
        addCumulativeBar(picture, bar, 0, y + 18, width, say);
        y += barBlock;
    };
    cumulative(f,
               in.tip ? say(QT_TRANSLATE_NOOP("NextToken", "the cumulative bar: the dice falls somewhere on it"))
                      : say(QT_TRANSLATE_NOOP("NextToken", "the cumulative bar")),
               in.tip);
    if (withLast)
        cumulative(
            *in.lastRoll,
            fill(say(QT_TRANSLATE_NOOP("NextToken", "the last step, after %1")), {std::to_string(in.lastRoll->position.value)}),
            false);

    picture.width = width;
    picture.height = y;
    DataTable table{.name = "next_token_" + std::to_string(f.position.value),
                    .columns = {"id", "logit", "probability", "tempered", "after", "up_to"}};
    for (const Bin& bin : f.bins) {
        table.rowNames.push_back(in.piece(bin.id));
        table.rows.push_back(
            {static_cast<double>(bin.id), bin.logit, bin.rawProbability, bin.tempered, bin.probability, bin.upTo});
    }
    picture.tables.push_back(std::move(table));
    if (in.rolled) {
        DataTable rolls{.name = "rolls", .columns = {"id", "probability", "count", "expected", "spread"}};
        for (const DrawCount& token : in.rolled->tokens) {
            rolls.rowNames.push_back(in.piece(token.id));
            rolls.rows.push_back({static_cast<double>(token.id), token.probability, static_cast<double>(token.count),
                                  token.expected, token.spread});
        }
        picture.tables.push_back(std::move(rolls));
    }
    return picture;
}

}  // namespace lw
