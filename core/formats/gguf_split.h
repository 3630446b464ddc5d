// Large models whose GGUF was cut into files "name-00001-of-00003.gguf": all of them as one, whichever is opened.
// Source: gguf-split in llama.cpp (settings split.no, split.count, split.tensors.count).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/formats/gguf.h"

namespace lw {

struct GgufModel {
    std::shared_ptr<const GgufFile> file;         // has the settings and the vocabulary (of a cut model: the first part)
    std::shared_ptr<const WeightSource> weights;  // all tensors
};

/// `path` is a GGUF file, or any part of a cut one, with the other parts beside it.
/// Fails: as GgufFile::open; NotFound (a part is missing: named); BadFormat (the parts are not named so); Mismatch (parts of
/// different models: another count, another place, tensors that are missing or there twice).
Result<GgufModel> openGguf(const std::filesystem::path& path);

/// Only the file with the settings and the vocabulary: `path` itself, or the first part of a cut model.
/// Fails: as openGguf, but other parts need not be there.
Result<std::shared_ptr<const GgufFile>> openGgufHead(const std::filesystem::path& path);

// What a file's name says: "big-00002-of-00003.gguf" is part 2 of 3 of "big".
struct GgufPartName {
    std::string model;
    int number = 0, count = 0;
};
std::optional<GgufPartName> ggufPartName(const std::filesystem::path& path);

}  // namespace lw
