#include "core/text/byte_level.h"

#include "core/text/byte_alphabet.h"

namespace lw {

Result<PipelineParts> byteLevelParts(Vocabulary vocabulary, const std::vector<MergePair>& merges, const BpeOptions& options,
                                     const std::vector<std::string_view>& words, std::string_view where) {
    std::vector<PreTokenizer> steps;
    for (const std::string_view pattern : words) {
        auto word = Regex::compile(pattern, where);
        if (!word) return tl::unexpected(word.error());
        steps.push_back(pre_tokenizers::split(std::move(*word), SplitBehavior::Isolated, false));
    }
    steps.push_back(pre_tokenizers::byteLevel(false, nullptr));
    auto model = BpeModel::make(vocabulary, merges, options, where);
    if (!model) return tl::unexpected(model.error());

    PipelineParts parts(std::move(vocabulary));
    parts.preTokenizer = pre_tokenizers::sequence(std::move(steps));
    parts.model = std::move(*model);
    parts.spelling.byteLevel = true;
    parts.kind = "byte-level BPE";
    parts.keepsText = hasAllBytes(parts.vocabulary);
    return parts;
}

bool hasAllBytes(const Vocabulary& vocabulary) {
    for (int byte = 0; byte < 256; ++byte) {
        if (vocabulary.find(byteLetter(static_cast<unsigned char>(byte))) < 0) return false;
    }
    return true;
}

void addToken(PipelineParts& parts, TokenId id, bool special) {
    const std::string& content = parts.vocabulary.entry(id);
    parts.literal[static_cast<std::size_t>(id)] = content;
    parts.special[static_cast<std::size_t>(id)] = special;
    AddedToken token;
    token.id = id;
    token.content = content;
    token.special = special;
    parts.added.push_back(std::move(token));
}

}  // namespace lw
