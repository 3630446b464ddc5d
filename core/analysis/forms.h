// One system, several computations: what a mixer reads out of its memory by its recurrence, token by token; in parallel, as
// weights over all earlier tokens; in chunks, parallel inside and recurrent between; as a scan; as a convolution. All in double
// precision, from the operands that a run captured, so that what they differ by is the forms' and not the model's rounding.
// Sources: Katharopoulos et al. 2020 (recurrent = parallel); Sun et al. 2023 (chunks); Yang et al. 2024, "Parallelizing Linear
// Transformers with the Delta Rule" (what is erased, as one triangular system); Gu and Dao 2023, Gu et al. 2022.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/job.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

enum class Form { Recurrent, Parallel, Chunked, Scan, Convolution };

/// "recurrent", "parallel", "chunked", "scan", "convolution".
std::string_view formName(Form form);

/// The forms that such a mixer has, the recurrence first. Only that for cells, whose step is not linear in the state; none where
/// nothing is carried.
std::vector<Form> formsOf(const MixerInfo& mixer);

/// What is read at every position. Matrix memories: of one head [T, V]. Scans and S4D: of one channel (`head`) [T, 1], without
/// the skip. chunk: tokens in a chunk, >= 1 (asserted).
/// Fails: the mixer has no such form; an operand was not captured (named); head or channel outside; Cancelled.
Result<MatrixD> readBy(Form form, const Trace& trace, const Model& model, Layer layer, Head head, int chunk = 16,
                       const Job& job = {});

struct FormDifference {
    Form form = Form::Recurrent;
    double largest = 0;  // |difference from the recurrence| at any position
};
struct FormsCompared {
    std::vector<FormDifference> others;  // every form but the recurrence
    double scale = 0;                    // largest |value| that the recurrence reads
};
/// Fails: as readBy.
Result<FormsCompared> compareForms(const Trace& trace, const Model& model, Layer layer, Head head, int chunk = 16,
                                   const Job& job = {});

/// "the parallel and the chunked form differ from the recurrence by at most 3.1e-15 and 2.2e-15, where it reads up to 1.25"
std::string formsSentence(const FormsCompared& compared);

}  // namespace lw
