#include "widgets/logit_lens/lens_columns.h"

#include <algorithm>
#include <chrono>

namespace lw {

namespace {

constexpr auto portion = std::chrono::milliseconds(60);  // readings are shown in portions of about this long
constexpr double readAheadCost = 2e10;                   // multiply-adds up to which positions out of sight are read too
constexpr std::size_t mostFollowed = 8;                  // tokens whose paths are kept

/// Positions at the front that both runs share: their blocks are the same objects.
int sharedLength(const Trace& a, const Trace& b) {
    int length = 0;
    for (std::size_t i = 0; i < a.blocks().size() && i < b.blocks().size() && a.blocks()[i] == b.blocks()[i]; ++i) {
        length = a.blocks()[i]->first + a.blocks()[i]->rows();
    }
    return length;
}

}  // namespace

LensColumns::LensColumns(QObject* parent) : QObject(parent), m_job(picturePool()) {
    connect(&m_job, &LatestJobBase::finished, this, [this] {
        if (!m_job.running()) next();  // after a cancelled portion too
    });
}

void LensColumns::setRun(Run run, Run minus, bool withMid) {
    if (run == m_run && minus == m_minus && withMid == m_withMid) return;
    m_job.cancel();
    m_newRun = true;
    m_error.clear();
    int kept = 0;
    if (run.model && run.model == m_run.model && withMid == m_withMid && run.trace && m_run.trace) {
        kept = sharedLength(*run.trace, *m_run.trace);
    }
    m_columns.erase(m_columns.lower_bound(kept), m_columns.end());
    for (auto& [token, paths] : m_followed) paths.erase(paths.lower_bound(kept), paths.end());
    if (!(minus == m_minus) || kept == 0) {
        m_differences.clear();
    } else {
        m_differences.erase(m_differences.lower_bound(kept), m_differences.end());
    }
    if (!run.model || run.model != m_run.model) m_followed.clear();
    m_run = std::move(run);
    m_minus = std::move(minus);
    m_withMid = withMid;
    m_rows = m_run.model ? lensRowsShown(m_run.model->info(), withMid) : std::vector<LensRow>();
}

void LensColumns::want(Wanted wanted) {
    m_wanted = std::move(wanted);
    if (!m_job.running() || m_newRun) next();  // a running portion is short; what comes after it is the new wish
}

const LensColumn* LensColumns::column(int position) const {
    const auto at = m_columns.find(position);
    return at == m_columns.end() ? nullptr : &at->second;
}

const FollowedColumn* LensColumns::followed(int position) const {
    if (!m_wanted.token) return nullptr;
    const auto paths = m_followed.find(*m_wanted.token);
    if (paths == m_followed.end()) return nullptr;
    const auto at = paths->second.find(position);
    return at == paths->second.end() ? nullptr : &at->second;
}

const LensDifference* LensColumns::difference(int position) const {
    const auto at = m_differences.find(position);
    return at == m_differences.end() ? nullptr : &at->second;
}

bool LensColumns::has(int position) const {
    return column(position) && (!m_wanted.token || followed(position)) && (!m_minus.trace || difference(position));
}

int LensColumns::missing() const {
    if (!m_run.trace) return 0;
    return static_cast<int>(
        std::count_if(m_wanted.positions.begin(), m_wanted.positions.end(), [this](int p) { return !has(p); }));
}

void LensColumns::next() {
    m_newRun = false;
    if (!m_run.trace || !m_run.model || !m_error.empty()) return;
    std::vector<int> positions;
    for (const int p : m_wanted.positions) {
        if (p >= 0 && p < m_run.trace->length() && !has(p)) positions.push_back(p);
    }
    if (positions.empty() && lensCost(m_run.model->info(), m_withMid) * m_run.trace->length() < readAheadCost) {
        for (int p = 0; p < m_run.trace->length(); ++p) {
            if (!has(p)) positions.push_back(p);
        }
    }
    if (positions.empty()) return;
    if (m_wanted.token && m_followed.size() > mostFollowed) {
        std::erase_if(m_followed, [this](const auto& entry) { return entry.first != *m_wanted.token; });
    }
    // What a position lacks; its column goes along for the difference.
    struct Lack {
        int position;
        bool column, followed, difference;
        std::optional<LensColumn> known;
    };
    std::vector<Lack> lacks;
    for (const int p : positions) {
        const LensColumn* known = column(p);
        const bool difference = m_minus.trace && !this->difference(p);
        lacks.push_back(
            {p, !known, m_wanted.token && !followed(p), difference, known && difference ? std::optional(*known) : std::nullopt});
        if (lacks.size() >= 64) break;
    }
    m_job.start(
        [run = m_run, minus = m_minus, token = m_wanted.token, withMid = m_withMid, rows = m_rows,
         lacks = std::move(lacks)](const Job& job) -> Result<Portion> {
            Portion done;
            const auto start = std::chrono::steady_clock::now();
            for (const Lack& lack : lacks) {
                std::optional<LensColumn> known = lack.known;
                if (lack.column) {
                    auto column = lensColumn(*run.trace, *run.model, lack.position, withMid, job);
                    if (!column) return Unexpected(column.error());
                    done.columns.push_back(*column);
                    known = std::move(*column);
                }
                if (lack.followed) {
                    auto path = followToken(*run.trace, *run.model, *token, lack.position, withMid, job);
                    if (!path) return Unexpected(path.error());
                    done.followed.push_back(std::move(*path));
                }
                if (lack.difference && known) {
                    auto difference = lensDifference(*minus.trace, *minus.model, rows, *known, job);
                    if (!difference) return Unexpected(difference.error());
                    done.differences.push_back(std::move(*difference));
                }
                if (std::chrono::steady_clock::now() - start > portion) break;
            }
            return done;
        },
        [this](Result<Portion> done) {
            bool awaited = !done;  // what is read ahead changes no picture
            if (!done) {
                if (done.error().kind != ErrorKind::Cancelled) m_error = done.error().message;
            } else {
                const auto waitsFor = [this](int position) { return std::ranges::count(m_wanted.positions, position) > 0; };
                awaited = std::ranges::any_of(done->columns, waitsFor, &LensColumn::position) ||
                          std::ranges::any_of(done->followed, waitsFor, &FollowedColumn::position) ||
                          std::ranges::any_of(done->differences, waitsFor, &LensDifference::position);
                for (LensColumn& column : done->columns) m_columns[column.position] = std::move(column);
                for (FollowedColumn& path : done->followed) m_followed[path.token][path.position] = std::move(path);
                for (LensDifference& difference : done->differences) m_differences[difference.position] = std::move(difference);
            }
            next();
            if (awaited) Q_EMIT changed();
        });
}

}  // namespace lw
