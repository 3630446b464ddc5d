#include "widgets/tokenizer/vocabulary_picture.h"

#include <algorithm>

#include <fmt/format.h>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"
#include "widgets/tokenizer/token_steps.h"
#include "widgets/tokenizer/workshop_parts.h"

namespace lw {

namespace {

constexpr double rowHeight = 21, idWidth = 64, countWidth = 52;
constexpr std::size_t hexShown = 24, pieceShown = 120;  // bytes

std::string hexOf(std::string_view bytes, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < std::min(most, bytes.size()); ++i)
        text += fmt::format("{}{:02x}", i == 0 ? "" : " ", static_cast<unsigned char>(bytes[i]));
    return bytes.size() > most ? text + " …" : text;
}

std::string seenOf(const VocabularyEntry& entry) {
    if (entry.bytes.size() <= pieceShown) return visiblePiece(entry.bytes);
    std::size_t end = pieceShown;
    while (end > 0 && (static_cast<unsigned char>(entry.bytes[end]) & 0xC0u) == 0x80u) --end;
    return visiblePiece(entry.bytes.substr(0, end)) + " …";
}

}  // namespace

std::optional<EntryOrigin> originOf(const std::shared_ptr<const Tokenizer>& tokenizer, TokenId id) {
    if (!tokenizer || id < 0 || id >= tokenizer->size() || tokenizer->isSpecial(id)) return std::nullopt;
    const auto steps = tokenSteps(tokenizer->bytes(id), tokenizer);
    if (!steps || steps->encoding.tokens.size() != 1 || steps->encoding.tokens.front().id != id) return std::nullopt;
    const auto& merges = steps->encoding.steps.merges;
    if (merges.empty() || merges.back().after.size() != 1) return std::nullopt;
    const SeenMerge seen = seenMerge(*steps, steps->count());
    return EntryOrigin{seen.left, seen.right, merges.back().rank};
}

std::string entrySentence(const VocabularyInput& in, const Say& say) {
    if (in.chosen < 0 || !in.tokenizer || in.chosen >= in.tokenizer->size()) return {};
    const bool special = in.tokenizer->isSpecial(in.chosen);
    const std::string bytes = special ? std::string(in.tokenizer->entry(in.chosen)) : in.tokenizer->bytes(in.chosen);
    std::string text = fill(say(QT_TRANSLATE_NOOP("Tokenizer", "id %1 · “%2” · bytes %3")),
                            {std::to_string(in.chosen), visiblePiece(std::string_view(bytes)), hexOf(bytes, 64)});
    if (special) text += " · " + say(QT_TRANSLATE_NOOP("Tokenizer", "special"));
    if (in.origin)
        text += " · " + fill(say(QT_TRANSLATE_NOOP("Tokenizer", "merged from “%1” + “%2” by rule %3")),
                             {in.origin->left, in.origin->right, std::to_string(in.origin->rank)});
    const auto id = static_cast<std::size_t>(in.chosen);
    if (in.occurrences && id < in.occurrences->size())
        text +=
            " · " + fill(say(QT_TRANSLATE_NOOP("Tokenizer", "%1 times in the training text")), {grouped((*in.occurrences)[id])});
    return text;
}

Picture vocabularyPicture(const VocabularyInput& in, double width, const Say& say) {
    Picture picture;
    picture.width = width;
    double y = 0;
    const auto line = [&](const std::string& text, Ink ink) {
        picture.label({.rect = {0, y, width, 20}, .text = text, .colour = ink});
        y += 22;
    };
    if (!in.problem.empty()) {
        line(in.problem, Ink::Erased);
        picture.height = y;
        return picture;
    }
    if (!in.index) {
        line(say(QT_TRANSLATE_NOOP("Tokenizer", "The vocabulary is being read …")), Ink::Muted);
        picture.height = y;
        return picture;
    }
    line(in.found.empty()
             ? say(QT_TRANSLATE_NOOP("Tokenizer", "No entry fits: search for something else, or leave a filter out."))
             : fill(say(QT_TRANSLATE_NOOP("Tokenizer", "%1 of %2 entries")),
                    {grouped(static_cast<std::int64_t>(in.found.size())), grouped(static_cast<std::int64_t>(in.index->size()))}),
         Ink::Text);
    if (const std::string sentence = entrySentence(in, say); !sentence.empty()) {
        picture.box({.rect = {0, y, width, 22}, .fill = Ink::SelectedFill, .frame = Ink::SelectedFrame, .radius = 4});
        picture.label({.rect = {8, y, width - 16, 22}, .text = sentence, .size = TypeSize::Label});
        picture.spot({.rect = {0, y, width, 22}, .place = {}, .says = sentence});
        y += 28;
    }
    DataTable table{.name = "vocabulary", .columns = {"id", "piece", "bytes", "byte_count", "characters"}};
    if (in.found.empty()) {
        picture.height = y;
        return picture;
    }
    const double hex = width * 0.36, piece = std::max(60.0, width - idWidth - hex - 2 * countWidth - 16);
    const double hexLeft = idWidth + 8 + piece + 8, bytesLeft = hexLeft + hex, charactersLeft = bytesLeft + countWidth;
    const auto head = [&](double x, double w, const char* text, Align align) {
        addCaption(picture, {x, y, w, 16}, say(text), align);
    };
    head(0, idWidth, QT_TRANSLATE_NOOP("Tokenizer", "id"), Align::Right);
    head(idWidth + 8, piece, QT_TRANSLATE_NOOP("Tokenizer", "entry"), Align::Left);
    head(hexLeft, hex, QT_TRANSLATE_NOOP("Tokenizer", "its bytes"), Align::Left);
    head(bytesLeft, countWidth, QT_TRANSLATE_NOOP("Tokenizer", "bytes"), Align::Right);
    head(charactersLeft, countWidth, QT_TRANSLATE_NOOP("Tokenizer", "char."), Align::Right);
    y += 19;
    const auto number = [&](double x, double w, std::size_t value, Ink ink) {
        picture.label({.rect = {x, y, w, rowHeight},
                       .text = std::to_string(value),
                       .size = TypeSize::Label,
                       .align = Align::Right,
                       .colour = ink,
                       .mono = true});
    };
    const std::size_t rows = std::min(in.most, in.found.size());
    for (std::size_t i = 0; i < rows; ++i) {
        const VocabularyEntry entry = in.index->at(in.found[i]);
        const std::string seen = seenOf(entry), bytes = hexOf(entry.bytes, hexShown);
        if (entry.id == in.chosen)
            picture.box({.rect = {0, y, width, rowHeight}, .fill = Ink::SelectedFill, .frame = Ink::SelectedFrame, .radius = 3});
        number(0, idWidth, static_cast<std::size_t>(entry.id), Ink::Muted);
        picture.label({.rect = {idWidth + 8, y, piece, rowHeight},
                       .text = seen,
                       .colour = entry.special ? Ink::Recurrent : Ink::Text,
                       .bold = entry.special});
        picture.label(
            {.rect = {hexLeft, y, hex, rowHeight}, .text = bytes, .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
        number(bytesLeft, countWidth, entry.bytes.size(), Ink::Text);
        number(charactersLeft, countWidth, static_cast<std::size_t>(entry.characters), Ink::Text);
        picture.spot(
            {.rect = {0, y, width, rowHeight},
             .place = {},
             .says = fill(say(QT_TRANSLATE_NOOP("Tokenizer", "id %1: “%2”, %3 bytes, %4 characters")),
                          {std::to_string(entry.id), seen, std::to_string(entry.bytes.size()), std::to_string(entry.characters)}),
             .value = static_cast<double>(entry.id),
             .action = "entry:" + std::to_string(entry.id)});
        table.textRows.push_back({std::to_string(entry.id), seen, hexOf(entry.bytes, entry.bytes.size()),
                                  std::to_string(entry.bytes.size()), std::to_string(entry.characters)});
        y += rowHeight;
    }
    if (rows < in.found.size()) {
        y += 6;
        addPills(picture, 0, y,
                 {{fill(say(QT_TRANSLATE_NOOP("Tokenizer", "%1 more …")),
                        {grouped(static_cast<std::int64_t>(in.found.size() - rows))}),
                   "more", false, say(QT_TRANSLATE_NOOP("Tokenizer", "show more of them"))}});
        y += pillHeight;
    }
    picture.tables.push_back(std::move(table));
    picture.height = y + 4;
    return picture;
}

}  // namespace lw
