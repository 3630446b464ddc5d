#include "core/load.h"

#include <algorithm>
#include <mutex>
#include <system_error>

#include <fmt/format.h>
#include <xxhash.h>
#include <nlohmann/json.hpp>

#include "core/bundled.h"
#include "core/formats/config_json.h"
#include "core/formats/folder.h"
#include "core/formats/gguf_split.h"
#include "core/formats/rwkv_file.h"
#include "core/formats/safetensors_index.h"
#include "core/load_tokenizer.h"
#include "core/models/registry.h"
#include "core/tensor/integer_source.h"
#include "core/tensor/not_finite.h"

namespace lw {

namespace fs = std::filesystem;
using nlohmann::json;

struct LoadedModel::Lazy {
    std::shared_ptr<const WeightSource> source;
    std::string configText;
    std::once_flag once;
    std::string fingerprint;
};

namespace {

void addEnds(const json& value, std::vector<TokenId>& ends) {
    if (value.is_array()) {
        for (const json& item : value) addEnds(item, ends);
    } else if (value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() < (1LL << 31)) {
        const auto id = value.get<TokenId>();
        if (std::find(ends.begin(), ends.end(), id) == ends.end()) ends.push_back(id);
    }
}

std::string stem(const fs::path& path) {
    const fs::path clean = path.has_filename() ? path : path.parent_path();
    if (const auto part = ggufPartName(clean)) return part->model;
    return clean.extension() == ".gguf" || clean.extension() == ".safetensors" ? clean.stem().string()
                                                                               : clean.filename().string();
}

// What was opened: configuration and weights, before any architecture has been asked.
struct Opened {
    std::string name;
    fs::path path;
    json config;  // Hugging Face's spelling, or a GGUF file's settings
    std::string configWhere;
    std::shared_ptr<const WeightSource> source;
    std::shared_ptr<const GgufFile> gguf;  // null for a folder
    std::optional<ModelFolder> folder;     // none for a file that says everything itself
};

Result<Opened> openFiles(const std::string& nameOrPath) {
    auto path = resolveModel(nameOrPath);
    if (!path) return Unexpected(path.error());
    Opened opened;
    opened.path = *path;
    opened.name = stem(*path);
    std::error_code ignored;
    if (!fs::is_directory(*path, ignored) && (path->extension() == ".gguf" || looksLikeGguf(*path))) {
        auto gguf = openGguf(*path);
        if (!gguf) return Unexpected(gguf.error());
        opened.gguf = gguf->file;
        opened.source = gguf->weights;
        opened.config = gguf->file->settings().json();
        opened.configWhere = gguf->file->where();
        return opened;
    }
    if (!fs::is_directory(*path, ignored) && looksLikeRwkv(*path)) {
        auto file = RwkvFile::open(*path);
        if (!file) return Unexpected(file.error());
        auto config = (*file)->config();
        if (!config) return Unexpected(config.error());
        opened.name = path->stem().string();
        opened.source = *file;
        opened.config = *std::move(config);
        opened.configWhere = path->string();
        return opened;
    }
    auto folder = examineFolder(*path);
    if (!folder) return Unexpected(folder.error());
    if (path->extension() == ".safetensors" && path->stem() == "model") opened.name = stem(folder->folder);
    auto config = readJsonFile(folder->config);
    if (!config) return Unexpected(config.error());
    auto source = openSafetensors(folder->weights);
    if (!source) return Unexpected(source.error());
    opened.config = *std::move(config);
    opened.configWhere = folder->config.string();
    opened.source = *source;
    opened.folder = *std::move(folder);
    return opened;
}

// Null if there is none.
Result<std::shared_ptr<const Tokenizer>> readTokenizer(const Opened& opened) {
    if (opened.gguf) return tokenizerOf(*opened.gguf);
    if (opened.folder) return tokenizerOf(opened.folder->tokenizer);
    return std::shared_ptr<const Tokenizer>();
}

std::string text(const json& object, const char* key) {
    if (!object.is_object()) return {};
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::string architectureName(const Opened& opened) {
    if (opened.gguf) return text(opened.config, "general.architecture");
    return text(opened.config, "model_type");
}

Result<Built> build(const Opened& opened, bool trainable) {
    const std::string type = architectureName(opened);
    const Architecture* architecture = opened.gguf ? findByGgufName(type) : findByModelType(type);
    if (!architecture) {
        const char* field = opened.gguf ? "general.architecture" : "model_type";
        if (type.empty())
            return fail(ErrorKind::NotFound,
                        fmt::format("{}: the field {} is missing, which names the architecture; supported are {}.",
                                    opened.configWhere, field, supportedArchitectures()),
                        field);
        return fail(ErrorKind::Unsupported,
                    fmt::format("{}: the architecture “{}” is not supported; supported are {}.", opened.configWhere, type,
                                supportedArchitectures()),
                    field);
    }
    if (opened.source->entries().empty())
        return fail(
            ErrorKind::NotFound,
            fmt::format("{}: the file holds no weights, only a vocabulary; it can be used to tokenize.", opened.path.string()));
    json config = opened.config;
    if (opened.gguf) {
        auto converted = architecture->configFromGguf(opened.config, *opened.source);
        if (!converted) return Unexpected(converted.error());
        config = *std::move(converted);
    }
    return architecture->build({config, *opened.source, opened.name, opened.configWhere, opened.gguf != nullptr, trainable});
}

// A weight that is no number would go through the run unseen where a function cuts its argument to a range. Larger models are
// not searched: reading all of them would take longer than opening them.
constexpr std::int64_t mostSearched = std::int64_t{1} << 30;  // bytes

Result<void> checkWeights(const Model& model, const fs::path& path, const Job& job) {
    const std::vector<Parameter> parameters = model.parameters();
    std::int64_t bytes = 0;
    for (const Parameter& parameter : parameters) {
        for (const Weight& weight : parameter.weights) bytes += weight.bytes();
    }
    if (bytes > mostSearched) return {};
    for (const Parameter& parameter : parameters) {
        if (job.cancelled()) return cancelledError();
        const std::string& name = parameter.stored.empty() ? parameter.name : parameter.stored;
        for (const Weight& weight : parameter.weights) {
            const auto at = firstNotFinite(weight);
            if (!at) continue;
            std::vector<float> row(static_cast<std::size_t>(weight.cols()));
            weight.readRow(at->row, row.data());
            return fail(
                ErrorKind::BadFormat,
                fmt::format("{}: the tensor {} holds {} where a number is expected (row {}, column {}); the file is damaged.",
                            path.string(), name, row[static_cast<std::size_t>(at->column)], at->row, at->column),
                name);
        }
    }
    return {};
}

}  // namespace

std::string LoadedModel::fingerprint() const {
    std::call_once(lazy->once, [this] {
        XXH3_state_t* state = XXH3_createState();
        XXH3_128bits_reset(state);
        const auto add = [state](std::string_view bytes) { XXH3_128bits_update(state, bytes.data(), bytes.size()); };
        add(lazy->configText);
        for (const TensorEntry& entry : lazy->source->entries()) {
            add(entry.name);
            add(entry.type);
            for (const std::int64_t n : entry.shape) add(std::to_string(n));
            const auto weight = lazy->source->weight(entry.name);
            if (weight) {
                add({static_cast<const char*>(weight->rowData(0)), static_cast<std::size_t>(weight->bytes())});
            } else if (const auto* whole = dynamic_cast<const IntegerSource*>(lazy->source.get())) {
                if (const auto bytes = whole->bytes(entry.name))
                    add({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
            }
        }
        const XXH128_hash_t hash = XXH3_128bits_digest(state);
        XXH3_freeState(state);
        lazy->fingerprint = fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
    });
    return lazy->fingerprint;
}

Result<fs::path> resolveModel(const std::string& nameOrPath) {
    if (const BundledModel* bundled = bundledModel(nameOrPath)) return resourcesFolder() / bundled->path;
    std::error_code ignored;
    if (fs::exists(nameOrPath, ignored)) return fs::path(nameOrPath);
    if (nameOrPath.find('/') == std::string::npos && !nameOrPath.empty()) {
        for (const char* ending : {"", ".gguf"}) {
            if (const fs::path own = modelsFolder() / (nameOrPath + ending); fs::exists(own, ignored)) return own;
        }
    }
    // Those that resemble what was asked for; all of them would make no sentence.
    std::string names;
    for (const BundledModel& bundled : bundledModels()) {
        if (!nameOrPath.empty() && bundled.name.find(nameOrPath) != std::string_view::npos)
            names += (names.empty() ? "" : ", ") + std::string(bundled.name);
    }
    return fail(ErrorKind::NotFound,
                fmt::format("{}: there is no such file or folder, and no bundled model of that name ({}).", nameOrPath,
                            !names.empty() ? "perhaps " + names
                                           : fmt::format("there are {}, {} the first; layerwalk-cli models names all",
                                                         bundledModels().size(), bundledModels().front().name)),
                nameOrPath);
}

Result<std::shared_ptr<const LoadedModel>> loadModel(const std::string& nameOrPath, const LoadOptions& options, const Job& job) {
    job.progress(0, "reading the configuration");
    auto opened = openFiles(nameOrPath);
    if (!opened) return Unexpected(opened.error());
    if (job.cancelled()) return cancelledError();
    job.progress(0.1, "reading the weights");
    auto built = build(*opened, options.trainable);
    if (!built) return Unexpected(built.error());
    built->model->keepSource(opened->source);
    if (auto same = built->model->intact(); !same) return Unexpected(same.error());
    if (job.cancelled()) return cancelledError();
    if (auto sound = checkWeights(*built->model, opened->path, job); !sound) return Unexpected(sound.error());
    job.progress(0.6, "reading the vocabulary");

    auto loaded = std::make_shared<LoadedModel>();
    loaded->name = opened->name;
    loaded->path = opened->path;
    loaded->model = built->model;
    loaded->warnings = built->warnings;
    loaded->lazy = std::make_shared<LoadedModel::Lazy>();
    loaded->lazy->source = opened->source;
    loaded->lazy->configText = opened->config.dump(-1, ' ', false, json::error_handler_t::replace);

    auto tokenizer = readTokenizer(*opened);
    if (!tokenizer) {
        loaded->warnings.push_back(tokenizer.error().message + " Only ids can be given.");
    } else {
        loaded->tokenizer = *tokenizer;
    }
    if (opened->gguf) {
        for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
            const auto it = opened->config.find(key);
            if (it != opened->config.end()) addEnds(*it, loaded->ends);
        }
    } else {
        if (opened->config.contains("eos_token_id")) addEnds(opened->config["eos_token_id"], loaded->ends);
        if (opened->folder && opened->folder->generationConfig) {
            const auto generation = readJsonFile(*opened->folder->generationConfig);
            if (generation && generation->is_object() && generation->contains("eos_token_id"))
                addEnds((*generation)["eos_token_id"], loaded->ends);
        }
    }
    if (loaded->tokenizer && loaded->tokenizer->size() > loaded->model->info().vocabulary) {
        loaded->warnings.push_back(
            fmt::format("The tokenizer of {} has {} entries and the model {} rows for them: the last ones cannot be run.",
                        loaded->name, loaded->tokenizer->size(), loaded->model->info().vocabulary));
    }
    job.progress(1, "opened");
    return std::shared_ptr<const LoadedModel>(std::move(loaded));
}

Result<Inspection> inspectModel(const std::string& nameOrPath) {
    auto opened = openFiles(nameOrPath);
    if (!opened) return Unexpected(opened.error());
    Inspection inspection;
    inspection.path = opened->path;
    inspection.architecture = architectureName(*opened);
    inspection.configJson = opened->config.dump(-1, ' ', false, json::error_handler_t::replace);
    inspection.tensors.assign(opened->source->entries().begin(), opened->source->entries().end());
    for (const TensorEntry& entry : inspection.tensors) {
        std::int64_t count = 1;
        for (const std::int64_t n : entry.shape) count *= n;
        inspection.parameters += count;
    }
    auto tokenizer = readTokenizer(*opened);
    if (!tokenizer) {
        inspection.tokenizerJson =
            json{{"error", tokenizer.error().message}}.dump(-1, ' ', false, json::error_handler_t::replace);
    } else if (!*tokenizer) {
        inspection.tokenizerJson = "null";
    } else {
        const Tokenizer& t = **tokenizer;
        inspection.tokenizerJson =
            json{{"kind", t.kind()}, {"size", t.size()}, {"bos", t.bos() ? json(*t.bos()) : json()}, {"ends", t.ends()}}.dump();
    }
    return inspection;
}

}  // namespace lw
