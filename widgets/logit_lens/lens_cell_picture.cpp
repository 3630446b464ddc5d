#include "widgets/logit_lens/lens_cell_picture.h"

#include <algorithm>

#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {
constexpr double captionHeight = 18, factsHeight = 34, lineHeight = 18;
}

double lensCellHeight(int tokens) { return captionHeight + factsHeight + 4 + tokens * lineHeight + 2; }

Picture lensCellPicture(const LensCellInput& in) {
    Picture picture;
    picture.width = in.width;
    addCaption(
        picture, {0, 0, in.width, captionHeight - 2},
        fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "%1 · q%2 “%3”")), {in.row->name, std::to_string(in.position), in.piece}));
    double y = captionHeight;
    if (!in.cell) {
        picture.label({.rect = {0, y, in.width, lineHeight},
                       .text = in.say(QT_TRANSLATE_NOOP("LogitLens", "being read out …")),
                       .colour = Ink::Muted});
        picture.height = y + lineHeight;
        return picture;
    }
    const Locus place = lensPlace(*in.row, in.position);
    const std::string unit(unitName(in.unit));
    const auto fact = [&](const char* name, const char* meaning, double nats) {
        const std::string label = in.say(name), number = printNumber(inUnit(nats, in.unit), 3) + " " + unit;
        picture.label({.rect = {0, y, in.width * 0.56, 16}, .text = label, .size = TypeSize::Label, .colour = Ink::Muted});
        picture.label({.rect = {in.width * 0.5, y, in.width * 0.5 - 2, 16},
                       .text = number,
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .mono = true});
        picture.spot({.rect = {0, y, in.width, 16},
                      .place = place,
                      .says = in.say(meaning) + ": " + number,
                      .value = inUnit(nats, in.unit)});
        y += 16;
    };
    fact(QT_TRANSLATE_NOOP("LogitLens", "entropy"), QT_TRANSLATE_NOOP("LogitLens", "entropy of what this state says"),
         in.cell->entropy);
    fact(QT_TRANSLATE_NOOP("LogitLens", "KL to output"),
         QT_TRANSLATE_NOOP("LogitLens", "KL(output ‖ this state), how far this state is from the output"), in.cell->klToFinal);
    y = captionHeight + factsHeight + 4;
    const int count = std::min(in.mostTokens, static_cast<int>(in.cell->top.size()));
    double words = 40;
    for (int i = 0; i < count; ++i)
        words = std::max(words, textWidth(in.word(in.cell->top[static_cast<std::size_t>(i)].id), TypeSize::Label, true) + 4);
    words = std::min(words, in.width * 0.42);
    const double numbers = 48, bar = std::max(10.0, in.width - words - numbers - 8);
    for (int i = 0; i < count; ++i) {
        const TokenProbability& token = in.cell->top[static_cast<std::size_t>(i)];
        const bool followed = token.id == in.token;
        const std::string word = in.word(token.id), number = printProbability(token.probability);
        if (followed) picture.box({.rect = {-2, y + 0.5, in.width + 2, lineHeight - 1}, .fill = Ink::SelectedFill, .radius = 2});
        picture.label({.rect = {0, y, words, lineHeight}, .text = word, .size = TypeSize::Label, .bold = followed});
        picture.box({.rect = {words + 4, y + 5, bar, lineHeight - 10}, .fill = Ink::Grid, .radius = 2});
        const double length = bar * token.probability;
        if (length >= 0.5)
            picture.box({.rect = {words + 4, y + 5, std::max(1.0, length), lineHeight - 10}, .fill = Ink::Accent, .radius = 2});
        picture.label({.rect = {in.width - numbers, y, numbers - 2, lineHeight},
                       .text = number,
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .mono = true});
        picture.spot(
            {.rect = {0, y, in.width, lineHeight},
             .place = lensPlace(*in.row, in.position, token.id),
             .says = fill(in.say(QT_TRANSLATE_NOOP(
                              "LogitLens", "“%1” (id %2): probability %3, logit %4; click to follow it through the layers")),
                          {word, std::to_string(token.id), printProbability(token.probability), printNumber(token.logit)}),
             .value = token.probability,
             .action = "follow:" + std::to_string(token.id)});
        y += lineHeight;
    }
    picture.height = y + 2;
    DataTable table{.name = "says_" + in.row->name + "_q" + std::to_string(in.position),
                    .columns = {"id", "logit", "probability"},
                    .rowNames = {},
                    .rows = {},
                    .textRows = {}};
    for (const TokenProbability& token : in.cell->top) {
        table.rowNames.push_back(in.word(token.id));
        table.rows.push_back({static_cast<double>(token.id), token.logit, token.probability});
    }
    picture.tables.push_back(std::move(table));
    return picture;
}

std::string stableSentence(std::span<const LensRow> rows, const LensColumn& column,
                           const std::function<std::string(TokenId)>& word, const Say& say) {
    if (column.cells.empty() || column.cells.back().top.empty()) return {};
    const std::string token = word(column.cells.back().top.front().id);
    const int first = std::clamp(column.firstStable, 0, static_cast<int>(rows.size()) - 1);
    if (first == 0) return fill(say(QT_TRANSLATE_NOOP("LogitLens", "“%1” is first in every state")), {token});
    return fill(say(QT_TRANSLATE_NOOP("LogitLens", "“%1” stays first from %2 on")),
                {token, rows[static_cast<std::size_t>(first)].name});
}

}  // namespace lw
