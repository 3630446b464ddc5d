#include "core/text/gguf_vocabulary.h"

#include <fmt/format.h>

#include "core/text/byte_level.h"
#include "core/text/gguf_pre_tokenizers.h"
#include "core/text/score_model.h"

namespace lw {
namespace {

enum TokenType { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4 };

/// Checks what every kind needs; an empty entry gets a name, so that ids keep their places.
Result<Vocabulary> readVocabulary(const GgufVocabulary& file, std::string_view where) {
    const auto lengthOf = [&](std::string_view key, std::size_t length) -> Result<void> {
        if (length == 0 || length == file.tokens.size()) return {};
        return fail(ErrorKind::BadFormat,
                    fmt::format("tokenizer.ggml.{} of {} has {} entries, but there are {} tokens.", key, where, length,
                                file.tokens.size()),
                    std::string(where));
    };
    if (auto ok = lengthOf("scores", file.scores.size()); !ok) return tl::unexpected(ok.error());
    if (auto ok = lengthOf("token_type", file.types.size()); !ok) return tl::unexpected(ok.error());
    std::vector<std::string> entries = file.tokens;
    for (std::size_t id = 0; id < entries.size(); ++id) {
        if (entries[id].empty()) entries[id] = fmt::format("[EMPTY_{}]", id);
    }
    return Vocabulary::make(std::move(entries), where);
}

/// The id, -1 if there is none.
Result<TokenId> readId(std::optional<std::int64_t> id, std::string_view key, int size, std::string_view where) {
    if (!id || *id < 0 || *id == 0xFFFFFFFF) return TokenId{-1};
    if (*id < size) return static_cast<TokenId>(*id);
    return fail(ErrorKind::Mismatch,
                fmt::format("tokenizer.ggml.{}_token_id of {} is {}, but the vocabulary has {} ids.", key, where, *id, size),
                std::string(where));
}

struct SpecialIds {
    TokenId bos, eos, eot, unknown;
};

Result<SpecialIds> readIds(const GgufVocabulary& file, int size, std::string_view where) {
    const auto bos = readId(file.bos, "bos", size, where), eos = readId(file.eos, "eos", size, where);
    const auto eot = readId(file.eot, "eot", size, where), unknown = readId(file.unknown, "unknown", size, where);
    for (const auto* id : {&bos, &eos, &eot, &unknown}) {
        if (!*id) return tl::unexpected(id->error());
    }
    return SpecialIds{*bos, *eos, *eot, *unknown};
}

void finish(PipelineParts& parts, const GgufVocabulary& file, const SpecialIds& ids, bool addBos, bool addEos) {
    for (std::size_t id = 0; id < file.types.size(); ++id) {
        const std::int32_t type = file.types[id];
        if (type == Unknown || type == Control || type == UserDefined)
            addToken(parts, static_cast<TokenId>(id), type != UserDefined);
    }
    if (addBos && ids.bos >= 0) parts.front = {ids.bos};
    if (addEos && ids.eos >= 0) parts.behind = {ids.eos};
    parts.bos = ids.bos;
    if (ids.eos >= 0) parts.ends.push_back(ids.eos);
    if (ids.eot >= 0 && ids.eot != ids.eos) parts.ends.push_back(ids.eot);
}

Result<PipelineParts> gpt2Parts(Vocabulary vocabulary, const GgufVocabulary& file, const GgufPreTokenizer& pre,
                                std::string_view where) {
    if (file.merges.empty())
        return fail(ErrorKind::BadFormat, fmt::format("{} has no tokenizer.ggml.merges.", where), std::string(where));
    std::vector<MergePair> merges;
    merges.reserve(file.merges.size());
    for (std::size_t i = 0; i < file.merges.size(); ++i) {
        auto merge = mergeFromLine(file.merges[i], i, where);
        if (!merge) return tl::unexpected(merge.error());
        merges.push_back(std::move(*merge));
    }
    BpeOptions options;
    options.ignoreMerges = pre.ignoreMerges;
    options.skipUnknownMerges = true;
    options.firstRankWins = true;
    return byteLevelParts(std::move(vocabulary), merges, options, pre.words, where);
}

Result<PipelineParts> llamaParts(Vocabulary vocabulary, const GgufVocabulary& file, TokenId unknown, std::string_view where) {
    if (file.scores.empty())
        return fail(ErrorKind::BadFormat, fmt::format("{} has no tokenizer.ggml.scores.", where), std::string(where));
    auto model = ScoreModel::make(vocabulary, file.scores, {.bytes = ByteTokens(vocabulary), .unknown = unknown}, where);
    if (!model) return tl::unexpected(model.error());
    const bool spaceInFront = file.addSpacePrefix.value_or(true);
    PipelineParts parts(std::move(vocabulary));
    parts.model = std::move(*model);
    std::vector<Normalizer> steps;
    if (spaceInFront) steps.push_back(normalizers::prepend(" "));
    steps.push_back(normalizers::replace(" ", "▁"));
    parts.normalizer = normalizers::sequence(std::move(steps));
    parts.spelling.byteFallback = true;
    parts.spelling.replaced = {{"▁", " "}};
    parts.dropFirstSpace = spaceInFront;
    parts.kind = "SentencePiece BPE";
    return parts;
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> tokenizerFromGguf(const GgufVocabulary& file, std::string_view where) {
    const bool byteLevel = file.model == "gpt2";
    if (!byteLevel && file.model != "llama") {
        return fail(ErrorKind::Unsupported,
                    fmt::format("The tokenizer of {} is of the kind \"{}\", which this program cannot tokenize with; it can with "
                                "\"gpt2\" and \"llama\".",
                                where, printableBytes(file.model)),
                    std::string(where));
    }
    const std::string pre = file.pre.empty() ? "default" : file.pre;
    const GgufPreTokenizer* cut = ggufPreTokenizer(pre);
    if (byteLevel && !cut) {
        return fail(ErrorKind::Unsupported,
                    fmt::format("The pre-tokenizer \"{}\" of {} is not known; known are {}.", printableBytes(pre), where,
                                ggufPreTokenizerNames()),
                    std::string(where));
    }
    auto vocabulary = readVocabulary(file, where);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    // SentencePiece's own places for what an old file does not name.
    const auto isControl = [&](std::size_t id, std::string_view spelling) {
        if (id >= file.tokens.size()) return false;
        return file.types.empty() ? file.tokens[id] == spelling : file.types[id] == Control;
    };
    auto ids = readIds(file, vocabulary->size(), where);
    if (!ids) return tl::unexpected(ids.error());
    if (!byteLevel) {
        if (!file.bos && isControl(1, "<s>")) ids->bos = 1;
        if (!file.eos && isControl(2, "</s>")) ids->eos = 2;
        if (!file.unknown && !file.types.empty() && file.types[0] == Unknown) ids->unknown = 0;
    }
    auto parts = byteLevel ? gpt2Parts(std::move(*vocabulary), file, *cut, where)
                           : llamaParts(std::move(*vocabulary), file, ids->unknown, where);
    if (!parts) return tl::unexpected(parts.error());
    finish(*parts, file, *ids, file.addBos.value_or(byteLevel ? cut->addBos : true), file.addEos.value_or(false));
    return makePipeline(std::move(*parts));
}

}  // namespace lw
