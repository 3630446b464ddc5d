// A text file whose tokens are to be counted: mapped, not read into memory, and looked through once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/formats/mapped_file.h"

namespace lw {

struct CountedFile {
    std::shared_ptr<const MappedFile> file;
    std::int64_t characters = 0;  // code points
    std::int64_t words = 0;       // by the spaces between them
    std::string beginning;        // of the text, cut between characters
};
/// Fails: as MappedFile::open; bytes that are no UTF-8 (which and where); a file that changed meanwhile; cancelled.
Result<std::shared_ptr<const CountedFile>> openForCounting(const std::filesystem::path& path, const Job& job = {});

}  // namespace lw
