#include "core/text/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text/byte_level.h"
#include "core/text/tokenizer_json_parts.h"

namespace lw {
namespace {

using namespace tokenizer_json;

/// The model's vocabulary with the added tokens in it; ids of added tokens that the model already has must agree.
Result<Vocabulary> mergedVocabulary(std::vector<std::pair<std::string, std::int64_t>> pairs, const std::vector<AddedEntry>& added,
                                    std::string_view where) {
    std::unordered_map<std::string, std::int64_t> known(pairs.begin(), pairs.end());
    for (const AddedEntry& entry : added) {
        const auto [place, isNew] = known.emplace(entry.token.content, entry.id);
        if (isNew) pairs.emplace_back(entry.token.content, entry.id);
        if (place->second != entry.id) {
            return fail(ErrorKind::Mismatch,
                        fmt::format("{} gives \"{}\" the id {} as an added token and {} elsewhere.", where,
                                    printableBytes(entry.token.content), entry.id, place->second),
                        std::string(where));
        }
    }
    return Vocabulary::make(std::move(pairs), where);
}

/// The special tokens that tokenizer_config.json puts around a text.
Result<void> surroundByConfig(const Config& config, const Vocabulary& vocabulary, std::string_view where, PipelineParts& parts) {
    const auto put = [&](bool wanted, const std::string& content, std::vector<TokenId>& ids) -> Result<void> {
        if (!wanted || content.empty()) return {};
        const TokenId id = vocabulary.find(content);
        if (id < 0) {
            return fail(ErrorKind::Mismatch,
                        fmt::format("tokenizer_config.json puts \"{}\" around a text, which is not in the vocabulary of {}.",
                                    printableBytes(content), where));
        }
        ids.push_back(id);
        return {};
    };
    if (auto done = put(config.addBos, config.bos, parts.front); !done) return done;
    return put(config.addEos, config.eos, parts.behind);
}

std::string kindOf(const SpellingRules& rules) {
    if (rules.byteLevel) return "byte-level BPE";
    return rules.byteFallback || !rules.replaced.empty() ? "SentencePiece BPE" : "BPE";
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> tokenizerFromJson(std::string_view jsonText, std::string_view where,
                                                           std::string_view configText) {
    JsonProblems problems{std::string(where), {}};
    const auto root = parseJson(jsonText, where);
    if (!root) return tl::unexpected(root.error());
    const JsonField file(*root, "", problems);

    const JsonField model = file["model"];
    if (model.absent()) model.problem(ErrorKind::BadFormat, "is missing");
    ModelFile words = readModel(model);
    if (problems.first) return tl::unexpected(*problems.first);  // another model: what follows would only confuse

    std::vector<AddedEntry> added = readAddedTokens(file["added_tokens"]);
    Normalizer normalizer = readNormalizer(file["normalizer"]);
    PreTokenizer preTokenizer = readPreTokenizer(file["pre_tokenizer"]);
    Decoder decoder = readDecoder(file["decoder"]);
    SpellingRules spelling = readSpelling(file["decoder"], file["pre_tokenizer"], file["normalizer"]);
    if (problems.first) return tl::unexpected(*problems.first);

    auto vocabulary = mergedVocabulary(words.vocabulary, added, where);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    const auto own = Vocabulary::make(std::move(words.vocabulary), where);  // words are never cut into added tokens
    if (!own) return tl::unexpected(own.error());
    auto cutter = words.make(*own, where);
    if (!cutter) return tl::unexpected(cutter.error());

    PipelineParts parts(std::move(*vocabulary));
    parts.normalizer = normalizer;
    parts.preTokenizer = std::move(preTokenizer);
    parts.model = std::move(*cutter);
    parts.decoder = std::move(decoder);
    parts.kind = words.kind.empty() ? kindOf(spelling) : words.kind;
    if (!words.continuingPrefix.empty()) spelling.dropped = words.continuingPrefix;
    const bool bytes = file["decoder"]["type"].text("") == "ByteLevel" && spelling.byteLevel && hasAllBytes(*own);
    const auto strips = [](const AddedEntry& entry) { return entry.token.lstrip || entry.token.rstrip; };
    parts.keepsText = bytes && !normalizer && onlyCuts(file["pre_tokenizer"]) && std::ranges::none_of(added, strips);
    parts.spelling = std::move(spelling);
    for (AddedEntry& entry : added) {
        const auto id = static_cast<std::size_t>(entry.id);
        entry.token.id = static_cast<TokenId>(entry.id);
        const bool byte = words.byteFallback && spelledByte(entry.token.content) >= 0;
        parts.literal[id] = entry.token.content;
        parts.special[id] = parts.special[id] || (entry.token.special && !byte);
        if (entry.token.normalized && normalizer) {
            auto content = normalizer(AlignedText::plain(entry.token.content, 0));
            if (!content) return tl::unexpected(content.error());
            entry.token.content = std::move(content->text);
            if (entry.token.content.empty()) continue;  // nothing to look for
        }
        parts.added.push_back(std::move(entry.token));
    }

    Config config;
    if (!configText.empty()) {
        const auto configRoot = parseJson(configText, "tokenizer_config.json");
        if (!configRoot) return tl::unexpected(configRoot.error());
        JsonProblems configProblems{"tokenizer_config.json", {}};
        config = readConfig(JsonField(*configRoot, "", configProblems));
        if (configProblems.first) return tl::unexpected(*configProblems.first);
    }
    Surroundings around = readPostProcessor(file["post_processor"], parts.vocabulary);
    if (problems.first) return tl::unexpected(*problems.first);
    if (around.decided) {
        parts.front = std::move(around.front);
        parts.behind = std::move(around.behind);
    } else if (auto done = surroundByConfig(config, parts.vocabulary, where, parts); !done) {
        return tl::unexpected(done.error());
    }
    if (!parts.front.empty()) parts.bos = parts.front.front();
    const TokenId eos = config.eos.empty() ? -1 : parts.vocabulary.find(config.eos);
    if (eos >= 0) parts.ends.push_back(eos);
    for (const TokenId id : parts.behind) {
        if (std::find(parts.ends.begin(), parts.ends.end(), id) == parts.ends.end()) parts.ends.push_back(id);
    }
    return makePipeline(std::move(parts));
}

}  // namespace lw
