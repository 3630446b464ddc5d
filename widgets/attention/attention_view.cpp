#include "widgets/attention/attention_view.h"

#include <QCoreApplication>
#include <QEvent>
#include <QResizeEvent>
#include <QTimer>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

#include "widgets/attention/row_arithmetic_picture.h"
#include "widgets/attention/shaded_text_picture.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"
#include "widgets/shared/text_width.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("Attention", text).toStdString(); }

constexpr int margin = 14, gutter = 20;
constexpr double headingRow = headingHeight, controlRow = pillHeight + 4;

/// Heads and layers of two runs can be laid over each other.
bool sameHeads(const ModelInfo& a, const ModelInfo& b) {
    if (a.layers() != b.layers()) return false;
    for (int l = 0; l < a.layers(); ++l) {
        if (a.blocks[static_cast<std::size_t>(l)].attention.heads != b.blocks[static_cast<std::size_t>(l)].attention.heads)
            return false;
    }
    return true;
}

bool sameTile(const TileRequest& a, const TileRequest& b) {
    const bool sameMinus = a.minus.has_value() == b.minus.has_value() &&
                           (!a.minus || (a.minus->trace == b.minus->trace && a.minus->place == b.minus->place));
    return a.place == b.place && a.quantity == b.quantity && a.firstQuery == b.firstQuery && a.queries == b.queries &&
           a.firstKey == b.firstKey && a.keys == b.keys && a.pool == b.pool && sameMinus;
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

double AttentionView::scale() const { return services().look ? services().look->scale() : 1.0; }

std::optional<AttentionView::Shows> AttentionView::shows() const {
    if (!shown() || !shown()->trace || shown()->trace->length() == 0) return std::nullopt;
    const Trace& trace = *shown()->trace;
    const ModelInfo& model = trace.model();
    if (!model.has(SiteId::Pattern) || model.layers() == 0) return std::nullopt;
    const Locus place = services().selection ? services().selection->current() : Locus{};
    Shows s;
    s.head.layer = Layer(std::clamp(place.layer.value_or(Layer(model.layers() - 1)).value, 0, model.layers() - 1));
    const int heads = model.blocks[static_cast<std::size_t>(s.head.layer.value)].attention.heads;
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

int AttentionView::subtrahendQuery(const Shows& s) const {
    const int length = difference()->shown->trace->length();
    return std::clamp(difference()->place.position.value_or(Position(s.query)).value, 0, length - 1);
}

int AttentionView::sideShown() const {
    const int length = shown()->trace->length();
    const int side = m_side > 0 ? m_side : positionsThatFit(m_large->availableWidth(), m_large->availableHeight(), length);
    return std::clamp(side, 1, length);
}

int AttentionView::poolFor(int positions) const {
    const double pixels = std::max(60.0, std::min(m_large->availableWidth() - 100, m_large->availableHeight() - 90));
    return std::max(1, static_cast<int>(std::ceil(positions / pixels)));
}

TileRequest AttentionView::tileRequest(const Shows& s) const {
    TileRequest r;
    r.place = s.head;
    r.quantity = m_quantity;
    if (r.quantity == AttentionQuantity::WeightedValues && !shown()->trace->has(SiteId::V, s.head.layer))
        r.quantity = AttentionQuantity::Weights;
    r.minus = subtrahend(s);
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
    const TileRequest tile = tileRequest(*s);
    std::shared_ptr<const HeadTile> kept;
    if (m_facts && m_facts->trace == shown()->trace && m_facts->tile && sameTile(m_facts->tile->request, tile))
        kept = m_facts->tile;
    if (!m_facts || m_facts->trace != shown()->trace || m_facts->place != s->head) {
        m_large->setStale(true);
        m_row->setStale(true);
    }
    m_job.start(
        [trace = shown()->trace, s = *s, tile, kept, minus = tile.minus, minusQuery = tile.minus ? subtrahendQuery(*s) : -1,
         form = m_form, unfolded = m_unfolded](const Job& job) -> Result<Facts> {
            Facts facts;
            facts.trace = trace;
            facts.place = s.head;
            facts.tile = kept;
            if (!kept) {
                auto made = headTile(*trace, tile, job);
                if (!made) return Unexpected(made.error());
                made->request.minus = minus;
                facts.tile = std::make_shared<const HeadTile>(std::move(*made));
            }
            facts.row = rowArithmetic(*trace, s.head, s.query, minus, minusQuery);
            if (unfolded && facts.row.hasValues) facts.values = valueSum(*trace, facts.row);
            facts.form = form;
            if (form == AttentionForm::Reads) {
                facts.shadedBy = s.query;
                facts.shade.assign(static_cast<std::size_t>(trace->length()), std::nan(""));
                for (const RowTerm& t : facts.row.terms) {
                    facts.shade[static_cast<std::size_t>(t.key)] = minus ? t.weight - t.otherWeight : t.weight;
                }
            } else if (form == AttentionForm::ReadBy) {
                facts.shadedBy = s.key.value_or(facts.row.terms.empty() ? s.query : facts.row.terms.front().key);
                auto readers = readersOf(*trace, s.head, facts.shadedBy, job);
                if (!readers) return Unexpected(readers.error());
                facts.shade = std::move(*readers);
                if (minus && facts.shadedBy < minus->trace->length()) {
                    auto other = readersOf(*minus->trace, minus->place, facts.shadedBy, job);
                    if (!other) return Unexpected(other.error());
                    facts.shade.resize(std::min(facts.shade.size(), other->size()));
                    for (std::size_t i = 0; i < facts.shade.size(); ++i) facts.shade[i] -= (*other)[i];
                }
            }
            return facts;
        },
        [this](Result<Facts> facts) {
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
        return say(QT_TRANSLATE_NOOP("Attention", "Nothing has been run yet: type a text above and trace it."));
    if (!shown()->trace->model().has(SiteId::Pattern)) {
        return say(
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

void AttentionView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
    if (!shows()) return draw();
    // What is already computed is drawn for the new size at once; another window of positions is asked for.
    draw();
    if (m_facts && m_facts->tile && !sameTile(m_facts->tile->request, tileRequest(*shows()))) request();
}

void AttentionView::arrange() {
    const double s = scale();
    const auto px = [s](double units) { return static_cast<int>(std::lround(units * s)); };
    const bool empty = !shows() || (!m_error.empty() && !m_facts);
    for (QWidget* w : {static_cast<QWidget*>(m_controls), static_cast<QWidget*>(m_grid->head()),
                       static_cast<QWidget*>(m_grid->grid()), static_cast<QWidget*>(m_row), static_cast<QWidget*>(m_large)}) {
        w->setVisible(!empty);
    }
    m_heading->setVisible(!empty);
    m_empty->setVisible(empty);
    if (empty) {
        m_across->hide();
        m_down->hide();
        m_empty->set(QString::fromStdString(sentence()));
        m_empty->setGeometry(rect());
        return;
    }
    m_large->setVerticalScrollBarPolicy(m_form == AttentionForm::Cells ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAsNeeded);
    const double width = this->width() / s, height = this->height() / s;
    const double left = std::clamp(width * 0.36, 236.0, 340.0);
    const double right = width - 2 * margin - gutter - left;
    const bool roomy = height >= 470;
    // Roomy: a heading over both columns. Else the switches share the heading's row.
    ControlsInput controls;
    controls.quantity = m_quantity;
    controls.form = m_form;
    controls.canWeighValues = shown()->trace->model().has(SiteId::V);
    controls.say = say;
    const double title = textWidth(headingPicture(width, false).title, TypeSize::Title, true) + 4;
    const double controlsRoom =
        roomy ? right : std::max(right, std::min(controlsWidth(controls) + 66, width - 2 * margin - title - 8));
    const double headingWidth = roomy ? width - 2 * margin : width - 2 * margin - controlsRoom - 8;
    double y = roomy ? 10 : 6;
    m_heading->setGeometry(px(margin), px(y), px(headingWidth), px(headingRow));
    if (roomy) y += headingRow + 2;
    const double x2 = margin + left + gutter;
    m_controls->setGeometry(px(width - margin - controlsRoom), px(y), px(controlsRoom), px(controlRow));
    if (!roomy) y += headingRow;
    m_grid->head()->setGeometry(px(margin), px(y), px(left), px(gridHeadHeight));
    const double gridTop = y + gridHeadHeight, bottom = height - 8;
    const double largeTop = roomy ? y + controlRow + 2 : y;
    // The row's arithmetic has its few lines in any case; the grid takes what it needs of the rest; more lines fill up.
    const int fewest = height < 420 ? 3 : 4;
    const double least = rowArithmeticHeight(fewest, m_unfolded);
    const double room = std::max(70.0, bottom - gridTop - least - 8);
    m_grid->grid()->setGeometry(px(margin), px(gridTop), px(left), px(room));
    const double taken = std::min(room, m_grid->layOut(m_grid->grid()->availableWidth(), room));
    m_grid->grid()->setGeometry(px(margin), px(gridTop), px(left), px(std::max(taken + 2, 40.0)));
    const double rowTop = gridTop + taken + 8, rowRoom = bottom - rowTop;
    const double line = m_unfolded ? 34 : 18;
    m_terms = std::max(fewest, fewest + static_cast<int>((rowRoom - least) / line));
    m_row->setVerticalScrollBarPolicy(least > rowRoom + 1 ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
    m_row->setGeometry(px(margin), px(rowTop), px(left), px(std::max(40.0, rowRoom)));
    const int bar = m_across->sizeHint().height();
    const bool bars = m_form == AttentionForm::Cells && sideShown() < shown()->trace->length();
    m_large->setGeometry(px(x2), px(largeTop), px(right) - (bars ? bar : 0), px(bottom - largeTop) - (bars ? bar : 0));
    m_across->setVisible(bars);
    m_down->setVisible(bars);
    if (bars) {
        m_across->setGeometry(m_large->x(), m_large->geometry().bottom() + 1, m_large->width(), bar);
        m_down->setGeometry(m_large->geometry().right() + 1, m_large->y(), bar, m_large->height());
    }
    controls.zoomable = bars || m_side > 0 || shown()->trace->length() > 24;
    controls.width = m_controls->availableWidth();
    m_controls->setPicture(controlsPicture(controls));
}

void AttentionView::updateScrollBars() {
    const int length = shown()->trace->length(), side = sideShown();
    for (QScrollBar* bar : {m_across, m_down}) {
        const QSignalBlocker quiet(bar);
        bar->setRange(0, std::max(0, length - side));
        bar->setPageStep(side);
        bar->setSingleStep(std::max(1, side / 8));
        bar->setValue(bar == m_across ? m_firstKey : m_firstQuery);
    }
}

Picture AttentionView::headingPicture(double width, bool roomy) const {
    Picture picture;
    picture.width = width;
    picture.height = headingRow;
    if (const std::string why = sentence(); !why.empty() && !m_facts) {
        picture.height = 90;
        addHeading(picture, margin, 10, width - 2 * margin, say(QT_TRANSLATE_NOOP("Attention", "Attention")), "");
        picture.label({.rect = {margin, 50, width - 2 * margin, 24}, .text = why, .colour = Ink::Muted});
        picture.subtitle = why;
        return picture;
    }
    const auto s = shows();
    if (!s) return picture;
    std::string title = fill(say(QT_TRANSLATE_NOOP("Attention", "Layer %1, head %2")),
                             {std::to_string(s->head.layer.value), std::to_string(s->head.head.value)});
    std::string subtitle;
    if (difference()) {
        const auto minus = subtrahend(*s);
        title += say(QT_TRANSLATE_NOOP("Attention", ": B − A"));
        subtitle =
            minus ? fill(say(QT_TRANSLATE_NOOP("Attention", "%3 (its layer %1, head %2), aligned from the first token")),
                         {std::to_string(minus->place.layer.value), std::to_string(minus->place.head.value), difference()->name})
                  : say(QT_TRANSLATE_NOOP("Attention", "A has no such head: B alone is shown"));
    } else if (const HeadScores* scores = m_grid->scores(s->head)) {
        subtitle = headSentence(*scores, shown()->unit, say);
    } else {
        subtitle = say(QT_TRANSLATE_NOOP("Attention", "each row: how a query shares its attention over the keys"));
    }
    addHeading(picture, 0, 0, width, title, roomy ? subtitle : std::string());
    picture.subtitle = subtitle;
    return picture;
}

void AttentionView::drawHeading() {
    m_heading->setPicture(headingPicture(m_heading->availableWidth(), height() / scale() >= 470));
}

HeadMatrixInput AttentionView::matrixInput(double width, double height) const {
    HeadMatrixInput in;
    in.tile = m_facts->tile.get();
    in.pieces = shown()->pieces;
    in.width = width;
    in.height = height;
    in.say = say;
    if (const auto s = shows()) {
        in.query = s->query;
        in.key = s->key;
    }
    in.window = m_facts->trace->model().blocks[static_cast<std::size_t>(m_facts->place.layer.value)].attention.window;
    in.generatedFrom = shown()->promptLength;
    const auto& blocks = m_facts->trace->blocks();
    in.newFrom = blocks.size() > 1 ? blocks.back()->first : 0;
    return in;
}

void AttentionView::draw() {
    drawHeading();
    if (!m_facts) return;
    drawMatrix();
    drawRow();
    m_large->setStale(m_job.running() && m_facts->trace != shown()->trace);
    m_row->setStale(m_job.running() && m_facts->trace != shown()->trace);
}

void AttentionView::drawMatrix() {
    if (!m_facts || !m_facts->tile || m_facts->trace != shown()->trace) return;
    if (m_facts->form != AttentionForm::Cells) {
        const auto s = shows();
        ShadedTextInput in;
        in.place = m_facts->place;
        in.shade = m_facts->form == AttentionForm::Reads ? TextShade::Reads : TextShade::ReadBy;
        in.pieces = shown()->pieces;
        in.weights = m_facts->shade;
        in.difference = m_facts->row.difference;
        in.query = m_facts->row.query;
        in.key = m_facts->form == AttentionForm::ReadBy ? m_facts->shadedBy : s && s->key ? *s->key : -1;
        in.promptLength = shown()->promptLength;
        in.width = m_large->availableWidth();
        in.say = say;
        m_large->setPicture(shadedTextPicture(in));
        return;
    }
    HeadMatrixInput in = matrixInput(m_large->availableWidth(), m_large->availableHeight());
    const Locus hover = services().selection ? services().selection->hover() : Locus{};
    if (hover.position) in.hoverQuery = hover.position->value;
    if (hover.key) in.hoverKey = hover.key->value;
    Picture picture = headMatrixPicture(in);
    if (in.hoverQuery && *in.hoverQuery >= 0 && *in.hoverQuery < m_facts->trace->length()) {
        const RowVector row = m_facts->trace->patternRow(m_facts->place.layer, m_facts->place.head, Position(*in.hoverQuery));
        addReadingLines(picture, in, {row.data(), static_cast<std::size_t>(row.size())});
    }
    m_large->setPicture(std::move(picture));
}

void AttentionView::drawRow() {
    if (m_facts->trace != shown()->trace) return;
    RowArithmeticInput in;
    in.row = &m_facts->row;
    in.values = m_facts->values && m_unfolded ? &*m_facts->values : nullptr;
    in.pieces = shown()->pieces;
    if (const auto s = shows()) in.key = s->key;
    in.width = m_row->availableWidth();
    in.mostTerms = m_terms;
    in.say = say;
    m_row->setPicture(rowArithmeticPicture(in));
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
    if (r.pool > 1) says += say(QT_TRANSLATE_NOOP("Attention", " (the largest near here)"));
    services().selection->setHover(cellPlace(r, cell->first, cell->second), QString::fromStdString(says));
}

void AttentionView::selectInMatrix(const Spot& spot, double x, double y) {
    if (!spot.raster || !m_facts || !m_facts->tile || !services().selection) return;
    if (const auto cell = matrixGeometry(matrixInput(m_large->availableWidth(), m_large->availableHeight())).at(x, y)) {
        services().selection->select(cellPlace(m_facts->tile->request, cell->first, cell->second));
    }
}

Picture AttentionView::exportPicture() const {
    if (!m_facts || !m_facts->tile || !shown() || m_facts->trace != shown()->trace)
        return headingPicture(width() / scale(), true);
    constexpr double left = 320, large = 620;
    Picture picture;
    placePicture(picture, headingPicture(left + gutter + large, true), margin, 10);
    const double top = 10 + headingRow + 4;
    Picture caption;
    addCaption(caption, {0, 0, left, 20}, say(QT_TRANSLATE_NOOP("Attention", "all heads")) + " · " + m_grid->note());
    placePicture(picture, std::move(caption), margin, top);
    Picture grid = headGridPicture(m_grid->input(left, 4000));
    const double gridHeight = grid.height;
    placePicture(picture, std::move(grid), margin, top + 22);
    RowArithmeticInput row;
    row.row = &m_facts->row;
    row.values = m_facts->values && m_unfolded ? &*m_facts->values : nullptr;
    row.pieces = shown()->pieces;
    const auto s = shows();
    if (s) row.key = s->key;
    row.width = left;
    row.mostTerms = 16;
    row.say = say;
    placePicture(picture, rowArithmeticPicture(row), margin, top + 22 + gridHeight + 12);
    if (m_facts->form == AttentionForm::Cells) {
        placePicture(picture, headMatrixPicture(matrixInput(large, large)), margin + left + gutter, top);
    } else {
        placePicture(picture, Picture(m_large->picture()), margin + left + gutter, top);
    }
    const Picture heading = headingPicture(left + gutter + large, true);
    picture.title = heading.title;
    picture.subtitle = heading.subtitle;
    picture.width += margin;
    picture.height += margin;
    return picture;
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
