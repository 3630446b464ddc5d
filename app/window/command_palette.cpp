#include "app/window/command_palette.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

#include <algorithm>

#include "app/window/fuzzy.h"

namespace lw {

namespace {

constexpr std::size_t mostShown = 60;
constexpr int widest = 640, tallest = 420;

}  // namespace

CommandPalette::CommandPalette(QWidget* window) : QFrame(window) {
    setProperty("panel", true);
    setObjectName(QStringLiteral("palette"));
    setAccessibleName(tr("Command palette"));
    setAutoFillBackground(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    m_field = new QLineEdit(this);
    m_field->setPlaceholderText(tr("A view, a model, a token, a site, a place such as L3 H5 q7, or what to do"));
    m_field->setAccessibleName(tr("Search"));
    m_field->setClearButtonEnabled(false);
    layout->addWidget(m_field);
    m_list = new QListWidget(this);
    m_list->setAccessibleName(tr("Found"));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setUniformItemSizes(true);
    layout->addWidget(m_list, 1);
    m_field->installEventFilter(this);
    window->installEventFilter(this);
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) { run(m_list->row(item)); });
    hide();
}

void CommandPalette::open(std::vector<PaletteItem> items, std::function<std::vector<PaletteItem>(const QString&)> typed) {
    m_items = std::move(items);
    m_typed = std::move(typed);
    m_before = QApplication::focusWidget();
    m_field->clear();
    filter();
    place();
    show();
    raise();
    m_field->setFocus();
}

void CommandPalette::place() {
    const QWidget* window = parentWidget();
    const int width = std::min(widest, window->width() - 32);
    setGeometry((window->width() - width) / 2, window->height() / 10, width, std::min(tallest, window->height() * 7 / 10));
}

void CommandPalette::filter() {
    const QString typed = m_field->text();
    std::vector<std::pair<int, const PaletteItem*>> scored;
    for (const PaletteItem& item : m_items) {
        if (const auto score = fuzzyScore(typed, item.group + QLatin1Char(' ') + item.title)) scored.emplace_back(*score, &item);
    }
    if (!typed.trimmed().isEmpty()) {
        std::stable_sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    }
    m_found = m_typed ? m_typed(typed) : std::vector<PaletteItem>();
    for (std::size_t i = 0; i < scored.size() && m_found.size() < mostShown; ++i) m_found.push_back(*scored[i].second);

    m_list->clear();
    for (const PaletteItem& item : m_found) {
        QString line = item.group + QStringLiteral("   ") + item.title;
        if (!item.detail.isEmpty()) line += QStringLiteral("   ") + item.detail;
        m_list->addItem(line);
    }
    if (m_found.empty()) {
        auto* none = new QListWidgetItem(tr("Nothing is called “%1” here.").arg(typed), m_list);
        none->setFlags(Qt::NoItemFlags);
    }
    m_list->setCurrentRow(m_found.empty() ? -1 : 0);
}

void CommandPalette::run(int row) {
    if (row < 0 || row >= static_cast<int>(m_found.size())) return;
    const auto does = m_found[static_cast<std::size_t>(row)].does;
    close();
    does();
}

void CommandPalette::close() {
    hide();
    if (m_before) m_before->setFocus();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parentWidget()) {
        if (event->type() == QEvent::Resize && isVisible()) place();
        return false;
    }
    if (event->type() == QEvent::FocusOut && isVisible() && static_cast<QFocusEvent*>(event)->reason() == Qt::MouseFocusReason)
        hide();
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    if (event->type() != QEvent::KeyPress) return false;
    const int key = static_cast<QKeyEvent*>(event)->key(), row = m_list->currentRow(), last = m_list->count() - 1;
    switch (key) {
        case Qt::Key_Escape:
            close();
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            run(row);
            return true;
        case Qt::Key_Down:
            m_list->setCurrentRow(std::min(row + 1, last));
            return true;
        case Qt::Key_Up:
            m_list->setCurrentRow(std::max(row - 1, 0));
            return true;
        case Qt::Key_PageDown:
            m_list->setCurrentRow(std::min(row + 10, last));
            return true;
        case Qt::Key_PageUp:
            m_list->setCurrentRow(std::max(row - 10, 0));
            return true;
        default:
            return false;
    }
}

}  // namespace lw
