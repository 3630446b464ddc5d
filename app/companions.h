// Companions: the models that read the shown text beside the open one. They are opened and run in the background, one after
// the other, and stop while the open model works.
#pragma once

#include <QObject>
#include <QStringList>
#include <QTimer>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/load.h"
#include "widgets/readings.h"
#include "widgets/shared/latest_job.h"
#include "widgets/view.h"

namespace lw {

class Companions : public QObject {
    Q_OBJECT
public:
    explicit Companions(QObject* parent = nullptr);

    const Readings* readings() const { return &m_readings; }
    bool running() const { return m_job.running(); }

    /// asked: names or paths; empty: every bundled model that can read the text. recent: paths that are
    /// offered besides the bundled models and those of the models folder. The same question again is no new work.
    void read(const QStringList& asked, const std::shared_ptr<const LoadedModel>& open, const ShownPtr& shown,
              const std::vector<std::string>& recent);
    /// The gradients of the states too, of the token after `bytes` bytes of the text; −1: no more.
    void readGradients(std::int64_t bytes);
    void pause();
    void resume();

private:
    struct Row {
        ReadingRow facts;
        std::shared_ptr<const LoadedModel> model;  // null until it was opened
    };
    struct Read {
        std::shared_ptr<const LoadedModel> model;
        std::shared_ptr<const Reading> reading;
        std::shared_ptr<const StateGradients> gradients = nullptr;
    };

    void next();
    void nextGradients();
    bool wantsGradients(const Row& row) const;
    void publish();
    void publishSoon();  // once for several readings that end shortly after one another; the last of all at once
    std::vector<OfferedModel> offers(const std::vector<std::string>& recent) const;

    Readings m_readings;
    QStringList m_asked;
    std::shared_ptr<const LoadedModel> m_open;
    std::string m_text;           // the shown run's
    std::vector<Token> m_tokens;  // and its tokens, by the bytes of it
    std::vector<Row> m_rows;
    std::vector<OfferedModel> m_offers;
    std::map<std::string, Read> m_before;  // the last readings, to go on from when the text grows
    std::int64_t m_gradientsAt = -1;
    bool m_paused = false;
    QTimer m_soon;
    LatestJob<Read> m_job{modelPool()};
};

}  // namespace lw
