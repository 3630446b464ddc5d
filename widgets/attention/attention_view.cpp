#include "widgets/attention/attention_view.h"

#include <QEvent>
#include <QMenu>
#include <QTimer>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

#include "widgets/attention/attention_words.h"
#include "widgets/attention/row_arithmetic_picture.h"

namespace lw {

namespace {

/// Heads and layers of two runs can be laid over each other.
bool sameHeads(const ModelInfo& a, const ModelInfo& b) {
    if (a.layers() != b.layers()) return false;
    for (int l = 0; l < a.layers(); ++l) {
        if (a.blocks[static_cast<std::size_t>(l)].attention.heads != b.blocks[static_cast<std::size_t>(l)].attention.heads)
            return false;
    }
    return true;
}

}  // namespace

View* makeAttentionView(ViewServices services, QWidget* parent) { return new AttentionView(services, parent); }

AttentionView::AttentionView(ViewServices services, QWidget* parent) : View(services, parent), m_job(picturePool()) {
    const auto widget = [&](const QString& name) {
        auto* w = new PictureWidget(services.selection, services.look, this);
        w->setAccessibleName(name);
        w->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        return w;
    };
    m_heading = widget(tr("Which head"));
    m_heading->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_heading->setFocusPolicy(Qt::NoFocus);
    m_controls = widget(tr("What is shown"));
    m_controls->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_empty = new EmptyState(this);
    m_grid = new HeadGrid(services, this);
    m_row = widget(tr("Arithmetic of the row"));
    m_large = widget(tr("One head: queries and keys"));
    m_across = new QScrollBar(Qt::Horizontal, this);
    m_across->setAccessibleName(tr("First key shown"));
    m_down = new QScrollBar(Qt::Vertical, this);
    m_down->setAccessibleName(tr("First query shown"));
    connect(m_controls, &PictureWidget::actionRequested, this, &AttentionView::act);
    connect(m_row, &PictureWidget::actionRequested, this, &AttentionView::act);
    connect(m_large, &PictureWidget::hovered, this, &AttentionView::hoverMatrix);
    connect(m_large, &PictureWidget::clicked, this, &AttentionView::selectInMatrix);
    connect(m_large, &PictureWidget::doubleClicked, this,
            [this] { Q_EMIT this->services().intents->openView("residual-stream"); });
    m_large->viewport()->installEventFilter(this);
    connect(m_across, &QScrollBar::valueChanged, this, [this](int value) {
        m_firstKey = value;
        request();
    });
    connect(m_down, &QScrollBar::valueChanged, this, [this](int value) {
        m_firstQuery = value;
        request();
    });
    connect(m_grid, &HeadGrid::changed, this, [this] {
        arrange();  // the numbers over the grid come and go with the order
        drawHeading();
        tellIfComplete();
    });
    connect(m_grid, &HeadGrid::orderChosen, this, &View::stateChanged);
    if (services.selection) {
        connect(services.selection, &Selection::hoverChanged, this, [this] {
            // A guess that was just judged stays to be read.
            if (m_overlayPending || m_form != AttentionForm::Cells || !m_large->lastJudgement().isEmpty()) return;
            m_overlayPending = true;  // the picture must not change under the widget that reports the hover
            QTimer::singleShot(0, this, [this] {
                m_overlayPending = false;
                drawMatrix();
            });
        });
    }
}

namespace {

// In a hybrid not every block attends: the nearest that does, the earlier of two.
Layer nearestAttending(const ModelInfo& model, Layer wanted) {
    std::optional<Layer> nearest;
    for (int l = 0; l < model.layers(); ++l) {
        if (!model.block(Layer(l)).hasAttention()) continue;
        if (!nearest || std::abs(l - wanted.value) < std::abs(nearest->value - wanted.value)) nearest = Layer(l);
    }
    return nearest.value_or(Layer(0));
}

}  // namespace

double AttentionView::scale() const { return services().look ? services().look->scale() : 1.0; }

std::optional<AttentionView::Shows> AttentionView::shows() const {
    if (!shown() || !shown()->trace || shown()->trace->length() == 0) return std::nullopt;
    const Trace& trace = *shown()->trace;
    const ModelInfo& model = trace.model();
    if (!model.has(SiteId::Pattern) || model.layers() == 0) return std::nullopt;
    static const Locus nowhere;
    const Locus& place = services().selection ? services().selection->current() : nowhere;
    Shows s;
    s.head.layer = nearestAttending(model, place.layer.value_or(Layer(model.layers() - 1)));
    const int heads = model.block(s.head.layer).attention.heads;
    s.head.head = Head(std::clamp(place.head.value_or(Head(0)).value, 0, std::max(0, heads - 1)));
    s.query = std::clamp(place.position.value_or(Position(trace.length() - 1)).value, 0, trace.length() - 1);
    if (place.key && place.key->value >= 0 && place.key->value < trace.length()) s.key = place.key->value;
    if (heads == 0) return std::nullopt;
    return s;
}

std::optional<Subtrahend> AttentionView::subtrahend(const Shows& s) const {
    if (!difference() || !difference()->shown || !difference()->shown->trace) return std::nullopt;
    const auto& trace = difference()->shown->trace;
    if (!trace->model().has(SiteId::Pattern)) return std::nullopt;
    // A's own head; where A was pinned without one, the same head as here.
    const HeadPlace place{difference()->place.layer.value_or(s.head.layer), difference()->place.head.value_or(s.head.head)};
    if (place.layer.value >= trace->model().layers() ||
        place.head.value >= trace->model().blocks[static_cast<std::size_t>(place.layer.value)].attention.heads) {
        return std::nullopt;
    }
    return Subtrahend{trace, place};
}

bool AttentionView::sameHead(const Subtrahend& minus, const Shows& s) const {
    return minus.trace == shown()->trace && minus.place == s.head;
}

int AttentionView::subtrahendQuery(const Shows& s) const {
    const int length = difference()->shown->trace->length();
    return std::clamp(difference()->place.position.value_or(Position(s.query)).value, 0, length - 1);
}

TileRequest AttentionView::tileRequest(const Shows& s) const {
    TileRequest r;
    r.place = s.head;
    r.quantity = m_quantity;
    if (r.quantity == AttentionQuantity::WeightedValues && !shown()->trace->has(SiteId::V, s.head.layer))
        r.quantity = AttentionQuantity::Weights;
    r.minus = subtrahend(s);
    if (r.minus && sameHead(*r.minus, s)) r.minus.reset();  // two rows of one matrix: nothing to subtract from it
    const int length = r.minus ? std::min(shown()->trace->length(), r.minus->trace->length()) : shown()->trace->length();
    const int side = std::min(sideShown(), length);
    r.firstQuery = std::clamp(m_firstQuery, 0, length - side);
    r.firstKey = std::clamp(m_firstKey, 0, length - side);
    r.queries = r.keys = side;
    r.pool = poolFor(side);
    return r;
}

void AttentionView::followPlace() {
    const auto s = shows();
    if (!s) return;
    const int side = sideShown(), length = shown()->trace->length();
    const auto follow = [&](int& first, int position) {
        if (position < first || position >= first + side) first = position - side * 3 / 4;
        first = std::clamp(first, 0, length - side);
    };
    follow(m_firstQuery, s->query);
    follow(m_firstKey, s->key.value_or(s->query));
}

void AttentionView::shownChanged() {
    const auto s = shows();
    std::shared_ptr<const Trace> trace, minus;
    if (s) {
        trace = shown()->trace;
        if (difference() && difference()->shown && difference()->shown->trace && difference()->shown->trace != trace &&
            sameHeads(difference()->shown->trace->model(), trace->model())) {
            minus = difference()->shown->trace;
        }
    }
    m_grid->setTraces(std::move(trace), std::move(minus));
    followPlace();
    arrange();
    request();
}

void AttentionView::placeChanged(const Locus&) {
    const auto s = shows();
    if (!s) return;
    m_grid->setSelected(s->head);
    followPlace();
    request();
}

void AttentionView::lookChanged() {
    arrange();
    request();
}

void AttentionView::request() {
    const auto s = shows();
    if (!s) {
        m_job.cancel();
        m_facts.reset();
        arrange();
        draw();
        tellIfComplete();
        return;
    }
    m_grid->setSelected(s->head);
    updateScrollBars();
    HeadFactsRequest wanted;
    wanted.trace = shown()->trace;
    wanted.tile = tileRequest(*s);
    wanted.query = s->query;
    wanted.key = s->key;
    wanted.minus = subtrahend(*s);
    wanted.minusQuery = wanted.minus ? subtrahendQuery(*s) : -1;
    wanted.form = m_form;
    wanted.values = m_unfolded;
    const bool sameRun = m_facts && m_facts->trace == wanted.trace;
    if (sameRun && m_facts->tile && sameTile(m_facts->tile->request, wanted.tile)) wanted.kept = m_facts->tile;
    if (!sameRun || m_facts->place != s->head) {
        m_large->setStale(true);
        m_row->setStale(true);
    }
    m_job.start([wanted](const Job& job) { return headFacts(wanted, job); },
                [this](Result<HeadFacts> facts) {
                    m_error = facts ? std::string() : facts.error().message;
                    m_facts.reset();
                    if (facts) m_facts = std::move(*facts);
                    arrange();
                    draw();
                    tellIfComplete();
                });
    m_wasComplete = false;
}

std::string AttentionView::sentence() const {
    if (!shown() || !shown()->trace)
        return attentionWords(QT_TRANSLATE_NOOP("Attention", "Nothing has been run yet: type a text above and trace it."));
    if (!shown()->trace->model().has(SiteId::Pattern)) {
        return attentionWords(
            QT_TRANSLATE_NOOP("Attention", "This model has no attention: no position looks back at others through weights."));
    }
    return m_error;
}

bool AttentionView::complete() const {
    if (!shows()) return true;
    return !m_job.running() && m_grid->complete();
}

void AttentionView::tellIfComplete() {
    const bool now = complete();
    if (now && !m_wasComplete) Q_EMIT completed();
    m_wasComplete = now;
}

void AttentionView::act(const QString& action) {
    const std::string name = action.toStdString();
    const auto after = [&name](std::string_view prefix) { return std::string_view(name).substr(prefix.size()); };
    if (name == foldValuesAction) {
        m_unfolded = !m_unfolded;
    } else if (name.starts_with("quantity:")) {
        m_quantity = quantityFromId(after("quantity:")).value_or(m_quantity);
    } else if (name.starts_with("form:")) {
        m_form = formFromId(after("form:")).value_or(m_form);
    } else if (name.starts_with("menu:")) {
        chooseFrom(action.mid(5));
        return;
    } else if (name == "zoom:in" || name == "zoom:out") {
        zoom(name == "zoom:in" ? 0.67 : 1.5, std::nullopt);
        return;
    } else {
        return;
    }
    arrange();
    request();
    Q_EMIT stateChanged();
}

void AttentionView::chooseFrom(const QString& which) {
    ControlsInput in;
    in.quantity = m_quantity;
    in.form = m_form;
    in.canWeighValues = shown()->trace->model().has(SiteId::V);
    in.say = attentionWords;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const Pill& pill : which == "form" ? formPills(in) : quantityPills(in)) {
        QAction* action = menu->addAction(QString::fromStdString(pill.text));
        action->setCheckable(true);
        action->setChecked(pill.on);
        connect(action, &QAction::triggered, this, [this, wanted = QString::fromStdString(pill.action)] { act(wanted); });
    }
    menu->popup(m_controls->mapToGlobal(QPoint(0, m_controls->height())));
}

void AttentionView::zoom(double factor, std::optional<int> about) {
    const auto s = shows();
    if (!s) return;
    const int before = sideShown(), length = shown()->trace->length();
    const int after =
        std::clamp(static_cast<int>(std::lround(before * factor)) + (factor > 1 ? 1 : 0), std::min(4, length), length);
    if (after == before) return;
    const int centre = about.value_or(s->query);
    const double kept = before > 0 ? static_cast<double>(centre - m_firstQuery) / before : 0.5;
    const double keptKey = before > 0 ? static_cast<double>(s->key.value_or(centre) - m_firstKey) / before : 0.5;
    m_side = after;
    m_firstQuery = std::clamp(static_cast<int>(centre - kept * after), 0, length - after);
    m_firstKey = std::clamp(static_cast<int>(s->key.value_or(centre) - keptKey * after), 0, length - after);
    arrange();
    request();
    Q_EMIT stateChanged();
}

bool AttentionView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_large->viewport() && event->type() == QEvent::Wheel && m_form == AttentionForm::Cells && shows() &&
        m_facts && m_facts->tile) {
        auto* wheel = static_cast<QWheelEvent*>(event);
        const QPoint turned = wheel->angleDelta();
        if (wheel->modifiers() & Qt::ControlModifier) {
            const QPointF at = wheel->position() / scale();
            const auto cell =
                matrixGeometry(matrixInput(m_large->availableWidth(), m_large->availableHeight())).at(at.x(), at.y());
            zoom(turned.y() > 0 ? 0.8 : 1.25, cell ? std::optional(cell->first) : std::nullopt);
            return true;
        }
        if (m_down->isVisible()) {
            const bool sideways = wheel->modifiers() & Qt::ShiftModifier;
            QScrollBar* bar = sideways || std::abs(turned.x()) > std::abs(turned.y()) ? m_across : m_down;
            const int delta = std::abs(turned.x()) > std::abs(turned.y()) ? turned.x() : turned.y();
            bar->setValue(bar->value() - (delta > 0 ? 1 : -1) * bar->singleStep());
            return true;
        }
    }
    return View::eventFilter(watched, event);
}

void AttentionView::hoverMatrix(const Spot* spot, double x, double y) {
    if (!spot || !spot->raster || !m_facts || !m_facts->tile || !services().selection) return;
    const HeadMatrixInput in = matrixInput(m_large->availableWidth(), m_large->availableHeight());
    const auto cell = matrixGeometry(in).at(x, y);
    if (!cell || cell->first >= m_facts->trace->length() || cell->second >= m_facts->trace->length()) return;
    const TileRequest& r = m_facts->tile->request;
    const float value = m_facts->tile->cells((cell->first - r.firstQuery) / r.pool, (cell->second - r.firstKey) / r.pool);
    std::string says = cellSays(in, cell->first, cell->second, std::isnan(value) ? std::nullopt : std::optional<double>(value));
    if (r.pool > 1) says += attentionWords(QT_TRANSLATE_NOOP("Attention", " (the largest near here)"));
    services().selection->setHover(cellPlace(r, cell->first, cell->second), QString::fromStdString(says));
}

void AttentionView::selectInMatrix(const Spot& spot, double x, double y) {
    if (!spot.raster || !m_facts || !m_facts->tile || !services().selection) return;
    if (const auto cell = matrixGeometry(matrixInput(m_large->availableWidth(), m_large->availableHeight())).at(x, y)) {
        services().selection->select(cellPlace(m_facts->tile->request, cell->first, cell->second));
    }
}

QJsonObject AttentionView::saveState() const {
    const auto text = [](std::string_view id) { return QString::fromUtf8(id.data(), static_cast<qsizetype>(id.size())); };
    QJsonObject state{{"quantity", text(quantityId(m_quantity))},
                      {"form", text(formId(m_form))},
                      {"order", text(headOrderId(m_grid->order()))}};
    if (m_unfolded) state["values"] = true;
    if (m_side > 0) state["positions"] = m_side;
    return state;
}

void AttentionView::restoreState(const QJsonObject& state) {
    m_quantity = quantityFromId(state["quantity"].toString().toStdString()).value_or(AttentionQuantity::Weights);
    m_form = formFromId(state["form"].toString().toStdString()).value_or(AttentionForm::Cells);
    m_grid->setOrder(orderFromId(state["order"].toString().toStdString()).value_or(HeadOrder::ByLayer));
    m_unfolded = state["values"].toBool();
    m_side = std::max(0, state["positions"].toInt());
    followPlace();
    arrange();
    request();
}

}  // namespace lw
