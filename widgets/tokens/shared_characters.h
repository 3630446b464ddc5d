// Which neighbouring tokens are pieces of one character: byte-level vocabularies cut rare characters into several tokens.
#pragma once

#include <string>
#include <vector>

namespace lw {

struct SharedCharacter {
    int first = 0, last = 0;  // tokens, last > first
    std::string text;         // the character (several where their tokens overlap), made visible
};

/// bytes: what each token stands for in running text. Bytes that are no UTF-8 belong to no character. Groups don't overlap.
std::vector<SharedCharacter> sharedCharacters(const std::vector<std::string>& bytes);

}  // namespace lw
