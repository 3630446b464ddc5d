#include "core/text/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <unordered_map>

#include "core/text/byte_alphabet.h"
#include "core/text/utf8.h"

namespace lw {
namespace {

constexpr std::size_t LongestText = std::size_t{64} << 20;  // every byte takes some ten bytes of work space
constexpr std::size_t LongestCachedWord = 64;
constexpr std::size_t MostCachedWords = 100'000;

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

std::string replacedAll(std::string text, const std::string& what, const std::string& by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

class Pipeline final : public Tokenizer {
public:
    explicit Pipeline(PipelineParts parts) : m_parts(std::move(parts)) {
        std::vector<AddedToken> original, normalized;
        for (AddedToken& token : m_parts.added) (token.normalized ? normalized : original).push_back(std::move(token));
        m_original = AddedTokens(std::move(original));
        m_normalized = AddedTokens(std::move(normalized));
        assert(m_parts.literal.size() == static_cast<std::size_t>(size()) && m_parts.special.size() == m_parts.literal.size());
    }

    Result<Encoding> encode(std::string_view text, const EncodeOptions& options) const override;
    Result<std::string> decode(const std::vector<TokenId>& ids) const override;

    int size() const override { return m_parts.vocabulary.size(); }
    std::string_view entry(TokenId id) const override {
        return inside(id) ? std::string_view(m_parts.vocabulary.entry(id)) : std::string_view();
    }
    std::string bytes(TokenId id) const override;
    bool isSpecial(TokenId id) const override { return inside(id) && m_parts.special[static_cast<std::size_t>(id)]; }
    std::optional<TokenId> bos() const override {
        const auto& front = m_parts.front;
        const bool put = m_parts.bos >= 0 && std::find(front.begin(), front.end(), m_parts.bos) != front.end();
        return put ? std::optional(m_parts.bos) : std::nullopt;
    }
    std::vector<TokenId> ends() const override { return m_parts.ends; }
    std::string kind() const override { return m_parts.kind; }
    bool keepsText() const override { return m_parts.keepsText; }

private:
    bool inside(TokenId id) const { return id >= 0 && id < size(); }

    struct Work;  // one call of encode
    Result<void> encodeText(std::string_view text, Range part, bool parseSpecial, Work& work) const;
    Result<void> encodeWords(AlignedText body, Work& work) const;

    PipelineParts m_parts;
    AddedTokens m_original, m_normalized;
};

struct Pipeline::Work {
    Encoding out;
    StepLog log;
    bool record = false;
    std::unordered_map<std::string, std::vector<Symbol>, TextHash, std::equal_to<>> cache;
    std::vector<Symbol> symbols;

    void add(TokenId id, Range covers) { out.tokens.push_back({id, covers.from, covers.to}); }
};

Result<Encoding> Pipeline::encode(std::string_view text, const EncodeOptions& options) const {
    if (text.size() > LongestText) {
        return fail(ErrorKind::BadInput,
                    fmt::format("The text has {} bytes; at most {} can be tokenized.", text.size(), LongestText));
    }
    if (const auto invalid = utf8::firstInvalid(text)) {
        return fail(ErrorKind::BadInput, fmt::format("The text is not UTF-8: byte {} (0x{:02X}) belongs to no character.",
                                                     *invalid, static_cast<unsigned char>(text[*invalid])));
    }
    const auto size = static_cast<std::uint32_t>(text.size());
    Work work;
    work.record = options.recordSteps;
    if (options.addSpecial) {
        for (const TokenId id : m_parts.front) work.add(id, {0, 0});
    }
    for (const auto& section : m_original.find(text, options.parseSpecial)) {
        if (section.id >= 0) {
            work.add(section.id, section.range);
        } else if (auto done = encodeText(text, section.range, options.parseSpecial, work); !done) {
            return tl::unexpected(done.error());
        }
    }
    if (options.addSpecial) {
        for (const TokenId id : m_parts.behind) work.add(id, {size, size});
    }
    work.out.steps = std::move(work.log.steps);
    return std::move(work.out);
}

Result<void> Pipeline::encodeText(std::string_view text, Range part, bool parseSpecial, Work& work) const {
    AlignedText body = AlignedText::plain(text.substr(part.from, part.to - part.from), part.from);
    if (m_parts.normalizer) {
        auto normalized = m_parts.normalizer(std::move(body));
        if (!normalized) return tl::unexpected(normalized.error());
        body = std::move(*normalized);
    }
    if (m_normalized.empty()) return encodeWords(std::move(body), work);
    for (const auto& section : m_normalized.find(body.text, parseSpecial)) {
        if (section.id >= 0) {
            work.add(section.id, body.covered(section.range));
            continue;
        }
        AlignedText between;
        between.append(body, section.range);
        if (auto done = encodeWords(std::move(between), work); !done) return done;
    }
    return {};
}

Result<void> Pipeline::encodeWords(AlignedText body, Work& work) const {
    if (body.text.empty()) return {};
    PreText pre;
    pre.pieces = {{0, static_cast<std::uint32_t>(body.text.size())}};
    pre.body = std::move(body);
    if (m_parts.preTokenizer) {
        if (auto done = m_parts.preTokenizer(pre); !done) return done;
    }
    for (const Range& piece : pre.pieces) {
        const auto word = std::string_view(pre.body.text).substr(piece.from, piece.to - piece.from);
        const bool cached = !work.record && word.size() <= LongestCachedWord;
        const std::vector<Symbol>* symbols = &work.symbols;
        const auto known = cached ? work.cache.find(word) : work.cache.end();
        if (known != work.cache.end()) {
            symbols = &known->second;
        } else {
            work.symbols.clear();
            if (work.record) {
                const Range covers = pre.body.covered(piece);
                work.log.steps.words.push_back({std::string(word), covers.from, covers.to, {}, false});
            }
            if (auto done = m_parts.model->cut(word, work.symbols, work.record ? &work.log : nullptr); !done) return done;
            if (cached && work.cache.size() < MostCachedWords) work.cache.emplace(word, work.symbols);
        }
        for (const Symbol& symbol : *symbols)
            work.add(symbol.id, pre.body.covered({piece.from + symbol.from, piece.from + symbol.to}));
    }
    return {};
}

std::string Pipeline::bytes(TokenId id) const {
    if (!inside(id)) return {};
    const std::string& spelling = m_parts.vocabulary.entry(id);
    const SpellingRules& rules = m_parts.spelling;
    if (rules.byteFallback) {
        const int byte = spelledByte(spelling);
        if (byte >= 0) return std::string(1, static_cast<char>(byte));
    }
    const std::string& literal = m_parts.literal[static_cast<std::size_t>(id)];
    if (!literal.empty()) return literal;
    if (rules.byteLevel) return unspellBytes(spelling).value_or(spelling);
    std::string text =
        rules.dropped.empty() || !spelling.starts_with(rules.dropped) ? spelling : spelling.substr(rules.dropped.size());
    for (const auto& [what, by] : rules.replaced) text = replacedAll(std::move(text), what, by);
    return text;
}

Result<std::string> Pipeline::decode(const std::vector<TokenId>& ids) const {
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!inside(ids[i])) {
            return fail(ErrorKind::BadInput,
                        fmt::format("Id {} is outside the vocabulary, whose {} ids are 0 to {}.", ids[i], size(), size() - 1));
        }
        if (entry(ids[i]).empty()) return fail(ErrorKind::BadInput, fmt::format("Id {} has no entry in the vocabulary.", ids[i]));
    }
    if (!m_parts.decoder) {
        std::string joined;
        for (const TokenId id : ids) joined += bytes(id);
        if (m_parts.dropFirstSpace && joined.starts_with(' ')) joined.erase(0, 1);
        return utf8::repaired(joined);
    }
    std::vector<std::string> pieces;
    pieces.reserve(ids.size());
    for (const TokenId id : ids) pieces.emplace_back(entry(id));
    auto decoded = m_parts.decoder(std::move(pieces));
    if (!decoded) return tl::unexpected(decoded.error());
    std::string joined;
    for (const std::string& piece : *decoded) joined += piece;
    return utf8::repaired(joined);
}

}  // namespace

std::shared_ptr<const Tokenizer> makePipeline(PipelineParts parts) { return std::make_shared<const Pipeline>(std::move(parts)); }

}  // namespace lw
