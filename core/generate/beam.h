// Beam search at temperature 1: the B best continuations by sum of log probabilities.
#pragma once

#include <vector>

#include "core/base/job.h"
#include "core/generate/generate.h"
#include "core/models/model.h"

namespace lw {

struct Beam {
    std::vector<TokenId> ids;   // new tokens only
    double logProbability = 0;  // sum of natural logs
    double score = 0;           // logProbability / length^lengthPenalty
    bool ended = false;
};

// What the search saw at one depth, for pictures: every candidate with its fate, best first.
struct BeamCandidate {
    int parentBeam = 0;         // among those kept at the depth before, best first; 0 = the prompt at depth 0
    TokenId id = -1;            // -1: a beam that has ended, carried on as it is
    double logProbability = 0;  // running sum
    double score = 0;           // what they are ranked by: logProbability / length^lengthPenalty
    bool kept = false;
};

struct BeamRequest {
    int beams = 2;                   // >= 1
    int count = 0;                   // tokens
    double lengthPenalty = 0;        // 0 = plain sum
    std::vector<TokenId> ends = {};  // empty = never ends
    bool beyondContext = false;
    bool recordCandidates = false;
};

struct BeamResult {
    std::vector<Beam> beams;                             // best first; ties to the earlier beam and the lower id
    std::vector<std::vector<BeamCandidate>> candidates;  // by depth
    StopReason reason = StopReason::Count;               // End: every beam has ended
};

/// At each depth: beams that have ended compete as they are with the best continuations of the others; the B best by score stay.
/// Fails: as run(); beams < 1; logits that are no distribution.
Result<BeamResult> beamSearch(const Model& model, const std::vector<TokenId>& prompt, const BeamRequest& request,
                              const Job& job = {});

}  // namespace lw
