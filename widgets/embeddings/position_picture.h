// Positions as pictures: a table with the likeness of its rows and what is added to what; rotary planes as hands with the scores
// by distance. Qt-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "widgets/embeddings/position_facts.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

// embed + pos_embed = the first block's stream, at the selected position.
struct AddedRows {
    RowVector embed, position, sum;
};

struct PositionInput {
    const PositionTable* table = nullptr;  // one of the two
    const RotaryFacts* rotary = nullptr;
    std::optional<AddedRows> added = {};   // of the model's own table
    std::vector<std::string> pieces = {};  // of the run
    int position = 0;
    double width = 640, height = 400;
    Say say = sayEnglish;
};

inline std::string pieceAt(const PositionInput& in, int p) {
    return p >= 0 && p < static_cast<int>(in.pieces.size()) ? in.pieces[static_cast<std::size_t>(p)] : std::string();
}

/// Rows within the run, numbers and scores are places.
Picture positionTablePicture(const PositionInput& input);
Picture rotaryPicture(const PositionInput& input);

}  // namespace lw
