// Model: one architecture with its weights. Constant once loaded, so it may be shared between threads.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/job.h"
#include "core/models/state.h"
#include "core/tensor/tensor.h"
#include "core/tensor/weight.h"
#include "core/tensor/weight_source.h"
#include "core/trace/model_info.h"
#include "core/trace/tap.h"

namespace lw {

// The weights a view or an analysis may ask for, in TransformerLens' names. Linear ones are stored [out, in]:
// row n of Out is not a neuron's value vector but column n is; W_O of head h are its columns [h*Dh, (h+1)*Dh).
enum class WeightId {
    Embed,     // [V, D]
    PosEmbed,  // [context, D]
    Ln1Gain,
    Ln1Bias,
    Ln2Gain,
    Ln2Bias,
    FinalGain,
    FinalBias,  // [1, D]
    Q,
    K,
    V,
    O,
    BiasQ,
    BiasK,
    BiasV,
    BiasO,  // [H*Dh, D] …, O [D, H*Dh]; biases [1, out]
    In,
    Gate,
    Out,
    BiasIn,
    BiasGate,
    BiasOut,  // In, Gate [M, D]; Out [D, M]. Gated: Gate makes hook_pre, In hook_pre_linear
    // Mixers. In as they are stored: in_proj [n, D], conv1d [C, taps], x_proj, dt_proj …; A_log [E, N] or [1, H]; Skip = D.
    MixerInProj,
    MixerConv,
    MixerConvBias,
    MixerXProj,
    MixerDtProj,
    MixerDtBias,
    MixerALog,
    MixerSkip,
    MixerNormBias,
    InMix,  // [1, D]: the feed-forward part reads x_t + (x_{t−1} − x_t) ⊙ InMix (RWKV-7)
    MixerAImag,
    MixerLogStep,  // S4D: A = −e^A_log + i A_imag [E, N], Δ = e^log_dt [1, E] …
    MixerRead,
    MixerReadImag,  // … and C [E, N]; imaginary parts only of complex systems
    MixerNormGain,
    MixerOutProj,
    MixerInBias,
    MixerOutBias,  // of in_proj and out_proj
    MixerQConv,
    MixerKConv,
    MixerVConv,  // convolutions of queries, keys and values [H·n, taps]
    MixerBeta,   // writing strength b_proj [H, D]
    MixerDecay,
    MixerDecayUp,
    MixerDecayBias,  // GLA: gk_proj.0 [rank, D], gk_proj.1 [H·K, rank] and its bias; Gated DeltaNet: a_proj [H, D]
    MixerGate,       // output gate g_proj [H·V, D]
    MixerRates,      // Qwen3-Next: in_proj_ba, by key head β then decay of each value head
    MixerDtNorm,
    MixerBNorm,
    MixerCNorm,  // Jamba: gains of the norms on Δ's input, B and C
    QNorm,
    KNorm,  // gains of the norms of each head's query and key [1, Dh]
    ShiftR,
    ShiftW,
    ShiftK,
    ShiftV,
    ShiftA,
    ShiftG,  // RWKV-7: how much each part reads of the token before [1, D] …
    DecayDown,
    DecayUp,
    DecayBias,
    RateDown,
    RateUp,
    RateBias,
    ValueDown,
    ValueUp,
    ValueBias,
    GateDown,
    GateUp,  // … low-rank factors w1, w2, w0, a1 … [rank, D], [D, rank], [1, D] …
    RemovalScale,
    RateOfKey,
    Bonus,   // … k_k, k_a [1, D]; r_k [H, Dh]
    Router,  // experts: [experts, D]
    CellInput,
    CellRecurrent,
    CellInputBias,
    CellRecurrentBias,  // weight_ih, weight_hh [G·H, H]; bias_ih, bias_hh [1, G·H]
    Unembed,
    BiasUnembed,  // [V, D], [1, V]
};

struct Parameter {
    std::string name;             // as in the Hugging Face folder
    std::vector<Weight> weights;  // what it is kept as here: several where one stored matrix is split by rows (c_attn)
    bool transposed = false;      // stored [in, out] there, [out, in] here
    std::string stored = {};      // with the prefix that it has in its file ("model.")
};

enum class LogitRows { All, Last };

class Model {
public:
    virtual ~Model() = default;

    const ModelInfo& info() const { return *m_info; }
    std::shared_ptr<const ModelInfo> sharedInfo() const { return m_info; }

    /// Whether the weights are still what they were when the model was opened. To be asked after every pass and every reading of
    /// weights: numbers that were computed with a file that changed meanwhile are not to be shown.
    /// Fails: Unreadable, with the file and what happened to it.
    Result<void> intact() const { return m_source ? m_source->intact() : Result<void>(); }
    /// Whom intact() asks. Called once by the loader, before the model is shared.
    void keepSource(std::shared_ptr<const WeightSource> source) { m_source = std::move(source); }

    virtual std::unique_ptr<State> start() const = 0;

    /// Takes the next tokens in and advances the state. result: logits [T, V] or [1, V].
    /// A prompt is a long chunk, a step a chunk of one: the same code. Ids must be inside the vocabulary (asserted).
    /// Fails: Cancelled; OverContext where positions are a table that ends. The state is then unusable.
    virtual Result<Tensor> forward(std::span<const TokenId> ids, State& state, Tap tap, const Job& job,
                                   LogitRows rows = LogitRows::All) const = 0;

    /// Final norm and unembedding of any stream states: [n, D] → logits [n, V]. The same code as at the end of forward.
    virtual Matrix readOut(const Matrix& stream) const = 0;

    /// Undefined weight where the model has none (a bias, PosEmbed); the layer is ignored where it does not apply.
    virtual const Weight& weight(WeightId id, Layer layer = Layer(0)) const = 0;
    virtual std::vector<Parameter> parameters() const = 0;

    /// Rotary angle tables for the double-precision check: angle of frequency f at position p is p · frequency[f]
    /// (empty where the model has no rotary positions). [Dh/2]
    virtual std::vector<double> rotaryFrequencies() const { return {}; }

protected:
    explicit Model(std::shared_ptr<const ModelInfo> info) : m_info(std::move(info)) {}

private:
    std::shared_ptr<const ModelInfo> m_info;
    std::shared_ptr<const WeightSource> m_source;
};

}  // namespace lw
