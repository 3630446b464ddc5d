// Lists of words that a person groups, one a line: "animals: cat, dog, …". Qt-free.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "widgets/embeddings/token_table.h"

namespace lw {

struct WordList {
    std::string name;
    std::vector<std::string> words;
};

inline constexpr std::size_t mostLists = 8;  // as many as there are hues that can be told apart

/// Lines without a colon are lists without a name; empty ones and those after the eighth are passed over. Words are apart by
/// commas (also ，and 、).
std::vector<WordList> parseWordLists(const std::string& text);

/// Animals, verbs, numbers, colours, people.
const char* defaultWordLists();

struct ListedWord {
    int list = 0;
    TokenId id = -1;
    std::string word;
};
struct MatchedLists {
    std::vector<std::string> names;
    std::vector<ListedWord> found;                     // each row of the table once, in the first list that has it
    std::vector<std::pair<int, std::string>> missing;  // list, word: no row of the table
};
MatchedLists matchLists(const std::vector<WordList>& lists, const WordIndex& index);

}  // namespace lw
