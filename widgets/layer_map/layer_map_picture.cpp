#include "widgets/layer_map/layer_map_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/shared/format.h"
#include "widgets/shared/text_width.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

namespace {

constexpr double margin = 14, leastRow = 11, mostRow = 34;
// The chosen layer: its usual height, the least where thirty layers are to fit a low window, the most with few layers.
constexpr double unfolded = 164, leastUnfolded = 140, mostUnfolded = 228;
// With room for it every layer shows its branches, in small.
constexpr double leastBranched = 58, mostBranched = 140;
constexpr double numberWidth = 22, barLeft = margin + numberWidth + 4, nodeRadius = 4;

// A site that belongs to the attention branch of a block.
bool inAttention(SiteId site) {
    using enum SiteId;
    switch (site) {
        case AttnIn:
        case QInput:
        case KInput:
        case VInput:
        case Q:
        case K:
        case V:
        case RotQ:
        case RotK:
        case AttnScores:
        case Pattern:
        case Z:
        case SiteId::Result:
        case AttnOut:
            return true;
        default:
            return false;
    }
}

bool inFeedForward(SiteId site) {
    using enum SiteId;
    return site == MlpPre || site == MlpPreLinear || site == MlpPost || site == MlpOut || site == MlpIn;
}

std::vector<Point> circle(double x, double y, double r) {
    std::vector<Point> points;
    constexpr int corners = 24;
    for (int i = 0; i < corners; ++i) {
        const double angle = 2 * 3.14159265358979 * i / corners;
        points.push_back({x + r * std::cos(angle), y + r * std::sin(angle)});
    }
    return points;
}

class Drawing {
public:
    Drawing(const LayerMapFacts& facts, double width, double height, const Say& say)
        : m_facts(facts), m_model(*facts.model), m_say(say), m_width(width), m_trunk(std::round(width * 0.4)) {
        const int layers = m_model.layers();
        const int chosen = facts.selected.layer ? facts.selected.layer->value : -1;
        m_open = chosen >= 0 && chosen < layers ? chosen : -1;
        const int folded = layers - (m_open >= 0 ? 1 : 0);
        const auto room = [&] { return height - 2 * m_top - 3 * m_endBox - 3 * m_endGap - (m_open >= 0 ? m_unfolded : 0); };
        // Tight: the ends move together first, then the chosen layer; also where that lets every layer show its branches.
        const bool tight = room() < folded * (leastRow + 2), branched = room() >= folded * leastBranched;
        constexpr double saved = 2 * (margin - 6) + 3 * (12 - 4) + 3 * (24 - 20) + unfolded - leastUnfolded;
        if (tight || (!branched && room() + saved >= folded * leastBranched)) {
            m_endGap = 4;
            m_top = 6;
            m_endBox = 20;
            m_unfolded = std::clamp(m_unfolded + room() - folded * (tight ? leastRow : leastBranched), leastUnfolded, unfolded);
        }
        const double share = folded > 0 ? std::floor(room() / folded) : leastRow;
        m_row = share >= leastBranched ? std::min(share, mostBranched) : std::clamp(share, leastRow, mostRow);
        // What few layers leave over goes to the chosen one and to the ends, so that the text lies at the bottom.
        double over = room() - folded * m_row;
        if (over > 0 && m_open >= 0) {
            const double more = std::min(over, mostUnfolded - m_unfolded);
            m_unfolded += more;
            over -= more;
        }
        m_endGap += std::clamp(over / 3, 0.0, 20.0);
        for (const LayerSize& size : facts.sizes)
            if (size.layer) m_largest = std::max(m_largest, *size.layer);
        m_picture.width = width;
    }

    Picture make() {
        double y = m_top;
        const double top = y + m_endBox;
        m_trunkFrom = top;
        // The trunk goes under everything; its lower end is known only at the end.
        const std::size_t trunkItem = m_picture.items.size();
        m_picture.box({});
        drawOutput(y);
        y += m_endBox + m_endGap;
        drawFinalNorm(y);
        y += m_endBox + m_endGap;
        for (int layer = m_model.layers() - 1; layer >= 0; --layer) {
            if (layer == m_open) {
                drawUnfolded(layer, y);
                y += m_unfolded;
            } else {
                drawFolded(layer, y);
                y += m_row;
            }
        }
        y += m_endGap;
        m_picture.items[trunkItem] = Box{.rect = {m_trunk - 2.5, m_trunkFrom, 5, y - m_trunkFrom}, .fill = Ink::Faint};
        drawEmbedding(y);
        m_picture.height = y + m_endBox + m_top;
        m_picture.title = m_say(QT_TRANSLATE_NOOP("LayerMap", "Layer map"));
        m_picture.subtitle = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "%1 layers, at position %2 “%3”")),
                                  {std::to_string(m_model.layers()), std::to_string(m_facts.position), m_facts.piece});
        addTable();
        return std::move(m_picture);
    }

private:
    Locus place(std::optional<Layer> layer, std::optional<SiteId> site) const {
        Locus locus;
        locus.layer = layer;
        locus.site = site;
        if (site) locus.position = Position(m_facts.position);
        return locus;
    }
    bool selected(SiteId site) const { return m_facts.selected.site == site; }

    // What the lens says of the stream after a layer: the table names that row by the next layer's input.
    const LensWord* after(int layer) const {
        return word(layer + 1 == m_model.layers() ? SiteId::ResidPost : SiteId::ResidPre,
                    Layer(layer + 1 == m_model.layers() ? layer : layer + 1));
    }
    const LensWord* word(SiteId site, Layer layer) const {
        for (const LensWord& w : m_facts.words)
            if (w.site == site && w.layer == layer) return &w;
        return nullptr;
    }

    void drawOutput(double y) {
        const double half = 36;
        drawEnd(y, half, m_say(QT_TRANSLATE_NOOP("LayerMap", "output")), SiteId::Logits,
                m_say(QT_TRANSLATE_NOOP("LayerMap", "output: the logits of every token")));
        if (!m_facts.output) return;
        const LensWord& next = *m_facts.output;
        const std::string p = printProbability(next.probability);
        const double left = m_trunk + half + 10, room = m_width - margin - left;
        m_picture.label(
            {.rect = {left, y + m_endBox / 2 - 15, room, 16}, .text = next.piece, .size = TypeSize::Label, .bold = true});
        m_picture.label({.rect = {left, y + m_endBox / 2, room, 14},
                         .text = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "next · %1")), {p}),
                         .size = TypeSize::Small,
                         .colour = Ink::Muted});
        m_picture.spot(
            {.rect = {left, y - 4, room, 32},
             .place = place(std::nullopt, SiteId::Logits),
             .says = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "next token after position %1: “%2” with probability %3")),
                          {std::to_string(m_facts.position), next.piece, p}),
             .value = next.probability});
    }

    void drawEnd(double y, double half, const std::string& text, SiteId site, const std::string& says) {
        const Rect rect{m_trunk - half, y, 2 * half, m_endBox};
        const bool here = selected(site);
        m_picture.box({.rect = rect,
                       .fill = here ? Ink::SelectedFill : Ink::Panel,
                       .frame = here ? Ink::SelectedFrame : Ink::Faint,
                       .frameWidth = here ? 2.0 : 1.0,
                       .radius = 5});
        m_picture.label(
            {.rect = {rect.x + 2, rect.y, rect.w - 4, rect.h}, .text = text, .size = TypeSize::Label, .align = Align::Centre});
        m_picture.spot({.rect = rect, .place = place(std::nullopt, site), .says = says});
    }

    void drawFinalNorm(double y) {
        if (!m_model.has(SiteId::FinalNormalized)) return;
        const Rect rect{m_trunk - 36, y + 2, 72, m_endBox - 4};
        const bool here = selected(SiteId::FinalNormalized) || selected(SiteId::FinalScale);
        m_picture.box({.rect = rect,
                       .fill = here ? Ink::SelectedFill : Ink::Panel,
                       .frame = here ? Ink::SelectedFrame : Ink::Faint,
                       .frameWidth = here ? 2.0 : 1.0,
                       .radius = 5});
        m_picture.label({.rect = {rect.x + 2, rect.y, rect.w - 4, rect.h},
                         .text = m_say(QT_TRANSLATE_NOOP("LayerMap", "final norm")),
                         .size = TypeSize::Small,
                         .align = Align::Centre});
        m_picture.spot({.rect = rect,
                        .place = place(std::nullopt, SiteId::FinalNormalized),
                        .says = m_say(QT_TRANSLATE_NOOP("LayerMap", "final norm: the stream before it is read out"))});
    }

    void drawEmbedding(double y) {
        const double half = 40;
        if (m_model.has(SiteId::Embed)) {
            drawEnd(y, half, m_say(QT_TRANSLATE_NOOP("LayerMap", "embedding")), SiteId::Embed,
                    m_say(QT_TRANSLATE_NOOP("LayerMap", "embedding: the token's row of the table, where the stream begins")));
        } else {  // counted models look their last tokens up as they are
            drawEnd(y, half, m_say(QT_TRANSLATE_NOOP("LayerMap", "tokens")), SiteId::Logits,
                    m_say(QT_TRANSLATE_NOOP("LayerMap", "the last tokens, looked up as they are: this model has no vectors")));
        }
        const double left = m_trunk + half + 10, room = m_width - margin - left;
        m_picture.label(
            {.rect = {left, y + m_endBox / 2 - 15, room, 16}, .text = m_facts.piece, .size = TypeSize::Label, .bold = true});
        m_picture.label({.rect = {left, y + m_endBox / 2, room, 14},
                         .text = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "position %1")), {std::to_string(m_facts.position)}),
                         .size = TypeSize::Small,
                         .colour = Ink::Muted});
        if (m_model.hasPosEmbed) {
            const double right = m_trunk - half - 6;
            const bool here = selected(SiteId::PosEmbed);
            const std::string text = m_say(QT_TRANSLATE_NOOP("LayerMap", "+ pos"));
            m_picture.label({.rect = {margin, y, right - margin, m_endBox},
                             .text = text,
                             .size = TypeSize::Small,
                             .align = Align::Right,
                             .colour = here ? Ink::Text : Ink::Muted,
                             .bold = here});
            m_picture.spot({.rect = {margin, y, right - margin, m_endBox},
                            .place = place(std::nullopt, SiteId::PosEmbed),
                            .says = m_say(QT_TRANSLATE_NOOP("LayerMap", "the position's own row, added to the token's"))});
        }
    }

    // One line: number, bar of what the layer adds, the trunk's node, and what the lens reads after it.
    void drawFolded(int layer, double y) {
        const double middle = y + m_row / 2;
        const Layer here(layer);
        m_picture.label({.rect = {margin, m_row < leastBranched ? y : y + 2, numberWidth, m_row < leastBranched ? m_row : 18},
                         .text = std::to_string(layer),
                         .size = TypeSize::Small,
                         .align = Align::Right,
                         .colour = Ink::Muted});
        m_picture.spot(
            {.rect = {0, y, m_width, m_row},
             .place = place(here, std::nullopt),
             .says = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "layer %1: click to unfold it")), {std::to_string(layer)})});
        if (m_row < leastBranched) {
            drawBar(layer, middle);
            drawNode(layer, middle);
            drawWord(layer, y, m_row);
            return;
        }
        drawBar(layer, y + 11);
        drawNode(layer, y + 11);
        drawWord(layer, y + 2, 18);
        const BlockInfo& block = m_model.blocks[static_cast<std::size_t>(layer)];
        const double first = y + 22 + (m_row - 22) * 0.27, second = y + 22 + (m_row - 22) * 0.77;
        if (block.mlp.width > 0) drawSmallBranch(layer, first, false);
        if (mixes(block)) drawSmallBranch(layer, second, true);
    }

    static bool mixes(const BlockInfo& block) { return block.hasAttention() || block.hasMixer(); }
    static Ink inkOf(const BlockInfo& block, bool first) {
        return !first ? Ink::FeedForward : block.hasMixer() ? Ink::Recurrent : Ink::Attention;
    }
    std::string nameOf(const BlockInfo& block, bool first) const {
        if (!first) {
            return block.mlp.experts > 0 ? m_say(QT_TRANSLATE_NOOP("LayerMap", "experts"))
                                         : m_say(QT_TRANSLATE_NOOP("LayerMap", "feed-forward"));
        }
        if (block.mixer.kind == MixerKind::Gla) return "GLA";  // its whole name is too long for a box
        return block.hasMixer() ? std::string(mixerKindTitle(block.mixer.kind))
                                : m_say(QT_TRANSLATE_NOOP("LayerMap", "attention"));
    }

    std::string addsWords() const {
        return m_model.residualStream
                   ? m_say(QT_TRANSLATE_NOOP("LayerMap", "%1 of layer %2 adds a vector of length %3 at position %4"))
                   : m_say(QT_TRANSLATE_NOOP("LayerMap", "%1 of layer %2 gives a vector of length %3 at position %4"));
    }

    // A part of a folded layer: out of the trunk below, back into it at the ⊕.
    void drawSmallBranch(int layer, double middle, bool attention) {
        const BlockInfo& block = m_model.block(Layer(layer));
        const Ink ink = inkOf(block, attention);
        const std::string name = nameOf(block, attention);
        const double left = m_trunk + 22, wide = std::max(82.0, textWidth(name, TypeSize::Small) + 12);
        const Rect part{left, middle - 8, std::min(wide, m_width - margin - left), 16};
        const double out = middle + (m_model.residualStream ? 5 : 7), back = middle - 4;
        cutTrunk(back, out, Ink::Panel);
        m_picture.stroke({.points = {{m_trunk, out}, {part.x, out}}, .colour = ink});
        m_picture.stroke({.points = {{part.x, back}, {m_trunk + 6, back}}, .colour = ink, .arrow = true});
        m_picture.box({.rect = part, .fill = Ink::Panel, .frame = ink, .radius = 5});
        m_picture.label({.rect = part, .text = name, .size = TypeSize::Small, .align = Align::Centre, .colour = ink});
        drawPlus(back, 5, ink, false);
        const auto size = sizeOf(layer);
        const auto length = attention ? size.attention : size.feedForward;
        std::string says = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "%1 of layer %2")), {name, std::to_string(layer)});
        if (length) {
            says = fill(addsWords(), {name, std::to_string(layer), printNumber(*length), std::to_string(m_facts.position)});
            m_picture.label({.rect = {margin, part.y, m_trunk - margin - 12, part.h},
                             .text = printNumber(*length, 3),
                             .size = TypeSize::Small,
                             .align = Align::Right,
                             .colour = Ink::Muted,
                             .mono = true});
        }
        m_picture.spot({.rect = {margin, middle - 10, m_width - 2 * margin, 20},
                        .place = place(Layer(layer), attention ? block.firstOut() : SiteId::MlpOut),
                        .says = says,
                        .value = length});
    }

    // Nothing runs past a part that takes the place of what it read.
    void cutTrunk(double back, double out, Ink ground) {
        if (!m_model.residualStream) m_picture.box({.rect = {m_trunk - 3.5, back, 7, out - back}, .fill = ground});
    }

    void drawPlus(double y, double radius, Ink ink, bool chosen) {
        m_picture.stroke({.points = circle(m_trunk, y, radius),
                          .colour = chosen ? Ink::SelectedFrame : ink,
                          .width = chosen ? 2.5 : 1.5,
                          .closed = true,
                          .fill = Ink::Panel});
        if (!m_model.residualStream) return;  // the part takes the place of what it read: nothing is added
        const double arm = radius - 3;
        m_picture.stroke({.points = {{m_trunk - arm, y}, {m_trunk + arm, y}}, .colour = ink, .width = 1.5});
        m_picture.stroke({.points = {{m_trunk, y - arm}, {m_trunk, y + arm}}, .colour = ink, .width = 1.5});
    }

    LayerSize sizeOf(int layer) const {
        return layer < static_cast<int>(m_facts.sizes.size()) ? m_facts.sizes[static_cast<std::size_t>(layer)] : LayerSize{};
    }

    void drawBar(int layer, double middle) {
        if (layer >= static_cast<int>(m_facts.sizes.size()) || m_largest <= 0) return;
        const auto size = m_facts.sizes[static_cast<std::size_t>(layer)].layer;
        if (!size) return;
        const double room = m_trunk - 10 - barLeft, length = std::max(1.0, room * *size / m_largest);
        const double height = std::min(6.0, m_row / 2 - 2), around = std::min(m_row, 20.0);
        m_picture.box({.rect = {barLeft + room - length, middle - height / 2, length, height}, .fill = Ink::Line, .radius = 2});
        m_picture.spot({.rect = {barLeft, middle - around / 2, room, around},
                        .place = place(Layer(layer), std::nullopt),
                        .says = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "layer %1 adds a vector of length %2 at position %3")),
                                     {std::to_string(layer), printNumber(*size), std::to_string(m_facts.position)}),
                        .value = *size});
    }

    void drawNode(int layer, double middle) {
        const bool here = selected(SiteId::ResidPost) && m_facts.selected.layer == Layer(layer);
        const double r = std::min(nodeRadius, m_row / 2 - 2);
        m_picture.stroke({.points = circle(m_trunk, middle, r),
                          .colour = here ? Ink::SelectedFrame : Ink::Muted,
                          .closed = true,
                          .fill = here ? Ink::SelectedFrame : Ink::Panel});
        m_picture.spot(
            {.rect = {m_trunk - 8, middle - std::min(m_row, 20.0) / 2, 16, std::min(m_row, 20.0)},
             .place = place(Layer(layer), SiteId::ResidPost),
             .says = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "the stream after layer %1")), {std::to_string(layer)})});
    }

    void drawWord(int layer, double y, double height) {
        const LensWord* says = after(layer);
        if (!says) return;
        const double left = m_trunk + 16, figures = 38, right = m_width - margin;
        m_picture.label({.rect = {left, y, right - figures - 4 - left, height}, .text = says->piece, .size = TypeSize::Small});
        m_picture.label({.rect = {right - figures, y, figures, height},
                         .text = printProbability(says->probability),
                         .size = TypeSize::Small,
                         .align = Align::Right,
                         .colour = Ink::Muted,
                         .mono = true});
        m_picture.spot({.rect = {left - 4, y, right - left + 8, height},
                        .place = place(Layer(layer), SiteId::ResidPost),
                        .says = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "after layer %1 the lens reads “%2”, probability %3")),
                                     {std::to_string(layer), says->piece, printProbability(says->probability)}),
                        .value = says->probability});
    }

    // The chosen layer in place: from the bottom up, each part leaves the trunk, passes its norm, and adds back.
    void drawUnfolded(int layer, double y) {
        const BlockInfo& block = m_model.blocks[static_cast<std::size_t>(layer)];
        const Rect panel{8, y + 2, m_width - 16, m_unfolded - 4};
        m_picture.box({.rect = panel, .fill = Ink::SelectedFill, .frame = Ink::SelectedFrame, .radius = 8});
        m_picture.box({.rect = {m_trunk - 2.5, y, 5, m_unfolded}, .fill = Ink::Faint});
        m_picture.spot({.rect = panel,
                        .place = place(Layer(layer), std::nullopt),
                        .says = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "layer %1, the chosen one")), {std::to_string(layer)})});
        m_picture.label({.rect = {margin, y + 6, m_trunk - margin - 10, 18},
                         .text = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "Layer %1")), {std::to_string(layer)}),
                         .size = TypeSize::Label,
                         .bold = true});
        drawNode(layer, y + 15);
        drawWord(layer, y + 6, 18);

        const bool feedForward = block.hasMlp(), attention = mixes(block);
        const LayerSize size = sizeOf(layer);
        const double title = m_unfolded < unfolded ? 28 : 32, partHeight = (m_unfolded - title) / 2;
        double top = y + title;
        if (feedForward && attention) {
            drawPart(layer, top, partHeight, false, size.feedForward);
            top += partHeight;
        }
        if (feedForward != attention) top += partHeight / 2;
        drawPart(layer, top, partHeight, attention, attention ? size.attention : size.feedForward);
    }

    // height: from above the ⊕ to below where the branch leaves the trunk.
    void drawPart(int layer, double y, double height, bool attention, std::optional<double> size) {
        const Layer here(layer);
        const BlockInfo& block = m_model.blocks[static_cast<std::size_t>(layer)];
        const SiteId adds = attention ? block.firstOut() : SiteId::MlpOut;
        const SiteId norm = attention ? SiteId::Ln1Normalized : SiteId::Ln2Normalized;
        const SiteId scale = attention ? SiteId::Ln1Scale : SiteId::Ln2Scale;
        const SiteId sum = attention && m_model.has(SiteId::ResidMid, here) ? SiteId::ResidMid : SiteId::ResidPost;
        const Ink ink = inkOf(block, attention);
        const std::string name = nameOf(block, attention);
        const bool low = height < 60;
        const double nodeY = y + 7, bend = m_trunk + 34, left = m_trunk + 10, right = m_width - margin;
        // The gaps ⊕ · part · norm · trunk share what the boxes leave.
        const double boxes = low ? 32 : 37, gaps = height - 11 - boxes;
        const Rect part{left, nodeY + gaps * 0.5, right - 2 - left, low ? 18.0 : 21.0};
        const Rect normBox{left + 4, part.bottom() + gaps * 0.28, 38, low ? 14.0 : 16.0};
        const double out = normBox.bottom() + gaps * 0.22;

        cutTrunk(nodeY, out, Ink::SelectedFill);
        // leaves the trunk below, rises through norm and part, and comes back at the ⊕
        m_picture.stroke({.points = {{m_trunk, out}, {bend, out}, {bend, normBox.bottom()}}, .colour = ink, .width = 1.5});
        m_picture.stroke({.points = {{bend, normBox.y}, {bend, part.bottom()}}, .colour = ink, .width = 1.5});
        m_picture.stroke(
            {.points = {{bend, part.y}, {bend, nodeY}, {m_trunk + 8, nodeY}}, .colour = ink, .width = 1.5, .arrow = true});

        const auto site = m_facts.selected.site;
        const bool chosen = site && (attention ? inAttention(*site) || block.mixer.has(*site) : inFeedForward(*site));
        m_picture.box({.rect = part, .fill = chosen ? ink : Ink::Panel, .frame = ink, .frameWidth = 1.5, .radius = 5});
        const bool wide = textWidth(name, TypeSize::Label, true) > part.w - 12;
        Label label{.rect = part,
                    .text = name,
                    .size = wide ? TypeSize::Small : TypeSize::Label,
                    .align = Align::Centre,
                    .colour = ink,
                    .bold = true};
        if (chosen) label.on = ink;
        m_picture.label(std::move(label));
        const std::string what =
            attention && block.hasMixer() ? fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "%1 of layer %2: a state of %3 numbers")),
                                                 {name, std::to_string(layer), std::to_string(block.mixer.stateFloats())})
            : attention
                ? fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "attention of layer %1: %2 heads of width %3")),
                       {std::to_string(layer), std::to_string(block.attention.heads), std::to_string(block.attention.headWidth)})
                : fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "feed-forward of layer %1: %2 neurons")),
                       {std::to_string(layer), std::to_string(block.mlp.width)});
        m_picture.spot({.rect = part, .place = place(here, adds), .says = what, .value = size});

        if (m_model.has(norm, here)) {
            const bool normChosen = site == norm || site == scale;
            m_picture.box({.rect = normBox, .fill = normChosen ? Ink::Muted : Ink::Panel, .frame = Ink::Faint, .radius = 5});
            Label normLabel{.rect = normBox,
                            .text = m_say(QT_TRANSLATE_NOOP("LayerMap", "norm")),
                            .size = TypeSize::Small,
                            .align = Align::Centre};
            if (normChosen) normLabel.on = Colour(Ink::Muted);
            m_picture.label(std::move(normLabel));
            m_picture.spot({.rect = normBox,
                            .place = place(here, norm),
                            .says = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "the norm before %1 of layer %2")),
                                         {name, std::to_string(layer)})});
        } else {
            m_picture.stroke({.points = {{bend, normBox.bottom()}, {bend, normBox.y}}, .colour = ink, .width = 1.5});
        }

        if (size) {
            m_picture.label({.rect = {normBox.right() + 6, normBox.y, right - normBox.right() - 6, normBox.h},
                             .text = fill(m_model.residualStream ? m_say(QT_TRANSLATE_NOOP("LayerMap", "adds %1"))
                                                                 : m_say(QT_TRANSLATE_NOOP("LayerMap", "gives %1")),
                                          {printNumber(*size, 3)}),
                             .size = TypeSize::Small,
                             .colour = Ink::Muted});
            m_picture.spot(
                {.rect = {normBox.right() + 4, normBox.y, right - normBox.right() - 4, normBox.h},
                 .place = place(here, adds),
                 .says = fill(addsWords(), {name, std::to_string(layer), printNumber(*size), std::to_string(m_facts.position)}),
                 .value = *size});
        }

        // ⊕: the sum is the stream after the part
        const bool sumChosen = site == sum;
        drawPlus(nodeY, 7, ink, sumChosen);
        if (!m_model.residualStream) return;
        m_picture.spot({.rect = {m_trunk - 9, nodeY - 9, 18, 18},
                        .place = place(here, sum),
                        .says = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "the stream after %1 of layer %2 has added to it")),
                                     {name, std::to_string(layer)})});
        if (attention) drawMidWord(here, nodeY);
    }

    // What the lens reads between attention and feed-forward, left of the ⊕.
    void drawMidWord(Layer layer, double nodeY) {
        const LensWord* says = word(SiteId::ResidMid, layer);
        if (!says) return;
        const double right = m_trunk - 14, left = margin;
        m_picture.label(
            {.rect = {left, nodeY - 15, right - left, 14}, .text = says->piece, .size = TypeSize::Small, .align = Align::Right});
        m_picture.label({.rect = {left, nodeY - 1, right - left, 14},
                         .text = printProbability(says->probability),
                         .size = TypeSize::Small,
                         .align = Align::Right,
                         .colour = Ink::Muted,
                         .mono = true});
        m_picture.spot(
            {.rect = {left, nodeY - 15, right - left, 28},
             .place = place(layer, SiteId::ResidMid),
             .says = fill(m_say(QT_TRANSLATE_NOOP("LayerMap", "after attention of layer %1 the lens reads “%2”, probability %3")),
                          {std::to_string(layer.value), says->piece, printProbability(says->probability)}),
             .value = says->probability});
    }

    void addTable() {
        DataTable table{.name = "layer_map_q" + std::to_string(m_facts.position),
                        .columns = {"layer", "norm_attn_out", "norm_mlp_out", "norm_added", "lens_probability"},
                        .rowNames = {},
                        .rows = {},
                        .textRows = {}};
        const double none = std::nan("");
        for (int layer = 0; layer < m_model.layers(); ++layer) {
            const LayerSize size = sizeOf(layer);
            const LensWord* says = after(layer);
            table.rowNames.push_back(says ? says->piece : std::string());
            table.rows.push_back({static_cast<double>(layer), size.attention.value_or(none), size.feedForward.value_or(none),
                                  size.layer.value_or(none), says ? says->probability : none});
        }
        m_picture.tables.push_back(std::move(table));
    }

    const LayerMapFacts& m_facts;
    const ModelInfo& m_model;
    const Say& m_say;
    Picture m_picture;
    double m_width, m_trunk, m_endBox = 24, m_endGap = 12, m_top = margin, m_row = leastRow, m_unfolded = unfolded;
    double m_trunkFrom = 0, m_largest = 0;
    int m_open = -1;
};

}  // namespace

Picture layerMapPicture(const LayerMapFacts& facts, double width, double height, const Say& say) {
    return Drawing(facts, width, height, say).make();
}

}  // namespace lw
