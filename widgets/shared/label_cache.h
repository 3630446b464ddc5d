// Text of labels as it was laid out last: a picture that is painted again shapes nothing anew. Only the painter uses it.
#pragma once

#include <QFont>
#include <QTextLayout>

#include <memory>
#include <string>
#include <unordered_map>

#include "widgets/shared/palette.h"
#include "widgets/shared/picture.h"

namespace lw {

class LabelCache {
public:
    LabelCache();
    ~LabelCache();

    struct Laid {
        std::unique_ptr<QTextLayout> layout;  // one line
        double width = 0, height = 0;
    };
    /// Forgets all if the fonts, the projector type or the device's resolution have changed. To be called before use.
    void prepare(const Look& look, const QPaintDevice* device);
    /// The label's text, elided (or, for the projector, made smaller first) where its rectangle is too narrow.
    const Laid& of(const Label& label);

private:
    struct Kind;  // a font of a size
    struct Entry {
        Laid laid;
        double advance = 0;  // unelided
    };
    Kind& kindOf(const Label& label);
    Entry make(const QString& text, const QFont& font) const;
    QFont smaller(const Label& label, const Kind& kind, double advance) const;

    const Look* m_look = nullptr;
    const QPaintDevice* m_device = nullptr;
    QString m_signature;
    std::unordered_map<int, std::unique_ptr<Kind>> m_kinds;
    std::unordered_map<std::string, Entry> m_whole, m_fitted;
};

}  // namespace lw
