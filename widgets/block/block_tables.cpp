#include "widgets/block/block_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double numberWidth = 58, captionHeight = 18, headHeight = 14;

void addNumber(Picture& picture, double x, double y, double w, double h, const std::string& text, Colour colour = Ink::Text) {
    picture.label(
        {.rect = {x, y, w, h}, .text = text, .size = TypeSize::Label, .align = Align::Right, .colour = colour, .mono = true});
}

void addHead(Picture& picture, double x, double y, double w, const std::string& text, Align align) {
    picture.label({.rect = {x, y, w, headHeight}, .text = text, .size = TypeSize::Small, .align = align, .colour = Ink::Muted});
}

}  // namespace

StepTable neuronTable(const BlockInput& in, const Say& say) {
    const bool gated = in.facts.block.mlp.gated;
    return {.caption = fill(say(in.factsA ? QT_TRANSLATE_NOOP("Block", "feed-forward: what changed most, of %1")
                                          : QT_TRANSLATE_NOOP("Block", "feed-forward: strongest of %1 neurons")),
                            {std::to_string(in.parts->neuronCount)}),
            .index = say(QT_TRANSLATE_NOOP("Block", "neuron")),
            .pre = say(gated ? QT_TRANSLATE_NOOP("Block", "gate") : QT_TRANSLATE_NOOP("Block", "pre")),
            .linear = gated ? say(QT_TRANSLATE_NOOP("Block", "up")) : std::string(),
            .value = in.factsA ? "B − A" : "m",
            .preSite = SiteId::MlpPre,
            .linearSite = SiteId::MlpPreLinear,
            .valueSite = SiteId::MlpPost,
            .ink = Ink::FeedForward,
            .letter = "N",
            .name = "neurons",
            .parts = &in.parts->neurons,
            .says = QT_TRANSLATE_NOOP("Block", "neuron %1: m = %2, promotes %3; adds a step of %4"),
            .saysDown = QT_TRANSLATE_NOOP("Block", "neuron %1: m = %2, pushes down %3; adds a step of %4")};
}

StepTable channelTable(const BlockInput& in, const Say& say) {
    const MixerInfo& m = in.facts.block.mixer;
    const std::string count = std::to_string(in.parts->channelCount), kind(mixerKindTitle(m.kind));
    const bool normed = m.kind == MixerKind::Mamba2;
    StepTable table{.caption = fill(say(in.factsA    ? QT_TRANSLATE_NOOP("Block", "%2: what changed most, of %1 channels")
                                        : m.isCell() ? QT_TRANSLATE_NOOP("Block", "%2: strongest of %1 hidden units")
                                                     : QT_TRANSLATE_NOOP("Block", "%2: strongest of %1 channels")),
                                    {count, kind}),
                    .index = say(m.isCell() ? QT_TRANSLATE_NOOP("Block", "unit") : QT_TRANSLATE_NOOP("Block", "channel")),
                    .pre = say(QT_TRANSLATE_NOOP("Block", "y + D x")),
                    .linear = say(QT_TRANSLATE_NOOP("Block", "gate")),
                    .value = in.factsA ? "B − A" : "o",
                    .preSite = SiteId::SsmOutput,
                    .linearSite = SiteId::SsmSkip,
                    .valueSite = normed ? std::optional(SiteId::MixerInnerNorm) : std::nullopt,
                    .ink = Ink::Recurrent,
                    .letter = "C",
                    .name = "channels",
                    .parts = &in.parts->channels,
                    .says = QT_TRANSLATE_NOOP("Block", "channel %1: o = %2, promotes %3; adds a step of %4"),
                    .saysDown = QT_TRANSLATE_NOOP("Block", "channel %1: o = %2, pushes down %3; adds a step of %4")};
    if (m.isCell()) {
        table.pre.clear();
        table.linear.clear();
        table.value = in.factsA ? "B − A" : "h";
        table.valueSite = SiteId::CellH;
        table.letter = "U";
        table.name = "units";
        table.says = QT_TRANSLATE_NOOP("Block", "unit %1: h = %2, promotes %3; adds a step of %4");
        table.saysDown = QT_TRANSLATE_NOOP("Block", "unit %1: h = %2, pushes down %3; adds a step of %4");
    }
    return table;
}

double addStepTable(Picture& picture, const BlockInput& in, const StepTable& step, Rect area, const Say& say) {
    const BlockParts& parts = *in.parts;
    const std::vector<NeuronPart>& steps = *step.parts;
    const double rowHeight =
        std::clamp((area.h - captionHeight - headHeight) / std::max<double>(1, static_cast<double>(steps.size())), 14.0, 20.0);
    addCaption(picture, {area.x, area.y, area.w, captionHeight}, step.caption);
    // columns: neuron, gate, up, m, words
    double x = area.x;
    const double indexX = x;
    x += 44;
    const bool room = area.w >= 320;  // with little room the words are worth more than the factors of m
    const bool pre = room && !step.pre.empty(), linear = room && !step.linear.empty();
    const double preX = x;
    if (pre) x += numberWidth;
    const double linearX = x;
    if (linear) x += numberWidth;
    const double mX = x;
    x += numberWidth + 10;
    const double wordsX = x, wordsWidth = std::max(30.0, area.right() - wordsX);
    const double headY = area.y + captionHeight;
    addHead(picture, indexX, headY, 44, step.index, Align::Left);
    if (pre) addHead(picture, preX, headY, numberWidth, step.pre, Align::Right);
    if (linear) addHead(picture, linearX, headY, numberWidth, step.linear, Align::Right);
    addHead(picture, mX, headY, numberWidth, step.value, Align::Right);
    addHead(picture, wordsX, headY, wordsWidth, say(QT_TRANSLATE_NOOP("Block", "promotes (− pushes down)")), Align::Left);
    double y = headY + headHeight;
    const double largest = steps.empty() ? 0 : steps.front().contribution;
    DataTable table{.name = step.name, .columns = {"index", "pre", "linear", "activation", "value_norm", "contribution"}};
    for (const NeuronPart& neuron : steps) {
        const Locus place{.layer = parts.layer,
                          .position = parts.position,
                          .unit = neuron.index,
                          .site = step.valueSite.value_or(step.preSite)};
        if (in.place.site && in.place.unit == neuron.index &&
            (in.place.site == place.site || in.place.site == step.preSite || in.place.site == step.linearSite))
            picture.box({.rect = {area.x - 4, y + 0.5, area.w + 4, rowHeight - 1},
                         .fill = Ink::SelectedFill,
                         .frame = Ink::SelectedFrame,
                         .radius = 4});
        picture.label({.rect = {indexX, y, 44, rowHeight},
                       .text = std::to_string(neuron.index.value),
                       .size = TypeSize::Label,
                       .colour = step.ink,
                       .mono = true});
        if (pre) addNumber(picture, preX, y, numberWidth, rowHeight, printNumber(neuron.pre, 3));
        if (linear) addNumber(picture, linearX, y, numberWidth, rowHeight, printNumber(neuron.linear, 3));
        addNumber(picture, mX, y, numberWidth, rowHeight, printNumber(neuron.activation, 3));
        // how long a step it adds, as a bar behind its words
        if (largest > 0)
            picture.box(
                {.rect = {wordsX - 3, y + 1.5, std::max(1.0, (wordsWidth + 3) * neuron.contribution / largest), rowHeight - 3},
                 .fill = Colour(step.ink, 0.16),
                 .radius = 2});
        std::string words = neuron.activation < 0 ? "− " : "";
        for (const TokenProbability& token : neuron.promotes)
            words += (words.size() > (neuron.activation < 0 ? 4u : 0u) ? "  " : "") + in.piece(token.id);
        picture.label({.rect = {wordsX, y, wordsWidth, rowHeight},
                       .text = words,
                       .size = TypeSize::Label,
                       .colour = neuron.activation < 0 ? Ink::Erased : Ink::Text});
        const std::string says =
            fill(say(neuron.activation < 0 ? step.saysDown : step.says),
                 {std::to_string(neuron.index.value), printNumber(neuron.activation), words, printNumber(neuron.contribution)});
        picture.spot({.rect = {area.x, y, area.w, rowHeight}, .place = place, .says = says, .value = neuron.activation});
        if (pre) {
            Locus factor = place;
            factor.site = step.preSite;
            picture.spot({.rect = {preX, y, numberWidth, rowHeight}, .place = factor, .says = says, .value = neuron.pre});
        }
        if (linear) {
            Locus factor = place;
            factor.site = step.linearSite;
            picture.spot({.rect = {linearX, y, numberWidth, rowHeight}, .place = factor, .says = says, .value = neuron.linear});
        }
        table.rowNames.push_back(fmt::format("L{}{}{}", parts.layer.value, step.letter, neuron.index.value));
        table.rows.push_back({static_cast<double>(neuron.index.value), neuron.pre, neuron.linear, neuron.activation,
                              neuron.valueNorm, neuron.contribution});
        y += rowHeight;
    }
    picture.tables.push_back(std::move(table));
    return y;
}

double addExpertTable(Picture& picture, const BlockInput& in, Rect area, const Say& say) {
    const std::vector<ExpertPart>& experts = in.parts->experts;
    const BlockInfo& block = in.facts.block;
    addCaption(picture, {area.x, area.y, area.w, captionHeight},
               fill(say(QT_TRANSLATE_NOOP("Block", "feed-forward: %1 of %2 experts run for this token")),
                    {std::to_string(experts.size()), std::to_string(block.mlp.experts)}));
    double y = area.y + captionHeight + headHeight;
    addHead(picture, area.x, area.y + captionHeight, 44, say(QT_TRANSLATE_NOOP("Block", "expert")), Align::Left);
    addHead(picture, area.x + 50, area.y + captionHeight, 120, in.factsA ? "B − A" : say(QT_TRANSLATE_NOOP("Block", "weight")),
            Align::Left);
    const double barX = area.x + 50, barWidth = std::max(30.0, area.w - 50 - numberWidth - 10);
    DataTable table{.name = "experts", .columns = {"weight"}};
    for (const ExpertPart& expert : experts) {
        const std::string number = printProbability(expert.weight);
        picture.label({.rect = {area.x, y, 44, 18},
                       .text = std::to_string(expert.index.value),
                       .size = TypeSize::Label,
                       .colour = Ink::FeedForward,
                       .mono = true});
        picture.box({.rect = {barX, y + 4, std::max(1.0, barWidth * std::min(1.0, std::abs(expert.weight))), 10},
                     .fill = Ink::FeedForward,
                     .radius = 2});
        addNumber(picture, area.right() - numberWidth - 6, y, numberWidth, 18, number);
        picture.spot({.rect = {area.x, y, area.w, 18},
                      .place = {.layer = in.parts->layer,
                                .position = in.parts->position,
                                .unit = expert.index,
                                .site = SiteId::ExpertWeights},
                      .says = fill(say(QT_TRANSLATE_NOOP("Block", "expert %1 is listened to with weight %2")),
                                   {std::to_string(expert.index.value), number}),
                      .value = expert.weight});
        table.rowNames.push_back(fmt::format("L{}E{}", in.parts->layer.value, expert.index.value));
        table.rows.push_back({expert.weight});
        y += 18;
    }
    picture.tables.push_back(std::move(table));
    return y;
}

void addHeadTable(Picture& picture, const BlockInput& in, Rect area, const Say& say) {
    const BlockParts& parts = *in.parts;
    const bool difference = in.factsA.has_value();
    std::vector<HeadPart> heads = parts.heads;
    if (heads.empty()) return;
    const MixerInfo& mixer = in.facts.block.mixer;
    const bool memory = mixer.isMatrixMemory();
    const Ink ink = memory ? Ink::Recurrent : Ink::Attention;
    addCaption(picture, {area.x, area.y, area.w, captionHeight},
               fill(say(memory ? QT_TRANSLATE_NOOP("Block", "memory: what each of %1 heads added")
                               : QT_TRANSLATE_NOOP("Block", "attention: what each of %1 heads added")),
                    {std::to_string(heads.size())}));
    const double headY = area.y + captionHeight;
    const double room = area.h - captionHeight - headHeight;
    auto fits = static_cast<std::size_t>(std::max(2.0, std::floor(room / 14)));
    const bool all = heads.size() <= fits;
    if (!all) {
        std::stable_sort(heads.begin(), heads.end(),
                         [](const HeadPart& a, const HeadPart& b) { return std::abs(a.resultNorm) > std::abs(b.resultNorm); });
        heads.resize(--fits);
    }
    const double rowHeight = std::clamp(room / static_cast<double>(heads.size() + (all ? 0 : 1)), 14.0, 20.0);
    const bool keeps = memory && mixer.has(SiteId::MixerLogDecay), erases = memory && heads.front().beta.has_value();
    const bool reads = area.w >= 250 + (keeps ? 70 : 0) + (erases ? 70 : 0);  // with little room the gates are worth more
    const std::string readsHead = say(QT_TRANSLATE_NOOP("Block", "reads most")),
                      weightHead = say(QT_TRANSLATE_NOOP("Block", "weight"));
    const auto headWidth = [](const std::string& text) { return textWidth(text, TypeSize::Small, false, false); };
    const double share = keeps && erases ? 0.16 : keeps || erases ? 0.22 : 0.3;
    const double numbers = 4 + numberWidth * (1 + (keeps ? 1 : 0) + (erases ? 1 : 0)), right = area.right() - 6,
                 readsNeed = reads ? headWidth(readsHead) + 10 + headWidth(weightHead) : 30;
    const double barX = area.x + 38,  // the bars leave room for both heads of what is read
        barWidth = std::max(30.0, std::min(area.w * share, right - readsNeed - 10 - numbers - barX));
    const double numberX = barX + barWidth + 4, keptX = numberX + numberWidth, betaX = keptX + (keeps ? numberWidth : 0);
    const double readsX = barX + barWidth + numbers + 10, readsWidth = std::max(30.0, right - readsX);
    addHead(picture, area.x, headY, 38, say(QT_TRANSLATE_NOOP("Block", "head")), Align::Left);
    addHead(picture, barX, headY, barWidth + 4 + numberWidth,
            memory ? (difference ? "‖o W_out‖, B − A" : "‖o W_out‖") : (difference ? "‖z W_O‖, B − A" : "‖z W_O‖"), Align::Left);
    if (keeps) addHead(picture, keptX, headY, numberWidth, say(QT_TRANSLATE_NOOP("Block", "kept")), Align::Right);
    if (erases) addHead(picture, betaX, headY, numberWidth, "β", Align::Right);
    if (reads) addHead(picture, readsX, headY, readsWidth, readsHead, Align::Left);
    if (reads) addHead(picture, right - 60, headY, 60, weightHead, Align::Right);
    double largest = 0;
    for (const HeadPart& head : heads) largest = std::max(largest, std::abs(head.resultNorm));
    double y = headY + headHeight;
    for (const HeadPart& head : heads) {
        const bool chosen = head.head == in.facts.head;
        if (chosen)
            picture.box({.rect = {area.x - 4, y + 0.5, area.w + 4, rowHeight - 1},
                         .fill = Ink::SelectedFill,
                         .frame = Ink::SelectedFrame,
                         .radius = 4});
        picture.label({.rect = {area.x, y, 38, rowHeight},
                       .text = std::to_string(head.head.value),
                       .size = TypeSize::Label,
                       .colour = ink,
                       .bold = chosen,
                       .mono = true});
        const double zero = difference ? barX + barWidth / 2 : barX,
                     unit = largest > 0 ? (difference ? barWidth / 2 : barWidth) / largest : 0;
        picture.box({.rect = signedBar(zero, y + 4, rowHeight - 8, head.resultNorm, unit), .fill = ink, .radius = 2});
        addNumber(picture, numberX, y, numberWidth, rowHeight, printNumber(head.resultNorm, 3));
        if (keeps) addNumber(picture, keptX, y, numberWidth, rowHeight, printNumber(head.kept, 3));
        if (erases) addNumber(picture, betaX, y, numberWidth, rowHeight, printNumber(head.beta.value_or(0), 3));
        const auto key = static_cast<std::size_t>(head.reads.value);
        const std::string piece = key < in.pieces.size() ? in.pieces[key] : std::string();
        const std::string weight = memory ? printNumber(head.weight, 3) : printProbability(head.weight);
        const double weightWidth = textWidth(weight, TypeSize::Label, false, true) + 4;
        if (reads) {
            picture.label({.rect = {readsX, y, std::max(20.0, readsWidth - weightWidth), rowHeight},
                           .text = std::to_string(head.reads.value) + " " + piece,
                           .size = TypeSize::Label});
            addNumber(picture, right - weightWidth, y, weightWidth, rowHeight, weight);
        }
        const std::string says = fill(
            say(QT_TRANSLATE_NOOP("Block", "head %1 adds a step of %2; reads key %3 “%4” most, with weight %5")),
            {std::to_string(head.head.value), printNumber(head.resultNorm), std::to_string(head.reads.value), piece, weight});
        picture.spot({.rect = {area.x, y, area.w, rowHeight},
                      .place = {.layer = parts.layer,
                                .head = head.head,
                                .position = parts.position,
                                .site = memory ? SiteId::MixerRecurrenceOut : SiteId::Result},
                      .says = says,
                      .value = head.resultNorm});
        if (reads)
            picture.spot({.rect = {readsX, y, readsWidth, rowHeight},
                          .place = {.layer = parts.layer,
                                    .head = head.head,
                                    .position = parts.position,
                                    .key = head.reads,
                                    .site = memory ? SiteId::MixerEffectivePattern : SiteId::Pattern},
                          .says = says,
                          .value = head.weight});
        const auto leadTo = [&](double x, SiteId site, double value) {
            picture.spot(
                {.rect = {x, y, numberWidth, rowHeight},
                 .place = {.layer = parts.layer, .head = head.head, .position = parts.position, .unit = Unit(0), .site = site},
                 .says = says,
                 .value = value});
        };
        if (keeps) leadTo(keptX, SiteId::MixerLogDecay, head.kept);
        if (erases) leadTo(betaX, SiteId::MixerBeta, head.beta.value_or(0));
        y += rowHeight;
    }
    if (!all)
        picture.label({.rect = {area.x, y, area.w, rowHeight},
                       .text = fill(say(QT_TRANSLATE_NOOP("Block", "… %1 weaker heads")),
                                    {std::to_string(parts.heads.size() - heads.size())}),
                       .size = TypeSize::Label,
                       .colour = Ink::Muted});
    DataTable table{.name = "heads", .columns = {"result_norm", "reads", "weight"}};
    for (const HeadPart& head : parts.heads) {
        table.rowNames.push_back(fmt::format("L{}H{}", parts.layer.value, head.head.value));
        table.rows.push_back({head.resultNorm, static_cast<double>(head.reads.value), head.weight});
    }
    picture.tables.push_back(std::move(table));
}

}  // namespace lw
