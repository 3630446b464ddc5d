// What one block is made of inside: its strongest neurons (of a mixer its strongest channels) with the words their value vectors
// promote, and what each head added and read. This reads weights and is run in the background. Qt-free.
// mlp_out = b_out + Σ_i m_i v_i; m_i = act(k_i·x) (gated: times u_i·x); v_i = column i of W_out. Source: maths sheet 3.7.
#pragma once

#include <string>
#include <vector>

#include "core/analysis/softmax_stats.h"
#include "core/base/job.h"
#include "core/models/model.h"
#include "core/trace/trace.h"

namespace lw {

// A neuron, or a channel that a mixer's last projection reads: it adds its activation times its value vector.
struct NeuronPart {
    Unit index;
    double pre = 0;                          // before the activation (gated: of the gate); of a channel what was read
    double linear = 0;                       // the other factor of a gated neuron, a channel's gate; 0 otherwise
    double activation = 0;                   // m_i
    double valueNorm = 0;                    // ‖v_i‖
    double contribution = 0;                 // |m_i| ‖v_i‖: how long a step it adds to the stream
    std::vector<TokenProbability> promotes;  // tokens with the largest (v_i ⊙ final gain) · W_U; logit = that product
};

struct HeadPart {
    Head head;
    double resultNorm = 0;  // ‖z_h W_O[h]‖; of a memory ‖o_h W_out[h]‖
    Position reads;         // the key with the largest weight (of a memory: of its effective attention, by size)
    double weight = 0;
    double kept = 1;             // a memory: the share that this step keeps, its mean over the keys
    std::optional<double> beta;  // a memory that erases by β
};

struct ExpertPart {
    Unit index;
    double weight = 0;
};

struct BlockParts {
    Layer layer;
    Position position;
    std::vector<NeuronPart> neurons;   // by falling contribution
    int neuronCount = 0;               // M
    double shownShare = 0;             // share of Σ_i contribution that the shown neurons have
    std::vector<HeadPart> heads;       // in order
    std::vector<NeuronPart> channels;  // of a state-space layer or a cell, by falling contribution
    int channelCount = 0;
    double channelShare = 0;
    std::vector<ExpertPart> experts;  // those that run, by falling weight
};

// Another run of the same model to take off: in difference mode every number is B − A, and neurons are ranked by how much
// their part of the addition changed.
struct Minus {
    const Trace* trace = nullptr;
    Position position;
};

/// most: neurons; words: tokens each. Fails: Cancelled; a site that was not captured (named).
Result<BlockParts> blockParts(const Trace& trace, const Model& model, Layer layer, Position position, int most, int words,
                              const Minus& minus = {}, const Job& job = {});

}  // namespace lw
