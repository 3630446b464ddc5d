// Finds the other parts of a cut GGUF by their names, and believes no name that the settings contradict.
#include "core/formats/gguf_split.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "core/formats/joined_source.h"

namespace lw {

namespace {

constexpr std::uint64_t kMostParts = 1000;

std::optional<std::uint64_t> setting(const GgufFile& file, const char* key) {
    const auto& settings = file.settings().json();
    const auto found = settings.find(key);
    if (found == settings.end() || !found->is_number_integer()) return std::nullopt;
    const bool negative = !found->is_number_unsigned() && found->get<std::int64_t>() < 0;
    return negative ? std::nullopt : std::optional(found->get<std::uint64_t>());
}

std::uint64_t partCount(const GgufFile& file) { return setting(file, "split.count").value_or(1); }

std::filesystem::path partPath(const std::filesystem::path& path, const GgufPartName& name, int number) {
    return path.parent_path() / fmt::format("{}-{:05}-of-{:05}.gguf", name.model, number, name.count);
}

// Part `number` of the model that `path` is a part of.
Result<std::shared_ptr<const GgufFile>> openPart(const std::filesystem::path& path, const GgufPartName& name, int number) {
    const std::string where = path.string();
    auto part = GgufFile::open(partPath(path, name, number));
    if (!part && part.error().kind == ErrorKind::NotFound) {
        return fail(ErrorKind::NotFound,
                    fmt::format("{} is one of {} parts of a model, and part {} is missing: there is no file {}.", where,
                                name.count, number, partPath(path, name, number).string()),
                    where);
    }
    if (!part) return part;
    const std::uint64_t count = partCount(**part), place = setting(**part, "split.no").value_or(0) + 1;
    if (count != static_cast<std::uint64_t>(name.count) || place != static_cast<std::uint64_t>(number)) {
        return fail(ErrorKind::Mismatch,
                    fmt::format("{} says that it is part {} of {}, where part {} of {} was expected.", (*part)->where(), place,
                                count, number, name.count),
                    where);
    }
    return part;
}

// The name of a part of a cut model, nothing for a whole one.
Result<std::optional<GgufPartName>> cutName(const GgufFile& file, const std::filesystem::path& path) {
    const std::uint64_t count = partCount(file);
    if (count <= 1) return std::nullopt;
    auto name = ggufPartName(path);
    if (name && count <= kMostParts && static_cast<std::uint64_t>(name->count) == count) return name;
    return fail(ErrorKind::BadFormat,
                fmt::format("{0} is one of {1} parts of a model, so a name that ends in -00001-of-{1:05}.gguf was expected.",
                            path.string(), count),
                path.string());
}

}  // namespace

std::optional<GgufPartName> ggufPartName(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    constexpr std::string_view kShape = "-00000-of-00000.gguf";  // a digit for every 0
    if (name.size() <= kShape.size()) return std::nullopt;
    const std::string_view end = std::string_view(name).substr(name.size() - kShape.size());
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        if (kShape[i] == '0' ? !isDigit(end[i]) : end[i] != kShape[i]) return std::nullopt;
    }
    GgufPartName part{name.substr(0, name.size() - kShape.size()), 0, 0};
    std::from_chars(end.data() + 1, end.data() + 6, part.number);
    std::from_chars(end.data() + 10, end.data() + 15, part.count);
    return part.number >= 1 && part.number <= part.count ? std::optional(std::move(part)) : std::nullopt;
}

Result<std::shared_ptr<const GgufFile>> openGgufHead(const std::filesystem::path& path) {
    auto opened = GgufFile::open(path);
    if (!opened) return opened;
    const auto name = cutName(**opened, path);
    if (!name) return Unexpected(name.error());
    return *name && (*name)->number != 1 ? openPart(path, **name, 1) : opened;
}

Result<GgufModel> openGguf(const std::filesystem::path& path) {
    const auto opened = GgufFile::open(path);
    if (!opened) return Unexpected(opened.error());
    const auto name = cutName(**opened, path);
    if (!name) return Unexpected(name.error());
    if (!*name) return GgufModel{*opened, *opened};

    const std::string where = path.string();
    std::vector<std::shared_ptr<const WeightSource>> parts;
    std::shared_ptr<const GgufFile> first;
    std::size_t tensors = 0;
    for (int i = 1; i <= (*name)->count; ++i) {
        const auto part = openPart(path, **name, i);
        if (!part) return Unexpected(part.error());
        if (!first) first = *part;
        tensors += (*part)->entries().size();
        parts.push_back(*part);
    }
    if (const auto promised = setting(*first, "split.tensors.count"); promised && *promised != tensors) {
        return fail(ErrorKind::Mismatch,
                    fmt::format("{} promises {} tensors in all parts, but they have {}.", first->where(), *promised, tensors),
                    where);
    }
    const auto joined = JoinedSource::join(std::string(first->where()), std::move(parts));
    if (!joined) return Unexpected(joined.error());
    return GgufModel{first, *joined};
}

}  // namespace lw
