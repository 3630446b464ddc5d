// Finds the other parts of a cut GGUF by their names.
#include "core/formats/gguf_split.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/formats/joined_source.h"

namespace lw {

namespace {

constexpr std::uint64_t kMostParts = 1000;

std::uint64_t partCount(const GgufFile& file) {
    const auto& settings = file.settings().json();
    const auto found = settings.find("split.count");
    return found != settings.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 1;
}

}  // namespace

Result<GgufModel> openGguf(const std::filesystem::path& path) {
    const auto opened = GgufFile::open(path);
    if (!opened) return Unexpected(opened.error());
    const std::uint64_t count = partCount(**opened);
    if (count <= 1) return GgufModel{*opened, *opened};

    const std::string where = path.string();
    const std::string name = path.filename().string();
    const std::string ending = fmt::format("-of-{:05}.gguf", count);
    constexpr std::size_t kNumber = 6;  // "-00001"
    if (count > kMostParts || !name.ends_with(ending) || name.size() < ending.size() + kNumber) {
        return fail(
            ErrorKind::BadFormat,
            fmt::format("{} is one of {} parts of a model, so a name that ends in -00001{} was expected.", where, count, ending),
            where);
    }
    const std::string stem = name.substr(0, name.size() - ending.size() - kNumber);
    std::vector<std::shared_ptr<const WeightSource>> parts;
    std::shared_ptr<const GgufFile> first;
    for (std::uint64_t i = 1; i <= count; ++i) {
        const auto part = GgufFile::open(path.parent_path() / fmt::format("{}-{:05}{}", stem, i, ending));
        if (!part) return Unexpected(part.error());
        if (partCount(**part) != count) {
            return fail(ErrorKind::Mismatch,
                        fmt::format("{} is one of {} parts, but {} says {}.", where, count, (*part)->where(), partCount(**part)),
                        where);
        }
        if (!first) first = *part;
        parts.push_back(*part);
    }
    const auto joined = JoinedSource::join(where, std::move(parts));
    if (!joined) return Unexpected(joined.error());
    return GgufModel{first, *joined};
}

}  // namespace lw
