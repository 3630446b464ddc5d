// The steps of one path as a table: the token, how probable it was, how it was chosen, the running log-probability; in
// difference mode beside those of path A, step by step. Qt-free.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/generate/run_tree.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct PathStep {
    Position position;  // of the token in the text
    Choice choice;
    double logProbability = 0;  // running Σ ln p at temperature 1 over the steps so far
};

/// The steps from the root to a node, without the root.
std::vector<PathStep> pathSteps(const RunNodePtr& node, int promptLength);

struct PathInput {
    std::vector<PathStep> steps = {}, stepsA = {};  // stepsA only in difference mode
    bool difference = false;
    std::string nameA = {};
    std::function<std::string(TokenId)> piece = {}, pieceA = {};
    Locus place = {};
    std::string note = {};  // said over the table
};

/// Rows are places (step, position).
Picture pathPicture(const PathInput& input, double width, const Say& say);

}  // namespace lw
