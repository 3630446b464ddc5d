#include "core/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "core/base/parallel.h"
#include "core/formats/atomic_file.h"
#include "core/formats/config_json.h"
#include "core/train/checkpoint.h"
#include "core/train/evaluation.h"
#include "core/train/final_validation.h"
#include "core/train/model_folder.h"
#include "core/train/ngram_training.h"
#include "core/train/not_finite.h"
#include "core/train/output_folder.h"
#include "core/train/schedule.h"
#include "core/train/train_data.h"

namespace lw::train {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

double secondsSince(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Everything but weights and moments that a checkpoint keeps.
struct Progress {
    std::int64_t step = 0, tokens = 0;
    double seconds = 0;  // of all processes that worked on it
    double lossSum = 0;  // since the last report
    std::int64_t lossCount = 0;
    std::optional<double> best;        // validation loss
    int worse = 0;                     // validations since then
    json losses = json::array();       // [step, loss]
    json validations = json::array();  // {"step", "loss", …}

    json toJson() const {
        return {{"step", step},        {"tokens", tokens},        {"seconds", seconds},
                {"loss_sum", lossSum}, {"loss_count", lossCount}, {"best", best ? json(*best) : json()},
                {"worse", worse},      {"losses", losses},        {"validations", validations}};
    }
    static Progress fromJson(const json& j) {
        Progress p;
        p.step = j.at("step");
        p.tokens = j.at("tokens");
        p.seconds = j.at("seconds");
        p.lossSum = j.at("loss_sum");
        p.lossCount = j.at("loss_count");
        if (!j.at("best").is_null()) p.best = j.at("best").get<double>();
        p.worse = j.at("worse");
        p.losses = j.at("losses");
        p.validations = j.at("validations");
        return p;
    }
};

class Training {
public:
    Training(const TrainConfig& config, fs::path folder, const TrainOptions& options, const TrainHooks& hooks, const Job& job)
        : m_config(config), m_folder(std::move(folder)), m_options(options), m_hooks(hooks), m_job(job) {
        m_schedule.peak = config.optimizer.learningRate;
        m_schedule.floor = config.optimizer.learningRate * config.optimizer.floor;
        m_schedule.warmup = config.optimizer.warmup;
        m_schedule.steps = config.steps;
        m_optimizer = {config.optimizer.beta1, config.optimizer.beta2, config.optimizer.epsilon};
    }

    Result<TrainSummary> run() {
        if (auto ok = prepareFolder(); !ok) return Unexpected(ok.error());
        auto data = readTrainData(m_config, m_job);
        if (!data) return Unexpected(data.error());
        m_data = *std::move(data);
        if (auto ok = begin(); !ok) return Unexpected(ok.error());
        if (m_finished) return finishedBefore();
        while (m_progress.step < m_config.steps && !m_stopEarly) {
            auto ok = oneStep();
            if (ok) continue;
            if (ok.error().kind == ErrorKind::Cancelled) return cancelled();
            return Unexpected(ok.error());
        }
        return finish();
    }

private:
    void note(std::string_view sentence) const {
        if (m_hooks.note) m_hooks.note(sentence);
    }

    Result<void> prepareFolder() {
        auto lock = prepareOutputFolder(m_folder, m_options.restart);
        if (!lock) return Unexpected(lock.error());
        m_lock = *std::move(lock);
        return {};
    }

    struct Found {
        fs::path path;
        json config, data;
        int lanes = 0;
        Progress progress;
    };

    static Result<Found> readFound(const fs::path& path) {
        const auto read = readCheckpointJson(path);
        if (!read) return Unexpected(read.error());
        try {
            return Found{path, read->at("config"), read->at("data"), read->at("lanes").get<int>(),
                         Progress::fromJson(read->at("progress"))};
        } catch (const json::exception&) {
            return fail(ErrorKind::BadFormat, fmt::format("{}: the file is no checkpoint of a training.", path.string()),
                        path.string());
        }
    }

    // The newest checkpoint that can be read; none if the folder has none.
    Result<std::optional<Found>> findCheckpoint() const {
        std::string why;
        for (const fs::path& path : checkpointsIn(m_folder)) {
            auto found = readFound(path);
            if (found) return std::optional(*std::move(found));
            why = found.error().message;
            note(why + " Trying the one before.");
        }
        if (why.empty()) return std::optional<Found>();
        return fail(ErrorKind::BadFormat, why, m_folder.string(), "--restart begins anew.");
    }

    Result<void> begin() {
        auto checkpoint = findCheckpoint();
        if (!checkpoint) return Unexpected(checkpoint.error());
        int lanes = m_config.lanes > 0 ? m_config.lanes : threadCount();
        lanes = static_cast<int>(std::min<std::int64_t>(lanes, m_config.sequencesPerStep()));
        if (*checkpoint) {
            const auto mismatch = [&](const std::string& what) -> Unexpected {
                return fail(ErrorKind::Mismatch, fmt::format("{}: {}", (*checkpoint)->path.string(), what),
                            (*checkpoint)->path.string(), "Give another folder, or --restart to begin anew.");
            };
            const std::string field = differingField((*checkpoint)->config, m_config.json);
            if (!field.empty())
                return mismatch(fmt::format("the checkpoint is of another training: the field {} of {} has changed since.", field,
                                            m_config.where));
            if ((*checkpoint)->data != m_data.fingerprint) return mismatch("the texts have changed since this checkpoint.");
            lanes = std::max(1, (*checkpoint)->lanes);
            m_progress = (*checkpoint)->progress;
            m_stopEarly = m_config.patience > 0 && m_progress.worse >= m_config.patience;
        }
        auto learner = Learner::create(m_config.model, m_config.name, m_config.where + ", model", m_config.seed, lanes);
        if (!learner) return Unexpected(learner.error());
        m_learner = std::make_unique<Learner>(*std::move(learner));
        m_learner->chooseDecay(m_config.optimizer.decayEmbeddings, m_config.optimizer.noDecay);
        const ModelInfo& info = m_learner->model().info();
        if (m_data.vocabulary > info.vocabulary)
            return fail(ErrorKind::Mismatch,
                        fmt::format("{}: the data have {} different tokens and the model {} rows for them (vocab_size).",
                                    m_config.where, m_data.vocabulary, info.vocabulary),
                        "vocab_size");
        if (info.context > 0 && m_data.longest > info.context)
            return fail(ErrorKind::OverContext,
                        fmt::format("{}: sequences have {} tokens, the model's context is {}.", m_config.where, m_data.longest,
                                    info.context),
                        "context");
        // An unknown field would train something else than was meant.
        if (!m_learner->warnings().empty()) return fail(ErrorKind::BadFormat, m_learner->warnings().front(), m_config.where);
        if (*checkpoint) {
            if (auto ok = readCheckpoint((*checkpoint)->path, *m_learner, m_best); !ok) return ok;
            m_lastCheckpoint = m_progress.step;
            m_finished = alreadyFinished();
            if (!m_finished) note(fmt::format("Going on from {}.", (*checkpoint)->path.filename().string()));
        }
        m_firstStep = m_progress.step;
        m_started = std::chrono::steady_clock::now();
        json modelConfig = m_config.model;
        if (m_data.end && !modelConfig.contains("eos_token_id")) modelConfig["eos_token_id"] = *m_data.end;
        modelConfig["torch_dtype"] = m_config.bfloat16 ? "bfloat16" : "float32";
        m_modelConfig = std::move(modelConfig);
        std::error_code ignored;  // the record comes first: it says whose the other files are
        if (!fs::exists(m_folder / "training.json", ignored)) {
            if (auto ok = writeRecord(false, {}); !ok) return ok;
        }
        return writeModelFiles(m_folder, m_modelConfig, m_data.tokenizerJson);
    }

    bool alreadyFinished() const {
        const auto record = readRecord();
        return record.is_object() && record.value("complete", false) && record.value("step", std::int64_t{-1}) >= m_progress.step;
    }

    json readRecord() const {
        std::error_code ignored;
        if (!fs::exists(m_folder / "training.json", ignored)) return {};
        const auto read = readJsonFile(m_folder / "training.json");
        return read ? *read : json();
    }

    Result<void> oneStep() {
        const auto begun = std::chrono::steady_clock::now();
        const std::int64_t count = m_config.sequencesPerStep(), first = m_progress.step * count;
        std::vector<Sequence> batch;
        std::int64_t tokens = 0;
        for (std::int64_t i = 0; i < count; ++i) {
            batch.push_back(m_data.source->sequence(first + i));
            tokens += static_cast<std::int64_t>(batch.back().ids.size());
        }
        const auto loss = m_learner->gradients(batch, m_config.dropout, m_config.seed, first, m_job);
        if (!loss) return Unexpected(loss.error());
        const double norm = m_learner->gradientNorm();
        if (!std::isfinite(*loss) || !std::isfinite(norm)) return noNumber(*loss, batch);
        const double rate = m_schedule.rate(m_progress.step);
        m_learner->update(m_optimizer, m_progress.step + 1, rate, m_config.optimizer.weightDecay,
                          clippingScale(norm, m_config.optimizer.clip));
        ++m_progress.step;
        m_progress.tokens += tokens;
        m_progress.lossSum += *loss;
        ++m_progress.lossCount;
        m_progress.seconds += secondsSince(begun);
        m_reportSeconds += secondsSince(begun);
        m_reportTokens += tokens;

        TrainReport report;
        const std::int64_t step = m_progress.step;
        const bool last = step == m_config.steps;
        if (step % m_config.validateEvery == 0 || last) {
            if (auto ok = validate(report); !ok) return ok;
        }
        if (step % m_config.reportEvery == 0 || report.validationLoss || last) sendReport(report, rate, norm);
        if (std::ranges::find(m_config.snapshots, step) != m_config.snapshots.end()) {
            if (auto ok = writeSnapshot(); !ok) note(ok.error().message + " The snapshot is missing.");
        }
        if (step % m_config.checkpointEvery == 0 && !last) {
            if (auto ok = save(); !ok) note(fmt::format("{} {} The training goes on.", ok.error().message, whatIsThere()));
        }
        return {};
    }

    std::string whatIsThere() const {
        return m_lastCheckpoint > 0 ? fmt::format("The checkpoint of step {} is untouched.", m_lastCheckpoint)
                                    : "There is no checkpoint yet.";
    }
    // With the sentence that says where the same command would go on.
    Unexpected stoppedBy(const Error& error) const {
        Error told = error;
        told.message += " " + whatIsThere();
        told.offer = m_lastCheckpoint > 0 ? "The same command goes on from there." : "The same command begins anew.";
        return Unexpected(told);
    }

    Unexpected noNumber(double loss, const std::vector<Sequence>& batch) const {
        const std::string place = firstNotFinite(*m_learner, batch);
        return fail(ErrorKind::BadInput,
                    fmt::format("Step {}: the {} is no finite number; the first tensor that holds such a value is {}. {}",
                                m_progress.step + 1, std::isfinite(loss) ? "gradient" : "loss", place, whatIsThere()),
                    place, "A smaller learning_rate or a longer warmup may help.");
    }

    Result<void> validate(TrainReport& report) {
        json entry{{"step", m_progress.step}};
        double nats = 0;
        std::int64_t predicted = 0, correct = 0;
        for (const ValidationSet& set : m_data.sample) {
            const auto result = evaluate(m_learner->model(), set.sequences);
            if (!result) return Unexpected(result.error());
            nats += result->nats;
            predicted += result->predicted;
            correct += result->correct;
            if (m_data.sample.size() > 1) entry[set.name] = result->loss();
        }
        const double loss = nats / static_cast<double>(predicted);
        entry["loss"] = loss;
        report.validationLoss = loss;
        if (!m_data.tokenizer) {
            report.accuracy = static_cast<double>(correct) / static_cast<double>(predicted);
            entry["accuracy"] = *report.accuracy;
        }
        m_progress.validations.push_back(std::move(entry));
        if (m_config.patience == 0) return {};
        if (!m_progress.best || loss < *m_progress.best) {
            m_progress.best = loss;
            m_progress.worse = 0;
            m_best.clear();
            for (std::size_t p = 0; p < m_learner->parts().size(); ++p) m_best.push_back(m_learner->values(p));
        } else if (++m_progress.worse >= m_config.patience) {
            m_stopEarly = true;
        }
        return {};
    }

    void sendReport(TrainReport& report, double rate, double norm) {
        report.step = m_progress.step;
        report.steps = m_config.steps;
        report.tokens = m_progress.tokens;
        report.loss = m_progress.lossSum / static_cast<double>(m_progress.lossCount);
        report.rate = rate;
        report.gradientNorm = norm;
        report.tokensPerSecond = static_cast<double>(m_reportTokens) / std::max(1e-9, m_reportSeconds);
        const double each =
            secondsSince(m_started) / static_cast<double>(std::max<std::int64_t>(1, m_progress.step - m_firstStep));
        report.secondsLeft = each * static_cast<double>(m_config.steps - m_progress.step);
        m_progress.losses.push_back({m_progress.step, report.loss});
        m_progress.lossSum = 0;
        m_progress.lossCount = 0;
        m_reportSeconds = 0;
        m_reportTokens = 0;
        if (m_hooks.report) m_hooks.report(report);
    }

    Result<void> writeSnapshot() {
        const fs::path folder = m_folder / fmt::format("step-{:06}", m_progress.step);
        std::error_code problem;
        fs::create_directories(folder, problem);
        if (auto ok = writeModelFiles(folder, m_modelConfig, m_data.tokenizerJson); !ok) return ok;
        return writeWeights(folder / "model.safetensors", m_learner->tensors(), m_learner->model(), m_config.bfloat16);
    }

    // Checkpoint first: the model beside it may be older, never newer.
    Result<void> save() {
        const json training{{"config", m_config.json},
                            {"data", m_data.fingerprint},
                            {"lanes", m_learner->lanes()},
                            {"progress", m_progress.toJson()}};
        if (auto ok = writeCheckpoint(m_folder, m_progress.step, *m_learner, m_best, training); !ok) return ok;
        m_lastCheckpoint = m_progress.step;
        if (auto ok = writeWeights(m_folder / "model.safetensors", m_learner->tensors(), m_learner->model(), m_config.bfloat16);
            !ok)
            return ok;
        return writeRecord(false, {});
    }

    json makeRecord(bool complete, const json& finalValidation) const {
        const ModelInfo& info = m_learner->model().info();
        json record{{"name", m_config.name},        {"architecture", info.architecture}, {"parameters", info.parameters},
                    {"complete", complete},         {"step", m_progress.step},           {"steps", m_config.steps},
                    {"tokens", m_progress.tokens},  {"seconds", m_progress.seconds},     {"lanes", m_learner->lanes()},
                    {"data", m_data.about},         {"losses", m_progress.losses},       {"validations", m_progress.validations},
                    {"command", m_options.command}, {"program", m_options.program},      {"config", m_config.json}};
        if (!finalValidation.is_null()) record.update(finalValidation);
        return record;
    }

    Result<void> writeRecord(bool complete, const json& finalValidation) const {
        return writeFileAtomically(m_folder / "training.json", makeRecord(complete, finalValidation).dump(1) + "\n");
    }

    Result<TrainSummary> cancelled() {
        if (m_progress.step > m_firstStep || m_lastCheckpoint == 0) {
            if (auto ok = save(); !ok) return stoppedBy(ok.error());
        }
        return TrainSummary{false, false, m_progress.step, makeRecord(false, {})};
    }

    Result<TrainSummary> finishedBefore() {
        note(fmt::format("{}: this training is complete.", m_folder.string()));
        return TrainSummary{true, m_progress.step < m_config.steps, m_progress.step, readRecord()};
    }

    Result<TrainSummary> finish() {
        if (m_lastCheckpoint != m_progress.step) {  // the model is worth more than a checkpoint that only goes on to it
            if (auto ok = save(); !ok)
                note(fmt::format("{} {} The model is written without another.", ok.error().message, whatIsThere()));
        }
        for (std::size_t p = 0; p < m_best.size(); ++p) m_learner->setValues(p, m_best[p]);
        if (m_config.bfloat16) {
            for (std::size_t p = 0; p < m_learner->parts().size(); ++p)
                m_learner->setValues(p, m_learner->values(p).unaryExpr(&throughBfloat16));
        }
        auto validation = validateAll(m_learner->model(), m_data.validation, m_job);  // with the weights as they are written
        if (!validation && validation.error().kind == ErrorKind::Cancelled)
            return TrainSummary{false, m_stopEarly, m_progress.step, makeRecord(false, {})};
        if (!validation) return Unexpected(validation.error());
        const fs::path weights = m_folder / "model.safetensors";
        if (auto ok = writeWeights(weights, m_learner->tensors(), m_learner->model(), m_config.bfloat16); !ok)
            return stoppedBy(ok.error());
        if (auto ok = writeRecord(true, *validation); !ok) return stoppedBy(ok.error());
        return TrainSummary{true, m_stopEarly, m_progress.step, makeRecord(true, *validation)};
    }

    const TrainConfig& m_config;
    fs::path m_folder;
    std::optional<FolderLock> m_lock;
    const TrainOptions& m_options;
    const TrainHooks& m_hooks;
    const Job& m_job;
    Schedule m_schedule;
    AdamW m_optimizer;
    TrainData m_data;
    std::unique_ptr<Learner> m_learner;
    json m_modelConfig;
    Progress m_progress;
    std::vector<Matrix> m_best;  // weights with the best validation loss, if there is patience to be lost
    bool m_stopEarly = false, m_finished = false;
    std::int64_t m_lastCheckpoint = 0, m_firstStep = 0;
    std::chrono::steady_clock::time_point m_started;
    double m_reportSeconds = 0;
    std::int64_t m_reportTokens = 0;
};

}  // namespace

Result<TrainSummary> train(const TrainConfig& config, const fs::path& folder, const TrainOptions& options,
                           const TrainHooks& hooks, const Job& job) {
    if (isNgramTraining(config)) return trainNgram(config, folder, options, hooks, job);
    return Training(config, folder, options, hooks, job).run();
}

}  // namespace lw::train
