#include "core/train/documents.h"

#include <fmt/format.h>

#include "core/formats/config_json.h"
#include "core/formats/mapped_file.h"

namespace lw::train {

namespace {

using nlohmann::json;

std::string_view withoutBreaks(std::string_view text) {
    while (!text.empty() && (text.front() == '\n' || text.front() == '\r')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

Result<std::string> poem(const json& item, const std::string& where) {
    const auto refuse = [&]() -> Unexpected {
        return fail(ErrorKind::BadFormat,
                    fmt::format("{}: expected texts, or poems with a list of “paragraphs”; found {}.", where, item.type_name()),
                    where);
    };
    if (item.is_string()) return item.get<std::string>();
    if (!item.is_object() || !item.contains("paragraphs") || !item["paragraphs"].is_array()) return refuse();
    std::string text;
    if (item.contains("title") && item["title"].is_string()) {
        if (item.contains("author") && item["author"].is_string()) text += item["author"].get<std::string>();
        text += "《" + item["title"].get<std::string>() + "》\n";
    }
    for (const json& line : item["paragraphs"]) {
        if (!line.is_string()) return refuse();
        text += line.get<std::string>() + "\n";
    }
    return std::string(withoutBreaks(text));
}

}  // namespace

std::vector<std::string> cutDocuments(std::string_view text, std::string_view separator) {
    std::vector<std::string> documents;
    while (true) {
        const auto end = separator.empty() ? std::string_view::npos : text.find(separator);
        const std::string_view document = withoutBreaks(text.substr(0, end));
        if (!document.empty()) documents.emplace_back(document);
        if (end == std::string_view::npos) return documents;
        text.remove_prefix(end + separator.size());
    }
}

Result<std::vector<std::string>> readDocuments(const std::filesystem::path& path, std::string_view separator) {
    if (path.extension() != ".json") {
        const auto file = MappedFile::open(path);
        if (!file) return Unexpected(file.error());
        return cutDocuments((*file)->text(), separator);
    }
    const auto content = readJsonFile(path);
    if (!content) return Unexpected(content.error());
    const json list = content->is_array() ? *content : json::array({*content});
    std::vector<std::string> documents;
    for (const json& item : list) {
        auto text = poem(item, path.string());
        if (!text) return Unexpected(text.error());
        if (!text->empty()) documents.push_back(*std::move(text));
    }
    return documents;
}

std::optional<TokenId> endToken(const Tokenizer& tokenizer) {
    const std::vector<TokenId> ends = tokenizer.ends();
    if (!ends.empty()) return ends.front();
    for (TokenId id = 0; id < tokenizer.size(); ++id) {
        if (tokenizer.isSpecial(id) && tokenizer.entry(id) == "<|endoftext|>") return id;
    }
    return std::nullopt;
}

std::optional<TokenId> beginToken(const Tokenizer& tokenizer) {
    const auto bos = tokenizer.bos();
    return bos ? bos : endToken(tokenizer);
}

Result<TokenizedDocuments> tokenizeDocuments(const std::vector<std::string>& documents, const Tokenizer& tokenizer,
                                             const std::string& where, const Job& job) {
    TokenizedDocuments result;
    result.documents.reserve(documents.size());
    const std::optional<TokenId> begin = beginToken(tokenizer);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(i) / static_cast<double>(documents.size()), "cutting the text into tokens");
        const auto encoding = tokenizer.encode(documents[i], {.addSpecial = false});
        if (!encoding)
            return fail(encoding.error().kind, fmt::format("{}, document {}: {}", where, i + 1, encoding.error().message), where);
        std::vector<TokenId> ids;
        ids.reserve(encoding->tokens.size() + 1);
        if (begin) ids.push_back(*begin);
        for (const Token& token : encoding->tokens) ids.push_back(token.id);
        result.bytes += static_cast<std::int64_t>(documents[i].size());
        result.predictable += static_cast<std::int64_t>(documents[i].size());
        if (!begin && !encoding->tokens.empty()) result.predictable -= encoding->tokens.front().to;
        result.tokens += static_cast<std::int64_t>(encoding->tokens.size());
        result.documents.push_back(std::move(ids));
    }
    return result;
}

}  // namespace lw::train
