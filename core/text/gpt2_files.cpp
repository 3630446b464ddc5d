#include "core/text/gpt2_files.h"

#include "core/text/byte_level.h"
#include "core/text/json_field.h"
#include "core/text/tokenizer_json_parts.h"

namespace lw {
namespace {

Result<std::vector<MergePair>> readMerges(std::string_view text, std::string_view where) {
    std::vector<MergePair> merges;
    for (std::size_t at = 0, line = 0; at < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view row = text.substr(at, end - at);
        at = end + 1;
        if (row.ends_with('\r')) row.remove_suffix(1);
        if (row.empty() || (line == 0 && row.starts_with("#version"))) continue;
        auto merge = mergeFromLine(row, merges.size(), where);
        if (!merge) return tl::unexpected(merge.error());
        merges.push_back(std::move(*merge));
    }
    return merges;
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> tokenizerFromGpt2Files(std::string_view vocabularyJson, std::string_view mergesText,
                                                                std::string_view where) {
    const auto root = parseJson(vocabularyJson, where);
    if (!root) return tl::unexpected(root.error());
    JsonProblems problems{std::string(where), {}};
    std::vector<std::pair<std::string, std::int64_t>> pairs;
    for (const auto& [spelling, id] : JsonField(*root, "", problems).object()) {
        if (!spelling.empty()) pairs.emplace_back(spelling, JsonField(id, "an id", problems).integer());
    }
    if (problems.first) return tl::unexpected(*problems.first);
    auto vocabulary = Vocabulary::make(std::move(pairs), where);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    const auto merges = readMerges(mergesText, where);
    if (!merges) return tl::unexpected(merges.error());

    auto parts = byteLevelParts(std::move(*vocabulary), *merges, {}, {Gpt2Word}, where);
    if (!parts) return tl::unexpected(parts.error());
    const TokenId end = parts->vocabulary.find("<|endoftext|>");
    if (end >= 0) {
        addToken(*parts, end, true);
        parts->ends = {end};
    }
    return makePipeline(std::move(*parts));
}

}  // namespace lw
