// The data of a training, read and made ready: where sequences come from, and what is validated on.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/job.h"
#include "core/text/tokenizer.h"
#include "core/train/sequence.h"
#include "core/train/train_config.h"

namespace lw::train {

struct ValidationSet {
    std::string name;
    std::vector<Sequence> sequences;
    std::int64_t bytes = 0;  // of text that its targets stand for; 0 for tasks
};

struct TrainData {
    std::unique_ptr<SequenceSource> source;
    std::vector<ValidationSet> validation;
    std::vector<ValidationSet> sample;           // a part of each set, evenly spread, for validations on the way
    std::shared_ptr<const Tokenizer> tokenizer;  // null for tasks
    std::string tokenizerJson;                   // to be written beside the model
    std::optional<TokenId> end;
    int vocabulary = 0;       // ids are below it
    int longest = 0;          // tokens of the longest sequence
    std::string fingerprint;  // 16 hex digits over all training and validation ids
    nlohmann::json about;     // for the record: files, documents, tokens, bytes
};

/// Fails: an unreadable or empty text; a training text smaller than one context (both numbers); no tokenizer.json.
Result<TrainData> readTrainData(const TrainConfig& config, const Job& job = {});

}  // namespace lw::train
