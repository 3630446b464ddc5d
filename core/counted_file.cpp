#include "core/counted_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text/utf8.h"

namespace lw {

namespace {

constexpr std::size_t lookedAtOnce = 4 << 20;  // bytes
constexpr std::size_t longestBeginning = 2000;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }

}  // namespace

Result<std::shared_ptr<const CountedFile>> openForCounting(const std::filesystem::path& path, const Job& job) {
    auto opened = MappedFile::open(path);
    if (!opened) return tl::unexpected(opened.error());
    CountedFile counted;
    counted.file = *opened;
    const std::string_view text = counted.file->text();
    bool inside = false;
    for (std::size_t from = 0; from < text.size();) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(from) / static_cast<double>(text.size()), "looking for what is no text");
        std::size_t to = std::min(text.size(), from + lookedAtOnce);
        while (to > from + 4 && to < text.size() && continues(text[to])) --to;
        const std::string_view part = text.substr(from, to - from);
        if (const auto invalid = utf8::firstInvalid(part)) {
            return fail(ErrorKind::BadInput,
                        fmt::format("{} is not UTF-8 text: byte {} (0x{:02X}) belongs to no character.", path.string(),
                                    from + *invalid, static_cast<unsigned char>(part[*invalid])),
                        path.string());
        }
        for (const char c : part) {
            counted.characters += !continues(c);
            const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
            counted.words += !space && !inside;
            inside = !space;
        }
        from = to;
    }
    std::size_t end = std::min(text.size(), longestBeginning);
    while (end > 0 && end < text.size() && continues(text[end])) --end;
    counted.beginning = std::string(text.substr(0, end));
    if (auto same = counted.file->intact(); !same) return tl::unexpected(same.error());
    return std::make_shared<const CountedFile>(std::move(counted));
}

}  // namespace lw
