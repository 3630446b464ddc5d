#include "app/window/larger_model.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/bundled.h"

namespace lw {

namespace {

struct LargerModel {
    Q_DECLARE_TR_FUNCTIONS(LargerModel)
};

}  // namespace

void showLargerModel(QWidget* window, std::function<void()> openFile) {
    auto* dialog = new QDialog(window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(QStringLiteral("largerModel"));
    dialog->setWindowTitle(LargerModel::tr("A larger model"));
    auto* layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(14, 14, 14, 14);
    layout->setSpacing(12);
    const QString folder = QString::fromStdString(modelsFolder().string()).toHtmlEscaped();
    auto* steps = new QLabel(
        QStringLiteral("<p>%1</p><ol><li>%2</li><li>%3</li><li>%4</li></ol><p>%5</p>")
            .arg(
                LargerModel::tr("The bundled models are small: they know simple English stories, and little else. A model of 135 "
                                "million parameters reads other "
                                "scripts, code and facts, and still runs well on a laptop."),
                LargerModel::tr(
                    "Download a GGUF file of <b>SmolLM2-135M</b> (Apache-2.0, about 100 to 270 MB), for instance from "
                    "<a href=\"https://huggingface.co/HuggingFaceTB/SmolLM2-135M\">huggingface.co/HuggingFaceTB/SmolLM2-135M</a> "
                    "or the GGUF files made of it: "
                    "any of F32, F16, BF16, Q8_0, Q5_1, Q5_0, Q4_1, Q4_0, IQ4_NL. The folder with config.json, model.safetensors "
                    "and tokenizer.json works too."),
                LargerModel::tr("Put it into the models folder, so that it is in the menu from now on: <b>%1</b>").arg(folder),
                LargerModel::tr("Open it here, or drop it onto the window."),
                LargerModel::tr("Models of the GPT-2 and Llama families can be opened.")),
        dialog);
    steps->setTextFormat(Qt::RichText);
    steps->setWordWrap(true);
    steps->setOpenExternalLinks(true);
    steps->setTextInteractionFlags(Qt::TextBrowserInteraction);
    layout->addWidget(steps);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    QPushButton* open = buttons->addButton(LargerModel::tr("Open…"), QDialogButtonBox::AcceptRole);
    open->setProperty("primary", true);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    QObject::connect(buttons, &QDialogButtonBox::accepted, dialog, [dialog, openFile = std::move(openFile)] {
        dialog->close();
        openFile();
    });
    layout->addWidget(buttons);
    dialog->resize(600, dialog->sizeHint().height());
    dialog->show();
}

}  // namespace lw
