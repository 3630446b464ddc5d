// The logit lens as a table: rows of stream states (output on top), columns of positions, each cell the token it already says.
// Qt-free.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "widgets/logit_lens/lens_facts.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

// What a cell says and is shaded by: its first token; or one followed token's probability or rank there.
enum class LensShow { Top, Probability, Rank };

struct LensTableInput {
    std::span<const LensRow> rows;                                // first state first
    std::span<const int> shownRows;                               // indices into rows, from the top of the picture down
    int firstPosition = 0, positions = 0;                         // the columns
    std::span<const std::string> pieces;                          // of the whole text
    std::function<const LensColumn*(int position)> column;        // null: not computed yet
    std::function<const FollowedColumn*(int position)> followed;  // for Probability and Rank
    std::function<const LensDifference*(int position)> minus;     // difference mode; empty function: plain
    std::function<std::string(TokenId)> piece;
    LensShow show = LensShow::Top;
    TokenId token = -1;  // the followed one
    int vocabulary = 0;
    int selectedRow = -1, selectedPosition = -1;
    int promptLength = 0;
    InformationUnit unit = InformationUnit::Nats;
    double width = 0, height = 0;
    Say say = sayEnglish;
};
Picture lensTablePicture(const LensTableInput& input);

/// Columns that fit side by side into this width: all, if they do however narrow; else as many as leave most pieces whole.
int lensColumnsThatFit(double width, std::span<const std::string> pieces);
/// Which rows are shown, from the top down: all if they fit, else those next to the output and every second, third … of the
/// others, and always the first state and the selected one. all: every row from `firstFromTop` on, as many as fit (the table is
/// scrolled then).
std::vector<int> lensRowsThatFit(int rows, double height, int selectedRow, bool all = false, int firstFromTop = 0);
int lensRowsCapacity(double height);

}  // namespace lw
