#include "app/export/export_picture.h"

#include <QBuffer>
#include <QImage>
#include <QImageWriter>
#include <QPageLayout>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <QXmlStreamWriter>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/formats/atomic_file.h"
#include "widgets/shared/picture_painter.h"

namespace lw {

namespace {

constexpr double margin = 14;         // around the picture, as inside a panel
constexpr double pixelsPerInch = 96;  // logical pixels of a picture
constexpr int largestSide = 32000;    // device pixels that QPainter takes

QString text(const std::string& s) { return QString::fromStdString(s); }

QSizeF sizeOf(const Picture& picture) {
    return {std::max(1.0, picture.width) + 2 * margin, std::max(1.0, picture.height) + 2 * margin};
}

void paint(QPainter& painter, const Picture& picture, const Look& look) {
    painter.fillRect(QRectF({0, 0}, sizeOf(picture)), look.palette.of(Ink::Panel));
    painter.translate(margin, margin);
    paintPicture(painter, picture, look);
}

// Dublin Core in XMP: what PDF readers show as title and description.
QByteArray xmp(const ExportNote& note) {
    QByteArray out;
    QXmlStreamWriter xml(&out);
    const QString rdf = QStringLiteral("http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
                  dc = QStringLiteral("http://purl.org/dc/elements/1.1/");
    const auto alternative = [&](const QString& name, const std::string& value) {
        xml.writeStartElement(dc, name);
        xml.writeStartElement(rdf, QStringLiteral("Alt"));
        xml.writeStartElement(rdf, QStringLiteral("li"));
        xml.writeAttribute(QStringLiteral("xml:lang"), QStringLiteral("x-default"));
        xml.writeCharacters(text(value));
        xml.writeEndElement();
        xml.writeEndElement();
        xml.writeEndElement();
    };
    xml.writeProcessingInstruction(QStringLiteral("xpacket"),
                                   QStringLiteral("begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\""));
    xml.writeStartElement(QStringLiteral("adobe:ns:meta/"), QStringLiteral("xmpmeta"));
    xml.writeNamespace(rdf, QStringLiteral("rdf"));
    xml.writeNamespace(dc, QStringLiteral("dc"));
    xml.writeStartElement(rdf, QStringLiteral("RDF"));
    xml.writeStartElement(rdf, QStringLiteral("Description"));
    xml.writeAttribute(rdf, QStringLiteral("about"), QString());
    alternative(QStringLiteral("title"), note.title());
    alternative(QStringLiteral("description"), note.oneLine());
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeProcessingInstruction(QStringLiteral("xpacket"), QStringLiteral("end=\"w\""));
    return out;
}

}  // namespace

QByteArray svgOf(const Picture& picture, const Look& look, const ExportNote& note) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize(sizeOf(picture).toSize());
    svg.setViewBox(QRectF({0, 0}, sizeOf(picture)));
    svg.setResolution(static_cast<int>(pixelsPerInch));
    svg.setTitle(text(note.title()));
    svg.setDescription(text(note.oneLine()));
    QPainter painter(&svg);
    paint(painter, picture, look);
    painter.end();
    return bytes;
}

QByteArray pdfOf(const Picture& picture, const Look& look, const ExportNote& note) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter pdf(&buffer);
    pdf.setTitle(text(note.title()));
    pdf.setCreator(text(note.program));
    pdf.setDocumentXmpMetadata(xmp(note));
    const QSizeF inches = sizeOf(picture) / pixelsPerInch;
    pdf.setPageSize(QPageSize(inches, QPageSize::Inch, QString(), QPageSize::ExactMatch));
    pdf.setPageMargins(QMarginsF());
    QPainter painter(&pdf);
    painter.scale(pdf.logicalDpiX() / pixelsPerInch, pdf.logicalDpiY() / pixelsPerInch);
    paint(painter, picture, look);
    painter.end();
    return bytes;
}

Result<QByteArray> pngOf(const Picture& picture, const Look& look, const ExportNote& note, double devicePixelRatio) {
    const QSizeF size = sizeOf(picture) * devicePixelRatio;
    if (size.width() > largestSide || size.height() > largestSide) {
        return fail(ErrorKind::BadInput,
                    fmt::format("The picture is too large for a PNG ({:.0f} × {:.0f} pixels): export it as SVG or PDF.",
                                size.width(), size.height()));
    }
    QImage image(size.toSize(), QImage::Format_RGB32);
    if (image.isNull())
        return fail(ErrorKind::OverBudget, "There is not enough memory for a PNG of this picture: export it as SVG or PDF.");
    image.setDotsPerMeterX(static_cast<int>(devicePixelRatio * pixelsPerInch / 0.0254));
    image.setDotsPerMeterY(image.dotsPerMeterX());
    QPainter painter(&image);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.scale(devicePixelRatio, devicePixelRatio);
    paint(painter, picture, look);
    painter.end();
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QImageWriter writer(&buffer, "png");
    writer.setText(QStringLiteral("Title"), text(note.title()));
    writer.setText(QStringLiteral("Software"), text(note.program));
    writer.setText(QStringLiteral("Comment"), text(note.oneLine()));
    if (!writer.write(image))
        return fail(ErrorKind::NotWritable, "The picture cannot be written as PNG: " + writer.errorString().toStdString() + ".");
    return bytes;
}

Result<void> exportPicture(const Picture& picture, const Look& look, const ExportNote& note, const std::filesystem::path& file) {
    const std::string ending = file.extension().string();
    Result<QByteArray> bytes;
    if (ending == ".svg") {
        bytes = svgOf(picture, look, note);
    } else if (ending == ".pdf") {
        bytes = pdfOf(picture, look, note);
    } else if (ending == ".png") {
        bytes = pngOf(picture, look, note);
    } else {
        return fail(ErrorKind::BadInput, fmt::format("Pictures are written as .svg, .png or .pdf, not as “{}”.", ending),
                    file.string());
    }
    if (!bytes) return tl::unexpected(bytes.error());
    return writeFileAtomically(file, {bytes->data(), static_cast<std::size_t>(bytes->size())});
}

}  // namespace lw
