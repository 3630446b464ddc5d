#include "app/second_reader.h"

#include <utility>

#include "app/run/shown_from.h"
#include "app/run/trace_prompt.h"

namespace lw {

SecondReader::SecondReader(QObject* parent) : QObject(parent) {
    connect(&m_job, &LatestJobBase::finished, this, &SecondReader::next);
}

void SecondReader::read(const QString& text) {
    const std::string asked = text.toStdString();
    if (asked == m_facts.text()) return;
    m_job.cancel();
    m_waits = !asked.empty();
    m_facts.set(asked, nullptr, {}, !m_waits);
    next();
}

void SecondReader::setOrigin(const Origin& origin, std::int64_t budget, InformationUnit unit) {
    Origin own = origin;
    own.text.clear();
    m_budget = budget;
    m_unit = unit;
    if (own.sameRun(m_origin)) return;
    m_origin = std::move(own);
    if (m_facts.text().empty()) return;
    m_job.cancel();
    m_waits = true;
    m_facts.set(m_facts.text(), nullptr, {}, false);
    next();
}

void SecondReader::pause() {
    m_paused = true;
    m_job.cancel();
}

void SecondReader::resume() {
    m_paused = false;
    next();
}

void SecondReader::next() {
    if (m_paused || !m_waits || !m_origin.model || m_job.running()) return;  // its end calls again
    Origin origin = m_origin;
    origin.text = m_facts.text();
    m_job.start(
        [origin, budget = m_budget, unit = m_unit](const Job& job) -> Result<ShownPtr> {
            auto traced = tracePrompt(origin, budget, job);
            if (!traced) return tl::unexpected(traced.error());
            return shownFrom(*traced->branches, traced->branches->root(), {}, {}, unit);
        },
        [this, origin](Result<ShownPtr> shown) {
            if (origin.text != m_facts.text() || origin.model != m_origin.model) return;  // another question meanwhile
            m_waits = false;
            m_facts.set(origin.text, shown ? *shown : nullptr, shown ? std::string() : shown.error().message, true);
        });
}

}  // namespace lw
