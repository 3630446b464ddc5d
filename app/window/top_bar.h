// The first row of the window: the model, the text, Trace, Step, and the menu of everything else.
#pragma once

#include "app/window/model_menu.h"
#include "app/window/prompt_edit.h"
#include "app/window/surface.h"

class QPushButton;

namespace lw {

class TopBar : public Surface {
    Q_OBJECT
public:
    explicit TopBar(const Look* look, QWidget* parent = nullptr);

    PromptEdit* prompt() const { return m_prompt; }
    ModelMenu* modelMenu() const { return m_modelMenu; }
    QMenu* moreMenu() const { return m_more; }
    void setModel(const QString& name, const QString& about);

Q_SIGNALS:
    void traceClicked();
    void stepClicked();

private:
    QPushButton* m_model;
    ModelMenu* m_modelMenu;
    PromptEdit* m_prompt;
    QMenu* m_more;
};

}  // namespace lw
