#include "core/train/final_validation.h"

#include "core/train/evaluation.h"

namespace lw::train {

Result<nlohmann::json> validateAll(const Model& model, std::span<const ValidationSet> all, const Job& job) {
    using nlohmann::json;
    json sets = json::array();
    double nats = 0;
    std::int64_t predicted = 0, bytes = 0, correct = 0, whole = 0, sequences = 0;
    for (const ValidationSet& set : all) {
        const auto found = evaluate(model, set.sequences, job);
        if (!found) return Unexpected(found.error());
        json entry{{"name", set.name}, {"tokens", found->predicted}, {"loss", found->loss()}};
        if (set.bytes > 0) {
            entry["bytes"] = set.bytes;
            entry["bits_per_byte"] = found->bitsPerByte(set.bytes);
        } else {
            entry["accuracy"] = found->accuracy();
            entry["all_correct"] = static_cast<double>(found->allCorrect) / static_cast<double>(found->sequences);
        }
        sets.push_back(std::move(entry));
        nats += found->nats;
        predicted += found->predicted;
        bytes += set.bytes;
        correct += found->correct;
        whole += found->allCorrect;
        sequences += found->sequences;
    }
    Evaluation sum{predicted, nats, correct, whole, sequences};
    json result{{"validation_loss", sum.loss()}, {"validation", std::move(sets)}};
    if (bytes > 0) result["bits_per_byte"] = sum.bitsPerByte(bytes);
    if (bytes == 0) result["accuracy"] = sum.accuracy();
    return result;
}

}  // namespace lw::train
