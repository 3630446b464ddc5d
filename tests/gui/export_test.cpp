// Everything comes out, with the model's fingerprint in the file.
#include <QFile>
#include <QImage>
#include <QImageReader>
#include <QTemporaryDir>
#include <QXmlStreamReader>

#include "app/export/export_data.h"
#include "app/export/export_tensor.h"
#include "core/formats/safetensors.h"
#include "tests/gui/program.h"

using namespace lw;

namespace {

QByteArray read(const QString& path) {
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    return file.readAll();
}

}  // namespace

TEST_CASE("every view is exported in every format", "[export]") {
    QTemporaryDir folder;
    Program program("Once upon a time, there was a little girl");
    const QByteArray fingerprint = QByteArray::fromStdString(program.workspace().model()->fingerprint());
    REQUIRE(fingerprint.size() == 32);
    for (const ViewRow& row : viewRows()) {
        if (!program.workspace().shown()->trace->model().has(row.needs)) continue;  // says what there is instead
        program.showView(row.id);
        INFO(row.id);
        const auto file = [&](const char* ending) {
            return folder.filePath(QStringLiteral("%1.%2").arg(QLatin1String(row.id), QLatin1String(ending)));
        };
        for (const char* ending : {"svg", "png", "pdf", "csv"}) {
            program.window().exportTo(file(ending));
            INFO(ending << " " << program.problem().toStdString());
            REQUIRE(QFile::exists(file(ending)));
        }
        const QByteArray svg = read(file("svg"));
        QXmlStreamReader xml(svg);
        while (!xml.atEnd()) xml.readNext();
        CHECK_FALSE(xml.hasError());
        CHECK(svg.contains(fingerprint));
        CHECK(svg.contains("<text"));

        QImageReader reader(file("png"));
        CHECK(reader.text("Comment").contains(QString::fromLatin1(fingerprint)));
        const QImage image = reader.read();
        const Picture picture = program.window().stage()->activeView()->view()->exportPicture();
        CHECK(image.width() >= 2 * picture.width);
        const QByteArray pdf = read(file("pdf"));
        CHECK(pdf.startsWith("%PDF"));
        CHECK(pdf.contains(fingerprint));
        CHECK(read(file("csv")).contains("# fingerprint: " + fingerprint));
        REQUIRE_FALSE(picture.tables.empty());
        if (std::any_of(picture.tables.begin(), picture.tables.end(), [](const DataTable& t) { return !t.rows.empty(); })) {
            program.window().exportTo(file("npy"));
            const QByteArray npy = read(file("npy"));
            CHECK(npy.startsWith("\x93NUMPY"));
            CHECK(npy.contains(fingerprint));
        }
    }
}

TEST_CASE("the whole trace and one tensor", "[export]") {
    QTemporaryDir folder;
    Program program("Once upon a time");
    const QString file = folder.filePath("trace.safetensors");
    program.window().exportTo(file);
    REQUIRE(eventually([&] { return QFile::exists(file) && !program.workspace().busy(); }));
    const auto trace = SafetensorsFile::open(file.toStdString());
    REQUIRE(trace);
    CHECK((*trace)->metadata().at("fingerprint") == program.workspace().model()->fingerprint());
    CHECK((*trace)->metadata().at("text") == "Once upon a time");
    CHECK((*trace)->find("blocks.2.attn.hook_pattern"));

    const Shown& shown = *program.workspace().shown();
    const ExportNote note = exportNote(shown, *program.workspace().model(), "Once upon a time", {}, {});
    for (const Site& site : allSites()) {
        if (!shown.model->info().has(site.id)) continue;
        const std::filesystem::path one = folder.filePath("one.safetensors").toStdString();
        const std::string name = siteName(site.id, Layer(1));
        INFO(name);
        REQUIRE(exportTensor(shown, {site.id, Layer(1)}, note, one));
        const auto tensor = SafetensorsFile::open(one);
        REQUIRE(tensor);
        REQUIRE((*tensor)->find(name));
        CHECK((*tensor)->find(name)->shape == shown.model->info().shapeOf(site.id, Layer(1), shown.trace->length()));
        if (const auto all = (*trace)->floats(name)) CHECK(*(*tensor)->floats(name) == *all);
    }
    REQUIRE(exportTensor(shown, {SiteId::Pattern, Layer(1)}, note, folder.filePath("p.csv").toStdString()));
    CHECK(read(folder.filePath("p.csv")).contains("blocks.1.attn.hook_pattern"));
    REQUIRE(exportTensor(shown, {SiteId::Pattern, Layer(1)}, note, folder.filePath("p.npy").toStdString()));
    CHECK_FALSE(exportTensor(shown, {SiteId::Pattern, Layer(1)}, note, folder.filePath("p.xls").toStdString()));
}

TEST_CASE("an export that cannot be written is a sentence and leaves nothing behind", "[export]") {
    QTemporaryDir folder;
    Program program("Once upon a time");
    for (const char* name : {"/no/such/folder/a.svg", "/no/such/folder/a.csv", "/no/such/folder/a.safetensors", "/tmp/a.docx"}) {
        program.window().messages()->remove("problem");
        program.window().exportTo(QLatin1String(name));
        INFO(name);
        REQUIRE(eventually([&] { return !program.problem().isEmpty(); }));
        CHECK(program.problem().endsWith('.'));
        CHECK_FALSE(QFile::exists(QLatin1String(name)));
    }
}

TEST_CASE("tables of words, gaps and odd names", "[export][logic]") {
    QTemporaryDir folder;
    const ExportNote note{.view = "v", .model = "m", .fingerprint = "f", .text = "two\nlines", .place = "L1", .program = "p"};
    const DataTable numbers{.name = "a", .columns = {"x", "y"}, .rowNames = {"r"}, .rows = {{1.5, std::nan("")}}, .textRows = {}};
    const DataTable words{.name = "b/../c", .columns = {"w"}, .rowNames = {}, .rows = {}, .textRows = {{"a,b"}}};
    const std::string csv = csvOf(numbers, note);
    CHECK(contains(csv, "# text: two lines\r\n"));
    CHECK(contains(csv, "r,1.5,\r\n"));
    CHECK(contains(csvOf(words, note), "\"a,b\""));
    const auto files = exportData({numbers, words}, note, folder.filePath("t.csv").toStdString());
    REQUIRE(files);
    REQUIRE(files->size() == 2);
    CHECK((*files)[1].filename() == "t.b____c.csv");
    CHECK_FALSE(exportData({words}, note, folder.filePath("t.npy").toStdString()));
    CHECK_FALSE(exportData({}, note, folder.filePath("t.csv").toStdString()));
}
