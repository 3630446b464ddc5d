// The part of MainWindow that opens, saves and exports files.
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>

#include <fmt/format.h>

#include "app/command_line.h"
#include "app/export/export_data.h"
#include "app/export/export_picture.h"
#include "app/export/export_tensor.h"
#include "app/main_window.h"
#include "app/window/stage.h"
#include "app/window/status_line.h"
#include "app/window/top_bar.h"
#include "core/formats/atomic_file.h"
#include "core/text/bpe_writer.h"
#include "core/trace_file.h"
#include "widgets/inspector/number_inspector.h"

namespace lw {

namespace {

QString text(const std::string& s) { return QString::fromStdString(s); }

bool isModelFile(const QFileInfo& info, const QByteArray& begin) {
    const QString suffix = info.suffix().toLower();
    return begin.startsWith("GGUF") || suffix == QLatin1String("gguf") || suffix == QLatin1String("safetensors") ||
           suffix == QLatin1String("bin") || suffix == QLatin1String("pt") || suffix == QLatin1String("pth") ||
           info.fileName() == QLatin1String("config.json") || info.fileName().endsWith(QLatin1String(".safetensors.index.json"));
}

// The offset of the first byte that is no UTF-8, or -1.
qsizetype notUtf8At(const QByteArray& bytes) {
    for (qsizetype i = 0; i < bytes.size();) {
        const auto at = [&](qsizetype k) { return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0u; };
        const unsigned lead = at(i);
        const int length = lead < 0x80                   ? 1
                           : lead >= 0xc2 && lead < 0xe0 ? 2
                           : lead >= 0xe0 && lead < 0xf0 ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
        if (length == 0) return i;
        for (int k = 1; k < length; ++k) {
            if ((at(i + k) & 0xc0u) != 0x80u) return i;
        }
        const unsigned second = at(i + 1);
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90) ||
            (lead == 0xf4 && second > 0x8f))
            return i;
        i += length;
    }
    return -1;
}

}  // namespace

void MainWindow::openFiles(const QList<QUrl>& urls) {
    for (const QUrl& url : urls) {
        if (url.isLocalFile()) {
            openPath(url.toLocalFile());
            return;  // one text, one model at a time
        }
    }
}

void MainWindow::openPath(const QString& path) {
    const QFileInfo info(path);
    if (!info.exists()) {
        showError({ErrorKind::NotFound, fmt::format("There is no file or folder “{}”.", path.toStdString()), path.toStdString()});
        return;
    }
    if (info.isDir()) {
        m_workspace.openModel(info.absoluteFilePath());
        return;
    }
    if (info.suffix() == QLatin1String("walk")) {
        const auto session = readSession(path);
        if (session) {
            m_workspace.apply(*session, path);
        } else {
            showError(session.error());
        }
        return;
    }
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        showError({ErrorKind::Unreadable,
                   fmt::format("“{}” cannot be read: {}.", path.toStdString(), file.errorString().toStdString()),
                   path.toStdString()});
        return;
    }
    if (isModelFile(info, file.peek(4))) {
        const bool inFolder = info.suffix() == QLatin1String("json") || info.suffix() == QLatin1String("bin");
        m_workspace.openModel(inFolder ? info.absolutePath() : info.absoluteFilePath());
        return;
    }
    file.close();
    openTextFile(path);
}

void MainWindow::openTextFile(const QString& path) {
    QFile file(path);
    file.open(QIODevice::ReadOnly);
    if (file.size() > largestPrompt) {  // no prompt for any model: it is counted, and its beginning offered as text
        m_stage->showView(QStringLiteral("tokenizer"));
        Q_EMIT m_workspace.intents()->countFile(path);
        return;
    }
    const QByteArray bytes = file.readAll();
    if (const qsizetype at = notUtf8At(bytes); at >= 0) {
        showError({ErrorKind::BadFormat,
                   fmt::format("“{}” is neither a model nor a session nor UTF-8 text (byte {} is {:#04x}).",
                               QFileInfo(path).fileName().toStdString(), at, static_cast<unsigned char>(bytes[at])),
                   {}});
        return;
    }
    Q_EMIT m_workspace.intents()->setPrompt(QString::fromUtf8(bytes));
}

void MainWindow::askOpen(bool folder) {
    auto* dialog = new QFileDialog(this, folder ? tr("Open a model folder") : tr("Open a model, a session or a text"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
    if (!folder) {
        dialog->setNameFilters({tr("All that can be opened (*.gguf *.safetensors *.walk *.txt *.md config.json)"),
                                tr("Models (*.gguf *.safetensors config.json)"), tr("Sessions (*.walk)"), tr("All files (*)")});
    }
    if (!m_settings.recentModels.isEmpty()) dialog->setDirectory(QFileInfo(m_settings.recentModels.first()).absolutePath());
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openPath);
    dialog->open();
}

void MainWindow::askTokenizer() {
    auto* dialog = new QFileDialog(this, tr("Open a tokenizer"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Tokenizers (*.json *.model *.tiktoken *.gguf *.txt)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, m_workspace.tokenizers(), &Tokenizers::open);
    dialog->open();
}

void MainWindow::askVectors() {
    auto* dialog = new QFileDialog(this, tr("Open word vectors"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Word vectors (*.txt *.vec *.bin)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, m_workspace.vectors(), &VectorFiles::open);
    dialog->open();
}

void MainWindow::askTrainingText(int vocabulary) {
    auto* dialog = new QFileDialog(this, tr("Learn a tokenizer from a text"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Texts (*.txt *.md)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, vocabulary](const QString& path) { m_workspace.workshop()->learnFile(path, vocabulary); });
    dialog->open();
}

void MainWindow::askSaveLearned() {
    const auto learned = m_workspace.workshop()->learned();
    if (!learned) {
        m_status->say(tr("Nothing was learned yet that could be saved."));
        return;
    }
    auto* dialog = new QFileDialog(this, tr("Save what was learned"), {}, QStringLiteral("tokenizer.json (*.json)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("json"));
    dialog->selectFile(QStringLiteral("tokenizer.json"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, learned](const QString& file) {
        m_workspace.background(
            tr("writing the tokenizer"),
            [learned, file](const Job&) { return writeFileAtomically(file.toStdString(), tokenizerJsonOf(*learned)); },
            [this, file] { m_status->say(tr("Written: %1").arg(QDir::toNativeSeparators(file))); });
    });
    dialog->open();
}

void MainWindow::askSave() {
    auto* dialog = new QFileDialog(this, tr("Save the session"), {}, tr("Sessions (*.walk)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("walk"));
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::saveSessionTo);
    dialog->open();
}

void MainWindow::saveSessionTo(const QString& file) {
    if (!m_workspace.model()) return;
    Session session = m_workspace.session();
    session.views = m_stage->views();
    if (session.model.fingerprint.empty()) session.model.fingerprint = m_workspace.model()->fingerprint();
    if (const auto written = writeSession(file, session); !written) {
        showError(written.error());
        return;
    }
    m_status->say(tr("Saved as %1.").arg(QDir::toNativeSeparators(file)));
}

void MainWindow::askExport() {
    if (!m_workspace.shown()) return;
    auto* dialog = new QFileDialog(this, tr("Export"), m_settings.exportFolder);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    const QStringList filters{tr("Picture as SVG (*.svg)"),  tr("Picture as PNG (*.png)"),
                              tr("Picture as PDF (*.pdf)"),  tr("Its data as CSV (*.csv)"),
                              tr("Its data as NPY (*.npy)"), tr("The whole trace (*.safetensors)")};
    const QStringList suffixes{QStringLiteral("svg"), QStringLiteral("png"), QStringLiteral("pdf"),
                               QStringLiteral("csv"), QStringLiteral("npy"), QStringLiteral("safetensors")};
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix(suffixes.first());
    const QString stem = m_stage->activeId() + QLatin1Char('-') + text(m_workspace.shown()->modelName);
    dialog->selectFile(stem);
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog, filters, suffixes](const QString& filter) {
        dialog->setDefaultSuffix(suffixes.value(filters.indexOf(filter)));
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        Settings settings = m_settings;
        settings.exportFolder = QFileInfo(file).absolutePath();
        setSettings(settings);
        exportTo(file);
    });
    dialog->open();
}

void MainWindow::exportTo(const QString& file) {
    const ShownPtr shown = m_workspace.shown();
    if (!shown) return;
    const HostedView* hosted = m_stage->activeView();
    const std::filesystem::path path(file.toStdString());
    const std::string ending = path.extension().string();
    const bool wholeTrace = ending == ".safetensors";
    const ExportNote note =
        exportNote(*shown, *m_workspace.model(), m_workspace.text().toStdString(), m_workspace.selection()->current(),
                   wholeTrace ? std::string() : std::string(hosted->row().title));
    if (wholeTrace) {
        m_workspace.background(
            tr("writing the trace"),
            [shown, path, metadata = note.metadata()](const Job& job) {
                return writeTrace(*shown->trace, *shown->model, path, metadata, job);
            },
            [this, file] { m_status->say(tr("Written: %1").arg(file)); });
        return;
    }
    const Picture picture = hosted->view()->exportPicture();
    if (ending == ".csv" || ending == ".npy") {
        const auto written = exportData(picture.tables, note, path);
        if (!written) {
            showError(written.error());
        } else if (written->size() == 1) {
            m_status->say(tr("Written: %1").arg(file));
        } else {
            m_status->say(tr("Written: %1 and %2 more beside it").arg(file).arg(written->size() - 1));
        }
        return;
    }
    if (const auto written = exportPicture(picture, *m_appearance.look(), note, path); !written) {
        showError(written.error());
        return;
    }
    m_status->say(tr("Written: %1").arg(file));
}

// A value or a row is on the clipboard already; a whole tensor becomes a file.
void MainWindow::copied(CopyKind kind, const Locus& place) {
    if (kind == CopyKind::Value || kind == CopyKind::Row) {
        m_status->say(kind == CopyKind::Value ? tr("The value is in the clipboard.") : tr("The row is in the clipboard."));
        return;
    }
    const ShownPtr shown = m_workspace.shown();
    if (!shown || !place.site) return;
    const SiteRef site{*place.site, place.layer.value_or(Layer(0))};
    const QString suffix = kind == CopyKind::TensorCsv   ? QStringLiteral("csv")
                           : kind == CopyKind::TensorNpy ? QStringLiteral("npy")
                                                         : QStringLiteral("safetensors");
    auto* dialog = new QFileDialog(this, tr("Save %1").arg(text(siteName(site.id, site.layer))), m_settings.exportFolder,
                                   QStringLiteral("*.") + suffix);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->selectFile(text(siteName(site.id, site.layer)));
    connect(dialog, &QFileDialog::fileSelected, this, [this, shown, site](const QString& file) {
        const ExportNote note =
            exportNote(*shown, *m_workspace.model(), m_workspace.text().toStdString(), m_workspace.selection()->current(), {});
        m_workspace.background(
            tr("writing a tensor"),
            [shown, site, note, file](const Job& job) { return exportTensor(*shown, site, note, file.toStdString(), job); },
            [this, file] { m_status->say(tr("Written: %1").arg(file)); });
    });
    dialog->open();
}

}  // namespace lw
