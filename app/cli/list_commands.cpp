// models, inspect, sites: what there is.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/bundled.h"
#include "core/trace/capture_spec.h"

namespace lw::cli {

namespace {

Json describe(const std::string& name, const std::string& path, const Json& licence, const Json& source) {
    Json row{{"name", name}, {"architecture", nullptr}, {"parameters", nullptr}, {"context_length", nullptr},
             {"path", path}, {"licence", licence},      {"source", source}};
    const auto loaded = loadModel(path);
    if (loaded) {
        const ModelInfo& info = (*loaded)->model->info();
        row["architecture"] = info.architecture;
        row["parameters"] = info.parameters;
        row["context_length"] = info.context > 0 ? Json(info.context) : Json(nullptr);
    } else {
        row["error"] = loaded.error().message;
    }
    return row;
}

int listModels(bool json) {
    Json rows = Json::array();
    for (const BundledModel& model : bundledModels()) {
        rows.push_back(describe(std::string(model.name), (resourcesFolder() / model.path).string(), std::string(model.licence),
                                std::string(model.source)));
    }
    for (const auto& path : foundModels()) {
        rows.push_back(describe(path.extension() == ".gguf" ? path.stem().string() : path.filename().string(), path.string(),
                                nullptr, nullptr));
    }
    if (json) {
        printJson(rows);
        return Done;
    }
    for (const Json& row : rows) {
        const auto words = [&](const char* key) {
            return row[key].is_null() ? std::string("—") : row[key].is_string() ? row[key].get<std::string>() : row[key].dump();
        };
        printLine(fmt::format("{:30} {:16} {:>11} parameters, context {:>6}  {}", words("name"), words("architecture"),
                              words("parameters"), words("context_length"), words("path")));
    }
    note(fmt::format("Your own models are looked for in {}", modelsFolder().string()));
    return Done;
}

int inspect(const Request& request) {
    const auto found = inspectModel(request.model);
    if (!found) return complain(found.error());
    if (request.json) {
        Json tensors = Json::array();
        for (const TensorEntry& t : found->tensors)
            tensors.push_back({{"name", t.name}, {"shape", t.shape}, {"type", t.type}, {"bytes", t.bytes}});
        printJson({{"architecture", found->architecture},
                   {"config", Json::parse(found->configJson)},
                   {"parameters", found->parameters},
                   {"tensors", std::move(tensors)},
                   {"tokenizer", Json::parse(found->tokenizerJson)}});
        return Done;
    }
    printLine(fmt::format("{}\narchitecture {}, {} parameters in {} tensors", found->path.string(), found->architecture,
                          found->parameters, found->tensors.size()));
    const Json config = Json::parse(found->configJson);
    for (const auto& [key, value] : config.items()) {
        std::string text = value.dump();
        printLine(fmt::format("  {} = {}", key, text.size() > 100 ? text.substr(0, 97) + "..." : text));
    }
    printLine("tokenizer " + found->tokenizerJson);
    for (const TensorEntry& t : found->tensors)
        printLine(fmt::format("  {:48} {:6} [{}]  {}", t.name, t.type, fmt::join(t.shape, ", "), printBytes(t.bytes)));
    return Done;
}

int listSites(const Request& request) {
    const auto loaded = openModel(request.model);
    if (!loaded) return complain(loaded.error());
    const ModelInfo& info = (*loaded)->model->info();
    Json rows = Json::array();
    for (const Site& site : allSites()) {
        if (!info.has(site.id)) continue;
        if (!request.json) {
            const char* kept = site.kind == SiteKind::Stored    ? ""
                               : site.kind == SiteKind::Derived ? " (derived)"
                                                                : " (on request)";
            printLine(fmt::format("{:34} {:26} {}{}", site.name, axesName(site.axes), site.meaning, kept));
            continue;
        }
        for (int l = 0; l < (site.perLayer ? info.layers() : 1); ++l) {
            rows.push_back({{"name", siteName(site.id, Layer(l))},
                            {"axes", axesName(site.axes)},
                            {"unit", site.unit},
                            {"meaning", site.meaning}});
        }
    }
    if (request.json)
        printJson(rows);
    else if (info.layers() > 0)
        note(fmt::format("{{i}} stands for the layer, 0 to {}.", info.layers() - 1));
    return Done;
}

}  // namespace

void addModels(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<Request>();
    CLI::App* command = program.add_subcommand("models", "List the bundled models and those in the models folder");
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli models --json");
    command->callback([&chosen, request] { chosen = [request] { return listModels(request->json); }; });
}

void addInspect(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<Request>();
    CLI::App* command =
        program.add_subcommand("inspect", "Show a model's configuration and every tensor, without reading the weights");
    request->addModel(*command);
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli inspect stories260K");
    command->callback([&chosen, request] { chosen = [request] { return inspect(*request); }; });
}

void addSites(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<Request>();
    CLI::App* command = program.add_subcommand("sites", "List every value that can be captured: name, axes, unit, meaning");
    request->addModel(*command);
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli sites gpt-nano-sort");
    command->callback([&chosen, request] { chosen = [request] { return listSites(*request); }; });
}

}  // namespace lw::cli
