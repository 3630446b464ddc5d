#include "core/text/gguf_vocabulary.h"

#include <fmt/format.h>

#include "core/text/byte_level.h"
#include "core/text/byte_vocabulary.h"
#include "core/text/char_class.h"
#include "core/text/gguf_pre_tokenizers.h"
#include "core/text/python_literal.h"
#include "core/text/score_model.h"
#include "core/text/sentencepiece.h"
#include "core/text/word_piece_model.h"

namespace lw {
namespace {

enum TokenType { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

/// Checks what every kind needs; an empty entry gets a name, so that ids keep their places.
Result<std::vector<std::string>> readEntries(const GgufVocabulary& file, std::string_view where) {
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
    return entries;
}

Result<Vocabulary> readVocabulary(const GgufVocabulary& file, std::string_view where) {
    auto entries = readEntries(file, where);
    return entries ? Vocabulary::make(std::move(*entries), where) : tl::unexpected(entries.error());
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
    TokenId bos, eos, eot, unknown, separator;
};

Result<SpecialIds> readIds(const GgufVocabulary& file, int size, std::string_view where) {
    const auto bos = readId(file.bos, "bos", size, where), eos = readId(file.eos, "eos", size, where);
    const auto eot = readId(file.eot, "eot", size, where), unknown = readId(file.unknown, "unknown", size, where);
    const auto separator = readId(file.separator, "seperator", size, where);
    for (const auto* id : {&bos, &eos, &eot, &unknown, &separator}) {
        if (!*id) return tl::unexpected(id->error());
    }
    return SpecialIds{*bos, *eos, *eot, *unknown, *separator};
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

/// As the `tokenizers` library's BERT normalizer and pre-tokenizer: these models are trained with lower case and without accents.
/// The file marks words' beginnings (▁) instead of what goes on (##).
Result<PipelineParts> bertParts(Vocabulary vocabulary, TokenId unknown) {
    WordPieceOptions options;
    options.unknown = unknown;
    options.wordPrefix = "▁";
    options.continuingPrefix.clear();
    PipelineParts parts(std::move(vocabulary));
    parts.model = std::make_unique<const WordPieceModel>(parts.vocabulary, options);
    parts.normalizer = normalizers::bert(true, true, true, true);
    parts.preTokenizer = pre_tokenizers::sequence({pre_tokenizers::split(&isWhiteSpace, SplitBehavior::Removed),
                                                   pre_tokenizers::split(&isPunctuation, SplitBehavior::Isolated)});
    parts.spelling.replaced = {{"▁", " "}};
    parts.dropFirstSpace = true;
    parts.kind = "WordPiece";
    return parts;
}

Result<std::shared_ptr<const Tokenizer>> bertTokenizer(const GgufVocabulary& file, std::string_view where) {
    auto vocabulary = readVocabulary(file, where);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    GgufVocabulary named = file;
    if (!named.bos) named.bos = file.classifier;
    const auto idOf = [&](std::string_view entry) { return std::optional<std::int64_t>(vocabulary->find(entry)); };
    if (!named.bos) named.bos = idOf("[CLS]");
    if (!named.separator) named.separator = idOf("[SEP]");
    if (!named.unknown) named.unknown = idOf("[UNK]");
    auto ids = readIds(named, vocabulary->size(), where);
    if (!ids) return tl::unexpected(ids.error());
    auto parts = bertParts(std::move(*vocabulary), ids->unknown);
    if (!parts) return tl::unexpected(parts.error());
    finish(*parts, named, *ids, named.addBos.value_or(true), false);
    if (file.addEos.value_or(true) && ids->separator >= 0) parts->behind = {ids->separator};
    return makePipeline(std::move(*parts));
}

Result<std::shared_ptr<const Tokenizer>> t5Tokenizer(const GgufVocabulary& file, std::string_view where) {
    if (file.scores.empty())
        return fail(ErrorKind::BadFormat, fmt::format("{} has no tokenizer.ggml.scores.", where), std::string(where));
    const auto entries = readEntries(file, where);
    if (!entries) return tl::unexpected(entries.error());
    GgufVocabulary named = file;
    if (!named.eos) named.eos = 1;
    if (!named.unknown) named.unknown = 2;
    const auto ids = readIds(named, static_cast<int>(entries->size()), where);
    if (!ids) return tl::unexpected(ids.error());
    SentencePieceFile model;
    std::size_t bytes = 0;
    for (std::size_t id = 0; id < entries->size(); ++id) {
        int type = file.types.empty() ? static_cast<int>(Normal) : file.types[id];
        if (type < Normal || type > Byte) type = Normal;
        if (file.types.empty() && static_cast<TokenId>(id) == ids->unknown) type = Unknown;
        if (type == Byte) ++bytes;
        model.pieces.push_back({(*entries)[id], file.scores[id], type});
    }
    model.byteFallback = bytes == 256;
    model.bos = ids->bos;
    model.eos = ids->eos;
    model.charsMap = file.charsMap;
    model.addDummyPrefix = file.addSpacePrefix.value_or(true);
    model.removeExtraSpaces = file.removeExtraSpaces.value_or(false);
    return tokenizerFromSentencePiece(model, where,
                                      {.addBos = file.addBos.value_or(false), .addEos = file.addEos.value_or(true)});
}

/// The tokens are written as Python writes bytes. Those behind the real ones only fill the table.
Result<std::shared_ptr<const Tokenizer>> rwkvTokenizer(const GgufVocabulary& file, std::string_view where) {
    const auto entries = readEntries(file, where);
    if (!entries) return tl::unexpected(entries.error());
    GgufVocabulary named = file;
    if (!named.eos) named.eos = 0;
    const auto ids = readIds(named, static_cast<int>(entries->size()), where);
    if (!ids) return tl::unexpected(ids.error());
    ByteVocabulary vocabulary;
    for (std::size_t id = 0; id < entries->size(); ++id) {
        const std::int32_t type = file.types.empty() ? (id == 0 ? Control : Normal) : file.types[id];
        if (type == Normal) {
            auto token = fromPythonBytes((*entries)[id]);
            if (!token) {
                return fail(ErrorKind::BadFormat,
                            fmt::format("Token {} of {} should be bytes as Python writes them, but is \"{}\".", id, where,
                                        printableBytes((*entries)[id].substr(0, 60))),
                            std::string(where));
            }
            vocabulary.tokens.push_back(std::move(*token));
        } else {
            vocabulary.tokens.emplace_back();
            vocabulary.special.emplace_back((*entries)[id], static_cast<TokenId>(id));
        }
    }
    auto parts = longestMatchParts(vocabulary, where);
    if (!parts) return tl::unexpected(parts.error());
    if (file.addBos.value_or(false) && ids->bos >= 0) parts->front = {ids->bos};
    parts->bos = ids->bos;
    if (ids->eos >= 0) parts->ends.push_back(ids->eos);
    if (ids->eot >= 0 && ids->eot != ids->eos) parts->ends.push_back(ids->eot);
    return makePipeline(std::move(*parts));
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> tokenizerFromGguf(const GgufVocabulary& file, std::string_view where) {
    if (file.model == "bert") return bertTokenizer(file, where);
    if (file.model == "t5") return t5Tokenizer(file, where);
    if (file.model == "rwkv") return rwkvTokenizer(file, where);
    const bool byteLevel = file.model == "gpt2";
    if (!byteLevel && file.model != "llama") {
        return fail(ErrorKind::Unsupported,
                    fmt::format("The tokenizer of {} is of the kind \"{}\", which this program cannot tokenize with; it can with "
                                "\"gpt2\", \"llama\", \"bert\", \"t5\" and \"rwkv\".",
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
