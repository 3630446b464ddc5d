// Names for branches, given where they are drawn: an entry in the context menu of a node, and a line to type in beside it.
#pragma once

#include <QLineEdit>
#include <QObject>
#include <QPointer>

#include <functional>

#include "core/generate/run_tree.h"
#include "widgets/shared/intents.h"
#include "widgets/shared/picture_widget.h"

namespace lw {

class BranchNamer : public QObject {
    Q_OBJECT
public:
    /// nodeAt: the node of the action "node:<i>", or null; nameOf: what it is called now.
    BranchNamer(PictureWidget* tree, Intents* intents, std::function<RunNodePtr(int)> nodeAt,
                std::function<std::string(const RunNode*)> nameOf);

    /// Opens the line at the node (not at the root: the prompt has no name). False if the node is not drawn.
    bool open(const RunNodePtr& node);
    QLineEdit* field() const { return m_field; }

Q_SIGNALS:
    void compareWanted(lw::RunNodePtr node);  // offered in the menu if anybody is connected

private:
    PictureWidget* m_tree;
    Intents* m_intents;
    std::function<RunNodePtr(int)> m_nodeAt;
    std::function<std::string(const RunNode*)> m_nameOf;
    QPointer<QLineEdit> m_field;
};

}  // namespace lw
