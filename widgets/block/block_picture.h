// The picture of one block at one position: the trunk with its two branches as in the layer map (bottom = stream in, top =
// stream out), each tensor a strip of cells; beside it the strongest neurons and the heads. Geometry only; tested as numbers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "widgets/block/block_facts.h"
#include "widgets/block/block_parts.h"
#include "widgets/block/heat_strip.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct BlockInput {
    BlockFacts facts;
    std::optional<BlockFacts> factsA;  // difference mode: strips are facts − factsA
    std::string nameA;
    std::optional<BlockParts> parts;  // none yet: `note` says why
    std::string note;
    std::string pieceHere;
    std::vector<std::string> pieces;  // of the text, for "reads"
    std::function<std::string(TokenId)> piece;
    int layers = 0;
    Locus place;
    std::string failure;  // why there is no difference, though one was asked for
};

// A strip with what it shows, to find the cell under the pointer.
struct NamedStrip {
    HeatStrip strip;
    RowVector values;
    std::string name;  // "stream in"
};

struct BlockPicture {
    Picture picture;
    std::vector<NamedStrip> strips;
};

BlockPicture blockPicture(const BlockInput& input, double width, double height, const Say& say);
std::pair<std::string, std::string> blockTitle(const BlockInput& input, const Say& say);

/// B − A, vector by vector. Fails: blocks of different sizes.
Result<BlockFacts> blockDifference(const BlockFacts& b, const BlockFacts& a);

}  // namespace lw
