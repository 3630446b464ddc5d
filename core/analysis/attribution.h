// Direct logit attribution: how much each part that adds to the stream pushed one token's logit at one position.
// term = (x_c − mean x_c)/s_final ⊙ gain · W_U[token] (no mean for RMS); s_final is the real run's scale. Terms add up to the
// logit. Names: embed, pos_embed, L0H0 …, L0.attn_bias, L0.mixer, L0.mlp, ln_final.bias, b_U. Source: maths sheet 3.2.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/job.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

struct AttributionTerm {
    std::string name;
    SiteId site;  // where its vector can be looked at
    std::optional<Layer> layer;
    std::optional<Head> head;
    double value = 0;  // logits
};

struct Attribution {
    TokenId token = -1;
    Position position;
    double logit = 0;  // the model's own
    double sum = 0;    // of the terms
    std::vector<AttributionTerm> terms;
};

Result<Attribution> attribute(const Trace& trace, const Model& model, Position position, TokenId token, const Job& job = {});

/// hook_result of one head at one position: z_h W_O[h]  [D].
RowVectorD headResult(const Trace& trace, const Model& model, Layer layer, Head head, Position position);

}  // namespace lw
