#include "core/text/byte_vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text/byte_alphabet.h"
#include "core/text/byte_level.h"
#include "core/text/longest_match_model.h"
#include "core/text/score_model.h"

namespace lw {
namespace {

struct Both {
    Vocabulary all, own;  // own: without special tokens, which are never made of bytes
};

Result<Both> vocabularies(const ByteVocabulary& file, std::string_view where) {
    const auto bad = [&](const std::string& what) {
        return fail(ErrorKind::BadFormat, fmt::format("{} {}.", where, what), std::string(where));
    };
    std::size_t size = file.tokens.size();
    for (const auto& [text, id] : file.special) size = std::max(size, static_cast<std::size_t>(id) + 1);
    std::vector<bool> single(256);
    std::vector<std::string> own(size);
    for (std::size_t id = 0; id < file.tokens.size(); ++id) {
        own[id] = spellBytes(file.tokens[id]);
        if (file.tokens[id].size() == 1) single[static_cast<unsigned char>(file.tokens[id][0])] = true;
    }
    for (std::size_t byte = 0; byte < 256; ++byte) {
        if (!single[byte]) return bad(fmt::format("has no token for the byte 0x{:02X}", byte));
    }
    std::vector<std::string> all = own;
    for (const auto& [text, id] : file.special) {
        std::string& place = all[static_cast<std::size_t>(id)];
        if (!place.empty()) return bad(fmt::format("has id {} where \"{}\" was expected", id, text));
        place = text;
    }
    auto whole = Vocabulary::make(std::move(all), where);
    if (!whole) return tl::unexpected(whole.error());
    auto words = Vocabulary::make(std::move(own), where);
    if (!words) return tl::unexpected(words.error());
    return Both{std::move(*whole), std::move(*words)};
}

PipelineParts partsOf(Vocabulary all, const ByteVocabulary& file) {
    PipelineParts parts(std::move(all));
    for (const auto& [text, id] : file.special) addToken(parts, id, true);
    parts.spelling.byteLevel = true;
    parts.keepsText = true;
    return parts;
}

}  // namespace

std::string_view firstLine(std::string_view text) {
    std::string_view line = text.substr(0, std::min(text.substr(0, 4096).find('\n'), text.size()));
    if (line.size() == text.size()) return {};
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

Result<ByteVocabulary> tokensByLine(std::string_view text, std::string_view where, std::string_view number,
                                    const std::function<tl::expected<NumberedToken, std::string>(std::string_view line)>& read) {
    constexpr std::int64_t mostMissing = 4096;  // numbers of special tokens and the like
    ByteVocabulary vocabulary;
    const std::int64_t lines = std::ranges::count(text, '\n') + 1;
    std::int64_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        at = end + 1;
        ++count;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        const auto bad = [&](const std::string& what) {
            return fail(ErrorKind::BadFormat, fmt::format("Line {} of {} {}.", count, where, what), std::string(where));
        };
        auto token = read(line);
        if (!token) return bad(token.error());
        if (token->number >= lines + mostMissing)
            return bad(fmt::format("gives the {} {}, but there are only {} lines", number, token->number, lines));
        const auto i = static_cast<std::size_t>(token->number);
        if (vocabulary.tokens.size() <= i) vocabulary.tokens.resize(i + 1);
        if (!vocabulary.tokens[i].empty()) return bad(fmt::format("gives the {} {} a second time", number, i));
        vocabulary.tokens[i] = std::move(token->bytes);
    }
    return vocabulary;
}

Result<PipelineParts> rankedParts(const ByteVocabulary& file, std::string_view words, std::string_view where) {
    auto vocabulary = vocabularies(file, where);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    auto word = Regex::compile(words, where);
    if (!word) return tl::unexpected(word.error());
    std::vector<float> scores;  // exact: there are at most 2^24 ids
    for (int id = 0; id < vocabulary->own.size(); ++id) scores.push_back(-static_cast<float>(id));
    auto model = ScoreModel::make(vocabulary->own, scores, {.wholeFirst = true}, where);
    if (!model) return tl::unexpected(model.error());
    PipelineParts parts = partsOf(std::move(vocabulary->all), file);
    parts.preTokenizer = pre_tokenizers::sequence(
        {pre_tokenizers::split(std::move(*word), SplitBehavior::Isolated, false), pre_tokenizers::byteLevel(false, nullptr)});
    parts.model = std::move(*model);
    parts.kind = "byte-level BPE";
    return parts;
}

Result<PipelineParts> longestMatchParts(const ByteVocabulary& file, std::string_view where) {
    auto vocabulary = vocabularies(file, where);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    PipelineParts parts = partsOf(std::move(vocabulary->all), file);
    parts.preTokenizer = pre_tokenizers::byteLevel(false, nullptr);
    parts.model = std::make_unique<const LongestMatchModel>(vocabulary->own);
    parts.kind = "longest match";
    return parts;
}

}  // namespace lw
