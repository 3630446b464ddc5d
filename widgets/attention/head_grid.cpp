#include "widgets/attention/head_grid.h"

#include <QMenu>
#include <QScrollBar>

#include <algorithm>
#include <chrono>

#include "widgets/attention/attention_controls.h"
#include "widgets/attention/attention_words.h"

namespace lw {

namespace {

constexpr int thumbCells = 48;
constexpr auto batch = std::chrono::milliseconds(40);  // thumbnails are shown in portions of about this long
constexpr double cheapScores = 3e9;                    // multiply-adds up to which the scores are computed unasked

double patternCost(const Trace& trace) {
    double cost = 0;
    const double cells = 0.5 * trace.length() * trace.length();
    for (const BlockInfo& block : trace.model().blocks) cost += cells * block.attention.heads * block.attention.headWidth;
    return cost;
}

}  // namespace

HeadGrid::HeadGrid(const ViewServices& services, QWidget* parent)
    : QObject(parent),
      m_services(services),
      m_parent(parent),
      m_head(new PictureWidget(services.selection, services.look, parent)),
      m_grid(new PictureWidget(services.selection, services.look, parent)),
      m_thumbJob(picturePool()),
      m_scoresJob(picturePool()) {
    m_head->setAccessibleName(tr("Order of the heads"));
    m_grid->setAccessibleName(tr("All heads"));
    m_head->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_head->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_head, &PictureWidget::actionRequested, this, [this](const QString& action) {
        if (action == "order") chooseOrder();
    });
    connect(m_grid->verticalScrollBar(), &QScrollBar::valueChanged, this, [this] {
        if (!m_thumbJob.running()) next();
    });
    connect(m_grid->horizontalScrollBar(), &QScrollBar::valueChanged, this, &HeadGrid::drawHead);
    // A cancelled computation of another run's scores has made room for this run's.
    connect(&m_scoresJob, &LatestJobBase::finished, this, [this] {
        if (m_trace && m_scores.empty() && !m_scoresFailed && (m_order != HeadOrder::ByLayer || affordable())) computeScores();
    });
}

void HeadGrid::setTraces(std::shared_ptr<const Trace> trace, std::shared_ptr<const Trace> minus) {
    if (trace == m_trace && minus == m_minus) return;
    if (trace != m_trace) {
        m_scores.clear();
        m_scoresFailed = false;
        m_scoresJob.cancel();
    }
    m_thumbJob.cancel();
    m_thumbs.clear();
    m_trace = std::move(trace);
    m_minus = std::move(minus);
    if (m_trace && m_order != HeadOrder::ByLayer) computeScores();
    next();
}

void HeadGrid::setSelected(HeadPlace place) {
    if (m_selected == place) return;
    m_selected = place;
    m_show = true;
    draw();
    showSelected();
}

void HeadGrid::setOrder(HeadOrder order) {
    if (order == m_order) return;
    m_order = order;
    if (m_trace && order != HeadOrder::ByLayer && m_scores.empty() && !m_scoresJob.running()) computeScores();
    draw();
    Q_EMIT changed();
}

const HeadScores* HeadGrid::scores(HeadPlace place) const {
    const auto at = std::find_if(m_scores.begin(), m_scores.end(), [&](const HeadScores& s) {
        return HeadPlace{s.layer, s.head} == place;
    });
    return at == m_scores.end() ? nullptr : &*at;
}

bool HeadGrid::complete() const {
    if (!m_trace) return true;
    if (m_scoresJob.running() && (m_order != HeadOrder::ByLayer || affordable())) return false;
    if (!m_thumbJob.running()) return true;
    // Only what can be seen has to be there.
    const double top = m_grid->verticalScrollBar()->value(), bottom = top + m_grid->viewport()->height();
    const double scale = m_services.look ? m_services.look->scale() : 1.0;
    for (const Spot& spot : m_grid->picture().spots) {
        if (!spot.place.layer || !spot.place.head || spot.rect.bottom() * scale < top || spot.rect.y * scale > bottom) continue;
        if (!m_thumbs.contains({*spot.place.layer, *spot.place.head})) return false;
    }
    return true;
}

bool HeadGrid::affordable() const { return m_trace && patternCost(*m_trace) < cheapScores; }

void HeadGrid::next() {
    if (!m_trace) return;
    // Until the first thumbnails of another text are there the old ones stay, greyed.
    if (m_thumbs.empty() && m_drawn == &m_trace->model())
        m_grid->setStale(true);
    else
        draw();
    // The layers that can be seen, the selected one before all; then the others.
    std::vector<Layer> missing;
    const double top = m_grid->verticalScrollBar()->value(), bottom = top + m_grid->viewport()->height();
    const double scale = m_services.look ? m_services.look->scale() : 1.0;
    std::vector<std::pair<int, int>> order;
    for (int layer = m_trace->model().layers() - 1; layer >= 0; --layer) {
        if (m_thumbs.contains({Layer(layer), Head(0)}) || !m_trace->has(SiteId::Pattern, Layer(layer))) continue;
        int rank = 2;
        if (const auto rect = thumbRect(m_grid->picture(), {Layer(layer), Head(0)})) {
            if (rect->bottom() * scale >= top && rect->y * scale <= bottom) rank = 1;
        }
        if (m_selected && m_selected->layer.value == layer) rank = 0;
        order.emplace_back(rank, layer);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [rank, layer] : order) missing.push_back(Layer(layer));
    if (missing.empty()) {
        if (m_thumbs.empty()) draw();  // nothing to come: no attention was captured
        if (m_scores.empty() && !m_scoresFailed && !m_scoresJob.running() && affordable()) computeScores();
        Q_EMIT changed();
        return;
    }
    m_thumbJob.start(
        [trace = m_trace, minus = m_minus, missing](const Job& job) -> Result<std::vector<HeadThumb>> {
            std::vector<HeadThumb> done;
            const auto start = std::chrono::steady_clock::now();
            for (const Layer layer : missing) {
                auto thumbs = headThumbs(*trace, layer, thumbCells, minus.get(), job);
                if (!thumbs) return Unexpected(thumbs.error());
                std::move(thumbs->begin(), thumbs->end(), std::back_inserter(done));
                if (std::chrono::steady_clock::now() - start > batch) break;
            }
            return done;
        },
        [this](Result<std::vector<HeadThumb>> thumbs) {
            if (!thumbs) {
                draw();
                Q_EMIT changed();
                return;
            }
            for (HeadThumb& thumb : *thumbs) m_thumbs[thumb.place] = std::move(thumb);
            next();
            Q_EMIT changed();
        });
}

void HeadGrid::computeScores() {
    m_scoresJob.start([trace = m_trace](const Job& job) { return headScores(*trace, job); },
                      [this](Result<std::vector<HeadScores>> scores) {
                          if (scores) m_scores = std::move(*scores);
                          m_scoresFailed = !scores;
                          if (m_order == HeadOrder::ByLayer)
                              drawHead();
                          else
                              draw();
                          Q_EMIT changed();
                      });
}

HeadGridInput HeadGrid::input(double width, double height) const {
    HeadGridInput in;
    in.model = &m_trace->model();
    in.thumb = [this](HeadPlace place) {
        const auto at = m_thumbs.find(place);
        return at == m_thumbs.end() ? nullptr : &at->second;
    };
    in.order = m_order;
    in.scores = m_scores;
    in.selected = m_selected;
    in.difference = m_minus != nullptr;
    in.width = width;
    in.height = height;
    in.say = attentionWords;
    return in;
}

std::string HeadGrid::note() const {
    return headGridNote(input(m_width, m_height), m_thumbs.empty() ? 1 : m_thumbs.begin()->second.pool);
}

double HeadGrid::layOut(double width, double height) {
    if (width != m_width || height != m_height) {
        m_width = width;
        m_height = height;
        draw();
        m_show = true;
    }
    return m_grid->picture().height;
}

void HeadGrid::showSelected() {
    if (!m_show || !m_selected) return;
    m_show = false;
    if (const auto rect = thumbRect(m_grid->picture(), *m_selected)) m_grid->ensureVisible(*rect);
}

void HeadGrid::draw() {
    if (!m_trace) return;
    m_drawn = &m_trace->model();
    HeadGridInput in = input(m_width, m_height);
    in.numbered = false;
    m_grid->setPicture(headGridPicture(in));
    drawHead();
}

void HeadGrid::drawHead() {
    if (!m_trace) return;
    Picture head = gridHeadPicture(note(), m_order, m_scoresJob.running() && m_order != HeadOrder::ByLayer,
                                   m_head->availableWidth(), attentionWords);
    HeadGridInput in = input(m_width, m_height);
    in.numbered = false;
    // The heads' numbers stay where the grid scrolls under them.
    if (numbered()) {
        const double scale = m_services.look ? m_services.look->scale() : 1.0;
        addHeadNumbers(head, in, gridHeadHeight - 2, m_grid->horizontalScrollBar()->value() / scale);
        head.height += headNumbersHeight;
    }
    m_head->setPicture(std::move(head));
}

void HeadGrid::chooseOrder() {
    auto* menu = new QMenu(m_parent);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (HeadOrder order : allHeadOrders) {
        QString text = QString::fromStdString(headOrderName(order, attentionWords));
        if (order == HeadOrder::Entropy)
            text += tr(" (sharpest first, on this text)");
        else if (order != HeadOrder::ByLayer)
            text += tr(" (highest first, on this text)");
        QAction* action = menu->addAction(text);
        action->setCheckable(true);
        action->setChecked(order == m_order);
        connect(action, &QAction::triggered, this, [this, order] {
            setOrder(order);
            Q_EMIT orderChosen();
        });
    }
    menu->popup(m_head->mapToGlobal(QPoint(m_head->width() - menu->sizeHint().width(), m_head->height())));
}

}  // namespace lw
