// The picture of the layer map: the residual stream as one trunk from the text up to the output; attention and feed-forward
// are branches that leave it, pass their norm, and add back. Drawn from the model's description, never from a fixed picture.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/trace/model_info.h"
#include "widgets/layer_map/layer_sizes.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

// What the logit lens reads in one state of the stream.
struct LensWord {
    SiteId site = SiteId::ResidPost;  // ResidPre, ResidMid or ResidPost
    Layer layer;
    std::string piece;
    double probability = 0;
};

struct LayerMapFacts {
    const ModelInfo* model = nullptr;
    int position = 0;
    std::string piece;               // the token at the position
    std::vector<LayerSize> sizes;    // by layer; may be empty
    std::vector<LensWord> words;     // may be empty: not yet computed
    std::optional<LensWord> output;  // the model's own first choice for the next token
    Locus selected;
};

/// Fits the height where it can (30 layers in 740); beyond that rows keep a legible height and the picture grows.
Picture layerMapPicture(const LayerMapFacts& facts, double width, double height, const Say& say = sayEnglish);

}  // namespace lw
