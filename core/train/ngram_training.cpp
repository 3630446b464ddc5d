#include "core/train/ngram_training.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/formats/atomic_file.h"
#include "core/formats/config_json.h"
#include "core/formats/safetensors_writer.h"
#include "core/models/config_reader.h"
#include "core/models/ngram.h"
#include "core/train/evaluation.h"
#include "core/train/final_validation.h"
#include "core/train/model_folder.h"
#include "core/train/ngram_counts.h"
#include "core/train/output_folder.h"
#include "core/train/train_data.h"

namespace lw::train {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Result<NgramSettings> readSettings(const TrainConfig& config) {
    ConfigReader reader(config.model, config.where + ", model");
    NgramSettings settings;
    reader.text("model_type");
    settings.vocabulary = reader.integer("vocab_size");
    settings.order = reader.integer("order", {}, 1, 8);
    settings.threeDiscounts = reader.integer("discounts", 3, 1, 3) == 3;
    if (const json* list = reader.any("least_counts")) {
        const bool numbers = list->is_array() && std::ranges::all_of(*list, [](const json& n) {
                                 return n.is_number_integer() && n > 0 && n < 1 << 30;
                             });
        if (numbers)
            settings.least = list->get<std::vector<int>>();
        else
            reader.refuse(ErrorKind::BadInput,
                          fmt::format("{}: the field least_counts must be a list of counts, from order 2 on.", reader.where()),
                          "least_counts");
    }
    reader.harmless(harmlessEverywhere());
    if (reader.error()) return Unexpected(*reader.error());
    if (const auto warnings = reader.warnings(); !warnings.empty()) return fail(ErrorKind::BadInput, warnings.front());
    return settings;
}

// The record of a finished counting of the same configuration and texts; null if there is none.
Result<json> finishedBefore(const fs::path& folder, const TrainConfig& config, const std::string& fingerprint) {
    std::error_code ignored;
    if (!fs::exists(folder / "training.json", ignored)) return json();
    auto record = readJsonFile(folder / "training.json");
    if (!record || !record->is_object() || !record->contains("config")) return json();
    const auto mismatch = [&](const std::string& what) {
        return fail(ErrorKind::Mismatch, fmt::format("{}: {}", (folder / "training.json").string(), what), folder.string(),
                    "Give another folder, or --restart to begin anew.");
    };
    const std::string field = differingField(record->at("config"), config.json);
    if (!field.empty())
        return mismatch(
            fmt::format("the record is of another training: the field {} of {} has changed since.", field, config.where));
    if (record->value("fingerprint", "") != fingerprint) return mismatch("the texts have changed since this record.");
    return record->value("complete", false) ? *std::move(record) : json();
}

// The narrowest type that holds all values.
const char* typeFor(const std::vector<std::uint32_t>& values) {
    const std::uint32_t most = values.empty() ? 0 : *std::ranges::max_element(values);
    return most < 0x100 ? "U8" : most < 0x10000 ? "U16" : "U32";
}

template <class Narrow>
Result<void> appendAs(SafetensorsWriter& writer, std::size_t at, const std::vector<std::uint32_t>& values) {
    std::vector<Narrow> narrow(values.size());
    std::ranges::transform(values, narrow.begin(), [](std::uint32_t v) { return static_cast<Narrow>(v); });
    return writer.appendBytes(at, std::as_bytes(std::span(narrow)));
}

Result<void> append(SafetensorsWriter& writer, std::size_t at, const std::vector<std::uint32_t>& values) {
    const std::string& type = writer.arrays()[at].dtype;
    if (type == "U8") return appendAs<std::uint8_t>(writer, at, values);
    if (type == "U16") return appendAs<std::uint16_t>(writer, at, values);
    return writer.appendBytes(at, std::as_bytes(std::span(values)));
}

}  // namespace

bool isNgramTraining(const TrainConfig& config) {
    return config.model.is_object() && config.model.value("model_type", json()) == "ngram";
}

Result<void> writeNgramTable(const fs::path& path, const NgramTable& table) {
    std::vector<ArrayDeclaration> arrays{{"discounts", "F32", {table.order(), 3}}};
    std::vector<const std::vector<std::uint32_t>*> values{nullptr};
    for (int k = 1; k <= table.order(); ++k) {
        const NgramOrder& order = table.orders[static_cast<std::size_t>(k) - 1];
        const auto declare = [&](const char* what, const std::vector<std::uint32_t>& numbers) {
            arrays.push_back(
                {fmt::format("orders.{}.{}", k, what), typeFor(numbers), {static_cast<std::int64_t>(numbers.size())}});
            values.push_back(&numbers);
        };
        if (k > 1) {
            declare("first", order.first);
            declare("totals", order.totals);
            declare("ids", order.ids);
        }
        declare("counts", order.counts);
    }
    auto writer = SafetensorsWriter::create(path, arrays, {{"format", "pt"}});
    if (!writer) return Unexpected(writer.error());
    for (const NgramOrder& order : table.orders) {
        std::array<float, 3> discounts{};
        std::ranges::transform(order.discounts, discounts.begin(), [](double d) { return static_cast<float>(d); });
        if (auto ok = writer->append(0, discounts); !ok) return ok;
    }
    for (std::size_t i = 1; i < values.size(); ++i) {
        if (auto ok = append(*writer, i, *values[i]); !ok) return ok;
    }
    return writer->finish();
}

Result<TrainSummary> trainNgram(const TrainConfig& config, const fs::path& folder, const TrainOptions& options,
                                const TrainHooks& hooks, const Job& job) {
    const auto note = [&](std::string_view sentence) {
        if (hooks.note) hooks.note(sentence);
    };
    const auto settings = readSettings(config);
    if (!settings) return Unexpected(settings.error());
    const auto lock = prepareOutputFolder(folder, options.restart);
    if (!lock) return Unexpected(lock.error());
    auto data = readTrainData(config, job);
    if (!data) return Unexpected(data.error());
    if (data->vocabulary > settings->vocabulary)
        return fail(ErrorKind::Mismatch,
                    fmt::format("{}: the data have {} different tokens and the model {} rows for them (vocab_size).",
                                config.where, data->vocabulary, settings->vocabulary),
                    "vocab_size");
    auto before = finishedBefore(folder, config, data->fingerprint);
    if (!before) return Unexpected(before.error());
    if (!before->is_null()) {
        note(fmt::format("{}: this training is complete.", folder.string()));
        return TrainSummary{true, false, config.steps, *std::move(before)};
    }

    const auto begun = std::chrono::steady_clock::now();
    const std::int64_t count = config.steps * config.sequencesPerStep();
    std::vector<Sequence> sequences;
    std::int64_t tokens = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        sequences.push_back(data->source->sequence(i));
        tokens += static_cast<std::int64_t>(sequences.back().ids.size());
    }
    auto table = countNgrams(sequences, *settings, note, job);
    if (!table) return Unexpected(table.error());
    for (NgramOrder& order : table->orders) {  // as they are written
        for (double& d : order.discounts) d = static_cast<float>(d);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();

    auto info = std::make_shared<ModelInfo>();
    info->name = config.name;
    info->architecture = "ngram";
    info->vocabulary = settings->vocabulary;
    info->canGoBeyondContext = true;
    info->finalNorm = info->residualStream = false;
    info->parameters = table->entries();
    const Ngram model(info, *std::move(table));

    // Of what has been counted, about as many tokens as a validation on the way reads.
    std::int64_t read = 0;
    std::size_t some = 0;
    while (some < sequences.size() && read < config.validationTokens)
        read += static_cast<std::int64_t>(sequences[some++].ids.size());
    const auto counted = evaluate(model, std::span(sequences).first(some), job);
    if (!counted) return Unexpected(counted.error());
    const auto validation = validateAll(model, data->validation, job);
    if (!validation) return Unexpected(validation.error());
    const double loss = validation->at("validation_loss");
    if (hooks.report) {
        TrainReport report;
        report.step = report.steps = config.steps;
        report.tokens = tokens;
        report.loss = counted->loss();
        report.validationLoss = loss;
        if (validation->contains("accuracy")) report.accuracy = validation->at("accuracy").get<double>();
        report.tokensPerSecond = static_cast<double>(tokens) / std::max(1e-9, seconds);
        hooks.report(report);
    }

    json record{{"name", config.name},
                {"architecture", "ngram"},
                {"parameters", info->parameters},
                {"complete", true},
                {"step", config.steps},
                {"steps", config.steps},
                {"tokens", tokens},
                {"seconds", seconds},
                {"data", data->about},
                {"fingerprint", data->fingerprint},
                {"losses", json::array({json::array({config.steps, counted->loss()})})},
                {"validations", json::array({{{"step", config.steps}, {"loss", loss}}})},
                {"command", options.command},
                {"program", options.program},
                {"config", config.json}};
    record.update(*validation);
    // The record first, not yet complete: it says whose the other files are.
    json incomplete = record;
    incomplete["complete"] = false;
    if (auto ok = writeFileAtomically(folder / "training.json", incomplete.dump(1) + "\n"); !ok) return Unexpected(ok.error());
    json modelConfig = config.model;
    if (data->end && !modelConfig.contains("eos_token_id")) modelConfig["eos_token_id"] = *data->end;
    if (auto ok = writeModelFiles(folder, modelConfig, data->tokenizerJson); !ok) return Unexpected(ok.error());
    if (auto ok = writeNgramTable(folder / "model.safetensors", model.table()); !ok) return Unexpected(ok.error());
    if (auto ok = writeFileAtomically(folder / "training.json", record.dump(1) + "\n"); !ok) return Unexpected(ok.error());
    return TrainSummary{true, false, config.steps, std::move(record)};
}

}  // namespace lw::train
