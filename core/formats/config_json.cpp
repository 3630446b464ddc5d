// A file given to the parser.
#include "core/formats/config_json.h"

#include "core/formats/mapped_file.h"

namespace lw {

Result<nlohmann::json> readJsonFile(const std::filesystem::path& path, const JsonLimits& limits) {
    const auto text = readFile(path, limits.bytes);
    if (!text) return Unexpected(text.error());
    return parseJson(*text, path.string(), limits);
}

}  // namespace lw
