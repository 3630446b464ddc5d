// One text read by one model, token by token: what it expected, how surprised it was, what it carries on, how long a step took.
// Readings of several models are laid beside one another by the bytes of the text, whatever their tokenizers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/analysis/softmax_stats.h"
#include "core/base/job.h"
#include "core/base/result.h"
#include "core/models/model.h"
#include "core/text/tokenizer.h"

namespace lw {

struct ExpectedToken {
    TokenProbability token;
    std::string bytes;  // what it would add to the text
};

struct ReadToken {
    TokenId id = -1;
    std::int64_t from = 0, to = 0;  // bytes of the text it covers; from == to for a token put in front
    std::string bytes = {};
    std::optional<double> surprise = {};   // −ln p given the tokens before it; none for the first
    std::vector<ExpectedToken> next = {};  // the most probable tokens after it, falling
    double entropy = 0;                    // of the next token, nats
    std::int64_t stateBytes = 0;           // what the model carries on after it: cache or state
    double seconds = 0;                    // measured: this step of the model
};

struct Reading {
    std::vector<ReadToken> tokens;
    std::int64_t leftOut = 0;    // tokens past the model's context, not read
    std::int64_t leftOutTo = 0;  // where the first of these ends, in bytes of the text

    struct Part {
        int first = 0, last = -1;    // tokens; none where last < first
        std::optional<double> nats;  // Σ of their surprises; none if one of them has none, or there is no token
    };

    double nats() const;                  // Σ surprise
    std::int64_t predictedBytes() const;  // that a surprise stands for
    /// Means over all predicted tokens; none if nothing was predicted.
    std::optional<double> natsPerToken() const;
    std::optional<double> bitsPerByte() const;
    /// Median of the steps' seconds; 0 without tokens.
    double secondsPerStep() const;
    /// The last token read when the first `bytes` bytes of the text have been: −1 if none.
    int tokenAt(std::int64_t bytes) const;
    /// The context ended before the first `bytes` bytes had been read.
    bool endedBefore(std::int64_t bytes) const { return leftOut > 0 && bytes >= leftOutTo; }
    /// The tokens that end within the bytes (from, to] of the text: what this model read where another read one token.
    Part part(std::int64_t from, std::int64_t to) const;

    // To read on from here when the text grows.
    std::shared_ptr<const State> state;
    std::vector<float> logits;  // after the last token
};

/// Reads tokens one at a time, as generation does. `before`: an earlier reading of the same model; if it is how these tokens
/// begin it is taken over, measured times included. topK ≥ 1 expected tokens are kept for each position.
/// Fails: no tokens; an id outside the model's vocabulary; as Model::forward; Cancelled; a file that changed (Model::intact).
Result<Reading> readAlong(const Model& model, const Tokenizer& tokenizer, std::vector<Token> tokens, int topK,
                          const Reading* before = nullptr, const Job& job = {});

}  // namespace lw
