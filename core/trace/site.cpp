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
    {ResidMid, "blocks.{i}.hook_resid_mid", Axes::PositionChannel, true, SiteKind::Derived, "1",
     "the residual stream after attention"},
    {MlpIn, "blocks.{i}.hook_mlp_in", Axes::PositionChannel, true, SiteKind::OnRequest, "1",
     "the stream as the feed-forward layer's norm reads it"},
    {Ln2Scale, "blocks.{i}.ln2.hook_scale", Axes::PositionScale, true, SiteKind::Stored, "1",
     "what the norm before the feed-forward layer divides by"},
    {Ln2Normalized, "blocks.{i}.ln2.hook_normalized", Axes::PositionChannel, true, SiteKind::Derived, "1",
     "the stream divided by its scale, before gain and bias"},
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
    }
    return "";
}

std::string siteName(SiteId id, Layer layer) {
    std::string name(siteOf(id).name);
    if (const auto at = name.find(placeholder); at != std::string::npos)
        name.replace(at, placeholder.size(), std::to_string(layer.value));
    return name;
}

std::optional<SiteRef> parseSiteName(std::string_view name) {
    for (const Site& site : table) {
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
