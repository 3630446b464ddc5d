// What a wrong token does to the rest, and what happens to a model that must read its own words: the same text with its true
// tokens (as in training), with the model's own greedy tokens, and with one wrong token. Losses are −log p of the true token, in
// nats. Sources: Bengio et al. 2015, "Scheduled Sampling"; Ranzato et al. 2016 ("exposure bias").
#pragma once

#include <optional>
#include <vector>

#include "core/base/job.h"
#include "core/models/model.h"

namespace lw {

struct ExposureStep {
    int position = 0;  // of the true token in the text
    TokenId truth = -1;
    double taught = 0;            // loss of the true token after the true tokens before it
    TokenId best = -1;            // what the model would have said there
    double free = 0;              // loss of the true token after the model's own tokens from `from` on
    TokenId said = -1;            // what the model said when it read its own tokens
    std::optional<double> wrong;  // loss of the true token after the text with the wrong token; none at the wrong token itself

    bool agrees() const { return said == truth; }
};

struct Exposure {
    int from = 0;  // the first position that is the model's own, and that of the wrong token
    std::optional<TokenId> wrongToken;
    double wrongLoss = 0;             // of the wrong token itself, where it stands
    std::vector<ExposureStep> steps;  // positions from … T − 1
    double taughtMean() const;        // nats a token over the steps
    double freeMean() const;
    double wrongMean() const;              // over the steps after the wrong token; 0 without one
    double taughtMeanAfterFirst() const;   // over the same steps as wrongMean
    double wrongCost() const;              // what the wrong token adds to the loss of all of them together
    std::optional<int> firstSlip() const;  // the first position where the model's own text differs
};

/// ids: the whole text, at least two tokens; from: 1 … T − 1. wrong: put at position `from` instead of the true one.
/// Fails: as run(); from outside; a wrong token outside the vocabulary; logits that are no distribution; Cancelled.
Result<Exposure> exposure(const Model& model, const std::vector<TokenId>& ids, int from, std::optional<TokenId> wrong = {},
                          bool beyondContext = false, const Job& job = {});

}  // namespace lw
