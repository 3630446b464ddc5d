// Reads the list of shards and checks it against them.
#include "core/formats/safetensors_index.h"

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/formats/config_json.h"
#include "core/formats/in_quotes.h"
#include "core/formats/joined_source.h"
#include "core/formats/safetensors.h"

namespace lw {

namespace {

// A shard lies beside its index: a name with folders in it could reach anywhere.
bool plainName(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
}

Result<std::shared_ptr<const WeightSource>> openShards(const std::filesystem::path& path) {
    const std::string file = path.string();
    const auto index = readJsonFile(path);
    if (!index) return Unexpected(index.error());
    const auto map = index->is_object() ? index->find("weight_map") : index->end();
    if (map == index->end() || !map->is_object() || map->empty()) {
        return fail(ErrorKind::BadFormat, fmt::format("{} has no \"weight_map\" from tensors to files.", file), file);
    }

    std::map<std::string, std::shared_ptr<const WeightSource>> shards;  // by file name, which orders them
    for (const auto& [tensor, shard] : map->items()) {
        if (!shard.is_string() || !plainName(shard.get_ref<const std::string&>())) {
            return fail(
                ErrorKind::BadFormat,
                fmt::format("{} gives the tensor {} the file {}, where the name of a file in the same folder was expected.", file,
                            inQuotes(tensor), inQuotes(shard.is_string() ? shard.get<std::string>() : shard.type_name())),
                file);
        }
        const auto& name = shard.get_ref<const std::string&>();
        auto& opened = shards[name];
        if (!opened) {
            const auto part = SafetensorsFile::open(path.parent_path() / name);
            if (!part) return Unexpected(part.error());
            opened = *part;
        }
        if (!opened->find(tensor)) {
            return fail(ErrorKind::Mismatch,
                        fmt::format("{} promises the tensor {} in {}, where it is not.", file, inQuotes(tensor), inQuotes(name)),
                        file);
        }
    }
    std::vector<std::shared_ptr<const WeightSource>> parts;
    for (auto& [name, shard] : shards) parts.push_back(std::move(shard));
    const auto joined = JoinedSource::join(file, std::move(parts));
    if (!joined) return Unexpected(joined.error());
    return *joined;
}

}  // namespace

Result<std::shared_ptr<const WeightSource>> openSafetensors(const std::filesystem::path& path) {
    if (path.extension() == ".json") return openShards(path);
    const auto file = SafetensorsFile::open(path);
    if (!file) return Unexpected(file.error());
    return *file;
}

}  // namespace lw
