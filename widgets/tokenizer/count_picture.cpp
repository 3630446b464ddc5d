#include "widgets/tokenizer/count_picture.h"

#include <algorithm>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"
#include "widgets/tokenizer/workshop_parts.h"

namespace lw {

namespace {

constexpr double rowHeight = 22, numberWidth = 84;

double perOne(std::int64_t tokens, std::int64_t of) {
    return static_cast<double>(tokens) / static_cast<double>(std::max<std::int64_t>(1, of));
}

}  // namespace

Picture countPicture(const FileCountFacts& facts, double width, const Say& say, bool controls) {
    Picture picture;
    picture.width = width;
    if (facts.path.empty()) return picture;
    std::vector<Pill> pills;
    if (facts.running)
        pills.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "Stop")), "count-stop", false,
                         say(QT_TRANSLATE_NOOP("Tokenizer", "stop counting"))});
    if (facts.stopped)
        pills.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "Go on")), "count-on", false,
                         say(QT_TRANSLATE_NOOP("Tokenizer", "count what is not counted yet"))});
    if (!facts.beginning.empty())
        pills.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "Take its beginning as text")), "count-text"});
    pills.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "Close")), "count-close", false,
                     say(QT_TRANSLATE_NOOP("Tokenizer", "no more about this file"))});
    const double right = controls ? pillsWidth(pills) : 0;
    if (controls) addPills(picture, width - right, 0, pills);
    const double titleWidth = std::min(width - right - 8, textWidth(facts.name, TypeSize::Body, true));
    picture.label({.rect = {0, 0, titleWidth, 22}, .text = facts.name, .bold = true});
    std::string about;
    if (facts.bytes > 0)
        about = fill(say(QT_TRANSLATE_NOOP("Tokenizer", "%1 bytes · %2 characters · %3 words")),
                     {grouped(facts.bytes), grouped(facts.characters), grouped(facts.words)});
    else if (facts.running)
        about = say(QT_TRANSLATE_NOOP("Tokenizer", "is being read …"));
    double y = 24;
    if (!about.empty()) {
        picture.label({.rect = {0, y, width, 18}, .text = about, .size = TypeSize::Label, .colour = Ink::Muted});
        y += 20;
    }
    if (!facts.problem.empty()) {
        picture.label({.rect = {0, y, width, 20}, .text = facts.problem, .colour = Ink::Erased});
        picture.spot({.rect = {0, y, width, 20}, .place = {}, .says = facts.problem});
        picture.height = y + 26;
        return picture;
    }
    DataTable table{.name = "file_tokens",
                    .columns = {"tokenizer", "vocabulary", "tokens", "bytes_per_token", "tokens_per_character", "tokens_per_word",
                                "seconds"}};
    double name = 60;
    std::int64_t most = 1;
    for (const FileCountRow& row : facts.rows) {
        name = std::max(name, textWidth(row.name, TypeSize::Body) + 8);
        most = std::max(most, row.tokens.value_or(0));
    }
    name = std::min(name, width * 0.3);
    const bool words = facts.words > 1 && width > 520;
    const double numbers = (words ? 4 : 3) * numberWidth, bar = std::max(20.0, width - name - numbers - 8);
    const std::vector<std::string> heads{
        say(QT_TRANSLATE_NOOP("Tokenizer", "tokens")), say(QT_TRANSLATE_NOOP("Tokenizer", "bytes/token")),
        say(QT_TRANSLATE_NOOP("Tokenizer", "tokens/char.")), say(QT_TRANSLATE_NOOP("Tokenizer", "tokens/word"))};
    const auto cell = [&](std::size_t column, const std::string& text, bool head) {
        picture.label(
            {.rect = {name + bar + 8 + static_cast<double>(column) * numberWidth, y, numberWidth, head ? 16 : rowHeight},
             .text = text,
             .size = TypeSize::Label,
             .align = Align::Right,
             .colour = head ? Ink::Muted : Ink::Text,
             .mono = !head});
    };
    if (!facts.rows.empty()) {
        for (std::size_t i = 0; i < (words ? 4u : 3u); ++i) cell(i, heads[i], true);
        y += 18;
    }
    for (std::size_t i = 0; i < facts.rows.size(); ++i) {
        const FileCountRow& row = facts.rows[i];
        picture.label({.rect = {0, y, name - 4, rowHeight}, .text = row.name});
        std::string says = row.name + ": ";
        if (row.tokens) {
            picture.box({.rect = {name, y + 5, std::max(1.0, bar * static_cast<double>(*row.tokens) / static_cast<double>(most)),
                                  rowHeight - 10},
                         .fill = Ink::Attention,
                         .radius = 2});
            const std::string each = printNumber(perOne(facts.bytes, *row.tokens), 3),
                              character = printNumber(perOne(*row.tokens, facts.characters), 3),
                              word = printNumber(perOne(*row.tokens, facts.words), 3);
            cell(0, grouped(*row.tokens), false);
            cell(1, each, false);
            cell(2, character, false);
            if (words) cell(3, word, false);
            says +=
                fill(say(QT_TRANSLATE_NOOP("Tokenizer", "%1 tokens, %2 entries, %3; encoded in %4 pieces in %5 s")),
                     {grouped(*row.tokens), grouped(row.vocabulary), row.kind, grouped(row.pieces), printNumber(row.seconds, 3)});
            table.textRows.push_back({row.name, std::to_string(row.vocabulary), std::to_string(*row.tokens), each, character,
                                      word, printNumber(row.seconds, 3)});
        } else {
            const bool now = static_cast<int>(i) == facts.current;
            std::string state = !row.problem.empty() ? row.problem
                                : now                ? fill(say(QT_TRANSLATE_NOOP("Tokenizer", "counting … %1 %")),
                                                            {std::to_string(static_cast<int>(100 * facts.fraction))})
                                : facts.stopped      ? say(QT_TRANSLATE_NOOP("Tokenizer", "not counted: stopped"))
                                                     : say(QT_TRANSLATE_NOOP("Tokenizer", "waits"));
            if (now) {
                picture.box({.rect = {name, y + 9, bar, 4}, .fill = Ink::Grid, .radius = 2});
                picture.box({.rect = {name, y + 9, std::max(2.0, bar * std::clamp(facts.fraction, 0.0, 1.0)), 4},
                             .fill = Ink::Accent,
                             .radius = 2});
            }
            picture.label({.rect = {now ? name + bar + 12 : name, y, now ? numbers - 4 : width - name, rowHeight},
                           .text = state,
                           .size = TypeSize::Label,
                           .colour = row.problem.empty() ? Ink::Muted : Ink::Erased});
            says += state;
        }
        picture.spot({.rect = {0, y, width, rowHeight},
                      .place = {},
                      .says = says,
                      .value = row.tokens ? std::optional(static_cast<double>(*row.tokens)) : std::nullopt});
        y += rowHeight;
    }
    picture.tables.push_back(std::move(table));
    picture.height = y + 10;
    return picture;
}

}  // namespace lw
