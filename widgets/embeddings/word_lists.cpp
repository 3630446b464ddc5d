#include "widgets/embeddings/word_lists.h"

#include <set>

namespace lw {

namespace {

std::string trimmed(const std::string& text) {
    const std::size_t from = text.find_first_not_of(" \t\r"), to = text.find_last_not_of(" \t\r");
    return from == std::string::npos ? std::string() : text.substr(from, to - from + 1);
}

void replaceAll(std::string& text, const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

}  // namespace

std::vector<WordList> parseWordLists(const std::string& text) {
    std::vector<WordList> lists;
    for (std::size_t at = 0; at <= text.size() && lists.size() < mostLists;) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        at = end + 1;
        replaceAll(line, "，", ",");
        replaceAll(line, "、", ",");
        replaceAll(line, "：", ":");
        WordList list;
        if (const std::size_t colon = line.find(':'); colon != std::string::npos) {
            list.name = trimmed(line.substr(0, colon));
            line = line.substr(colon + 1);
        }
        for (std::size_t word = 0; word <= line.size();) {
            const std::size_t comma = std::min(line.find(',', word), line.size());
            if (std::string one = trimmed(line.substr(word, comma - word)); !one.empty()) list.words.push_back(std::move(one));
            word = comma + 1;
        }
        if (!list.words.empty()) lists.push_back(std::move(list));
    }
    return lists;
}

const char* defaultWordLists() {
    return "animals: cat, dog, bird, fish, bear, horse, mouse, rabbit, frog, duck\n"
           "verbs: run, jump, eat, sleep, play, walk, sing, look, help, find\n"
           "numbers: one, two, three, four, five, six, seven, eight, nine, ten\n"
           "colours: red, blue, green, yellow, black, white, brown, pink\n"
           "people: man, woman, boy, girl, king, queen, mother, father";
}

MatchedLists matchLists(const std::vector<WordList>& lists, const WordIndex& index) {
    MatchedLists matched;
    std::set<TokenId> seen;
    for (const WordList& list : lists) {
        const int number = static_cast<int>(matched.names.size());
        matched.names.push_back(list.name);
        for (const std::string& word : list.words) {
            const auto id = index.find(word);
            if (!id) {
                matched.missing.emplace_back(number, word);
            } else if (seen.insert(*id).second) {
                matched.found.push_back({number, *id, word});
            }
        }
    }
    return matched;
}

}  // namespace lw
