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

// The rows of the left half that a block has, counted from the bottom; −1 for those it has not.
struct Rows {
    int in = 0, norm1 = -1, inside = -1, addFirst = -1, mid = -1, norm2 = -1, neurons = -1, addFeedForward = -1, out = 0,
        count = 0;

    explicit Rows(const BlockFacts& f) {
        int next = 1;
        if (f.norm1.normalized.size() > 0) norm1 = next++;
        if (!f.inside.empty()) inside = next++;
        addFirst = next++;
        if (f.hasFeedForward()) {
            mid = next++;
            if (f.norm2.normalized.size() > 0) norm2 = next++;
            neurons = next++;
            addFeedForward = next++;
        }
        out = next++;
        count = next;
    }
    int startFirst() const { return norm1 >= 0 ? norm1 : inside >= 0 ? inside : addFirst; }
    int startSecond() const { return norm2 >= 0 ? norm2 : neurons; }
};

class Drawing {
public:
    Drawing(BlockPicture& out, const BlockInput& in, const BlockFacts& f, double width, double top, double bottom, const Say& say)
        : m_rows(f), m_out(out), m_picture(out.picture), m_in(in), m_facts(f), m_width(width), m_bottom(bottom), m_say(say) {
        const bool few = m_rows.count < 7;  // a block without a feed-forward part has room
        m_pitch = std::clamp((bottom - top) / m_rows.count, 33.0, few ? 86.0 : 66.0);
        m_bottom = top + m_pitch * m_rows.count;  // below the area where it is too low: the view scrolls
        m_stripHeight = std::clamp(m_pitch - captionHeight - 8, 12.0, few ? 50.0 : 34.0);
    }
    const Rows& rows() const { return m_rows; }
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
        const double end = rowTop(m_rows.out);
        m_picture.stroke({.points = {{trunkX, m_bottom}, {trunkX, end + 2}}, .colour = Ink::Faint, .width = 4});
        m_picture.stroke({.points = {{trunkX, end + 6}, {trunkX, end - 2}}, .colour = Ink::Faint, .width = 2, .arrow = true});
        for (const int row : {m_rows.in, m_rows.mid, m_rows.out}) {
            if (row < 0) continue;
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

    Rows m_rows;
    BlockPicture& m_out;
    Picture& m_picture;
    const BlockInput& m_in;
    const BlockFacts& m_facts;
    double m_width, m_bottom, m_pitch = 0, m_stripHeight = 0;
    const Say& m_say;
};

// Symbol and colour of a vector inside attention or a mixer.
struct InnerLook {
    const char* name;
    Ink ink;
};
InnerLook lookOf(SiteId site) {
    using enum SiteId;
    switch (site) {
        case Q:
        case MixerQ:
            return {"q", Ink::Query};
        case K:
        case MixerK:
            return {"k", Ink::Key};
        case V:
        case MixerV:
            return {"v", Ink::Value};
        case Z:
            return {"z", Ink::Attention};
        case MixerRecurrenceOut:
            return {"read", Ink::Read};
        case SsmInput:
            return {"x", Ink::Value};
        case SsmDelta:
            return {"Δ", Ink::Text};
        case SsmB:
            return {"B", Ink::Key};
        case SsmC:
            return {"C", Ink::Query};
        case SsmY:
            return {"y", Ink::Read};
        case SsmSkip:
        case MixerGate:
        case MixerGateInput:
            return {"gate", Ink::Text};
        case CellKept:
            return {"kept", Ink::Kept};
        case CellWritten:
            return {"written", Ink::Written};
        case CellI:
            return {"i", Ink::Written};
        case CellF:
            return {"f", Ink::Kept};
        case CellG:
            return {"g", Ink::Value};
        case CellO:
            return {"o", Ink::Read};
        case CellR:
            return {"r", Ink::Read};
        case CellZ:
            return {"z", Ink::Kept};
        case CellN:
            return {"n", Ink::Written};
        case CellC:
            return {"c", Ink::Recurrent};
        default:
            return {"h", Ink::Recurrent};
    }
}

}  // namespace

Result<BlockFacts> blockDifference(const BlockFacts& b, const BlockFacts& a) {
    BlockFacts d = b;
    const auto subtract = [](RowVector& into, const RowVector& other) {
        if (into.size() != other.size()) return false;
        into -= other;
        return true;
    };
    bool ok = subtract(d.streamIn, a.streamIn) && subtract(d.streamMid, a.streamMid) && subtract(d.streamOut, a.streamOut);
    ok = ok && subtract(d.firstOut, a.firstOut) && subtract(d.feedForwardOut, a.feedForwardOut) &&
         subtract(d.neurons, a.neurons) && d.inside.size() == a.inside.size();
    for (std::size_t i = 0; ok && i < d.inside.size(); ++i)
        ok = d.inside[i].site == a.inside[i].site && subtract(d.inside[i].values, a.inside[i].values);
    ok = ok && subtract(d.norm1.normalized, a.norm1.normalized) && subtract(d.norm2.normalized, a.norm2.normalized);
    if (!ok)
        return fail(ErrorKind::Mismatch, "A and B cannot be subtracted here: their blocks have different sizes or other parts.");
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
    const Rows& rows = draw.rows();
    const Ink firstInk = f.block.hasMixer() ? Ink::Recurrent : Ink::Attention;
    draw.trunk();
    draw.branch(rows.startFirst(), rows.addFirst, firstInk);
    if (f.hasFeedForward()) draw.branch(rows.startSecond(), rows.addFeedForward, Ink::FeedForward);

    const double full = left - stripsX;
    const auto words = [&](const char* text) { return say(text); };
    draw.strip(rows.in, stripsX, full, f.streamIn, Drawing::withNorm(words(QT_TRANSLATE_NOOP("Block", "stream in")), f.streamIn),
               Ink::Text, {.site = SiteId::ResidPre}, true);
    if (rows.norm1 >= 0) draw.norm(rows.norm1, f.norm1, SiteId::Ln1Normalized, SiteId::Ln1Scale);
    if (rows.inside >= 0) {
        const auto count = static_cast<double>(f.inside.size());
        const double each = std::floor((full - 10 * (count - 1)) / count);
        double x = stripsX;
        for (const InnerPart& part : f.inside) {
            const InnerLook look = lookOf(part.site);
            std::string name = look.name;
            if (part.head && part.site != SiteId::MixerRecurrenceOut && part.site != SiteId::MixerGate)
                name += " H" + std::to_string(part.head->value);
            Locus place{.site = part.site};
            if (part.head) place.head = f.head;  // places name query heads, for keys and values too
            draw.strip(rows.inside, x, each, part.values, name, look.ink, place, true);
            x += each + 10;
        }
    }
    const std::string firstAdds = f.block.hasMixer() ? fill(words(QT_TRANSLATE_NOOP("Block", "⊕ %1 adds")),
                                                            {std::string(mixerKindTitle(f.block.mixer.kind))})
                                                     : words(QT_TRANSLATE_NOOP("Block", "⊕ attention adds"));
    draw.strip(rows.addFirst, stripsX, full, f.firstOut, Drawing::withNorm(firstAdds, f.firstOut), firstInk,
               {.site = f.block.firstOut()}, true);
    if (f.hasFeedForward()) {
        draw.strip(rows.mid, stripsX, full, f.streamMid,
                   Drawing::withNorm(words(QT_TRANSLATE_NOOP("Block", "stream between")), f.streamMid), Ink::Text,
                   {.site = SiteId::ResidMid}, true);
        if (rows.norm2 >= 0) draw.norm(rows.norm2, f.norm2, SiteId::Ln2Normalized, SiteId::Ln2Scale);
        const bool experts = f.block.mlp.experts > 0;
        draw.strip(rows.neurons, stripsX, full, f.neurons,
                   fill(say(experts             ? QT_TRANSLATE_NOOP("Block", "%1 experts: how much each is listened to")
                            : f.block.mlp.gated ? QT_TRANSLATE_NOOP("Block", "%1 neurons: act(gate) × up")
                                                : QT_TRANSLATE_NOOP("Block", "%1 neurons")),
                        {std::to_string(f.neurons.size())}),
                   Ink::FeedForward, {.site = experts ? SiteId::ExpertWeights : SiteId::MlpPost});
        draw.strip(rows.addFeedForward, stripsX, full, f.feedForwardOut,
                   Drawing::withNorm(words(QT_TRANSLATE_NOOP("Block", "⊕ feed-forward adds")), f.feedForwardOut),
                   Ink::FeedForward, {.site = SiteId::MlpOut}, true);
    }
    draw.strip(rows.out, stripsX, full, f.streamOut,
               Drawing::withNorm(words(QT_TRANSLATE_NOOP("Block", "stream out")), f.streamOut), Ink::Text,
               {.site = SiteId::ResidPost}, true);

    const char* parts = f.block.hasMixer()   ? f.hasFeedForward()
                                                   ? QT_TRANSLATE_NOOP("Block", "in + mixer + feed-forward = out, within %1")
                                                   : QT_TRANSLATE_NOOP("Block", "in + mixer = out, within %1")
                          : f.hasFeedForward() ? QT_TRANSLATE_NOOP("Block", "in + attention + feed-forward = out, within %1")
                                             : QT_TRANSLATE_NOOP("Block", "in + attention = out, within %1");
    const std::string sum = fill(say(parts), {f.largestDifference == 0 ? "0" : printNumber(in.facts.largestDifference, 2)});
    const Rect foot{stripsX, draw.bottom() + 4, full, footHeight - 4};
    picture.label({.rect = foot, .text = sum, .size = TypeSize::Small, .colour = Ink::Text});
    picture.spot({.rect = foot,
                  .place = {.layer = f.layer, .position = f.position, .site = SiteId::ResidPost},
                  .says = sum,
                  .value = in.facts.largestDifference});
    picture.height = foot.bottom();

    if (in.parts) {
        // the tables stand beside their branch: feed-forward above, attention or the mixer below
        double y = top + 4;
        if (f.hasFeedForward()) {
            const double rowsAbove =
                static_cast<double>(f.block.mlp.experts > 0 ? in.parts->experts.size() : in.parts->neurons.size());
            const double middle = std::max(draw.rowTop(rows.mid) + 8, top + 4 + 18 + 14 + 14.0 * rowsAbove + 8);
            const Rect area{rightX, y, rightWidth, middle - top - 12};
            const double used = f.block.mlp.experts > 0 ? addExpertTable(picture, in, area, say)
                                                        : addStepTable(picture, in, neuronTable(in, say), area, say);
            y = std::max(used + 12, middle);
        }
        const Rect below{rightX, y, rightWidth, draw.bottom() - y};
        if (!in.parts->channels.empty())
            addStepTable(picture, in, channelTable(in, say), below, say);
        else
            addHeadTable(picture, in, below, say);
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
