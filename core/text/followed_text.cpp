#include "core/text/followed_text.h"

#include <array>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "core/text/pre_tokenizer.h"
#include "core/text/utf8.h"

namespace lw {

Result<FollowedText> FollowedText::make(std::string_view text, const TrainedBpe& learned) {
    if (const auto invalid = utf8::firstInvalid(text))
        return fail(ErrorKind::BadInput, fmt::format("The text is not UTF-8: byte {} belongs to no character.", *invalid));
    auto word = Regex::compile(Gpt2Word, "the byte-pair trainer");
    if (!word) return tl::unexpected(word.error());
    std::array<TokenId, 256> ids{};
    for (int i = 0; i < 256; ++i) {
        const auto id = static_cast<TokenId>(learned.specials + i);
        ids[static_cast<unsigned char>(learned.pieces[static_cast<std::size_t>(id)].front())] = id;
    }
    std::vector<Range> matches;
    Regex::Search search(*word);
    if (auto found = search.findAll(text, {0, static_cast<std::uint32_t>(text.size())}, matches); !found)
        return tl::unexpected(found.error());
    FollowedText made;
    for (const Range& match : matches) {
        std::vector<Token>& tokens = made.m_words.emplace_back();
        for (std::uint32_t at = match.from; at < match.to; ++at)
            tokens.push_back({ids[static_cast<unsigned char>(text[at])], at, std::int64_t{at} + 1});
    }
    std::unordered_map<std::string, TokenId> places;
    for (std::size_t id = static_cast<std::size_t>(learned.specials); id < learned.pieces.size(); ++id)
        places.emplace(learned.pieces[id], static_cast<TokenId>(id));
    for (const auto& [left, right] : learned.merges) {
        made.merge(left, right,
                   places.at(learned.pieces[static_cast<std::size_t>(left)] + learned.pieces[static_cast<std::size_t>(right)]));
    }
    return made;
}

void FollowedText::merge(TokenId left, TokenId right, TokenId piece) {
    for (std::vector<Token>& word : m_words) {
        std::size_t to = 0;
        for (std::size_t from = 0; from < word.size(); ++from) {
            if (from + 1 < word.size() && word[from].id == left && word[from + 1].id == right) {
                word[to++] = {piece, word[from].from, word[from + 1].to};
                ++from;
            } else {
                word[to++] = word[from];
            }
        }
        word.resize(to);
    }
}

std::vector<Token> FollowedText::tokens() const {
    std::vector<Token> all;
    for (const std::vector<Token>& word : m_words) all.insert(all.end(), word.begin(), word.end());
    return all;
}

}  // namespace lw
