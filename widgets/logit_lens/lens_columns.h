// The readings of a run as far as they have been computed, and the background work that adds to them: the most urgent positions
// first, in portions, so that a large vocabulary never holds up the window.
#pragma once

#include <QObject>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "widgets/logit_lens/lens_facts.h"
#include "widgets/shared/latest_job.h"

namespace lw {

class LensColumns : public QObject {
    Q_OBJECT
public:
    struct Run {
        std::shared_ptr<const Trace> trace;
        std::shared_ptr<const Model> model;
        friend bool operator==(const Run&, const Run&) = default;
    };
    struct Wanted {
        std::vector<int> positions;    // that can be seen, the most urgent first
        std::optional<TokenId> token;  // to be followed in all of them
        friend bool operator==(const Wanted&, const Wanted&) = default;
    };

    explicit LensColumns(QObject* parent = nullptr);

    /// Readings of positions that the new run shares with the old one (same blocks) are kept. minus: A, if B − A is wanted.
    void setRun(Run run, Run minus, bool withMid);
    void want(Wanted wanted);

    const LensColumn* column(int position) const;
    const FollowedColumn* followed(int position) const;  // of the wanted token
    const LensDifference* difference(int position) const;
    /// Wanted positions that are not there yet.
    int missing() const;
    bool complete() const { return !m_error.empty() || missing() == 0; }
    const std::string& error() const { return m_error; }
    const std::vector<LensRow>& rows() const { return m_rows; }

Q_SIGNALS:
    void changed();  // something that is wanted is there, or an error

private:
    struct Portion {
        std::vector<LensColumn> columns;
        std::vector<FollowedColumn> followed;
        std::vector<LensDifference> differences;
    };
    void next();
    bool has(int position) const;

    Run m_run, m_minus;
    bool m_withMid = false;
    bool m_newRun = false;  // what is running belongs to an older one
    Wanted m_wanted;
    std::vector<LensRow> m_rows;
    std::map<int, LensColumn> m_columns;
    std::map<TokenId, std::map<int, FollowedColumn>> m_followed;
    std::map<int, LensDifference> m_differences;
    std::string m_error;
    LatestJob<Portion> m_job;
};

}  // namespace lw
