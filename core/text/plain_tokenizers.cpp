#include "core/text/plain_tokenizers.h"

#include <fmt/format.h>

#include <cassert>

#include "core/text/byte_vocabulary.h"
#include "core/text/utf8.h"

namespace lw {
namespace {

constexpr int CodePoints = 0x110000;
constexpr std::size_t LongestText = std::size_t{64} << 20;  // as the other kinds

bool isCharacter(TokenId id) { return id >= 0 && id < CodePoints && !(id >= 0xD800 && id < 0xE000); }

class Characters final : public Tokenizer {
public:
    Characters() {
        for (TokenId id = 0; id < CodePoints; ++id) {
            m_begins.push_back(static_cast<std::uint32_t>(m_texts.size()));
            if (isCharacter(id)) utf8::append(m_texts, static_cast<char32_t>(id));
        }
        m_begins.push_back(static_cast<std::uint32_t>(m_texts.size()));
    }

    Result<Encoding> encode(std::string_view text, const EncodeOptions& options) const override {
        if (text.size() > LongestText)
            return fail(ErrorKind::BadInput,
                        fmt::format("The text has {} bytes; at most {} can be tokenized.", text.size(), LongestText));
        Encoding out;
        for (std::size_t at = 0; at < text.size();) {
            const utf8::Step step = utf8::decode(text, at);
            if (!step.ok) {
                return fail(ErrorKind::BadInput, fmt::format("The text is not UTF-8: byte {} (0x{:02X}) belongs to no character.",
                                                             at, static_cast<unsigned char>(text[at])));
            }
            const auto from = static_cast<std::int64_t>(at);
            out.tokens.push_back({static_cast<TokenId>(step.point), from, from + step.bytes});
            at += static_cast<std::size_t>(step.bytes);
        }
        if (options.recordSteps) {
            for (const Token& token : out.tokens) {
                const std::string spelling(entry(token.id));
                out.steps.words.push_back({spelling, token.from, token.to, {spelling}, true});
            }
        }
        return out;
    }

    Result<std::string> decode(const std::vector<TokenId>& ids) const override {
        std::string text;
        for (const TokenId id : ids) {
            if (!isCharacter(id)) return fail(ErrorKind::BadInput, fmt::format("Id {} is no character of Unicode.", id));
            text += entry(id);
        }
        return text;
    }

    int size() const override { return CodePoints; }
    std::string_view entry(TokenId id) const override {
        if (id < 0 || id >= CodePoints) return {};
        const auto at = static_cast<std::size_t>(id);
        return std::string_view(m_texts).substr(m_begins[at], m_begins[at + 1] - m_begins[at]);
    }
    std::string bytes(TokenId id) const override { return std::string(entry(id)); }
    bool isSpecial(TokenId) const override { return false; }
    std::optional<TokenId> bos() const override { return std::nullopt; }
    std::vector<TokenId> ends() const override { return {}; }
    std::string kind() const override { return "characters"; }
    bool keepsText() const override { return true; }

private:
    std::string m_texts;
    std::vector<std::uint32_t> m_begins;
};

}  // namespace

std::shared_ptr<const Tokenizer> characterTokenizer() { return std::make_shared<const Characters>(); }

std::shared_ptr<const Tokenizer> byteTokenizer() {
    ByteVocabulary all;
    for (int byte = 0; byte < 256; ++byte) all.tokens.emplace_back(1, static_cast<char>(byte));
    auto parts = longestMatchParts(all, "the bytes");
    assert(parts);
    parts->kind = "bytes";
    return makePipeline(std::move(*parts));
}

}  // namespace lw
