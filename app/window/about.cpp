#include "app/window/about.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTableWidget>
#include <QVBoxLayout>

#include "app/version.h"
#include "core/bundled.h"

namespace lw {

namespace {

struct About {
    Q_DECLARE_TR_FUNCTIONS(About)
};

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

// How it was trained, where this program did that.
QString training(const BundledModel& model) {
    if (!model.trained) return QStringLiteral("–");
    const BundledTraining& t = *model.trained;
    const QLocale locale;
    const QString result = t.bitsPerByte > 0
                               ? About::tr("validation %1 nats a token, %2 bits a byte")
                                     .arg(locale.toString(t.validationLoss, 'f', 3), locale.toString(t.bitsPerByte, 'f', 3))
                               : About::tr("%1 % of the answers right").arg(locale.toString(100 * t.accuracy, 'f', 1));
    return About::tr("%1 parameters; %2; %3 million tokens in %4 s: %5")
        .arg(locale.toString(static_cast<qlonglong>(t.parameters)), result,
             locale.toString(static_cast<double>(t.tokens) / 1e6, 'f', 2), locale.toString(t.seconds), text(t.command));
}

}  // namespace

void showAbout(QWidget* window) {
    auto* dialog = new QDialog(window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(About::tr("About Layerwalk"));
    auto* layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(14, 14, 14, 14);
    layout->setSpacing(8);
    auto* head = new QLabel(
        QStringLiteral("<p style=\"font-size:large\"><b>Layerwalk %1</b></p><p>%2</p><p>%3</p>")
            .arg(QLatin1String(programVersion),
                 About::tr("Walk through the layers of a language model: every number on the screen is real and can be asked "
                           "where it comes from."),
                 About::tr("Free software under the GNU General Public License, version 3 or later; without any warranty.")),
        dialog);
    head->setWordWrap(true);
    head->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(head);

    auto* caption = new QLabel(About::tr("Bundled models"), dialog);
    caption->setProperty("caption", true);
    layout->addWidget(caption);
    auto* table = new QTableWidget(static_cast<int>(bundledModels().size()), 5, dialog);
    table->setAccessibleName(caption->text());
    table->setHorizontalHeaderLabels(
        {About::tr("Name"), About::tr("What it is"), About::tr("Licence"), About::tr("Source"), About::tr("Trained here")});
    int row = 0;
    for (const BundledModel& model : bundledModels()) {
        int column = 0;
        for (const QString& cell :
             {text(model.name), text(model.what), text(model.licence), text(model.source), training(model)}) {
            auto* item = new QTableWidgetItem(cell);
            item->setFlags(Qt::ItemIsSelectable | Qt::ItemIsEnabled);
            table->setItem(row, column++, item);
        }
        ++row;
    }
    table->verticalHeader()->hide();
    table->setWordWrap(true);
    table->setColumnWidth(0, 120);
    table->setColumnWidth(1, 220);
    table->setColumnWidth(2, 110);
    table->setColumnWidth(3, 190);
    table->horizontalHeader()->setStretchLastSection(true);
    layout->addWidget(table, 1);
    auto* libraries =
        new QLabel(About::tr("Built with Qt and Qt Charts (GPL-3.0), Eigen (MPL-2.0), OpenBLAS (BSD-3), Highway (Apache-2.0), "
                             "nlohmann-json, fmt and CLI11 "
                             "(MIT, BSD-3), PCRE2 (BSD-3), utf8proc (MIT), tl::expected (CC0), xxHash (BSD-2). Licence texts: %1")
                       .arg(QString::fromStdString((resourcesFolder() / "licenses").string())),
                   dialog);
    libraries->setWordWrap(true);
    libraries->setProperty("muted", true);
    libraries->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(libraries);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    layout->addWidget(buttons);
    dialog->resize(900, 500);
    dialog->show();
    QMetaObject::invokeMethod(table, &QTableWidget::resizeRowsToContents, Qt::QueuedConnection);
}

}  // namespace lw
