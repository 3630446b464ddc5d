#include "core/trace/site.h"

#include <array>
#include <cassert>
#include <charconv>

namespace lw {

namespace {

using enum SiteId;

constexpr std::array<Site, siteCount> table{{
    {Embed, "hook_embed", Axes::PositionChannel, false, SiteKind::Stored, "1", "the token's row of the embedding table"},
    {PosEmbed, "hook_pos_embed", Axes::PositionChannel, false, SiteKind::Stored, "1",
     "the position's row of the position table, added to the token's row"},
    {ResidPre, "blocks.{i}.hook_resid_pre", Axes::PositionChannel, true, SiteKind::Stored, "1",
     "the residual stream as it enters the block"},
    {AttnIn, "blocks.{i}.hook_attn_in", Axes::PositionChannel, true, SiteKind::OnRequest, "1",
     "the stream as attention's norm reads it"},
    {QInput, "blocks.{i}.hook_q_input", Axes::PositionHeadChannel, true, SiteKind::OnRequest, "1",
     "the stream as each head's query reads it, before the norm"},
    {KInput, "blocks.{i}.hook_k_input", Axes::PositionHeadChannel, true, SiteKind::OnRequest, "1",
     "the stream as each head's key reads it, before the norm"},
    {VInput, "blocks.{i}.hook_v_input", Axes::PositionHeadChannel, true, SiteKind::OnRequest, "1",
     "the stream as each head's value reads it, before the norm"},
    {Ln1Scale, "blocks.{i}.ln1.hook_scale", Axes::PositionScale, true, SiteKind::Stored, "1",
     "what the norm before attention divides by"},
    {Ln1Normalized, "blocks.{i}.ln1.hook_normalized", Axes::PositionChannel, true, SiteKind::Derived, "1",
     "the stream divided by its scale, before gain and bias"},
    {Q, "blocks.{i}.attn.hook_q", Axes::PositionHeadUnit, true, SiteKind::Stored, "1", "the query: what this position looks for"},
    {K, "blocks.{i}.attn.hook_k", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "the key: what this position offers to be found by"},
    {V, "blocks.{i}.attn.hook_v", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "the value: what this position hands over when it is read"},
    {RotQ, "blocks.{i}.attn.hook_rot_q", Axes::PositionHeadUnit, true, SiteKind::Stored, "1", "the query turned by its position"},
    {RotK, "blocks.{i}.attn.hook_rot_k", Axes::PositionHeadUnit, true, SiteKind::Stored, "1", "the key turned by its position"},
    {AttnScores, "blocks.{i}.attn.hook_attn_scores", Axes::HeadQueryKey, true, SiteKind::Derived, "1",
     "how well query and key match, scaled; −∞ where the mask hides the key"},
    {Pattern, "blocks.{i}.attn.hook_pattern", Axes::HeadQueryKey, true, SiteKind::Derived, "weight",
     "how a query shares its attention over the keys; rows sum to 1"},
    {Z, "blocks.{i}.attn.hook_z", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "the values a head has read, weighted and summed"},
    {Result, "blocks.{i}.attn.hook_result", Axes::PositionHeadChannel, true, SiteKind::OnRequest, "1",
     "what one head adds to the stream"},
    {AttnOut, "blocks.{i}.hook_attn_out", Axes::PositionChannel, true, SiteKind::Stored, "1",
     "what attention adds to the stream"},
    {MixerIn, "blocks.{i}.hook_mixer_in", Axes::PositionChannel, true, SiteKind::Stored, "1",
     "what the mixer reads: the stream after its norm, gain included"},
    {MixerInProj, "blocks.{i}.mixer.hook_in_proj", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "the mixer's input taken apart: what goes through the state, and the gate beside it"},
    {MixerQPreConv, "blocks.{i}.mixer.hook_q_pre_conv", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "the query before the short convolution"},
    {MixerKPreConv, "blocks.{i}.mixer.hook_k_pre_conv", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "the key before the short convolution"},
    {MixerVPreConv, "blocks.{i}.mixer.hook_v_pre_conv", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "the value before the short convolution"},
    {MixerConv, "blocks.{i}.mixer.hook_conv", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "after the causal convolution over the last tokens, before its activation"},
    {MixerXProj, "blocks.{i}.mixer.hook_x_proj", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "step size, B and C as this token asks for them"},
    {MixerDtProj, "blocks.{i}.mixer.hook_dt_proj", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "the step size before softplus"},
    {MixerQ, "blocks.{i}.mixer.hook_q", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "the query that reads the memory at this position"},
    {MixerK, "blocks.{i}.mixer.hook_k", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "the key under which this position writes"},
    {MixerV, "blocks.{i}.mixer.hook_v", Axes::PositionHeadUnit, true, SiteKind::Stored, "1", "the value that is written"},
    {MixerBetaLogit, "blocks.{i}.mixer.hook_beta_logit", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "the writing strength before its sigmoid"},
    {MixerBeta, "blocks.{i}.mixer.hook_beta", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "how strongly the old value under this key is replaced: 0 not at all, 1 wholly"},
    {MixerLogDecay, "blocks.{i}.mixer.hook_log_decay", Axes::PositionHeadUnit, true, SiteKind::Stored, "nats",
     "logarithm of the share of the memory that is kept"},
    {MixerRemovalKey, "blocks.{i}.mixer.hook_kk", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "the unit key whose content is removed"},
    {MixerInContextRate, "blocks.{i}.mixer.hook_a", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "how much of that content is removed"},
    {MixerGate, "blocks.{i}.mixer.hook_g", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "the gate: how much of what was read goes on to the last projection"},
    {SsmInput, "blocks.{i}.mixer.hook_ssm_input", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "what is written into the state"},
    {SsmDelta, "blocks.{i}.mixer.hook_delta", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "the step size: large steps write this token and forget, small ones pass over it"},
    {SsmABar, "blocks.{i}.mixer.hook_A_bar", Axes::PositionRowColumn, true, SiteKind::OnRequest, "1",
     "the share of each state that is kept: exp(Δ A)"},
    {SsmB, "blocks.{i}.mixer.hook_B", Axes::PositionUnit, true, SiteKind::Stored, "1", "into which states this token writes"},
    {SsmBBar, "blocks.{i}.mixer.hook_B_bar", Axes::PositionRowColumn, true, SiteKind::OnRequest, "1",
     "into which states this token writes, times its step size"},
    {SsmC, "blocks.{i}.mixer.hook_C", Axes::PositionUnit, true, SiteKind::Stored, "1", "from which states this token reads"},
    {SsmH, "blocks.{i}.mixer.hook_h", Axes::StateOfPosition, true, SiteKind::OnRequest, "1",
     "the state after this position, channel × state"},
    {MixerS, "blocks.{i}.mixer.hook_S", Axes::StateOfPosition, true, SiteKind::OnRequest, "1",
     "the memory after this position, key × value"},
    {MixerNormZ, "blocks.{i}.mixer.hook_norm_z", Axes::PositionHeadUnit, true, SiteKind::OnRequest, "1",
     "the sum of all keys so far, by which what is read is normalised"},
    {MixerKept, "blocks.{i}.mixer.hook_kept", Axes::StateOfPosition, true, SiteKind::OnRequest, "1",
     "what this step keeps of the state before it"},
    {MixerErased, "blocks.{i}.mixer.hook_erased", Axes::StateOfPosition, true, SiteKind::OnRequest, "1",
     "what this step takes out of the memory"},
    {MixerWritten, "blocks.{i}.mixer.hook_written", Axes::StateOfPosition, true, SiteKind::OnRequest, "1",
     "what this step writes into the state"},
    {MixerRead, "blocks.{i}.mixer.hook_read", Axes::PositionHeadUnit, true, SiteKind::OnRequest, "1",
     "what is read out of the new state"},
    {MixerRecurrenceOut, "blocks.{i}.mixer.hook_recurrence_out", Axes::PositionHeadUnit, true, SiteKind::Stored, "1",
     "what the query reads out of the memory"},
    {MixerEffectivePattern, "blocks.{i}.mixer.hook_effective_pattern", Axes::HeadQueryKey, true, SiteKind::OnRequest, "weight",
     "the exact attention that the recurrence amounts to; may be negative, rows need not sum to 1"},
    {SsmY, "blocks.{i}.mixer.hook_y", Axes::PositionUnit, true, SiteKind::Stored, "1", "what C reads out of the state"},
    {SsmOutput, "blocks.{i}.mixer.hook_ssm_output", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "what is read, plus the direct path D x, before the gate"},
    {SsmSkip, "blocks.{i}.mixer.hook_skip", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "the gate beside the state, before silu"},
    {MixerGateInput, "blocks.{i}.mixer.hook_gate_input", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "the output gate before its activation"},
    {MixerInnerNorm, "blocks.{i}.mixer.hook_inner_norm", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "what was read and gated, after the norm inside the mixer"},
    {SsmOut, "blocks.{i}.mixer.hook_ssm_out", Axes::PositionChannel, true, SiteKind::Derived, "1",
     "the mixer's output after its last projection"},
    {CellI, "blocks.{i}.rnn.hook_i", Axes::PositionUnit, true, SiteKind::Stored, "1", "input gate: how much of g is written"},
    {CellF, "blocks.{i}.rnn.hook_f", Axes::PositionUnit, true, SiteKind::Stored, "1", "forget gate: how much of c is kept"},
    {CellG, "blocks.{i}.rnn.hook_g", Axes::PositionUnit, true, SiteKind::Stored, "1", "the candidate to be written"},
    {CellO, "blocks.{i}.rnn.hook_o", Axes::PositionUnit, true, SiteKind::Stored, "1", "output gate: how much of c is shown"},
    {CellR, "blocks.{i}.rnn.hook_r", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "reset gate: how much of h the candidate sees"},
    {CellZ, "blocks.{i}.rnn.hook_z", Axes::PositionUnit, true, SiteKind::Stored, "1", "update gate: how much of h is kept"},
    {CellN, "blocks.{i}.rnn.hook_n", Axes::PositionUnit, true, SiteKind::Stored, "1", "the candidate to be written"},
    {CellKept, "blocks.{i}.rnn.hook_kept", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "what this step keeps of the state before it"},
    {CellWritten, "blocks.{i}.rnn.hook_written", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "what this step writes into the state"},
    {CellC, "blocks.{i}.rnn.hook_c", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "the cell: what was kept plus what was written"},
    {CellH, "blocks.{i}.rnn.hook_h", Axes::PositionUnit, true, SiteKind::Stored, "1",
     "the hidden state, as the next token finds it"},
    {MixerOut, "blocks.{i}.hook_mixer_out", Axes::PositionChannel, true, SiteKind::Stored, "1",
     "what the mixer adds to the stream"},
    {ResidMid, "blocks.{i}.hook_resid_mid", Axes::PositionChannel, true, SiteKind::Derived, "1",
     "the residual stream after attention"},
    {MlpIn, "blocks.{i}.hook_mlp_in", Axes::PositionChannel, true, SiteKind::OnRequest, "1",
     "the stream as the feed-forward layer's norm reads it"},
    {Ln2Scale, "blocks.{i}.ln2.hook_scale", Axes::PositionScale, true, SiteKind::Stored, "1",
     "what the norm before the feed-forward layer divides by"},
    {Ln2Normalized, "blocks.{i}.ln2.hook_normalized", Axes::PositionChannel, true, SiteKind::Derived, "1",
     "the stream divided by its scale, before gain and bias"},
    {ExpertWeights, "blocks.{i}.mlp.hook_expert_weights", Axes::PositionExpert, true, SiteKind::Stored, "weight",
     "how much each expert is listened to; 0 for those that are not run"},
    {MlpPre, "blocks.{i}.mlp.hook_pre", Axes::PositionNeuron, true, SiteKind::Stored, "1",
     "a neuron before its activation function"},
    {MlpPreLinear, "blocks.{i}.mlp.hook_pre_linear", Axes::PositionNeuron, true, SiteKind::Stored, "1",
     "the linear half of a gated neuron"},
    {MlpPost, "blocks.{i}.mlp.hook_post", Axes::PositionNeuron, true, SiteKind::Derived, "1",
     "a neuron's activation: how much of its value row is added"},
    {MlpOut, "blocks.{i}.hook_mlp_out", Axes::PositionChannel, true, SiteKind::Stored, "1",
     "what the feed-forward layer adds to the stream"},
    {ResidPost, "blocks.{i}.hook_resid_post", Axes::PositionChannel, true, SiteKind::Derived, "1",
     "the residual stream as it leaves the block"},
    {FinalScale, "ln_final.hook_scale", Axes::PositionScale, false, SiteKind::Stored, "1", "what the final norm divides by"},
    {FinalNormalized, "ln_final.hook_normalized", Axes::PositionChannel, false, SiteKind::Derived, "1",
     "the last stream divided by its scale, before gain and bias"},
    {Logits, "logits", Axes::PositionToken, false, SiteKind::Stored, "logit", "how strongly the model expects each token next"},
}};

constexpr bool inOrder() {
    for (int i = 0; i < siteCount; ++i) {
        if (static_cast<int>(table[i].id) != i) return false;
    }
    return true;
}
static_assert(inOrder(), "the table follows SiteId");

constexpr std::string_view placeholder = "{i}";

}  // namespace

std::span<const Site> allSites() { return table; }

const Site& siteOf(SiteId id) {
    assert(static_cast<int>(id) < siteCount);
    return table[static_cast<std::size_t>(id)];
}

std::string_view axesName(Axes axes) {
    switch (axes) {
        case Axes::PositionScale:
            return "position × 1";
        case Axes::PositionChannel:
            return "position × channel";
        case Axes::PositionHeadUnit:
            return "position × head × unit";
        case Axes::PositionHeadChannel:
            return "position × head × channel";
        case Axes::PositionNeuron:
            return "position × neuron";
        case Axes::HeadQueryKey:
            return "head × query × key";
        case Axes::PositionToken:
            return "position × token";
        case Axes::PositionUnit:
            return "position × unit";
        case Axes::PositionExpert:
            return "position × expert";
        case Axes::PositionRowColumn:
            return "position × row × column";
        case Axes::StateOfPosition:
            return "head × row × column, one a position";
    }
    return "";
}

std::string siteName(SiteId id, Layer layer) {
    std::string name(siteOf(id).name);
    if (const auto at = name.find(placeholder); at != std::string::npos)
        name.replace(at, placeholder.size(), std::to_string(layer.value));
    return name;
}

std::optional<SiteRef> parseSiteName(std::string_view whole) {
    // "….hook_S.12": the state of position 12.
    const auto dot = whole.find_last_not_of("0123456789");
    const bool numbered = dot != std::string_view::npos && whole[dot] == '.' && dot + 1 < whole.size();
    for (const Site& site : table) {
        const std::string_view name = numbered && isPerPosition(site) ? whole.substr(0, dot) : whole;
        const auto at = site.name.find(placeholder);
        if (at == std::string_view::npos) {
            if (site.name == name) return SiteRef{site.id, Layer(0)};
            continue;
        }
        const std::string_view before = site.name.substr(0, at), after = site.name.substr(at + placeholder.size());
        if (!name.starts_with(before) || !name.ends_with(after) || name.size() <= before.size() + after.size()) continue;
        const std::string_view digits = name.substr(before.size(), name.size() - before.size() - after.size());
        int layer = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), layer);
        if (error == std::errc() && end == digits.data() + digits.size() && layer >= 0 && digits[0] != '-')
            return SiteRef{site.id, Layer(layer)};
    }
    return std::nullopt;
}

}  // namespace lw
