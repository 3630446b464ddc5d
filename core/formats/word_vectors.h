// Word vectors out of a file: GloVe's text (a word and its numbers a line), word2vec's text (the same under a line with both
// sizes) and word2vec's binary form. Which it is shows in the content.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/tensor/matrix.h"

namespace lw {

struct WordVectorTable {
    std::vector<std::string> words;  // in the file's order, UTF-8
    Matrix vectors;                  // [words, D], finite
    std::int64_t leftOut = 0;        // words after the most that are read (0: the number is known only where a header says it)
    bool cut = false;                // there were more words than are read
    std::string kind;                // "text", "word2vec text", "word2vec binary"
};

struct WordVectorLimits {
    std::int64_t words = 200'000;  // frequent words come first in these files
    std::int64_t width = 4'096;
    std::int64_t bytes = std::int64_t{1} << 30;  // of the table in memory
};

/// Fails: as MappedFile::open; BadFormat with the file and the line (or the word's number) and what was expected and found there:
/// no numbers, another count of numbers than in the first line, a number that is none or not finite, a binary file that ends in
/// the middle, sizes in a header that the file cannot hold; OverBudget; Cancelled.
Result<WordVectorTable> readWordVectors(const std::filesystem::path& path, const WordVectorLimits& limits = {},
                                        const Job& job = {});

}  // namespace lw
