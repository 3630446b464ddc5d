// Large models whose GGUF was cut into files "name-00001-of-00003.gguf": all of them as one.
#pragma once

#include <filesystem>
#include <memory>

#include "core/formats/gguf.h"

namespace lw {

struct GgufModel {
    std::shared_ptr<const GgufFile> file;         // has the settings and the vocabulary (of a cut model: the first part)
    std::shared_ptr<const WeightSource> weights;  // all tensors
};

/// `path` is a GGUF file, or any part of a cut one, with the other parts beside it.
/// Fails: as GgufFile::open (also for a missing part); BadFormat for a cut model whose parts are not named so; Mismatch.
Result<GgufModel> openGguf(const std::filesystem::path& path);

}  // namespace lw
