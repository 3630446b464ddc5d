// Finds the files of a Hugging Face folder by their customary names.
#include "core/formats/folder.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lw {

namespace {

namespace fs = std::filesystem;

std::optional<fs::path> fileNamed(const fs::path& folder, const char* name) {
    std::error_code code;
    fs::path path = folder / name;
    return fs::is_regular_file(path, code) ? std::optional(std::move(path)) : std::nullopt;
}

Result<std::vector<std::string>> fileNames(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code code;
    fs::directory_iterator at(folder, code);
    for (; !code && at != fs::directory_iterator(); at.increment(code)) {
        std::error_code ignored;
        if (at->is_regular_file(ignored)) names.push_back(at->path().filename().string());
    }
    if (code) {
        return fail(ErrorKind::Unreadable, fmt::format("The folder {} cannot be read: {}.", folder.string(), code.message()),
                    folder.string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool endsWithAny(std::string_view name, std::span<const std::string_view> endings) {
    return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

Unexpected noWeights(const fs::path& folder, const std::vector<std::string>& names) {
    constexpr std::array<std::string_view, 4> kPickled{".bin", ".pt", ".pth", ".ckpt"};
    const std::string where = folder.string();
    const auto pickled = std::find_if(names.begin(), names.end(), [&](const auto& name) {
        return endsWithAny(name, kPickled) && name != "training_args.bin" && name != "optimizer.pt" && name != "scheduler.pt";
    });
    if (pickled != names.end()) {
        const std::string convert =
            fmt::format("AutoModelForCausalLM.from_pretrained(\"{0}\").save_pretrained(\"{0}\", safe_serialization=True)", where);
        return fail(
            ErrorKind::Unsupported,
            fmt::format("{} has its weights only in PyTorch's own format ({}), which can run code and is not read; convert "
                        "them once in Python with transformers: {}",
                        where, *pickled, convert),
            where);
    }
    const auto gguf = std::find_if(names.begin(), names.end(), [](const auto& name) { return name.ends_with(".gguf"); });
    if (gguf != names.end()) {
        return fail(ErrorKind::NotFound,
                    fmt::format("{} has no weights in safetensors; open the file {} itself.", where, (folder / *gguf).string()),
                    where);
    }
    return fail(
        ErrorKind::NotFound,
        fmt::format("{} has no weights: neither model.safetensors nor model.safetensors.index.json nor another .safetensors "
                    "file is there.",
                    where),
        where);
}

// model.safetensors, an index, or the only .safetensors file there is.
Result<fs::path> findWeights(const fs::path& folder, const std::vector<std::string>& names) {
    if (const auto single = fileNamed(folder, "model.safetensors")) return *single;
    if (const auto index = fileNamed(folder, "model.safetensors.index.json")) return *index;
    std::vector<std::string> indices;
    std::vector<std::string> candidates;
    for (const std::string& name : names) {
        if (name.ends_with(".safetensors.index.json")) indices.push_back(name);
        if (name.ends_with(".safetensors")) candidates.push_back(name);
    }
    if (indices.size() == 1) return folder / indices.front();
    if (candidates.size() == 1) return folder / candidates.front();
    if (candidates.empty()) return noWeights(folder, names);
    const std::size_t shown = std::min<std::size_t>(candidates.size(), 4);
    return fail(ErrorKind::BadInput,
                fmt::format("{} has {} .safetensors files and no index that joins them ({}{}); give the one that is meant.",
                            folder.string(), candidates.size(), fmt::join(candidates.begin(), candidates.begin() + shown, ", "),
                            shown < candidates.size() ? ", …" : ""),
                folder.string());
}

}  // namespace

TokenizerFiles findTokenizerFiles(const fs::path& folder) {
    TokenizerFiles files;
    files.tokenizerJson = fileNamed(folder, "tokenizer.json");
    files.tokenizerConfig = fileNamed(folder, "tokenizer_config.json");
    files.specialTokensMap = fileNamed(folder, "special_tokens_map.json");
    files.addedTokens = fileNamed(folder, "added_tokens.json");
    files.vocabJson = fileNamed(folder, "vocab.json");
    files.mergesTxt = fileNamed(folder, "merges.txt");
    if (!files.vocabJson || !files.mergesTxt) files.vocabJson = files.mergesTxt = std::nullopt;
    for (const char* name : {"tokenizer.model", "spiece.model", "source.spm"}) {
        if (!files.sentencePieceModel) files.sentencePieceModel = fileNamed(folder, name);
    }
    return files;
}

Result<ModelFolder> examineFolder(const fs::path& path) {
    std::error_code code;
    const std::string where = path.string();
    const bool isFolder = fs::is_directory(path, code);
    if (!isFolder && !fs::exists(path, code)) {
        return fail(ErrorKind::NotFound, fmt::format("There is no file or folder {}.", where), where);
    }
    ModelFolder found;
    found.folder = isFolder ? path : path.has_parent_path() ? path.parent_path() : fs::path(".");
    const auto names = fileNames(found.folder);
    if (!names) return Unexpected(names.error());

    const auto config = fileNamed(found.folder, "config.json");
    if (!config) {
        return fail(ErrorKind::NotFound,
                    isFolder ? fmt::format("The folder {} has no config.json, so it is no model folder.", where)
                             : fmt::format("There is no config.json beside {}, so its architecture is not known.", where),
                    where);
    }
    found.config = *config;
    found.generationConfig = fileNamed(found.folder, "generation_config.json");
    found.tokenizer = findTokenizerFiles(found.folder);
    if (!isFolder) {
        found.weights = path;
        return found;
    }
    const auto weights = findWeights(found.folder, *names);
    if (!weights) return Unexpected(weights.error());
    found.weights = *weights;
    return found;
}

}  // namespace lw
