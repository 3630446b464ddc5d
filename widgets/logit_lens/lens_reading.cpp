// What one cell of the lens table says, in words, in colour and as a number; and the table's legend.
#include <algorithm>
#include <cmath>

#include "widgets/logit_lens/lens_table_parts.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

std::optional<LensReading> lensReading(const LensTableInput& in, int row, int position) {
    const LensColumn* column = in.column ? in.column(position) : nullptr;
    if (!column || row >= static_cast<int>(column->cells.size())) return std::nullopt;
    const LensCell& cell = column->cells[static_cast<std::size_t>(row)];
    if (cell.top.empty()) return std::nullopt;
    const std::string& name = in.rows[static_cast<std::size_t>(row)].name;
    const std::string where = fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "%1, position %2 “%3”")),
                                   {name, std::to_string(position), pieceAt(in, position)});
    LensReading reading;
    reading.token = cell.top.front().id;
    if (in.minus) {
        const LensDifference* difference = in.minus(position);
        if (!difference) return std::nullopt;
        const double value = difference->values[static_cast<std::size_t>(row)];
        reading.text = in.piece(cell.top.front().id);
        if (std::isnan(value)) {
            reading.fill = Ink::Grid;
            reading.says = where + ": " + in.say(QT_TRANSLATE_NOOP("LogitLens", "A has no such state"));
            reading.value = value;
            return reading;
        }
        reading.fill = Colour::mapped(ColourMap::Diverging, value);
        reading.value = value;
        reading.says = where + ": " +
                       fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "“%1” B − A %2 (B %3)")),
                            {reading.text, printNumber(value), printProbability(cell.top.front().probability)});
        return reading;
    }
    if (in.show == LensShow::Top) {
        const TokenProbability& first = cell.top.front();
        reading.text = in.piece(first.id);
        reading.fill = Colour::mapped(ColourMap::Sequential, first.probability);
        reading.value = first.probability;
        reading.says = where + ": " +
                       fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "says “%1” with probability %2; entropy %3 %4")),
                            {reading.text, printProbability(first.probability), printNumber(inUnit(cell.entropy, in.unit), 3),
                             std::string(unitName(in.unit))});
        return reading;
    }
    const FollowedColumn* followed = in.followed ? in.followed(position) : nullptr;
    if (!followed) return std::nullopt;
    reading.token = in.token;
    const double probability = followed->probability[static_cast<std::size_t>(row)];
    const int rank = followed->rank[static_cast<std::size_t>(row)];
    if (in.show == LensShow::Probability) {
        reading.text = probability >= 0.0005 ? printProbability(probability) : probability > 0 ? "·" : "0";
        reading.fill = Colour::mapped(ColourMap::Sequential, probability);
        reading.value = probability;
    } else {
        reading.text = std::to_string(rank);
        // Logarithmic: rank 1 is full, the vocabulary's last is nothing.
        reading.fill = Colour::mapped(ColourMap::Sequential, 1 - std::log(static_cast<double>(std::max(1, rank))) /
                                                                     std::log(std::max(2.0, static_cast<double>(in.vocabulary))));
        reading.value = rank;
    }
    reading.says = where + ": " +
                   fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "“%1” has probability %2, rank %3")),
                        {in.piece(in.token), printProbability(probability), std::to_string(rank)});
    return reading;
}

void addLensFoot(Picture& picture, const LensTableInput& in, const LensGeometry& g, bool staircase) {
    const double y = lensHeadHeight + g.cellHeight * static_cast<double>(in.shownRows.size()) + 8;
    double x = lensNameColumn;
    std::string what;
    if (in.minus) {
        addDivergingLegend(picture, x, y, 130, "−1", "+1");
        x += 138;
        what = in.say(QT_TRANSLATE_NOOP("LogitLens", "probability of B's first token, B − A"));
    } else {
        const bool rank = in.show == LensShow::Rank;
        const std::string low = rank ? std::to_string(in.vocabulary) : "0";
        const double lowWidth = textWidth(low, TypeSize::Small, false, true);
        picture.label({.rect = {x, y, lowWidth, 12}, .text = low, .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
        x += lowWidth + 4;
        Raster ramp{.rect = {x, y + 2, 70, 8}, .rows = 1, .cols = 35, .values = {}};
        for (int i = 0; i < ramp.cols; ++i) ramp.values.push_back(static_cast<float>(i) / static_cast<float>(ramp.cols - 1));
        picture.box({.rect = {x - 0.5, y + 1.5, 71, 9}, .fill = Ink::None, .frame = Ink::Line});
        picture.raster(std::move(ramp));
        picture.label({.rect = {x + 74, y, 9, 12}, .text = "1", .size = TypeSize::Small, .colour = Ink::Muted, .mono = true});
        x += 88;
        what = rank ? fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "rank of “%1”, logarithmic")), {in.piece(in.token)})
               : in.show == LensShow::Probability
                   ? fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "probability of “%1”")), {in.piece(in.token)})
                   : in.say(QT_TRANSLATE_NOOP("LogitLens", "probability of the cell's token, one scale for all"));
    }
    // How many rows are left out stands at the right end of the first line, or not at all where the scale's words need it.
    std::string leftOut;
    if (in.shownRows.size() < in.rows.size()) {
        leftOut = fill(in.say(QT_TRANSLATE_NOOP("LogitLens", "%1 of %2 rows")),
                       {std::to_string(in.shownRows.size()), std::to_string(in.rows.size())});
    }
    const double leftOutWidth = leftOut.empty() ? 0 : textWidth(leftOut, TypeSize::Small) + 2;
    const double right = lensNameColumn + g.cellWidth * in.positions;
    if (textWidth(what, TypeSize::Small) > right - x - leftOutWidth - 12 && in.show == LensShow::Top && !in.minus)
        what = in.say(QT_TRANSLATE_NOOP("LogitLens", "probability, one scale for all"));
    const double whatWidth = std::min(textWidth(what, TypeSize::Small), std::max(40.0, in.width - x));
    picture.label({.rect = {x, y, whatWidth, 12}, .text = what, .size = TypeSize::Small, .colour = Ink::Muted});
    if (!leftOut.empty() && right - leftOutWidth > x + whatWidth + 8) {
        picture.label({.rect = {right - leftOutWidth, y, leftOutWidth, 12},
                       .text = leftOut,
                       .size = TypeSize::Small,
                       .align = Align::Right,
                       .colour = Ink::Muted});
    }
    if (!staircase) return;
    const double below = y + 14, words = lensNameColumn + 22;
    picture.stroke(
        {.points = {{lensNameColumn, below + 6}, {lensNameColumn + 16, below + 6}}, .colour = Ink::Accent, .width = 2});
    picture.label({.rect = {words, below, in.width - words, 12},
                   .text = in.say(QT_TRANSLATE_NOOP("LogitLens", "above this line the output's token is first and stays")),
                   .size = TypeSize::Small,
                   .colour = Ink::Muted});
}

}  // namespace lw
