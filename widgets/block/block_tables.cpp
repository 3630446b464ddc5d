#include "widgets/block/block_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double numberWidth = 50, captionHeight = 18, headHeight = 14;

void addNumber(Picture& picture, double x, double y, double w, double h, const std::string& text, Colour colour = Ink::Text) {
    picture.label(
        {.rect = {x, y, w, h}, .text = text, .size = TypeSize::Label, .align = Align::Right, .colour = colour, .mono = true});
}

void addHead(Picture& picture, double x, double y, double w, const std::string& text, Align align) {
    picture.label({.rect = {x, y, w, headHeight}, .text = text, .size = TypeSize::Small, .align = align, .colour = Ink::Muted});
}

}  // namespace

double addNeuronTable(Picture& picture, const BlockInput& in, Rect area, const Say& say) {
    const BlockParts& parts = *in.parts;
    const bool difference = in.factsA.has_value();
    const double rowHeight = std::clamp(
        (area.h - captionHeight - headHeight) / std::max<double>(1, static_cast<double>(parts.neurons.size())), 14.0, 20.0);
    addCaption(picture, {area.x, area.y, area.w, captionHeight},
               fill(say(difference ? QT_TRANSLATE_NOOP("Block", "feed-forward: what changed most, of %1")
                                   : QT_TRANSLATE_NOOP("Block", "feed-forward: strongest of %1 neurons")),
                    {std::to_string(parts.neuronCount)}));
    // columns: neuron, gate, up, m, words
    double x = area.x;
    const double indexX = x;
    x += 38;
    const bool factors = area.w >= 320;  // with little room the words are worth more than the factors of m
    const double preX = x;
    if (factors) x += numberWidth;
    const double linearX = x;
    if (in.gated && factors) x += numberWidth;
    const double mX = x;
    x += numberWidth + 10;
    const double wordsX = x, wordsWidth = std::max(30.0, area.right() - wordsX);
    const double headY = area.y + captionHeight;
    addHead(picture, indexX, headY, 38, say(QT_TRANSLATE_NOOP("Block", "neuron")), Align::Left);
    if (factors)
        addHead(picture, preX, headY, numberWidth,
                say(in.gated ? QT_TRANSLATE_NOOP("Block", "gate") : QT_TRANSLATE_NOOP("Block", "pre")), Align::Right);
    if (in.gated && factors) addHead(picture, linearX, headY, numberWidth, say(QT_TRANSLATE_NOOP("Block", "up")), Align::Right);
    addHead(picture, mX, headY, numberWidth, difference ? "B − A" : "m", Align::Right);
    addHead(picture, wordsX, headY, wordsWidth, say(QT_TRANSLATE_NOOP("Block", "promotes (− pushes down)")), Align::Left);
    double y = headY + headHeight;
    const double largest = parts.neurons.empty() ? 0 : parts.neurons.front().contribution;
    DataTable table{.name = "neurons", .columns = {"neuron", "pre", "linear", "activation", "value_norm", "contribution"}};
    for (const NeuronPart& neuron : parts.neurons) {
        const Locus place{.layer = parts.layer, .position = parts.position, .unit = neuron.index, .site = SiteId::MlpPost};
        if (in.place.site && in.place.unit == neuron.index &&
            (in.place.site == SiteId::MlpPost || in.place.site == SiteId::MlpPre || in.place.site == SiteId::MlpPreLinear))
            picture.box({.rect = {area.x - 4, y + 0.5, area.w + 4, rowHeight - 1},
                         .fill = Ink::SelectedFill,
                         .frame = Ink::SelectedFrame,
                         .radius = 4});
        picture.label({.rect = {indexX, y, 38, rowHeight},
                       .text = std::to_string(neuron.index.value),
                       .size = TypeSize::Label,
                       .colour = Ink::FeedForward,
                       .mono = true});
        if (factors) addNumber(picture, preX, y, numberWidth, rowHeight, printNumber(neuron.pre, 3));
        if (in.gated && factors) addNumber(picture, linearX, y, numberWidth, rowHeight, printNumber(neuron.linear, 3));
        addNumber(picture, mX, y, numberWidth, rowHeight, printNumber(neuron.activation, 3));
        // how long a step it adds, as a bar behind its words
        if (largest > 0)
            picture.box(
                {.rect = {wordsX - 3, y + 1.5, std::max(1.0, (wordsWidth + 3) * neuron.contribution / largest), rowHeight - 3},
                 .fill = Colour(Ink::FeedForward, 0.16),
                 .radius = 2});
        std::string words = neuron.activation < 0 ? "− " : "";
        for (const TokenProbability& token : neuron.promotes)
            words += (words.size() > (neuron.activation < 0 ? 4u : 0u) ? "  " : "") + in.piece(token.id);
        picture.label({.rect = {wordsX, y, wordsWidth, rowHeight},
                       .text = words,
                       .size = TypeSize::Label,
                       .colour = neuron.activation < 0 ? Ink::Erased : Ink::Text});
        const std::string says =
            fill(say(neuron.activation < 0 ? QT_TRANSLATE_NOOP("Block", "neuron %1: m = %2, pushes down %3; adds a step of %4")
                                           : QT_TRANSLATE_NOOP("Block", "neuron %1: m = %2, promotes %3; adds a step of %4")),
                 {std::to_string(neuron.index.value), printNumber(neuron.activation), words, printNumber(neuron.contribution)});
        picture.spot({.rect = {area.x, y, area.w, rowHeight}, .place = place, .says = says, .value = neuron.activation});
        if (factors) {
            Locus pre = place;
            pre.site = SiteId::MlpPre;
            picture.spot({.rect = {preX, y, numberWidth, rowHeight}, .place = pre, .says = says, .value = neuron.pre});
        }
        if (in.gated && factors) {
            Locus linear = place;
            linear.site = SiteId::MlpPreLinear;
            picture.spot({.rect = {linearX, y, numberWidth, rowHeight}, .place = linear, .says = says, .value = neuron.linear});
        }
        table.rowNames.push_back(fmt::format("L{}N{}", parts.layer.value, neuron.index.value));
        table.rows.push_back({static_cast<double>(neuron.index.value), neuron.pre, neuron.linear, neuron.activation,
                              neuron.valueNorm, neuron.contribution});
        y += rowHeight;
    }
    picture.tables.push_back(std::move(table));
    return y;
}

void addHeadTable(Picture& picture, const BlockInput& in, Rect area, const Say& say) {
    const BlockParts& parts = *in.parts;
    const bool difference = in.factsA.has_value();
    std::vector<HeadPart> heads = parts.heads;
    if (heads.empty()) return;
    addCaption(picture, {area.x, area.y, area.w, captionHeight},
               fill(say(QT_TRANSLATE_NOOP("Block", "attention: what each of %1 heads added")), {std::to_string(heads.size())}));
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
    const double barX = area.x + 38, barWidth = std::max(30.0, area.w * 0.3), numberX = barX + barWidth + 4;
    const double readsX = numberX + numberWidth + 10, right = area.right() - 6, readsWidth = std::max(30.0, right - readsX);
    addHead(picture, area.x, headY, 38, say(QT_TRANSLATE_NOOP("Block", "head")), Align::Left);
    addHead(picture, barX, headY, barWidth + 4 + numberWidth, difference ? "‖z W_O‖, B − A" : "‖z W_O‖", Align::Left);
    addHead(picture, readsX, headY, readsWidth, say(QT_TRANSLATE_NOOP("Block", "reads most")), Align::Left);
    addHead(picture, right - 60, headY, 60, say(QT_TRANSLATE_NOOP("Block", "weight")), Align::Right);
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
                       .colour = Ink::Attention,
                       .bold = chosen,
                       .mono = true});
        const double zero = difference ? barX + barWidth / 2 : barX,
                     unit = largest > 0 ? (difference ? barWidth / 2 : barWidth) / largest : 0;
        picture.box({.rect = signedBar(zero, y + 4, rowHeight - 8, head.resultNorm, unit), .fill = Ink::Attention, .radius = 2});
        addNumber(picture, numberX, y, numberWidth, rowHeight, printNumber(head.resultNorm, 3));
        const auto key = static_cast<std::size_t>(head.reads.value);
        const std::string piece = key < in.pieces.size() ? in.pieces[key] : std::string();
        const std::string weight = printProbability(head.weight);
        const double weightWidth = textWidth(weight, TypeSize::Label, false, true) + 4;
        picture.label({.rect = {readsX, y, std::max(20.0, readsWidth - weightWidth), rowHeight},
                       .text = std::to_string(head.reads.value) + " " + piece,
                       .size = TypeSize::Label});
        addNumber(picture, right - weightWidth, y, weightWidth, rowHeight, weight);
        const std::string says = fill(
            say(QT_TRANSLATE_NOOP("Block", "head %1 adds a step of %2; reads key %3 “%4” most, with weight %5")),
            {std::to_string(head.head.value), printNumber(head.resultNorm), std::to_string(head.reads.value), piece, weight});
        picture.spot({.rect = {area.x, y, area.w, rowHeight},
                      .place = {.layer = parts.layer, .head = head.head, .position = parts.position, .site = SiteId::Result},
                      .says = says,
                      .value = head.resultNorm});
        picture.spot({.rect = {readsX, y, readsWidth, rowHeight},
                      .place = {.layer = parts.layer,
                                .head = head.head,
                                .position = parts.position,
                                .key = head.reads,
                                .site = SiteId::Pattern},
                      .says = says,
                      .value = head.weight});
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
