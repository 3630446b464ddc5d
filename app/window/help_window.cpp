#include "app/window/help_window.h"

#include <QCoreApplication>
#include <QTabWidget>
#include <QTextBrowser>
#include <QUrl>
#include <QVBoxLayout>

#include "app/window/key_table.h"

namespace lw {

namespace {

QTextBrowser* page(QTabWidget* tabs, const QString& title) {
    auto* browser = new QTextBrowser(tabs);
    browser->setOpenLinks(false);
    browser->setAccessibleName(title);
    tabs->addTab(browser, title);
    return browser;
}

}  // namespace

HelpWindow::HelpWindow(QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Help"));
    setObjectName(QStringLiteral("help"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    m_tabs = new QTabWidget(this);
    m_view = page(m_tabs, tr("This view"));
    m_keys = page(m_tabs, tr("Keys"));
    m_place = page(m_tabs, tr("Places"));
    m_place->setHtml(
        QStringLiteral(
            "<h3>%1</h3><p>%2</p><table "
            "cellpadding=\"4\"><tr><td><b>s</b></td><td>%3</td></tr><tr><td><b>L</b></td><td>%4</td></tr>"
            "<tr><td><b>H</b></td><td>%5</td></tr><tr><td><b>q</b></td><td>%6</td></tr><tr><td><b>k</b></"
            "td><td>%7</td></tr><tr><td><b>n</b></td><td>%8</td></tr><tr><td><b>m</b></td><td>%9</td></tr></table><p>%10</p>")
            .arg(tr("One text, one place, many views"),
                 tr("A place is spelled out at the bottom left, as in “L3 H5 q7 k2”. Every view can set parts of "
                    "it, and every view follows. "
                    "Everything counts from 0. Click a part to choose another one; type a place into the command "
                    "palette (/) to go there."),
                 tr("generation step (0 = the prompt)"), tr("layer"), tr("head"), tr("query, or the position of a token"),
                 tr("key: the position that is read"), tr("unit: a channel, a neuron, a dimension; for logits the token’s id"))
            .arg(tr("second unit: the column of a state; of the residual stream, the token that the logit lens "
                    "reads there"))
            .arg(tr("A click pins a part, Esc takes the last one off, a double-click opens the natural next view. C "
                    "pins the run and the place as A: "
                    "move on, and every view shows B beside A, or B − A.")));
    layout->addWidget(m_tabs);
    resize(560, 520);
    connect(m_view, &QTextBrowser::anchorClicked, this,
            [this](const QUrl& url) { Q_EMIT sampleChosen(QUrl::fromPercentEncoding(url.path(QUrl::FullyEncoded).toUtf8())); });
    setKeys({});
}

void HelpWindow::showView(const ViewRow& row) {
    const auto translated = [](const char* text) { return QCoreApplication::translate("View", text).toHtmlEscaped(); };
    QString html = QStringLiteral("<h3>%1</h3>").arg(translated(row.title));
    for (const QString& paragraph : translated(row.help).split(QLatin1Char('\n'), Qt::SkipEmptyParts))
        html += QStringLiteral("<p>%1</p>").arg(paragraph);
    const QStringList samples = QString::fromUtf8(row.samples).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    if (!samples.isEmpty())
        html += QStringLiteral("<p><b>%1</b></p><ul>").arg(tr("Texts that make it interesting (click one to trace it)"));
    for (const QString& sample : samples) {
        html += QStringLiteral("<li><a href=\"sample:%1\">%2</a></li>")
                    .arg(QString::fromLatin1(QUrl::toPercentEncoding(sample)), sample.toHtmlEscaped());
    }
    if (!samples.isEmpty()) html += QStringLiteral("</ul>");
    m_view->setHtml(html);
    m_tabs->setCurrentWidget(m_view);
}

void HelpWindow::setKeys(const QMap<QString, QString>& own) {
    QString html =
        QStringLiteral("<p>%1</p>")
            .arg(tr("Letters and arrows act when no text field has the focus. They can be changed in the settings (Ctrl+,)."));
    QString group;
    for (const KeyRow& row : keyTable()) {
        const QString heading = QCoreApplication::translate("Keys", row.group);
        if (heading != group) {
            if (!group.isEmpty()) html += QStringLiteral("</table>");
            html += QStringLiteral("<h4>%1</h4><table cellpadding=\"3\" width=\"100%\">").arg(heading.toHtmlEscaped());
            group = heading;
        }
        html +=
            QStringLiteral("<tr><td width=\"130\"><b>%1</b></td><td>%2</td></tr>")
                .arg(shownKeys(keysOf(row, own)).toHtmlEscaped(), QCoreApplication::translate("Keys", row.title).toHtmlEscaped());
    }
    m_keys->setHtml(html + QStringLiteral("</table>"));
}

}  // namespace lw
