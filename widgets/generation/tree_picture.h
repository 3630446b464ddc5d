// The picture of the tree of generation: tokens as nodes, their probabilities over them, the draws under them, the path that
// is shown marked. The bottom lane and the large view draw the same tree. Qt-free.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "widgets/generation/tree_layout.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"

namespace lw {

struct TreeInput {
    RunNodePtr root, shown;
    std::vector<RunNodePtr> leaves;
    int promptLength = 0;  // tokens of the prompt: a node's position is promptLength − 1 + depth
    std::string prompt;    // the end of the prompt as it is shown in the root: "…drink·to"
    std::function<std::string(TokenId)> piece;
    Locus place = {};                                  // a selected position on the path is framed
    std::map<const RunNode*, std::string> names = {};  // of branches, by the node they end in
    bool draws = false;                                // how each was chosen, under its node: the number drawn, greedy, forced
};

struct TreePicture {
    Picture picture;
    TreeLayout layout;  // node i is what the action "node:<i>" means
};

TreePicture treePicture(const TreeInput& input, const Say& say);

}  // namespace lw
