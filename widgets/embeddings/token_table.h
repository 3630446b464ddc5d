// A table with a row for each token or word: the open model's embedding or unembedding, or word vectors out of a file.
// Qt-free.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/models/model.h"
#include "core/tensor/weight.h"
#include "core/text/tokenizer.h"

namespace lw {

struct TokenTable {
    std::string key;                                       // "embed", "unembed", or "vectors:" and the name of the file
    std::string name;                                      // for people
    Weight rows;                                           // [V, D]
    std::shared_ptr<const Model> model = nullptr;          // whose weights they are; null: word vectors
    std::shared_ptr<const Tokenizer> tokenizer = nullptr;  // of the model; null: its tokens have only ids
    std::shared_ptr<const std::vector<std::string>> words = nullptr;  // of word vectors

    std::string bytes(TokenId id) const;  // what the row stands for: " cat", "cat"; empty where only the id is known
    std::string piece(TokenId id) const;  // the same made visible; "#7" where only the id is known
    /// Whether it stands for a word or a Chinese character, not for a part of one or for a sign.
    bool isWord(TokenId id) const;
};

/// The tables that a model has: its embedding, and its unembedding where that is a table of its own.
std::vector<TokenTable> tablesOf(const std::shared_ptr<const Model>& model, const std::shared_ptr<const Tokenizer>& tokenizer);

// Finds the row of a written word.
class WordIndex {
public:
    explicit WordIndex(const TokenTable& table);
    /// With a space in front first (most vocabularies keep words so), then as it is written, then in small letters.
    std::optional<TokenId> find(const std::string& word) const;

private:
    std::unordered_map<std::string, TokenId> m_ids;
};

}  // namespace lw
