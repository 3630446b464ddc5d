// Tiny trainings for tests.
#pragma once

#include <fstream>
#include <functional>
#include <iterator>

#include <nlohmann/json.hpp>

#include "core/train/trainer.h"
#include "tests/catch.h"
#include "tests/core/train/temporary_folder.h"

namespace lw::test {

/// A llama with two layers of width 16 that learns to copy a few letters.
inline nlohmann::json copyTraining() {
    return nlohmann::json::parse(R"({
        "model": {"model_type": "llama", "vocab_size": 9, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
                  "num_attention_heads": 2, "max_position_embeddings": 32, "tie_word_embeddings": true},
        "data": {"task": "copy", "length": 4, "min_length": 2, "symbols": 8, "validation_examples": 32},
        "steps": 40, "batch": 5, "context": 16, "lanes": 2, "seed": 3, "report_every": 7, "checkpoint_every": 5, "validate_every": 10,
        "optimizer": {"learning_rate": 0.01, "warmup": 5, "floor": 0.1}})");
}

inline std::string bytesOf(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct Trained {
    Result<train::TrainSummary> summary = fail(ErrorKind::BadInput, "not run");
    std::vector<train::TrainReport> reports;
    std::vector<std::string> notes;
};

/// `stopAt` > 0: asks for a stop once a report of that step or later has come.
inline Trained runTraining(const nlohmann::json& json, const std::filesystem::path& folder, std::int64_t stopAt = 0,
                           bool restart = false, const std::filesystem::path& data = ".") {
    const auto config = train::readTrainConfig(json, (data / "training.json").string(), data);
    if (!config) {
        Trained refused;
        refused.summary = Unexpected(config.error());
        return refused;
    }
    Trained result;
    std::stop_source stop;
    const train::TrainHooks hooks{[&](const train::TrainReport& report) {
                                      result.reports.push_back(report);
                                      if (stopAt > 0 && report.step >= stopAt) stop.request_stop();
                                  },
                                  [&](std::string_view sentence) { result.notes.emplace_back(sentence); }};
    result.summary = train::train(*config, folder, {.restart = restart, .command = "test", .program = "test"}, hooks,
                                  {.stop = stop.get_token()});
    return result;
}

}  // namespace lw::test
