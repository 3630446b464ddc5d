// What a block has in attention's place: a cell, a matrix memory, a state-space scan. Sizes only; which values it shows and
// how wide they are follows from the kind.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "core/tensor/activation.h"
#include "core/trace/site.h"

namespace lw {

enum class MixerKind : std::uint8_t {
    None,  // the block has attention, or mixes nothing
    Rnn,
    Lstm,
    Gru,
    LinearAttention,
    RetNet,
    Gla,
    DeltaNet,
    GatedDeltaNet,
    Rwkv7,
    S4d,
    Mamba,
    Mamba2,
};

struct MixerInfo {
    MixerKind kind = MixerKind::None;
    int heads = 1;                     // memories beside each other (matrix memories)
    int keyWidth = 0, valueWidth = 0;  // one head's memory S is [keyWidth, valueWidth]
    int inner = 0;                     // E: channels of a scan, or hidden units of a cell
    int stateSize = 0;                 // N: numbers a channel keeps (scans)
    int groups = 1;                    // heads / groups share one B and C (Mamba-2), or one query and key (Qwen3-Next)
    int projected = 0;                 // columns of hook_in_proj (scans)
    int xProjected = 0;                // columns of hook_x_proj (Mamba): dt_rank + 2N
    int convWidth = 0;                 // taps of the causal convolution; 0 = none
    int convChannels = 0;              // columns of hook_conv
    bool complexState = false;         // S4D: stateSize is so many real parts and then as many imaginary ones
    bool bilinear = false;             // S4D: made discrete by the bilinear rule, else by zero-order hold
    float readScale = 1;               // queries are multiplied by it before they read (matrix memories)
    std::vector<double> frequencies;   // RetNet: angles by which pairs of a query's or key's dimensions turn for each position
    bool outputGate = false;           // what is read is multiplied by silu of hook_gate_input (matrix memories)
    float mostBeta = 1;                // writing strengths are so many times a sigmoid (DeltaNet)
    float decayTemperature = 16;       // by which GLA's log decay is divided
    Activation activation = Activation::Silu;  // after the convolution and of the gate (scans)
    double innerNormEps = 0;  // of the norm inside: of what is read, of Δ's input, B and C (Jamba); 0: there is none
    double leastStep = 0, mostStep = std::numeric_limits<double>::infinity();  // steps are kept between (Mamba-2)
    bool normalised = false;  // what is read is divided by q·z, z the sum of all keys (linear attention)

    bool isCell() const { return kind == MixerKind::Rnn || kind == MixerKind::Lstm || kind == MixerKind::Gru; }
    bool isScan() const { return kind == MixerKind::Mamba || kind == MixerKind::S4d; }  // a state of [inner, stateSize]
    bool isMatrixMemory() const { return kind >= MixerKind::LinearAttention && kind <= MixerKind::Rwkv7; }
    /// A state of [heads, keyWidth, valueWidth] that is kept, erased, written and read by keys and queries.
    bool hasMatrixState() const { return isMatrixMemory() || kind == MixerKind::Mamba2; }
    bool decaysPerKey() const { return kind == MixerKind::Gla || kind == MixerKind::Rwkv7; }
    bool erases() const { return kind == MixerKind::DeltaNet || kind == MixerKind::GatedDeltaNet || kind == MixerKind::Rwkv7; }
    bool decays() const { return isMatrixMemory() && kind != MixerKind::LinearAttention && kind != MixerKind::DeltaNet; }

    /// Does this mixer show such a value? Only for the sites of mixers and cells (blocks.{i}.mixer.…, blocks.{i}.rnn.…).
    bool has(SiteId id) const;
    /// Rows × columns of one head of the site at one position; heads() of them beside each other. [1, n] for vectors.
    struct Shape {
        int heads = 1, rows = 1, columns = 0;
        int size() const { return heads * rows * columns; }
    };
    Shape shapeOf(SiteId id, int width) const;
    /// Floats carried from one token to the next in one layer (the convolution's included).
    std::int64_t stateFloats() const;
};

/// "lstm", "gated_delta_net": as configurations spell it.
std::string_view mixerKindName(MixerKind kind);
/// "LSTM", "Gated DeltaNet": as the field writes it.
std::string_view mixerKindTitle(MixerKind kind);

}  // namespace lw
