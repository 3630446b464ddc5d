#include "core/generate/beam.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/generate/generate.h"
#include "core/generate/ranking.h"
#include "core/run.h"

namespace lw {

namespace {

struct Lane {
    Beam beam;
    std::shared_ptr<const State> state;  // after its last token; null once it has ended
    Tensor logits;                       // [1, V]
};

struct Candidate {
    std::size_t lane = 0;
    TokenId id = -1;  // -1: an ended beam as it is
    double logProbability = 0, score = 0;
};

double scoreOf(double logProbability, std::size_t length, double penalty) {
    return penalty == 0 || length == 0 ? logProbability : logProbability / std::pow(static_cast<double>(length), penalty);
}

// The best `count` continuations of one lane; false if its logits are no distribution.
bool expand(const Lane& lane, std::size_t index, int count, double penalty, std::vector<Candidate>& candidates) {
    const Matrix& row = lane.logits.value();
    const std::span<const float> logits(row.data(), static_cast<std::size_t>(row.cols()));
    const double largest = row.maxCoeff<Eigen::PropagateNaN>();
    if (!std::isfinite(largest)) return false;
    double sum = 0;
    for (const float logit : logits) sum += std::exp(logit - largest);
    const double normaliser = largest + std::log(sum);
    Ranking ranking(logits);
    for (std::size_t rank = 0; rank < std::min(logits.size(), static_cast<std::size_t>(count)); ++rank) {
        const TokenId id = ranking[rank];
        const double total = lane.beam.logProbability + (logits[static_cast<std::size_t>(id)] - normaliser);
        if (!std::isfinite(total)) break;  // probability 0: no continuation
        candidates.push_back({index, id, total, scoreOf(total, lane.beam.ids.size() + 1, penalty)});
    }
    return true;
}

Result<void> advance(const Model& model, Lane& lane, TokenId id, const Job& job) {
    std::unique_ptr<State> state = lane.state->clone();
    Result<Tensor> logits = model.forward(std::array{id}, *state, Tap(), job, LogitRows::Last);
    if (!logits) return Unexpected(logits.error());
    if (auto same = model.intact(); !same) return Unexpected(same.error());
    lane.logits = *logits;
    lane.state = std::move(state);
    return {};
}

}  // namespace

Result<BeamResult> beamSearch(const Model& model, const std::vector<TokenId>& prompt, const BeamRequest& request,
                              const Job& job) {
    const ModelInfo& info = model.info();
    if (request.beams < 1)
        return fail(ErrorKind::BadInput, fmt::format("--beam is {}; it must be at least 1.", request.beams), "--beam");
    if (!std::isfinite(request.lengthPenalty))
        return fail(ErrorKind::BadInput, "--length-penalty must be a number.", "--length-penalty");
    if (auto ok = checkIds(info, prompt, request.beyondContext); !ok) return Unexpected(ok.error());
    const bool bounded = info.context > 0 && !(request.beyondContext && info.canGoBeyondContext);
    const Job inner{job.stop, {}};
    const auto isEnd = [&](TokenId id) { return std::find(request.ends.begin(), request.ends.end(), id) != request.ends.end(); };

    BeamResult result;
    std::vector<Lane> lanes(1);
    {
        std::unique_ptr<State> state = model.start();
        Result<Tensor> logits = model.forward(prompt, *state, Tap(), inner, LogitRows::Last);
        if (!logits) return Unexpected(logits.error());
        if (auto same = model.intact(); !same) return Unexpected(same.error());
        lanes[0].logits = *logits;
        lanes[0].state = std::move(state);
    }
    for (int depth = 0; depth < request.count; ++depth) {
        const int length = static_cast<int>(prompt.size()) + depth;
        if (bounded && length >= info.context) {
            result.reason = StopReason::Context;
            break;
        }
        if (std::all_of(lanes.begin(), lanes.end(), [](const Lane& lane) { return lane.beam.ended; })) {
            result.reason = StopReason::End;
            break;
        }
        std::vector<Candidate> candidates;
        for (std::size_t i = 0; i < lanes.size(); ++i) {
            if (lanes[i].beam.ended) {
                candidates.push_back({i, -1, lanes[i].beam.logProbability, lanes[i].beam.score});
            } else if (!expand(lanes[i], i, request.beams, request.lengthPenalty, candidates)) {
                return notADistribution(info, length - 1);
            }
        }
        // Candidates stand by lane, then by rank, so a stable sort leaves ties to the earlier beam and the lower id.
        std::stable_sort(candidates.begin(), candidates.end(),
                         [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
        const std::size_t kept = std::min(candidates.size(), static_cast<std::size_t>(request.beams));
        if (request.recordCandidates) {
            std::vector<BeamCandidate>& seen = result.candidates.emplace_back();
            for (std::size_t c = 0; c < candidates.size(); ++c) {
                seen.push_back({static_cast<int>(candidates[c].lane), candidates[c].id, candidates[c].logProbability,
                                candidates[c].score, c < kept});
            }
        }
        std::vector<Lane> next;
        const bool more = depth + 1 < request.count && !(bounded && length + 1 >= info.context);
        for (std::size_t c = 0; c < kept; ++c) {
            const Candidate& candidate = candidates[c];
            Lane lane = lanes[candidate.lane];
            if (candidate.id >= 0) {
                lane.beam.ids.push_back(candidate.id);
                lane.beam.logProbability = candidate.logProbability;
                lane.beam.score = candidate.score;
                lane.beam.ended = isEnd(candidate.id);
                if (lane.beam.ended) {
                    lane.state = nullptr;
                } else if (more) {
                    if (auto ok = advance(model, lane, candidate.id, inner); !ok) return Unexpected(ok.error());
                }
            }
            next.push_back(std::move(lane));
        }
        lanes = std::move(next);
        job.progress(static_cast<double>(depth + 1) / request.count, "tokens");
    }
    for (Lane& lane : lanes) result.beams.push_back(std::move(lane.beam));
    return result;
}

}  // namespace lw
