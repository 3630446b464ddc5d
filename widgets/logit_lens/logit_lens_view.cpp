#include "widgets/logit_lens/logit_lens_view.h"

#include <QEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <utility>

#include "widgets/logit_lens/lens_words.h"

namespace lw {

namespace {

constexpr int oldPictureStaysMs = 150;

std::string_view showId(LensShow show) {
    switch (show) {
        case LensShow::Top:
            return "top";
        case LensShow::Probability:
            return "probability";
        case LensShow::Rank:
            return "rank";
    }
    return {};
}

std::string_view curveId(LensCurve curve) {
    switch (curve) {
        case LensCurve::Probability:
            return "probability";
        case LensCurve::Rank:
            return "rank";
        case LensCurve::Entropy:
            return "entropy";
    }
    return {};
}

QString qt(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

}  // namespace

View* makeLogitLensView(ViewServices services, QWidget* parent) { return new LogitLensView(services, parent); }

LogitLensView::LogitLensView(ViewServices services, QWidget* parent) : View(services, parent) {
    const auto widget = [&](const QString& name, bool scrolls) {
        auto* w = new PictureWidget(services.selection, services.look, this);
        w->setAccessibleName(name);
        if (!scrolls) {
            w->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
            w->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        }
        return w;
    };
    m_heading = widget(tr("Logit lens"), false);
    m_heading->setFocusPolicy(Qt::NoFocus);
    m_controls = widget(tr("What is shown"), false);
    m_field = new QLineEdit(this);
    m_field->setPlaceholderText(tr("follow a token …"));
    m_field->setAccessibleName(tr("Token to follow through the layers"));
    m_table = widget(tr("What each state says"), false);
    m_cell = widget(tr("One cell: its most probable tokens"), true);
    m_cell->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_curveHead = widget(tr("What the curve shows"), false);
    m_chart = new Chart(services.look, this);
    m_chart->setAccessibleName(tr("Curve through the layers"));
    m_empty = new EmptyState(this);
    m_busy = new BusyLine(services.look, this);
    m_across = new QScrollBar(Qt::Horizontal, this);
    m_across->setAccessibleName(tr("First position shown"));
    m_down = new QScrollBar(Qt::Vertical, this);
    m_down->setAccessibleName(tr("First row shown"));
    m_columns = new LensColumns(this);
    for (PictureWidget* w : {m_controls, m_cell, m_curveHead})
        connect(w, &PictureWidget::actionRequested, this, &LogitLensView::act);
    connect(m_field, &QLineEdit::returnPressed, this, &LogitLensView::followText);
    connect(m_columns, &LensColumns::changed, this, [this] {
        drawWhenRead();
        tellIfComplete();
    });
    m_slow.setSingleShot(true);
    m_slow.setInterval(oldPictureStaysMs);
    connect(&m_slow, &QTimer::timeout, this, &LogitLensView::draw);
    connect(m_across, &QScrollBar::valueChanged, this, [this](int value) {
        m_firstPosition = m_wishedPosition = value;
        request();
    });
    connect(m_down, &QScrollBar::valueChanged, this, [this](int value) {
        m_firstRow = value;
        draw();
    });
    connect(m_chart, &Chart::pointClicked, this, [this](int, int point) {
        const auto& rows = m_columns->rows();
        if (point >= 0 && point < static_cast<int>(rows.size())) {
            this->services().selection->select(lensPlace(rows[static_cast<std::size_t>(point)], position(), followedToken()));
        }
    });
    connect(m_table, &PictureWidget::doubleClicked, this, [this] { Q_EMIT this->services().intents->openView("next-token"); });
    m_table->viewport()->installEventFilter(this);
}

std::string LogitLensView::sentence() const {
    if (!shown() || !shown()->trace || shown()->trace->length() == 0) {
        return lensWords(QT_TRANSLATE_NOOP("LogitLens", "Nothing has been run yet: type a text above and trace it."));
    }
    const ModelInfo& model = shown()->trace->model();
    if (!model.has(SiteId::ResidPre) || model.layers() == 0) {
        return lensWords(
            QT_TRANSLATE_NOOP("LogitLens", "This model has no residual stream that could be read out layer by layer."));
    }
    if (!shown()->trace->has(SiteId::ResidPre, Layer(0))) {
        return lensWords(QT_TRANSLATE_NOOP(
            "LogitLens", "The residual stream was not captured in this run: trace the text again with everything captured."));
    }
    return m_columns->error();
}

int LogitLensView::position() const {
    const int last = shown()->trace->length() - 1;
    return std::clamp(services().selection->current().position.value_or(Position(last)).value, 0, last);
}

bool LogitLensView::withMid() const { return m_mid.value_or(shown()->trace->model().layers() <= 8); }

int LogitLensView::row() const { return lensRowOf(m_columns->rows(), services().selection->current()); }

TokenId LogitLensView::followedToken() const {
    if (m_token) return *m_token;
    const LensColumn* column = m_columns->column(position());
    return column ? column->output.token : -1;
}

void LogitLensView::shownChanged() {
    m_fresh = true;
    if (shown() && shown()->trace && shown()->model && shown()->trace->model().has(SiteId::ResidPre)) {
        LensColumns::Run minus;
        if (difference() && difference()->shown) minus = {difference()->shown->trace, difference()->shown->model};
        m_columns->setRun({shown()->trace, shown()->model}, std::move(minus), withMid());
        if (m_token && *m_token >= shown()->model->info().vocabulary) m_token.reset();
    } else {
        m_columns->setRun({}, {}, false);
    }
    arrange();
    followPlace();
    request();
}

void LogitLensView::placeChanged(const Locus&) {
    if (!sentence().empty()) return;
    followPlace();
    request();
}

void LogitLensView::lookChanged() {
    m_chart->lookChanged();
    arrange();
    if (sentence().empty()) request();
}

void LogitLensView::followPlace() {
    if (!sentence().empty()) return;
    const int count = columnsShown(), length = shown()->trace->length(), at = position();
    const auto within = [&](int first) { return std::clamp(first, 0, std::max(0, length - count)); };
    m_firstPosition = within(m_wishedPosition);
    if (at < m_firstPosition || at >= m_firstPosition + count) m_firstPosition = m_wishedPosition = within(at - count * 3 / 4);
    const int rows = static_cast<int>(m_columns->rows().size()), capacity = lensRowsCapacity(m_table->availableHeight());
    const int fromTop = rows - 1 - row();
    if (fromTop < m_firstRow || fromTop >= m_firstRow + capacity) m_firstRow = fromTop - capacity / 2;
    m_firstRow = std::clamp(m_firstRow, 0, std::max(0, rows - capacity));
}

void LogitLensView::request() {
    if (!sentence().empty()) {
        draw();
        tellIfComplete();
        return;
    }
    LensColumns::Wanted wanted;
    wanted.positions.push_back(position());
    for (int i = 0; i < columnsShown(); ++i) {
        const int p = m_firstPosition + i;
        if (p < shown()->trace->length() && p != position()) wanted.positions.push_back(p);
    }
    wanted.token = m_token;
    m_wasComplete = false;
    m_columns->want(std::move(wanted));
    drawWhenRead();
    tellIfComplete();
}

// The old picture stays, greyed, for a moment; what takes longer is drawn as it comes.
void LogitLensView::drawWhenRead() {
    const bool fresh = std::exchange(m_fresh, false);
    if (m_columns->complete() || m_table->picture().items.empty()) {
        m_slow.stop();
        draw();
    } else if (fresh) {
        m_slow.start();
        for (PictureWidget* part : {m_table, m_cell, m_curveHead}) part->setStale(true);
    } else if (!m_slow.isActive()) {
        draw();
    }
}

bool LogitLensView::complete() const { return !sentence().empty() || m_columns->complete(); }

void LogitLensView::tellIfComplete() {
    const bool now = complete();
    if (!now && !m_busyShown) m_busy->begin();
    if (now && m_busyShown) m_busy->end();
    m_busyShown = !now;
    if (!now) {
        const int all = columnsShown() + 1, missing = m_columns->missing();
        m_busy->setProgress(static_cast<double>(std::max(0, all - missing)) / all,
                            tr("reading out the stream, %n position(s) left", nullptr, missing));
    }
    if (now && !m_wasComplete) {
        m_wasComplete = true;
        Q_EMIT completed();
    }
}

void LogitLensView::follow(TokenId token) {
    if (token < 0) {
        m_token.reset();
        m_show = LensShow::Top;
    } else {
        m_token = token;
    }
    m_note.clear();
    request();
    Q_EMIT stateChanged();
}

void LogitLensView::followText() {
    const QString text = m_field->text();
    if (text.isEmpty() || !shown() || !shown()->tokenizer) return;
    const auto encoding = shown()->tokenizer->encode(text.toStdString(), {.addSpecial = false});
    if (!encoding || encoding->tokens.empty()) {
        m_note = encoding ? tr("no token") : QString::fromStdString(encoding.error().message);
        drawControls();
        return;
    }
    const TokenId id = encoding->tokens.front().id;
    if (m_show == LensShow::Top) m_show = LensShow::Probability;
    follow(id);
    if (encoding->tokens.size() > 1) {
        m_note = tr("%1 tokens; the first is followed").arg(encoding->tokens.size());
        drawControls();
    }
}

void LogitLensView::act(const QString& action) {
    if (action.startsWith("follow:")) {
        follow(action.mid(7).toInt());
        return;
    }
    if (action == "rows:mid" || action == "rows:all") {
        if (action == "rows:mid")
            m_mid = !withMid();
        else
            m_allRows = !m_allRows;
        if (shown() && sentence().empty()) shownChanged();
    } else if (action.startsWith("show:")) {
        for (LensShow show : {LensShow::Top, LensShow::Probability, LensShow::Rank}) {
            if (action.mid(5) == qt(showId(show))) m_show = show;
        }
        draw();
    } else if (action.startsWith("curve:")) {
        for (LensCurve curve : {LensCurve::Probability, LensCurve::Rank, LensCurve::Entropy}) {
            if (action.mid(6) == qt(curveId(curve))) m_curve = curve;
        }
        draw();
    } else {
        return;
    }
    Q_EMIT stateChanged();
}

bool LogitLensView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table->viewport() && event->type() == QEvent::Wheel) {
        auto* wheel = static_cast<QWheelEvent*>(event);
        const QPoint turned = wheel->angleDelta();
        const bool sideways =
            (wheel->modifiers() & Qt::ShiftModifier) || std::abs(turned.x()) > std::abs(turned.y()) || !m_down->isVisible();
        QScrollBar* bar = sideways ? m_across : m_down;
        const int delta = std::abs(turned.x()) > std::abs(turned.y()) ? turned.x() : turned.y();
        if (bar->isVisible() && delta != 0) {
            bar->setValue(bar->value() - (delta > 0 ? 1 : -1) * bar->singleStep());
            return true;
        }
    }
    return View::eventFilter(watched, event);
}

QJsonObject LogitLensView::saveState() const {
    QJsonObject state{{"show", qt(showId(m_show))}, {"curve", qt(curveId(m_curve))}};
    if (m_token) state["token"] = *m_token;
    if (m_mid) state["mid"] = *m_mid;
    if (m_allRows) state["all"] = true;
    if (m_firstPosition > 0) state["position"] = m_firstPosition;
    if (m_firstRow > 0) state["row"] = m_firstRow;
    return state;
}

void LogitLensView::restoreState(const QJsonObject& state) {
    m_show = LensShow::Top;
    for (LensShow show : {LensShow::Probability, LensShow::Rank}) {
        if (state["show"].toString() == qt(showId(show))) m_show = show;
    }
    m_curve = LensCurve::Probability;
    for (LensCurve curve : {LensCurve::Rank, LensCurve::Entropy}) {
        if (state["curve"].toString() == qt(curveId(curve))) m_curve = curve;
    }
    m_token = state.contains("token") ? std::optional<TokenId>(state["token"].toInt()) : std::nullopt;
    m_mid = state.contains("mid") ? std::optional(state["mid"].toBool()) : std::nullopt;
    m_allRows = state["all"].toBool();
    m_wishedPosition = std::max(0, state["position"].toInt());
    m_firstRow = std::max(0, state["row"].toInt());
    shownChanged();
}

}  // namespace lw
