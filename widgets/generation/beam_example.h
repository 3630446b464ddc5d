// A text at which the most probable next token leads astray: two beams find a continuation of the same length that is far more
// probable than the greedy one. Found by trying short beginnings on the bundled models; its numbers are computed when it is
// shown.
#pragma once

namespace lw {

struct BeamExample {
    const char* model;
    const char* text;
    int beams, tokens;
};
inline constexpr BeamExample greedyMisses{"stories260K", "The dog", 2, 6};

}  // namespace lw
