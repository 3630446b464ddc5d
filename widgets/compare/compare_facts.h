// What the pictures of Compare are made of. Qt-free.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/analysis/reading.h"
#include "core/analysis/state_gradients.h"
#include "core/trace/locus.h"
#include "widgets/shared/format.h"

namespace lw {

struct CompareRow {
    std::string asked, name, architecture = {};
    std::int64_t parameters = 0;
    bool open = false;
    std::shared_ptr<const Reading> reading = nullptr;
    std::shared_ptr<const StateGradients> gradients = nullptr;  // at the selected place, if they were asked for
    std::string gradientProblem = {};
    std::string problem = {};
};

struct CompareInput {
    std::vector<Token> columns = {};       // tokens of the open model, by bytes of the text
    std::vector<std::string> pieces = {};  // their visible texts
    std::vector<CompareRow> rows = {};
    Locus place = {};
    InformationUnit unit = InformationUnit::Nats;
    int firstColumn = 0;  // of those shown

    int length() const { return static_cast<int>(columns.size()); }
    /// The selected position, the last one if none is selected; −1 without columns.
    int position() const;
    /// Bytes of the text that have been read at the selected position, and before it.
    std::int64_t bytesRead() const;
    std::int64_t bytesBefore() const;
};

}  // namespace lw
