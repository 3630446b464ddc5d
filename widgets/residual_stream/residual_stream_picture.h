// The picture of the residual stream at one position: norms and directions of stream and additions on the left, direct logit
// attribution of one token on the right. Geometry only, no Qt; tested as numbers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/analysis/attribution.h"
#include "widgets/residual_stream/stream_facts.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

enum class AttributionOrder { BySize, ByLayer };

struct ResidualStreamInput {
    StreamFacts stream;
    std::string piece;                       // the token at the position, visible
    std::optional<Attribution> attribution;  // none yet: `note` says why
    std::string attributedPiece;             // the token whose logit is explained, visible
    std::string note;
    AttributionOrder order = AttributionOrder::BySize;
    Locus place;  // the selected place
    // Difference mode, B − A (B is `stream` and `attribution`):
    std::optional<StreamFacts> streamA;
    std::optional<Attribution> attributionA;
    std::vector<std::optional<double>> cosAB;  // of each addition with A's
    std::string nameA;
    std::string failure;   // why there is no difference, though one was asked for
    bool controls = true;  // the switches: actions "token" (a menu of tokens), "order:size", "order:layer"
};

/// width: what is there. height: what it should fit in (the picture is higher when there are too many layers).
Picture residualStreamPicture(const ResidualStreamInput& input, double width, double height, const Say& say);

/// Title and subtitle of the view.
std::pair<std::string, std::string> residualStreamTitle(const ResidualStreamInput& input, const Say& say);

/// The terms that are drawn: B's, or B − A by name in difference mode (terms that only one side has count as 0 on the other).
/// sum and logit likewise.
Attribution shownAttribution(const ResidualStreamInput& input);

/// What the attribution's sum line says, with the difference between the sum of the terms and the model's logit.
std::string sumLine(const Attribution& attribution, bool difference, const Say& say);

}  // namespace lw
