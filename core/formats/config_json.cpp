// A mapped file given to the parser.
#include "core/formats/config_json.h"

#include "core/formats/mapped_file.h"

namespace lw {

Result<nlohmann::json> readJsonFile(const std::filesystem::path& path, const JsonLimits& limits) {
    const auto file = MappedFile::open(path);
    if (!file) return Unexpected(file.error());
    return parseJson((*file)->text(), (*file)->name(), limits);
}

}  // namespace lw
