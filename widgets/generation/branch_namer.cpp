#include "widgets/generation/branch_namer.h"

#include <QMenu>
#include <QMetaMethod>
#include <QShortcut>

#include <algorithm>

namespace lw {

namespace {

constexpr int longestName = 60, fieldWidth = 170;

int indexOf(const Spot& spot) { return spot.action.rfind("node:", 0) == 0 ? std::stoi(spot.action.substr(5)) : -1; }

}  // namespace

BranchNamer::BranchNamer(PictureWidget* tree, Intents* intents, std::function<RunNodePtr(int)> nodeAt,
                         std::function<std::string(const RunNode*)> nameOf)
    : QObject(tree), m_tree(tree), m_intents(intents), m_nodeAt(std::move(nodeAt)), m_nameOf(std::move(nameOf)) {
    connect(tree, &PictureWidget::contextMenuAboutToShow, this, [this](QMenu* menu, const Spot* spot) {
        const RunNodePtr node = spot ? m_nodeAt(indexOf(*spot)) : nullptr;
        if (!node || !node->parent()) return;
        menu->addAction(m_nameOf(node.get()).empty() ? tr("Name this branch …") : tr("Change the name of this branch …"), this,
                        [this, node] { open(node); });
        if (isSignalConnected(QMetaMethod::fromSignal(&BranchNamer::compareWanted)))
            menu->addAction(tr("Compare with the path that is shown"), this, [this, node] { Q_EMIT compareWanted(node); });
    });
}

bool BranchNamer::open(const RunNodePtr& node) {
    if (!node || !node->parent()) return false;
    for (const Spot& spot : m_tree->picture().spots) {
        if (m_nodeAt(indexOf(spot)) != node) continue;
        const Rect rect = spot.rect;
        m_tree->ensureVisible(rect);
        if (m_field) m_field->deleteLater();
        m_field = new QLineEdit(QString::fromStdString(m_nameOf(node.get())), m_tree->viewport());
        m_field->setMaxLength(longestName);
        m_field->setPlaceholderText(tr("name of this branch"));
        m_field->setAccessibleName(tr("Name of this branch"));
        const QPoint at = m_tree->toWidget(rect.x, rect.y);
        const int height = m_field->sizeHint().height(), room = m_tree->viewport()->width() - fieldWidth;
        m_field->setGeometry(std::clamp(at.x(), 0, std::max(0, room)), at.y(), fieldWidth, height);
        connect(m_field, &QLineEdit::returnPressed, this, [this, node] {
            const QString name = m_field->text();
            m_field->hide();
            m_field->deleteLater();
            Q_EMIT m_intents->nameBranch(node, name);
        });
        connect(m_field, &QLineEdit::editingFinished, m_field, &QObject::deleteLater);
        auto* leave = new QShortcut(Qt::Key_Escape, m_field, nullptr, nullptr, Qt::WidgetShortcut);
        connect(leave, &QShortcut::activated, m_field, &QObject::deleteLater);
        m_field->show();
        m_field->setFocus();
        m_field->selectAll();
        return true;
    }
    return false;
}

}  // namespace lw
