#include "widgets/block/block_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "widgets/block/block_tables.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

constexpr double trunkX = 9, branchX = 27, stripsX = 44, captionHeight = 14, gutter = 26, footHeight = 18;

// The rows of the left half, counted from the bottom.
constexpr int In = 0, Norm1 = 1, Heads = 2, AddAttention = 3, Mid = 4, Norm2 = 5, Neurons = 6, AddFeedForward = 7, Out = 8,
              rowCount = 9;

class Drawing {
public:
    Drawing(BlockPicture& out, const BlockInput& in, const BlockFacts& f, double width, double top, double bottom, const Say& say)
        : m_out(out), m_picture(out.picture), m_in(in), m_facts(f), m_width(width), m_bottom(bottom), m_say(say) {
        m_pitch = std::clamp((bottom - top) / rowCount, 33.0, 66.0);
        m_bottom = top + m_pitch * rowCount;  // below the area where it is too low: the view scrolls
        m_stripHeight = std::clamp(m_pitch - captionHeight - 8, 12.0, 34.0);
    }
    double bottom() const { return m_bottom; }
    double rowTop(int row) const { return m_bottom - m_pitch * (row + 1); }
    double stripMiddle(int row) const { return rowTop(row) + captionHeight + m_stripHeight / 2; }

    /// One vector in a part of its row, from x on.
    void strip(int row, double x, double width, const RowVector& values, const std::string& name, Ink ink, Locus place,
               bool bold = false) {
        if (values.size() == 0) return;
        HeatStrip s = layoutStrip(static_cast<int>(values.size()), x, rowTop(row) + captionHeight, width, m_stripHeight);
        s.limit = stripLimit(values);
        s.largest = values.cwiseAbs().maxCoeff();
        place.position = m_facts.position;
        if (place.site) place.layer = m_facts.layer;
        s.place = place;
        const bool crowded = place.site == SiteId::Ln1Normalized || place.site == SiteId::Ln2Normalized || width < 100;
        const std::string scale = crowded ? "±" + printNumber(s.limit, 3) : stripScale(s);
        const double scaleWidth = width < 76 ? 0 : std::min(width * 0.6, textWidth(scale, TypeSize::Small, false, true));
        m_picture.label({.rect = {x, rowTop(row), width - scaleWidth - 4, captionHeight},
                         .text = name,
                         .size = TypeSize::Label,
                         .colour = ink,
                         .bold = bold});
        m_picture.label({.rect = {x + width - scaleWidth, rowTop(row), scaleWidth, captionHeight},
                         .text = scale,
                         .size = TypeSize::Small,
                         .align = Align::Right,
                         .colour = Ink::Muted,
                         .mono = true});
        addStrip(m_picture, s, values,
                 fill(m_say(QT_TRANSLATE_NOOP("Block", "%1: %2 numbers, colours from %3")),
                      {name, std::to_string(values.size()), scale}));
        mark(s, values);
        m_out.strips.push_back({s, values, name});
    }

    /// The line over a row's strips where it is not a strip's own caption. brief: with letters for the two words.
    std::string normWords(const NormFacts& n, bool brief = false) const {
        std::string text = m_say(QT_TRANSLATE_NOOP("Block", "norm"));
        if (n.mean) {
            const std::string mean = printNumber(*n.mean, 3);
            text += "  " + (brief ? "μ " + mean : fill(m_say(QT_TRANSLATE_NOOP("Block", "mean %1")), {mean}));
            if (brief) return text + "  σ " + printNumber(n.scale, 3);
        }
        return text + "  " + fill(m_say(QT_TRANSLATE_NOOP("Block", "scale %1")), {printNumber(n.scale, 4)});
    }

    void norm(int row, const NormFacts& n, SiteId normalized, SiteId scale) {
        const double half = std::floor((m_width - stripsX - 12) * 0.62), rest = m_width - stripsX - 12 - half;
        const bool brief = textWidth(normWords(n), TypeSize::Label) > half - 52;
        strip(row, stripsX, half, n.normalized, normWords(n, brief), Ink::Muted, {.site = normalized});
        // the scale is a captured number of its own
        m_picture.spot({.rect = {stripsX, rowTop(row), half * 0.6, captionHeight},
                        .place = {.layer = m_facts.layer, .position = m_facts.position, .unit = Unit(0), .site = scale},
                        .says = normWords(n),
                        .value = n.scale});
        strip(row, stripsX + half + 12, rest, n.gain, m_say(QT_TRANSLATE_NOOP("Block", "gain")), Ink::Muted, {});
    }

    void trunk() {
        m_picture.stroke({.points = {{trunkX, m_bottom}, {trunkX, rowTop(Out) + 2}}, .colour = Ink::Faint, .width = 4});
        m_picture.stroke(
            {.points = {{trunkX, rowTop(Out) + 6}, {trunkX, rowTop(Out) - 2}}, .colour = Ink::Faint, .width = 2, .arrow = true});
        for (const int row : {In, Mid, Out}) {
            const double y = stripMiddle(row);
            m_picture.stroke({.points = {{trunkX, y}, {stripsX - 4, y}}, .colour = Ink::Line});
            m_picture.box(
                {.rect = {trunkX - 4, y - 4, 8, 8}, .fill = Ink::Panel, .frame = Ink::Muted, .frameWidth = 1.5, .radius = 4});
        }
    }
    /// A branch leaves the trunk under its norm and adds back at ⊕.
    void branch(int from, int to, Ink ink) {
        const double start = rowTop(from) + m_pitch - 3, end = stripMiddle(to);
        m_picture.stroke({.points = {{trunkX, start},
                                     {branchX - 6, start},
                                     {branchX, start - 6},
                                     {branchX, end + 6},
                                     {branchX - 6, end},
                                     {trunkX + 8, end}},
                          .colour = ink,
                          .width = 1.75,
                          .arrow = true});
        for (int row = from; row < to; ++row) {
            const double y = stripMiddle(row);
            m_picture.stroke({.points = {{branchX, y}, {stripsX - 4, y}}, .colour = Ink::Line});
            m_picture.box({.rect = {branchX - 3, y - 3, 6, 6},
                           .fill = Ink::Panel,
                           .frame = ink,
                           .frameWidth = 1.5,
                           .radius = row == from ? 0.0 : 3.0});
        }
        m_picture.stroke({.points = {{branchX, end}, {stripsX - 4, end}}, .colour = Ink::Line});
        m_picture.box({.rect = {trunkX - 7, end - 7, 14, 14}, .fill = Ink::Panel, .frame = ink, .frameWidth = 1.75, .radius = 7});
        m_picture.stroke({.points = {{trunkX - 4, end}, {trunkX + 4, end}}, .colour = ink, .width = 1.5});
        m_picture.stroke({.points = {{trunkX, end - 4}, {trunkX, end + 4}}, .colour = ink, .width = 1.5});
    }

    static std::string withNorm(const std::string& name, const RowVector& v) {
        return name + "  ‖" + printNumber(v.cast<double>().norm(), 4) + "‖";
    }

private:
    // The selected cell; the same channel of the stream in every other strip of the stream's width.
    void mark(const HeatStrip& s, const RowVector& values) {
        if (!m_in.place.unit || !m_in.place.site) return;
        const int unit = m_in.place.unit->value;
        const auto isChannel = [](SiteId site) { return siteOf(site).axes == Axes::PositionChannel; };
        const bool same =
            s.place.site == m_in.place.site && (!s.place.head || !m_in.place.head || s.place.head == m_in.place.head);
        const bool channel = isChannel(*m_in.place.site) && (!s.place.site || isChannel(*s.place.site)) &&
                             values.size() == m_facts.streamIn.size();
        if ((!same && !channel) || unit < 0 || unit >= s.count) return;
        Rect cell = s.cellRect(unit);
        const double grow = same ? 2 : 1;
        cell = {cell.x - grow, cell.y - grow, cell.w + 2 * grow, cell.h + 2 * grow};
        m_picture.box(
            {.rect = cell, .frame = same ? Ink::SelectedFrame : Ink::Accent, .frameWidth = same ? 2.0 : 1.0, .radius = 1});
    }

    BlockPicture& m_out;
    Picture& m_picture;
    const BlockInput& m_in;
    const BlockFacts& m_facts;
    double m_width, m_bottom, m_pitch = 0, m_stripHeight = 0;
    const Say& m_say;
};

}  // namespace

Result<BlockFacts> blockDifference(const BlockFacts& b, const BlockFacts& a) {
    BlockFacts d = b;
    const auto subtract = [](RowVector& into, const RowVector& other) {
        if (into.size() != other.size()) return false;
        into -= other;
        return true;
    };
    bool ok = subtract(d.streamIn, a.streamIn) && subtract(d.streamMid, a.streamMid) && subtract(d.streamOut, a.streamOut);
    ok = ok && subtract(d.attentionOut, a.attentionOut) && subtract(d.feedForwardOut, a.feedForwardOut) &&
         subtract(d.neurons, a.neurons);
    ok = ok && subtract(d.q, a.q) && subtract(d.k, a.k) && subtract(d.v, a.v) && subtract(d.z, a.z);
    ok = ok && subtract(d.norm1.normalized, a.norm1.normalized) && subtract(d.norm2.normalized, a.norm2.normalized);
    if (!ok) return fail(ErrorKind::Mismatch, "A and B cannot be subtracted here: their blocks have different sizes.");
    for (auto [into, other] : {std::pair(&d.norm1, &a.norm1), std::pair(&d.norm2, &a.norm2)}) {
        into->scale -= other->scale;
        if (into->mean && other->mean) *into->mean -= *other->mean;
    }
    return d;
}

std::pair<std::string, std::string> blockTitle(const BlockInput& in, const Say& say) {
    const std::string layer = std::to_string(in.facts.layer.value), position = std::to_string(in.facts.position.value);
    if (in.factsA)
        return {fill(say(QT_TRANSLATE_NOOP("Block", "Block %1, B − A")), {layer}),
                fill(say(QT_TRANSLATE_NOOP("Block", "B: position %1 “%2” · %3")), {position, in.pieceHere, in.nameA})};
    return {fill(say(QT_TRANSLATE_NOOP("Block", "Block %1 at %2 “%3”")), {layer, position, in.pieceHere}),
            fill(say(QT_TRANSLATE_NOOP("Block", "one of %1, from the stream in (bottom) to the stream out")),
                 {std::to_string(in.layers)})};
}

BlockPicture blockPicture(const BlockInput& in, double width, double height, const Say& say) {
    BlockPicture out;
    Picture& picture = out.picture;
    const auto [title, subtitle] = blockTitle(in, say);
    addHeading(picture, 0, 0, width, title, in.failure.empty() ? subtitle : in.failure);
    const double top = headingHeight;

    BlockFacts f = in.facts;
    if (in.factsA) {
        auto difference = blockDifference(in.facts, *in.factsA);
        assert(difference);  // the caller has made sure that the two fit
        if (difference) f = std::move(*difference);
    }
    const double left = std::floor(std::max(300.0, width * 0.53)), rightX = left + gutter,
                 rightWidth = std::max(180.0, width - rightX);
    Drawing draw(out, in, f, left, top + 4, height - footHeight - 6, say);
    draw.trunk();
    draw.branch(Norm1, AddAttention, Ink::Attention);
    draw.branch(Norm2, AddFeedForward, Ink::FeedForward);

    const double full = left - stripsX;
    const auto words = [&](const char* text) { return say(text); };
    draw.strip(In, stripsX, full, f.streamIn, Drawing::withNorm(words(QT_TRANSLATE_NOOP("Block", "stream in")), f.streamIn),
               Ink::Text, {.site = SiteId::ResidPre}, true);
    draw.norm(Norm1, f.norm1, SiteId::Ln1Normalized, SiteId::Ln1Scale);
    {
        const double quarter = std::floor((full - 30) / 4);
        const std::string head = std::to_string(f.head.value), kvHead = std::to_string(f.kvHead);
        double x = stripsX;
        const auto one = [&](const RowVector& v, const std::string& name, Ink ink, SiteId site, int h) {
            draw.strip(Heads, x, quarter, v, name, ink, {.head = Head(h), .site = site}, true);
            x += quarter + 10;
        };
        one(f.q, "q H" + head, Ink::Query, SiteId::Q, f.head.value);
        one(f.k, "k H" + kvHead, Ink::Key, SiteId::K, f.kvHead);
        one(f.v, "v H" + kvHead, Ink::Value, SiteId::V, f.kvHead);
        one(f.z, "z H" + head, Ink::Attention, SiteId::Z, f.head.value);
    }
    draw.strip(AddAttention, stripsX, full, f.attentionOut,
               Drawing::withNorm(words(QT_TRANSLATE_NOOP("Block", "⊕ attention adds")), f.attentionOut), Ink::Attention,
               {.site = SiteId::AttnOut}, true);
    draw.strip(Mid, stripsX, full, f.streamMid,
               Drawing::withNorm(words(QT_TRANSLATE_NOOP("Block", "stream between")), f.streamMid), Ink::Text,
               {.site = SiteId::ResidMid}, true);
    draw.norm(Norm2, f.norm2, SiteId::Ln2Normalized, SiteId::Ln2Scale);
    draw.strip(
        Neurons, stripsX, full, f.neurons,
        fill(say(in.gated ? QT_TRANSLATE_NOOP("Block", "%1 neurons: act(gate) × up") : QT_TRANSLATE_NOOP("Block", "%1 neurons")),
             {std::to_string(f.neurons.size())}),
        Ink::FeedForward, {.site = SiteId::MlpPost});
    draw.strip(AddFeedForward, stripsX, full, f.feedForwardOut,
               Drawing::withNorm(words(QT_TRANSLATE_NOOP("Block", "⊕ feed-forward adds")), f.feedForwardOut), Ink::FeedForward,
               {.site = SiteId::MlpOut}, true);
    draw.strip(Out, stripsX, full, f.streamOut, Drawing::withNorm(words(QT_TRANSLATE_NOOP("Block", "stream out")), f.streamOut),
               Ink::Text, {.site = SiteId::ResidPost}, true);

    const std::string sum = fill(say(QT_TRANSLATE_NOOP("Block", "in + attention + feed-forward = out, within %1")),
                                 {f.largestDifference == 0 ? "0" : printNumber(in.facts.largestDifference, 2)});
    const Rect foot{stripsX, draw.bottom() + 4, full, footHeight - 4};
    picture.label({.rect = foot, .text = sum, .size = TypeSize::Small, .colour = Ink::Text});
    picture.spot({.rect = foot,
                  .place = {.layer = f.layer, .position = f.position, .site = SiteId::ResidPost},
                  .says = sum,
                  .value = in.facts.largestDifference});
    picture.height = foot.bottom();

    if (in.parts) {
        // the tables stand beside their branch: neurons above, heads below
        const double middle =
            std::max(draw.rowTop(Mid) + 8, top + 4 + 18 + 14 + 14.0 * static_cast<double>(in.parts->neurons.size()) + 8);
        const double used = addNeuronTable(picture, in, {rightX, top + 4, rightWidth, middle - top - 12}, say);
        const double headsTop = std::max(used + 12, middle);
        addHeadTable(picture, in, {rightX, headsTop, rightWidth, draw.bottom() - headsTop}, say);
    } else {
        picture.label({.rect = {rightX, top + 24, rightWidth, 18}, .text = in.note, .colour = Ink::Muted});
    }
    picture.width = width;
    for (const NamedStrip& strip : out.strips) {
        DataTable table{.name = strip.strip.place.site ? siteName(*strip.strip.place.site, f.layer) : strip.name,
                        .columns = {"value"}};
        for (Eigen::Index i = 0; i < strip.values.size(); ++i) table.rows.push_back({static_cast<double>(strip.values(i))});
        picture.tables.push_back(std::move(table));
    }
    return out;
}

}  // namespace lw
