// The capture sites: one row per named value a model can show, with its axes, unit and plain words.
// Names are TransformerLens' legacy ids with the batch axis dropped; "{i}" stands for the layer.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/index.h"

namespace lw {

enum class SiteId : std::uint8_t {
    Embed,
    PosEmbed,
    ResidPre,
    AttnIn,
    QInput,
    KInput,
    VInput,
    Ln1Scale,
    Ln1Normalized,
    Q,
    K,
    V,
    RotQ,
    RotK,
    AttnScores,
    Pattern,
    Z,
    Result,
    AttnOut,
    // In attention's place: matrix memories and scans …
    MixerIn,
    MixerInProj,
    MixerQPreConv,
    MixerKPreConv,
    MixerVPreConv,
    MixerConv,
    MixerXProj,
    MixerDtProj,
    MixerQ,
    MixerK,
    MixerV,
    MixerBetaLogit,
    MixerBeta,
    MixerLogDecay,
    MixerRemovalKey,
    MixerInContextRate,
    MixerGate,
    SsmInput,
    SsmDelta,
    SsmABar,
    SsmB,
    SsmBBar,
    SsmC,
    SsmH,
    MixerS,
    MixerNormZ,
    MixerKept,
    MixerErased,
    MixerWritten,
    MixerRead,
    MixerRecurrenceOut,
    MixerEffectivePattern,
    SsmY,
    SsmOutput,
    SsmSkip,
    MixerGateInput,
    MixerInnerNorm,
    SsmOut,
    // … and cells.
    CellI,
    CellF,
    CellG,
    CellO,
    CellR,
    CellZ,
    CellN,
    CellKept,
    CellWritten,
    CellC,
    CellH,
    MixerOut,
    ResidMid,
    MlpIn,
    Ln2Scale,
    Ln2Normalized,
    ExpertWeights,
    MlpPre,
    MlpPreLinear,
    MlpPost,
    MlpOut,
    ResidPost,
    FinalScale,
    FinalNormalized,
    Logits,
    Count_
};
inline constexpr int siteCount = static_cast<int>(SiteId::Count_);

// What the indices of a captured array mean, outermost first.
enum class Axes {
    PositionScale,        // [T, 1]
    PositionChannel,      // [T, D]
    PositionHeadUnit,     // [T, H, Dh] (stored as [T, H*Dh])
    PositionHeadChannel,  // [T, H, D]
    PositionNeuron,       // [T, M]
    HeadQueryKey,         // [H, T, T]
    PositionToken,        // [T, V]
    PositionUnit,         // [T, n]: vectors inside a mixer or a cell
    PositionExpert,       // [T, experts]
    PositionRowColumn,    // [T, R, C]
    StateOfPosition,      // [H, R, C] or [R, C] for each position, as an array of its own: "….hook_S.{pos}"
};

enum class SiteKind {
    Stored,     // kept as the model made it
    Derived,    // computed again on demand from stored sites, exactly as the model does it
    OnRequest,  // derived, and not part of "all" (large copies)
};

struct Site {
    SiteId id;
    std::string_view name;  // "blocks.{i}.attn.hook_q"
    Axes axes;
    bool perLayer;
    SiteKind kind;
    std::string_view unit;     // "1" where there is none; "nats", "probability", "logit"
    std::string_view meaning;  // plain words
};

std::span<const Site> allSites();  // in the order of SiteId
const Site& siteOf(SiteId id);
std::string_view axesName(Axes axes);  // "position × head × unit"

/// Has the site an array for each position, whose name ends in the position?
inline bool isPerPosition(const Site& site) { return site.axes == Axes::StateOfPosition; }

/// "blocks.3.attn.hook_q"; the layer is ignored for sites that have none.
std::string siteName(SiteId id, Layer layer = Layer(0));

struct SiteRef {
    SiteId id;
    Layer layer;  // 0 for sites without a layer
    friend bool operator==(const SiteRef&, const SiteRef&) = default;
};
/// The inverse of siteName (a position at the end of a state's name is passed over); nullopt for a name that is no site's. Short
/// aliases of the field ("attn", "key") are not parsed here.
std::optional<SiteRef> parseSiteName(std::string_view name);

}  // namespace lw
