// Logit lens: what each state of the residual stream would already say, read out by the final norm and the unembedding.
// logits = unembed(finalNorm(stream)), the norm's scale computed anew for each state. The last row is the model's own output.
// Source: nostalgebraist 2020; maths sheet 3.1, 3.3. Rows: "0_pre", "0_mid", "1_pre", …, "final_post".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/analysis/softmax_stats.h"
#include "core/base/job.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

struct LensRow {
    std::string name;  // "3_mid"
    SiteId site;       // ResidPre, ResidMid or (last) ResidPost
    Layer layer;
};
std::vector<LensRow> lensRows(const ModelInfo& model);

struct LensCell {
    std::vector<TokenProbability> top = {};
    double entropy = 0;    // nats
    double klToFinal = 0;  // KL(final ‖ lens), nats
    // of the followed token, if one was asked for:
    double probability = 0;
    int rank = 0;
};

struct LensRequest {
    std::vector<int> positions = {};  // which; empty = all
    int topK = 5;
    std::optional<TokenId> follow = {};  // its probability and rank in every cell
    bool withMid = true;
};

struct LensTable {
    std::vector<LensRow> rows;
    std::vector<int> positions;
    std::vector<std::vector<LensCell>> cells;  // [row][index into positions]
    /// First row from which on the final row's top token stays first, at column c.
    int firstStable(int column) const;
};

/// Needs the residual stream in the trace. At least the top token is always found.
/// Fails: Cancelled; a site that was not captured (named); a position or followed id outside.
Result<LensTable> logitLens(const Trace& trace, const Model& model, const LensRequest& request, const Job& job = {});

}  // namespace lw
