// Texts for training and evaluation: files cut into documents, and documents turned into ids.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace lw::train {

/// The documents of a text: between separators, or the whole (no separator). Line breaks at their ends are cut off; empty ones
/// are left out.
std::vector<std::string> cutDocuments(std::string_view text, std::string_view separator);

/// The documents of a file. A .json file holds poems: an object or a list of objects with "paragraphs" and perhaps "author" and
/// "title" (written 作者《題目》 above the lines); or a list of texts. Any other file is UTF-8 text.
/// Fails: as MappedFile::open; BadFormat for JSON of another kind.
Result<std::vector<std::string>> readDocuments(const std::filesystem::path& path, std::string_view separator);

/// What stands between documents: the tokenizer's first end token, else its special token <|endoftext|> (a tokenizer.json by
/// itself does not say which of its tokens ends a text), else nothing.
std::optional<TokenId> endToken(const Tokenizer& tokenizer);

/// What stands before a document: the token that the tokenizer itself puts in front, else the end token (documents follow one
/// another that way in training), else nothing.
std::optional<TokenId> beginToken(const Tokenizer& tokenizer);

struct TokenizedDocuments {
    std::vector<std::vector<TokenId>> documents;  // each begins with beginToken
    std::int64_t bytes = 0, tokens = 0;           // of the texts; beginTokens not counted
    std::int64_t predictable = 0;                 // bytes that have a token before them: all, if there is a beginToken
};
/// Fails: text that is not UTF-8 (named by `where` and the document's number); Cancelled.
Result<TokenizedDocuments> tokenizeDocuments(const std::vector<std::string>& documents, const Tokenizer& tokenizer,
                                             const std::string& where, const Job& job = {});

}  // namespace lw::train
