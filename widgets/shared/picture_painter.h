// Paints a Picture with any QPainter: screen, image, SVG, PDF. The only code that draws.
#pragma once

#include <QImage>
#include <QPainter>
#include <QRectF>

#include "core/base/result.h"
#include "widgets/shared/label_cache.h"
#include "widgets/shared/palette.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/text_width.h"

namespace lw {

/// Paints the items that touch `visible` (picture coordinates; empty = all) at the painter's present scale: the caller scales
/// by look.scale() where the font size counts. labels: remembers text between calls for the same device.
void paintPicture(QPainter& painter, const Picture& picture, const Look& look, const QRectF& visible = {},
                  LabelCache* labels = nullptr);
/// The picture at 100 % on the panel's colour.
QImage pictureImage(const Picture& picture, const Look& look, double devicePixelRatio);

/// The font of a label, in sizes of half pixels, for a device (null: the screen).
QFont pictureFont(const Look& look, TypeSize size, bool bold, bool mono, const QPaintDevice* device = nullptr);

/// Measures text with the fonts that pictures are painted with. It remembers what it has measured; it must not outlive `look`.
Measure fontMeasure(const Look& look);

}  // namespace lw
