#include "widgets/shared/label_cache.h"

#include <QFontMetricsF>
#include <QPaintDevice>
#include <QTextOption>

#include <algorithm>
#include <cstring>

#include "widgets/shared/picture_painter.h"
#include "widgets/shared/text_width.h"

namespace lw {

namespace {

constexpr std::size_t mostKept = 2000;  // about as many labels as a large screen shows
constexpr double longestLine = 1e6;     // pixels
constexpr double hair = 0.75;           // a label laid out to the text's exact width must not be cut for a rounding error

int kindNumber(const Label& label) { return static_cast<int>(label.size) * 4 + (label.bold ? 2 : 0) + (label.mono ? 1 : 0); }

std::string keyOf(const Label& label) { return static_cast<char>('A' + kindNumber(label)) + label.text; }

}  // namespace

struct LabelCache::Kind {
    QFont font;
    QFontMetricsF metrics;
};

LabelCache::LabelCache() = default;
LabelCache::~LabelCache() = default;

void LabelCache::prepare(const Look& look, const QPaintDevice* device) {
    m_look = &look;
    m_device = device;
    QString signature = look.sans.families().join('|') + '\n' + look.mono.families().join('|') + '\n' +
                        QString::number(device->logicalDpiY()) + (look.projector ? "p" : "");
    if (signature == m_signature && m_whole.size() < mostKept && m_fitted.size() < mostKept) return;
    m_signature = std::move(signature);
    m_kinds.clear();
    m_whole.clear();
    m_fitted.clear();
}

LabelCache::Kind& LabelCache::kindOf(const Label& label) {
    std::unique_ptr<Kind>& kind = m_kinds[kindNumber(label)];
    if (!kind) {
        const QFont font = pictureFont(*m_look, label.size, label.bold, label.mono, m_device);
        kind = std::make_unique<Kind>(Kind{font, QFontMetricsF(font, m_device)});
    }
    return *kind;
}

LabelCache::Entry LabelCache::make(const QString& text, const QFont& font) const {
    Entry entry;
    entry.laid.layout = std::make_unique<QTextLayout>(text, font, m_device);
    QTextLayout& layout = *entry.laid.layout;
    layout.setCacheEnabled(true);
    QTextOption option(Qt::AlignLeft | Qt::AlignAbsolute);
    option.setWrapMode(QTextOption::NoWrap);
    // The window runs from left to right, and so does a label, whatever letters it begins with: quotes and marks of spaces stay
    // on their sides, right-to-left words are shaped and ordered within it.
    option.setTextDirection(Qt::LeftToRight);
    layout.setTextOption(option);
    layout.beginLayout();
    QTextLine line = layout.createLine();
    line.setLineWidth(longestLine);
    line.setPosition({0, 0});
    layout.endLayout();
    entry.laid.width = line.naturalTextWidth();
    entry.laid.height = line.height();
    return entry;
}

// For the projector rather smaller than cut.
QFont LabelCache::smaller(const Label& label, const Kind& kind, double advance) const {
    QFont font = kind.font;
    const double fits = font.pointSizeF() * label.rect.w / advance;
    font.setPointSizeF(std::max(fits, typePixels(label.size) * 72 / m_device->logicalDpiY()));
    return font;
}

const LabelCache::Laid& LabelCache::of(const Label& label) {
    std::string key = keyOf(label);
    auto whole = m_whole.find(key);
    if (whole == m_whole.end()) {
        const QString text = QString::fromStdString(label.text);
        const Kind& kind = kindOf(label);
        Entry entry = make(text, kind.font);
        entry.advance = kind.metrics.horizontalAdvance(text);
        whole = m_whole.emplace(key, std::move(entry)).first;
    }
    const double advance = whole->second.advance;
    const bool shrinks = m_look->projector && advance > label.rect.w;
    if (advance <= label.rect.w + hair && !shrinks) return whole->second.laid;

    char room[sizeof(double)];
    std::memcpy(room, &label.rect.w, sizeof room);
    key.append(room, sizeof room);
    if (const auto fitted = m_fitted.find(key); fitted != m_fitted.end()) return fitted->second.laid;
    const QString text = QString::fromStdString(label.text);
    const Kind& kind = kindOf(label);
    const QFont font = shrinks ? smaller(label, kind, advance) : kind.font;
    const QFontMetricsF metrics(font, m_device);
    const bool fits = metrics.horizontalAdvance(text) <= label.rect.w + hair;
    return m_fitted.emplace(key, make(fits ? text : metrics.elidedText(text, Qt::ElideRight, label.rect.w), font))
        .first->second.laid;
}

}  // namespace lw
