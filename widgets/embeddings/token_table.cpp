#include "widgets/embeddings/token_table.h"

#include <algorithm>

#include "widgets/shared/format.h"

namespace lw {

namespace {

bool isLetter(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '\'' || byte == '-';
}

bool isWholeUtf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (length == 0 || i + length > text.size()) return false;
        for (std::size_t j = 1; j < length; ++j)
            if ((static_cast<unsigned char>(text[i + j]) & 0xc0u) != 0x80u) return false;
        i += length;
    }
    return true;
}

}  // namespace

std::string TokenTable::bytes(TokenId id) const {
    if (id < 0 || id >= rows.rows()) return {};
    if (words) return (*words)[static_cast<std::size_t>(id)];
    return tokenizer && id < tokenizer->size() ? tokenizer->bytes(id) : std::string();
}

std::string TokenTable::piece(TokenId id) const {
    if (words) return visiblePiece(bytes(id));
    if (!tokenizer || id < 0 || id >= tokenizer->size()) return "#" + std::to_string(id);
    if (tokenizer->isSpecial(id)) return visiblePiece(tokenizer->entry(id));
    return visiblePiece(tokenizer->bytes(id));
}

bool TokenTable::isWord(TokenId id) const {
    const std::string text = bytes(id);
    const bool inFront = text.size() > 1 && text.front() == ' ';
    const std::string_view word = std::string_view(text).substr(inFront ? 1 : 0);
    if (word.empty() || !std::ranges::all_of(word, isLetter) || !isWholeUtf8(word)) return false;
    if (tokenizer && tokenizer->isSpecial(id)) return false;
    return words || inFront || static_cast<unsigned char>(word.front()) >= 0xe3;  // Chinese is written without spaces
}

std::vector<TokenTable> tablesOf(const std::shared_ptr<const Model>& model, const std::shared_ptr<const Tokenizer>& tokenizer) {
    std::vector<TokenTable> tables;
    if (!model) return tables;
    const Weight& embed = model->weight(WeightId::Embed);
    const Weight& unembed = model->weight(WeightId::Unembed);
    if (embed.defined()) tables.push_back({.key = "embed", .name = "W_E", .rows = embed, .model = model, .tokenizer = tokenizer});
    const bool same = embed.defined() && unembed.defined() && embed.rowData(0) == unembed.rowData(0);
    if (unembed.defined() && !same && !model->info().tiedHead)
        tables.push_back({.key = "unembed", .name = "W_U", .rows = unembed, .model = model, .tokenizer = tokenizer});
    return tables;
}

WordIndex::WordIndex(const TokenTable& table) {
    m_ids.reserve(static_cast<std::size_t>(table.rows.rows()));
    for (TokenId id = 0; id < table.rows.rows(); ++id) {
        if (std::string bytes = table.bytes(id); !bytes.empty()) m_ids.emplace(std::move(bytes), id);
    }
}

std::optional<TokenId> WordIndex::find(const std::string& word) const {
    std::string small = word;
    for (char& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    for (const std::string& text : {" " + word, word, " " + small, small}) {
        if (const auto at = m_ids.find(text); at != m_ids.end()) return at->second;
    }
    return std::nullopt;
}

}  // namespace lw
