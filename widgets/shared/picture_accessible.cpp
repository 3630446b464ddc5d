#include "widgets/shared/picture_accessible.h"

#include <QAccessibleWidget>
#include <QHash>
#include <QPointer>

#include "widgets/shared/picture_widget.h"

namespace lw {

namespace {

// One spot. It reads the widget's present picture, so it stays valid when that changes.
class SpotAccessible final : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    SpotAccessible(PictureWidget* widget, int index) : m_widget(widget), m_index(index) {}

    bool isValid() const override { return spot() != nullptr; }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override {
        const QWidget* top = m_widget ? m_widget->window() : nullptr;
        return top ? top->windowHandle() : nullptr;
    }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(m_widget); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    void setText(QAccessible::Text, const QString&) override {}

    QString text(QAccessible::Text kind) const override {
        const Spot* here = spot();
        if (!here) return {};
        const bool covered = m_widget->isCovered(*here);
        if (kind == QAccessible::Name)
            return covered ? PictureWidget::tr("Covered: press to guess before you look.") : QString::fromStdString(here->says);
        if (kind == QAccessible::Value && here->value && !covered) return QString::number(*here->value, 'g', 9);
        return {};
    }
    QAccessible::State state() const override {
        QAccessible::State state;
        state.focusable = state.selectable = true;
        const Spot* here = spot();
        state.invalid = here == nullptr;
        state.focused = here && m_widget->hasFocus() && m_widget->focusSpot() == here;
        return state;
    }
    QRect rect() const override {
        const Spot* here = spot();
        if (!here) return {};
        const QPoint topLeft = m_widget->toWidget(here->rect.x, here->rect.y);
        const QPoint bottomRight = m_widget->toWidget(here->rect.right(), here->rect.bottom());
        return QRect(m_widget->viewport()->mapToGlobal(topLeft), m_widget->viewport()->mapToGlobal(bottomRight));
    }

    void* interface_cast(QAccessible::InterfaceType type) override {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr;
    }
    QStringList actionNames() const override { return {pressAction(), setFocusAction()}; }
    void doAction(const QString& name) override {
        const Spot* here = spot();
        if (!here) return;
        if (name == setFocusAction()) {
            m_widget->setFocus(Qt::OtherFocusReason);
            m_widget->setFocusSpot(m_index);
        } else if (name == pressAction()) {
            m_widget->activate(*here, here->rect.x + here->rect.w / 2, here->rect.y + here->rect.h / 2);
        }
    }
    QStringList keyBindingsForAction(const QString&) const override { return {}; }

    int index() const { return m_index; }

private:
    const Spot* spot() const {
        if (!m_widget || m_index >= static_cast<int>(m_widget->picture().spots.size())) return nullptr;
        return &m_widget->picture().spots[static_cast<std::size_t>(m_index)];
    }
    QPointer<PictureWidget> m_widget;
    int m_index;
};

class PictureAccessible final : public QAccessibleWidget {
public:
    explicit PictureAccessible(PictureWidget* widget) : QAccessibleWidget(widget, QAccessible::List), m_picture(widget) {}
    ~PictureAccessible() override {
        for (const QAccessible::Id id : std::as_const(m_children)) QAccessible::deleteAccessibleInterface(id);
    }

    int childCount() const override { return m_picture ? static_cast<int>(m_picture->picture().spots.size()) : 0; }
    QAccessibleInterface* child(int index) const override {
        if (index < 0 || index >= childCount()) return nullptr;
        auto it = m_children.constFind(index);
        if (it == m_children.constEnd()) {
            auto* made = new SpotAccessible(m_picture, index);  // owned by QAccessible's cache
            it = m_children.insert(index, QAccessible::registerAccessibleInterface(made));
        }
        return QAccessible::accessibleInterface(*it);
    }
    int indexOfChild(const QAccessibleInterface* child) const override {
        const auto* spot = dynamic_cast<const SpotAccessible*>(child);
        return spot ? spot->index() : -1;
    }
    QAccessibleInterface* childAt(int x, int y) const override {
        if (!m_picture) return nullptr;
        const QPointF p = m_picture->toPicture(m_picture->viewport()->mapFromGlobal(QPoint(x, y)));
        const Spot* spot = m_picture->picture().at(p.x(), p.y());
        return spot ? child(static_cast<int>(spot - m_picture->picture().spots.data())) : nullptr;
    }
    QAccessibleInterface* focusChild() const override {
        const Spot* spot = m_picture ? m_picture->focusSpot() : nullptr;
        return spot ? child(static_cast<int>(spot - m_picture->picture().spots.data())) : nullptr;
    }
    QString text(QAccessible::Text kind) const override {
        const QString own = QAccessibleWidget::text(kind);
        if (!own.isEmpty() || !m_picture) return own;
        if (kind == QAccessible::Name) return QString::fromStdString(m_picture->picture().title);
        if (kind == QAccessible::Description) return QString::fromStdString(m_picture->picture().subtitle);
        return own;
    }

private:
    QPointer<PictureWidget> m_picture;
    mutable QHash<int, QAccessible::Id> m_children;
};

QAccessibleInterface* makeAccessible(const QString&, QObject* object) {
    auto* widget = qobject_cast<PictureWidget*>(object);
    return widget ? new PictureAccessible(widget) : nullptr;
}

}  // namespace

void installPictureAccessibility() {
    static const bool installed = [] {
        QAccessible::installFactory(&makeAccessible);
        return true;
    }();
    static_cast<void>(installed);
}

void announcePicture(PictureWidget* widget) {
    QAccessibleEvent event(widget, QAccessible::ObjectReorder);
    QAccessible::updateAccessibility(&event);
}

void announceFocus(PictureWidget* widget, int spot) {
    QAccessibleEvent event(widget, QAccessible::Focus);
    event.setChild(spot);
    QAccessible::updateAccessibility(&event);
}

}  // namespace lw
