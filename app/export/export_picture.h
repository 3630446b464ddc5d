// A picture as a file: SVG and PDF (vectors), PNG (at 2×). The note goes into the file. Written whole or not at all.
#pragma once

#include <QByteArray>

#include <filesystem>

#include "app/export/export_note.h"
#include "core/base/result.h"
#include "widgets/shared/palette.h"
#include "widgets/shared/picture.h"

namespace lw {

QByteArray svgOf(const Picture& picture, const Look& look, const ExportNote& note);
QByteArray pdfOf(const Picture& picture, const Look& look, const ExportNote& note);
/// Fails: too large for an image.
Result<QByteArray> pngOf(const Picture& picture, const Look& look, const ExportNote& note, double devicePixelRatio = 2);

/// By the file's ending: .svg, .pdf, .png. Fails: another ending; NotWritable; too large.
Result<void> exportPicture(const Picture& picture, const Look& look, const ExportNote& note, const std::filesystem::path& file);

}  // namespace lw
