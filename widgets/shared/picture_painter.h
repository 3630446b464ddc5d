// Paints a Picture with any QPainter: screen, image, SVG, PDF. The only code that draws.
#pragma once

#include <QImage>
#include <QPainter>
#include <QRectF>

#include "core/base/result.h"
#include "widgets/shared/palette.h"
#include "widgets/shared/picture.h"

namespace lw {

/// Paints the items that touch `visible` (picture coordinates; empty = all).
void paintPicture(QPainter& painter, const Picture& picture, const Look& look, const QRectF& visible = {});
QImage pictureImage(const Picture& picture, const Look& look, double devicePixelRatio);

}  // namespace lw
