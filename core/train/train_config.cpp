#include "core/train/train_config.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/models/config_reader.h"

namespace lw::train {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// A ConfigReader that takes a field that nobody asks for as a slip of the pen: it would otherwise train something else.
class Fields {
public:
    Fields(const json& object, const std::string& where) : m_json(object), m_reader(object, where) {}

    std::int64_t integer(const char* name, std::optional<std::int64_t> fallback, std::int64_t least,
                         std::int64_t most = 1 << 30) {
        const auto small = fallback ? std::optional<int>(static_cast<int>(*fallback)) : std::nullopt;
        return m_reader.integer(known(name), small, static_cast<int>(least), static_cast<int>(most));
    }
    double number(const char* name, std::optional<double> fallback, double least, double most) {
        return m_reader.number(known(name), fallback, least, most);
    }
    bool flag(const char* name, bool fallback) { return m_reader.flag(known(name), fallback); }
    std::string text(const char* name, std::optional<std::string> fallback = {}) { return m_reader.text(known(name), fallback); }
    const json* any(const char* name) { return m_reader.any(known(name)); }
    const json* object(const char* name) { return m_reader.object(known(name)); }
    bool has(const char* name) const { return m_reader.has(name); }
    void refuse(std::string message, const char* field) {
        m_reader.refuse(ErrorKind::BadInput, fmt::format("{}: {}", m_reader.where(), message), field);
    }
    const std::string& where() const { return m_reader.where(); }

    /// The first error; a field that nobody has asked for is one. To be called when all have been asked for.
    const Error* error() {
        if (!m_reader.error() && m_json.is_object()) {
            for (const auto& [name, value] : m_json.items()) {
                if (std::ranges::find(m_known, name) == m_known.end()) {
                    refuse(fmt::format("the field {} is not known; known are {}.", name, fmt::join(m_known, ", ")), name.c_str());
                    break;
                }
            }
        }
        return m_reader.error();
    }

private:
    const char* known(const char* name) {
        m_known.emplace_back(name);
        return name;
    }
    const json& m_json;
    ConfigReader m_reader;
    std::vector<std::string> m_known;
};

fs::path below(const fs::path& folder, const std::string& path) {
    return fs::path(path).is_absolute() ? fs::path(path) : folder / path;
}

Result<std::vector<TextFile>> readTexts(const json* list, const char* field, const std::string& where, const fs::path& folder) {
    std::vector<TextFile> files;
    if (!list) return files;
    if (!list->is_array() || list->empty())
        return fail(ErrorKind::BadInput, fmt::format("{}: the field data.{} must be a list of texts.", where, field), field);
    for (const json& item : *list) {
        if (item.is_string()) {
            files.push_back({below(folder, item.get<std::string>()), {}, {}});
            continue;
        }
        Fields fields(item, fmt::format("{}, data.{}", where, field));
        TextFile file;
        file.path = below(folder, fields.text("path"));
        file.separator = fields.text("separator", "");
        if (fields.has("weight")) file.weight = fields.number("weight", {}, 1e-9, 1e9);
        fields.any("weight");
        if (fields.error()) return Unexpected(*fields.error());
        files.push_back(std::move(file));
    }
    const auto weighted = std::ranges::count_if(files, [](const TextFile& f) { return f.weight.has_value(); });
    if (weighted != 0 && weighted != static_cast<std::ptrdiff_t>(files.size()))
        return fail(ErrorKind::BadInput,
                    fmt::format("{}: {} of the {} texts in data.{} have a weight; give one to all of them or to none.", where,
                                weighted, files.size(), field),
                    "weight");
    return files;
}

Result<TaskSettings> readTask(Fields& fields) {
    TaskSettings task;
    task.name = fields.text("task");
    static constexpr std::array<std::string_view, 7> names{"copy",      "reverse",  "selective_copy", "associative_recall",
                                                           "induction", "addition", "parity"};
    if (std::ranges::find(names, task.name) == names.end())
        fields.refuse(fmt::format("there is no task “{}”; there are {}.", task.name, fmt::join(names, ", ")), "task");
    task.length = static_cast<int>(fields.integer("length", task.length, 1, 100000));
    task.minLength = static_cast<int>(fields.integer("min_length", task.length, 1, task.length));
    task.symbols = static_cast<int>(fields.integer("symbols", task.symbols, 2, 52));
    task.items = static_cast<int>(fields.integer("items", std::min(task.items, task.minLength), 1, task.minLength));
    task.queries = static_cast<int>(fields.integer("queries", std::min(task.queries, task.minLength), 1, task.minLength));
    task.digits = static_cast<int>(fields.integer("digits", task.digits, 1, 15));
    task.reversed = fields.flag("reversed", false);
    task.steps = fields.flag("steps", false);
    task.validation = static_cast<int>(fields.integer("validation_examples", task.validation, 1, 100000));
    if (task.name == "associative_recall" && task.length > task.symbols)
        fields.refuse(
            fmt::format("{} pairs (data.length) need as many different keys; data.symbols is {}.", task.length, task.symbols),
            "length");
    if (fields.error()) return Unexpected(*fields.error());
    return task;
}

Result<DataSettings> readData(const json* object, const std::string& where, const fs::path& folder) {
    DataSettings data;
    if (!object)
        return fail(ErrorKind::NotFound, fmt::format("{}: the field data is missing; expected texts or a task.", where), "data");
    Fields fields(*object, where + ", data");
    if (fields.has("task")) {
        auto task = readTask(fields);
        if (!task) return Unexpected(task.error());
        data.task = *std::move(task);
        return data;
    }
    auto texts = readTexts(fields.any("texts"), "texts", where, folder);
    if (!texts) return Unexpected(texts.error());
    if (texts->empty())
        return fail(ErrorKind::NotFound, fmt::format("{}: data has neither texts nor a task to learn from.", where), "data");
    auto validation = readTexts(fields.any("validation"), "validation", where, folder);
    if (!validation) return Unexpected(validation.error());
    data.validationFraction = fields.number("validation_fraction", validation->empty() ? 0.02 : 0.0, 0, 0.9);
    if (validation->empty() && data.validationFraction <= 0)
        fields.refuse("validation_fraction is 0 and there are no validation texts: nothing would say how good the model is.",
                      "validation_fraction");
    if (!validation->empty() && data.validationFraction > 0)
        fields.refuse("there are validation texts and a validation_fraction; give one of the two.", "validation_fraction");
    data.texts = *std::move(texts);
    data.validation = *std::move(validation);
    if (fields.error()) return Unexpected(*fields.error());
    return data;
}

Result<OptimizerSettings> readOptimizer(const json* object, const std::string& where, std::int64_t steps) {
    OptimizerSettings o;
    if (!object) return o;
    Fields fields(*object, where + ", optimizer");
    o.learningRate = fields.number("learning_rate", o.learningRate, 0, 10);
    o.floor = fields.number("floor", o.floor, 0, 1);
    o.warmup = fields.integer("warmup", 0, 0, steps);
    o.beta1 = fields.number("beta1", o.beta1, 0, 0.999999);
    o.beta2 = fields.number("beta2", o.beta2, 0, 0.99999999);
    o.epsilon = fields.number("epsilon", o.epsilon, 1e-30, 1);
    o.weightDecay = fields.number("weight_decay", o.weightDecay, 0, 10);
    o.clip = fields.number("clip", o.clip, 0, 1e9);
    o.decayEmbeddings = fields.flag("decay_embeddings", o.decayEmbeddings);
    if (const json* list = fields.any("no_decay")) {
        const bool texts = list->is_array() && std::ranges::all_of(*list, [](const json& item) { return item.is_string(); });
        if (texts)
            o.noDecay = list->get<std::vector<std::string>>();
        else
            fields.refuse("the field no_decay must be a list of endings of tensor names.", "no_decay");
    }
    if (fields.error()) return Unexpected(*fields.error());
    return o;
}

// Fields that change nothing in the numbers of a training.
constexpr std::array<const char*, 5> outward{"name", "report_every", "checkpoint_every", "save", "snapshots"};

int contextOf(const json& model) {
    for (const char* field : {"max_position_embeddings", "n_positions", "n_ctx"}) {
        if (model.contains(field) && model[field].is_number_integer()) return model[field].get<int>();
    }
    return 0;
}

}  // namespace

Result<TrainConfig> readTrainConfig(const json& written, const std::string& where, const fs::path& dataFolder) {
    TrainConfig config;
    config.json = written;
    config.where = where;
    Fields fields(written, where);
    const json* model = fields.object("model");
    if (!model) fields.refuse("the field model is missing; expected the fields of a config.json.", "model");
    if (model) config.model = *model;
    config.name = fields.text("name", fs::path(where).stem().string());
    const fs::path ownFolder = fs::path(where).parent_path();
    if (fields.has("tokenizer")) config.tokenizer = below(ownFolder, fields.text("tokenizer"));
    fields.any("tokenizer");
    config.steps = fields.integer("steps", {}, 1);
    config.batch = static_cast<int>(fields.integer("batch", config.batch, 1, 1 << 20));
    config.accumulation = static_cast<int>(fields.integer("accumulation", 1, 1, 1 << 20));
    const int longest = model ? contextOf(*model) : 0;
    config.context = static_cast<int>(
        fields.integer("context", longest > 0 ? std::optional<std::int64_t>(longest) : std::nullopt, 2, 1 << 20));
    config.lanes = static_cast<int>(fields.integer("lanes", 0, 0, 256));
    config.dropout = fields.number("dropout", 0, 0, 0.95);
    config.seed = static_cast<std::uint64_t>(fields.integer("seed", 0, 0));
    config.reportEvery = fields.integer("report_every", 10, 1);
    config.checkpointEvery = fields.integer("checkpoint_every", std::max<std::int64_t>(1, config.steps / 20), 1);
    config.validateEvery = fields.integer("validate_every", std::max<std::int64_t>(1, config.steps / 20), 1);
    config.validationTokens = fields.integer("validation_tokens", config.validationTokens, 1);
    config.patience = static_cast<int>(fields.integer("patience", 0, 0));
    const std::string save = fields.text("save", "float32");
    config.bfloat16 = save == "bfloat16";
    if (save != "float32" && save != "bfloat16")
        fields.refuse(fmt::format("the field save is “{}”; expected float32 or bfloat16.", save), "save");
    if (const json* list = fields.any("snapshots")) {
        const bool numbers =
            list->is_array() && std::ranges::all_of(*list, [](const json& n) { return n.is_number_integer() && n > 0; });
        if (numbers)
            config.snapshots = list->get<std::vector<std::int64_t>>();
        else
            fields.refuse("the field snapshots must be a list of steps.", "snapshots");
        for (const std::int64_t step : config.snapshots) {
            if (step > config.steps)
                fields.refuse(fmt::format("the field snapshots names step {}, and there are {} steps.", step, config.steps),
                              "snapshots");
        }
    }
    const json* data = fields.object("data");
    const json* optimizer = fields.object("optimizer");
    if (fields.error()) return Unexpected(*fields.error());

    auto readyData = readData(data, where, dataFolder);
    if (!readyData) return Unexpected(readyData.error());
    config.data = *std::move(readyData);
    auto readyOptimizer = readOptimizer(optimizer, where, config.steps);
    if (!readyOptimizer) return Unexpected(readyOptimizer.error());
    config.optimizer = *std::move(readyOptimizer);
    if (!config.data.task && config.tokenizer.empty())
        return fail(ErrorKind::NotFound, fmt::format("{}: learning from texts needs the field tokenizer.", where), "tokenizer");
    return config;
}

std::string differingField(const json& then, const json& now) {
    const auto ignored = [](const std::string& name) { return std::ranges::find(outward, name) != outward.end(); };
    for (const auto& [name, value] : now.items()) {
        if (!ignored(name) && (!then.contains(name) || then[name] != value)) return name;
    }
    for (const auto& [name, value] : then.items()) {
        if (!ignored(name) && !now.contains(name)) return name;
    }
    return {};
}

}  // namespace lw::train
