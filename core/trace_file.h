// Writing a trace as safetensors, under TransformerLens' names: what was asked to be captured, plus input_ids and logits.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/base/job.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

/// Every wanted site of the trace's spec with its shape (batch axis dropped), input_ids [T] I64 and logits [T, V] F32; derived
/// ones are computed while writing, a head or a row at a time; a
/// state is an array of its own for every position ("blocks.0.mixer.hook_S.7"). metadata: "model", "fingerprint", "text" and the
/// like. Fails: NotWritable; Cancelled (nothing is left behind).
Result<void> writeTrace(const Trace& trace, const Model& model, const std::filesystem::path& path,
                        const std::map<std::string, std::string>& metadata, const Job& job = {});

}  // namespace lw
