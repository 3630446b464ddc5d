#include "core/text/sentencepiece.h"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "core/text/json_field.h"
#include "core/text/pipeline.h"
#include "core/text/score_model.h"
#include "core/text/sentencepiece_normalizer.h"
#include "core/text/unigram_model.h"
#include "core/text/utf8.h"
#include "core/text/word_level_model.h"

namespace lw {
namespace {

using File = SentencePieceFile;
using Piece = SentencePieceFile::Piece;

constexpr const char* Space = "▁";

bool isOrdinary(const Piece& piece) {
    return piece.type == File::Normal || piece.type == File::UserDefined || piece.type == File::Unused;
}

std::string withSpaces(std::string text) {
    const std::string mark = Space;
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
        text.replace(at, mark.size(), " ");
    return text;
}

class Builder {
public:
    Builder(const File& file, std::string_view where) : m_file(file), m_where(where) {}

    Result<std::shared_ptr<const Tokenizer>> build(const SentencePieceExtras& extras);

private:
    Unexpected bad(const std::string& what) const {
        return fail(ErrorKind::BadFormat, fmt::format("{} {}.", m_where, what), std::string(m_where));
    }
    template <class Wanted>
    Result<Vocabulary> vocabularyOf(Wanted wanted) const;  // of the wanted pieces, each at its place
    Result<void> check();
    Result<std::unique_ptr<const WordModel>> model(const Vocabulary& own, const Vocabulary& all) const;
    Result<std::unique_ptr<const WordModel>> unigram(const Vocabulary& own, const Vocabulary& all) const;
    Result<std::unique_ptr<const WordModel>> merging(const Vocabulary& own, const Vocabulary& all) const;
    Decoder decoder() const;
    std::string kind() const;

    const File& m_file;
    std::string_view m_where;
    TokenId m_unknown = -1;
};

template <class Wanted>
Result<Vocabulary> Builder::vocabularyOf(Wanted wanted) const {
    std::vector<std::string> entries;
    for (const Piece& piece : m_file.pieces) entries.push_back(wanted(piece) ? piece.text : std::string());
    return Vocabulary::make(std::move(entries), m_where);
}

Result<void> Builder::check() {
    std::size_t bytes = 0;
    for (std::size_t id = 0; id < m_file.pieces.size(); ++id) {
        const Piece& piece = m_file.pieces[id];
        if (piece.text.empty()) return bad(fmt::format("has an empty piece (id {})", id));
        if (piece.type < File::Normal || piece.type > File::Byte)
            return bad(fmt::format("gives piece {} the unknown type {}", id, piece.type));
        if (piece.type == File::Byte && ++bytes && spelledByte(piece.text) < 0)
            return bad(fmt::format("calls piece {} a byte, which is spelled \"{}\"", id, printableBytes(piece.text)));
        if (piece.type != File::Unknown) continue;
        if (m_unknown >= 0) return bad(fmt::format("has two unknown pieces: {} and {}", m_unknown, id));
        m_unknown = static_cast<TokenId>(id);
    }
    if (m_unknown < 0) return bad("has no unknown piece");
    if (m_file.byteFallback && bytes != 256)
        return bad(fmt::format("asks for byte_fallback and has {} of 256 byte pieces", bytes));
    const auto size = static_cast<std::int64_t>(m_file.pieces.size());
    for (const auto& [name, id] : {std::pair("bos_id", m_file.bos), std::pair("eos_id", m_file.eos)}) {
        if (id >= size) {
            return fail(ErrorKind::Mismatch,
                        fmt::format("trainer_spec.{} of {} is {}, but there are {} pieces.", name, m_where, id, size),
                        std::string(m_where));
        }
    }
    return {};
}

Result<std::unique_ptr<const WordModel>> Builder::unigram(const Vocabulary& own, const Vocabulary& all) const {
    constexpr float UnknownPenalty = 10;  // below the least probable piece
    float least = std::numeric_limits<float>::max(), most = std::numeric_limits<float>::lowest();
    for (const Piece& piece : m_file.pieces) {
        if (piece.type != File::Normal) continue;
        least = std::min(least, piece.score);
        most = std::max(most, piece.score);
    }
    if (least > most) least = most = 0;
    std::vector<double> scores;
    std::vector<bool> usable;
    for (const Piece& piece : m_file.pieces) {
        usable.push_back(piece.type == File::Normal || piece.type == File::UserDefined);
        scores.push_back(piece.score);
    }
    UnigramOptions options;
    options.unknown = m_unknown;
    options.unknownScore = static_cast<double>(least - UnknownPenalty);
    if (m_file.byteFallback) options.bytes = ByteTokens(all);
    return UnigramModel::make(own, std::move(scores), usable, options, m_where);
}

Result<std::unique_ptr<const WordModel>> Builder::merging(const Vocabulary& own, const Vocabulary& all) const {
    std::vector<float> scores;
    ScoreOptions options;
    if (m_file.byteFallback) options.bytes = ByteTokens(all);
    options.unknown = m_unknown;
    options.fuseUnknown = true;
    const auto isUnused = [](const Piece& piece) { return piece.type == File::Unused; };
    if (std::ranges::any_of(m_file.pieces, isUnused)) {
        for (const Piece& piece : m_file.pieces) options.unused.push_back(isUnused(piece));
    }
    for (const Piece& piece : m_file.pieces) scores.push_back(piece.score);
    return ScoreModel::make(own, scores, std::move(options), m_where);
}

Result<std::unique_ptr<const WordModel>> Builder::model(const Vocabulary& own, const Vocabulary& all) const {
    switch (m_file.model) {
        case File::Unigram:
            return unigram(own, all);
        case File::Bpe:
        case File::Char:  // no merges: `own` has single characters only
            return merging(own, all);
        case File::Word:
            if (!m_file.byteFallback) return std::make_unique<const WordLevelModel>(own, m_unknown);
            return fail(ErrorKind::Unsupported, fmt::format("{} asks for whole words with byte_fallback.", m_where),
                        std::string(m_where));
        default:
            return fail(
                ErrorKind::Unsupported,
                fmt::format("The model type {} of {} is not known; known are unigram (1), BPE (2), words (3) and characters (4).",
                            m_file.model, m_where),
                std::string(m_where));
    }
}

/// As SentencePieceProcessor::Decode, but control tokens are written out.
Decoder Builder::decoder() const {
    std::set<std::string> controls;
    for (const Piece& piece : m_file.pieces) {
        if (piece.type == File::Control) controls.insert(piece.text);
    }
    const bool bytes = std::ranges::any_of(m_file.pieces, [](const Piece& piece) { return piece.type == File::Byte; });
    const std::string unknown = m_file.pieces[static_cast<std::size_t>(m_unknown)].text;
    const bool dropSpace = m_file.addDummyPrefix || m_file.removeExtraSpaces, dropAll = m_file.removeExtraSpaces;
    return [=, surface = m_file.unknownSurface](std::vector<std::string> pieces) -> Result<std::vector<std::string>> {
        std::string text, run;
        bool begun = false;  // something that counts as text has come
        const auto flush = [&] {
            begun = begun || !run.empty();
            for (std::size_t at = 0; at < run.size();) {
                const utf8::Step step = utf8::decode(run, at);
                const std::size_t length = step.ok ? static_cast<std::size_t>(step.bytes) : 1;  // each bad byte by itself
                text += step.ok ? run.substr(at, length) : "\xEF\xBF\xBD";
                at += length;
            }
            run.clear();
        };
        for (const std::string& piece : pieces) {
            if (const int byte = bytes ? spelledByte(piece) : -1; byte >= 0) {
                run.push_back(static_cast<char>(byte));
                continue;
            }
            flush();
            std::string_view rest = piece;
            if (controls.contains(piece)) {
                text += piece;
                continue;
            }
            if (piece == unknown) {
                rest = surface;
            } else if (!begun && dropSpace && rest.starts_with(Space)) {
                rest.remove_prefix(std::string_view(Space).size());
                begun = !dropAll;
            }
            begun = begun || !rest.empty();
            text += withSpaces(std::string(rest));
        }
        flush();
        return std::vector<std::string>{std::move(text)};
    };
}

std::string Builder::kind() const {
    switch (m_file.model) {
        case File::Unigram:
            return "SentencePiece Unigram";
        case File::Bpe:
            return "SentencePiece BPE";
        case File::Word:
            return "SentencePiece words";
        default:
            return "SentencePiece characters";
    }
}

Result<std::shared_ptr<const Tokenizer>> Builder::build(const SentencePieceExtras& extras) {
    if (auto good = check(); !good) return tl::unexpected(good.error());
    auto all = vocabularyOf([](const Piece&) { return true; });
    if (!all) return tl::unexpected(all.error());
    const auto own = vocabularyOf([&](const Piece& piece) {
        const bool one = static_cast<std::size_t>(utf8::decode(piece.text, 0).bytes) == piece.text.size();
        return isOrdinary(piece) && (m_file.model != File::Char || one);
    });
    if (!own) return tl::unexpected(own.error());
    auto words = model(*own, *all);
    if (!words) return tl::unexpected(words.error());
    auto map = CharsMap::parse(m_file.charsMap, m_where);
    if (!map) return tl::unexpected(map.error());

    SentencePieceNormalizer rules;
    rules.map = std::move(*map);
    rules.addDummyPrefix = m_file.addDummyPrefix;
    rules.removeExtraSpaces = m_file.removeExtraSpaces;
    rules.escapeSpaces = m_file.escapeSpaces;
    rules.spaceBehind = m_file.spaceBehind;
    PipelineParts parts(std::move(*all));
    std::vector<PrefixTrie::Entry> kept;
    for (std::size_t id = 0; id < m_file.pieces.size(); ++id) {
        const Piece& piece = m_file.pieces[id];
        const bool special = piece.type == File::Control || piece.type == File::Unknown;
        if (!special && piece.type != File::UserDefined) continue;
        AddedToken token;
        token.id = static_cast<TokenId>(id);
        token.content = piece.text;
        token.special = special;
        token.normalized = !special;
        parts.literal[id] = special ? piece.text : withSpaces(piece.text);
        parts.special[id] = special;
        if (!special) kept.emplace_back(piece.text, token.id);
        parts.added.push_back(std::move(token));
    }
    rules.kept = PrefixTrie(std::move(kept));
    parts.normalizer = normalizers::sentencePiece(std::move(rules));
    if (m_file.model == File::Word)
        parts.preTokenizer = pre_tokenizers::split(
            std::string(Space), m_file.spaceBehind ? SplitBehavior::MergedWithPrevious : SplitBehavior::MergedWithNext, false);
    parts.model = std::move(*words);
    parts.decoder = decoder();
    parts.spelling.byteFallback = std::ranges::any_of(m_file.pieces, [](const Piece& piece) { return piece.type == File::Byte; });
    parts.spelling.replaced = {{Space, " "}};
    parts.kind = kind();
    parts.bos = static_cast<TokenId>(std::max<std::int64_t>(-1, m_file.bos));
    if (extras.addBos && m_file.bos >= 0) parts.front = {static_cast<TokenId>(m_file.bos)};
    if (extras.addEos && m_file.eos >= 0) parts.behind = {static_cast<TokenId>(m_file.eos)};
    if (m_file.eos >= 0) parts.ends = {static_cast<TokenId>(m_file.eos)};
    return makePipeline(std::move(parts));
}

}  // namespace

Result<SentencePieceExtras> sentencePieceExtras(std::string_view configText, std::string_view where) {
    if (configText.empty()) return SentencePieceExtras{};
    const auto root = parseJson(configText, where);
    if (!root) return tl::unexpected(root.error());
    JsonProblems problems{std::string(where), {}};
    const JsonField config(*root, "", problems);
    const std::string type = config["tokenizer_class"].text("");
    SentencePieceExtras extras;
    extras.addBos = config["add_bos_token"].flag(type.starts_with("LlamaTokenizer"));
    extras.addEos = config["add_eos_token"].flag(type.starts_with("T5Tokenizer"));
    if (problems.first) return tl::unexpected(*problems.first);
    return extras;
}

Result<std::shared_ptr<const Tokenizer>> tokenizerFromSentencePiece(const SentencePieceFile& file, std::string_view where,
                                                                    const SentencePieceExtras& extras) {
    return Builder(file, where).build(extras);
}

}  // namespace lw
