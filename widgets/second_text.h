// A second text read by the open model, to be laid beside the first. The workspace fills it when it is asked to
// (Intents::readSecond); views read it and hear when it has changed.
#pragma once

#include <QObject>

#include <string>

#include "widgets/view.h"

namespace lw {

class SecondText : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    const std::string& text() const { return m_text; }        // what was asked for; empty: nothing
    const ShownPtr& shown() const { return m_shown; }         // null while it is being read, or if it cannot be
    const std::string& problem() const { return m_problem; }  // why it cannot be; empty otherwise
    bool complete() const { return m_complete; }              // nothing is being read any more
    void set(std::string text, ShownPtr shown, std::string problem, bool complete) {
        m_text = std::move(text);
        m_shown = std::move(shown);
        m_problem = std::move(problem);
        m_complete = complete;
        Q_EMIT changed();
    }

Q_SIGNALS:
    void changed();

private:
    std::string m_text, m_problem;
    ShownPtr m_shown;
    bool m_complete = true;
};

}  // namespace lw
