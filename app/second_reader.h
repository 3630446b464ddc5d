// SecondReader: a second text, read and captured by the open model as the first is, in the background; the newest question
// wins, and it waits while the open model works on the first.
#pragma once

#include <QObject>

#include <string>

#include "app/run/branches.h"
#include "widgets/second_text.h"
#include "widgets/shared/latest_job.h"

namespace lw {

class SecondReader : public QObject {
    Q_OBJECT
public:
    explicit SecondReader(QObject* parent = nullptr);
    const SecondText* facts() const { return &m_facts; }

    /// Empty: no more.
    void read(const QString& text);
    /// The model and the settings it is read with; the text is read again if they are others.
    void setOrigin(const Origin& origin, std::int64_t budget, InformationUnit unit);
    void pause();
    void resume();

private:
    void next();

    SecondText m_facts;
    Origin m_origin;  // of the first text, its text replaced by the second
    std::int64_t m_budget = 0;
    InformationUnit m_unit = InformationUnit::Nats;
    bool m_waits = false, m_paused = false;
    LatestJob<ShownPtr> m_job{modelPool()};
};

}  // namespace lw
