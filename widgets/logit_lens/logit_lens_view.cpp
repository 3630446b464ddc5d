#include "widgets/logit_lens/logit_lens_view.h"

#include <QCoreApplication>
#include <QEvent>
#include <QResizeEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

#include "widgets/logit_lens/lens_cell_picture.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("LogitLens", text).toStdString(); }

constexpr int margin = 14, gutter = 16;
constexpr double panelWidth = 214, roomyHeight = 470, curveHeadHeight = pillHeight + 20;

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

/// Where a row stands on the chart's axis: the layers that have worked on it; a mid row half-way.
double layersBefore(const LensRow& row) {
    return row.layer.value + (row.site == SiteId::ResidMid ? 0.5 : row.site == SiteId::ResidPost ? 1 : 0);
}

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
        draw();
        tellIfComplete();
    });
    connect(m_across, &QScrollBar::valueChanged, this, [this](int value) {
        m_firstPosition = value;
        request();
    });
    connect(m_down, &QScrollBar::valueChanged, this, [this](int value) {
        m_firstRow = value;
        draw();
    });
    connect(m_chart, &Chart::pointClicked, this, [this](int, int point) {
        const auto& rows = m_columns->rows();
        if (point >= 0 && point < static_cast<int>(rows.size())) {
            this->services().selection->select(lensPlace(rows[static_cast<std::size_t>(point)], position()));
        }
    });
    m_table->viewport()->installEventFilter(this);
}

std::string LogitLensView::sentence() const {
    if (!shown() || !shown()->trace || shown()->trace->length() == 0) {
        return say(QT_TRANSLATE_NOOP("LogitLens", "Nothing has been run yet: type a text above and trace it."));
    }
    const ModelInfo& model = shown()->trace->model();
    if (!model.has(SiteId::ResidPre) || model.layers() == 0) {
        return say(QT_TRANSLATE_NOOP("LogitLens", "This model has no residual stream that could be read out layer by layer."));
    }
    if (!shown()->trace->has(SiteId::ResidPre, Layer(0))) {
        return say(QT_TRANSLATE_NOOP(
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

bool LogitLensView::beside() const { return width() / scale() >= 640; }

int LogitLensView::columnsShown() const { return lensColumnsThatFit(m_table->availableWidth(), shown()->trace->length()); }

std::vector<int> LogitLensView::rowsShown() const {
    return lensRowsThatFit(static_cast<int>(m_columns->rows().size()), m_table->availableHeight(), row(), m_allRows, m_firstRow);
}

void LogitLensView::shownChanged() {
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
    if (at < m_firstPosition || at >= m_firstPosition + count) m_firstPosition = at - count * 3 / 4;
    m_firstPosition = std::clamp(m_firstPosition, 0, std::max(0, length - count));
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
    draw();
    tellIfComplete();
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

void LogitLensView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
    if (!sentence().empty()) return draw();
    followPlace();
    request();
}

void LogitLensView::arrange() {
    const double s = scale();
    const auto px = [s](double units) { return static_cast<int>(std::lround(units * s)); };
    const bool empty = !sentence().empty();
    m_empty->setVisible(empty);
    for (QWidget* w : {static_cast<QWidget*>(m_heading), static_cast<QWidget*>(m_controls), static_cast<QWidget*>(m_field),
                       static_cast<QWidget*>(m_table), static_cast<QWidget*>(m_cell), static_cast<QWidget*>(m_curveHead),
                       static_cast<QWidget*>(m_chart)}) {
        w->setVisible(!empty);
    }
    m_busy->setGeometry(0, 0, width(), m_busy->sizeHint().height());
    m_busy->raise();
    if (empty) {
        m_across->hide();
        m_down->hide();
        m_empty->set(QString::fromStdString(sentence()));
        m_empty->setGeometry(rect());
        return;
    }
    const double width = this->width() / s, height = this->height() / s;
    const bool roomy = height >= roomyHeight;
    double y = roomy ? 10 : 6;
    const double inner = width - 2 * margin;
    const double titleWidth = roomy ? inner : 112;
    m_heading->setGeometry(px(margin), px(y), px(titleWidth), px(headingHeight));
    if (roomy) y += headingHeight + 2;
    const double fieldWidth = 130;
    const double controlsLeft = roomy ? margin : margin + titleWidth;
    m_controls->setGeometry(px(controlsLeft), px(y), px(width - margin - controlsLeft - fieldWidth - 8), px(pillHeight + 4));
    m_field->setGeometry(px(width - margin - fieldWidth), px(y), px(fieldWidth), px(pillHeight + 3));
    m_field->setFont(services().look->font(TypeSize::Label, false, false));
    y += pillHeight + 10;
    const double bottom = height - 8;
    double tableWidth = inner, tableHeight = bottom - y;
    if (beside()) {
        const double panel = std::min(panelWidth, width * 0.31);
        tableWidth = inner - panel - gutter;
        const double x = margin + tableWidth + gutter;
        const double chartHeight = std::clamp((bottom - y) * 0.4, 130.0, 230.0);
        m_cell->setGeometry(px(x), px(y), px(panel), px(bottom - y - chartHeight - curveHeadHeight - 4));
        m_curveHead->setGeometry(px(x), px(bottom - chartHeight - curveHeadHeight), px(panel), px(curveHeadHeight));
        m_chart->setGeometry(px(x) - 4, px(bottom - chartHeight), px(panel) + 4, px(chartHeight));
    } else {
        const double panel = std::clamp((bottom - y) * 0.42, 120.0, 190.0), half = (inner - gutter) / 2, top = bottom - panel;
        tableHeight -= panel + 8;
        m_cell->setGeometry(px(margin), px(top), px(half), px(panel));
        m_curveHead->setGeometry(px(margin + half + gutter), px(top), px(half), px(curveHeadHeight));
        m_chart->setGeometry(px(margin + half + gutter), px(top + curveHeadHeight), px(half), px(panel - curveHeadHeight));
    }
    // The bars stand where the table would be cut.
    const int bar = m_across->sizeHint().height();
    m_table->setGeometry(px(margin), px(y), px(tableWidth), px(tableHeight));
    const bool wide = columnsShown() < shown()->trace->length();
    const bool tall = m_allRows && static_cast<int>(m_columns->rows().size()) >
                                       lensRowsCapacity(m_table->availableHeight() - (wide ? bar / s : 0));
    m_table->setGeometry(px(margin), px(y), px(tableWidth) - (tall ? bar : 0), px(tableHeight) - (wide ? bar : 0));
    m_across->setVisible(wide);
    m_down->setVisible(tall);
    m_across->setGeometry(m_table->x(), m_table->geometry().bottom() + 1, m_table->width(), bar);
    m_down->setGeometry(m_table->geometry().right() + 1, m_table->y(), bar, m_table->height());
}

void LogitLensView::updateScrollBars() {
    const auto set = [](QScrollBar* bar, int most, int page, int value) {
        const QSignalBlocker quiet(bar);
        bar->setRange(0, std::max(0, most - page));
        bar->setPageStep(page);
        bar->setSingleStep(std::max(1, page / 8));
        bar->setValue(value);
    };
    set(m_across, shown()->trace->length(), columnsShown(), m_firstPosition);
    set(m_down, static_cast<int>(m_columns->rows().size()), lensRowsCapacity(m_table->availableHeight()), m_firstRow);
}

LensTableInput LogitLensView::tableInput(double width, double height) const {
    LensTableInput in;
    in.rows = m_columns->rows();
    in.firstPosition = m_firstPosition;
    in.positions = std::min(lensColumnsThatFit(width, shown()->trace->length()), shown()->trace->length() - m_firstPosition);
    in.pieces = shown()->pieces;
    in.column = [this](int p) { return m_columns->column(p); };
    in.token = m_token.value_or(-1);
    in.followed = [this](int p) { return m_columns->followed(p); };
    if (difference()) in.minus = [this](int p) { return m_columns->difference(p); };
    in.piece = [facts = shown()](TokenId id) { return facts->piece(id); };
    in.show = m_token ? m_show : LensShow::Top;
    in.vocabulary = shown()->trace->model().vocabulary;
    in.selectedRow = row();
    in.selectedPosition = position();
    in.promptLength = shown()->promptLength;
    in.unit = shown()->unit;
    in.width = width;
    in.height = height;
    in.say = say;
    return in;
}

Picture LogitLensView::headingPicture(double width, bool withSubtitle) const {
    Picture picture;
    picture.width = width;
    picture.height = headingHeight;
    std::string title = say(QT_TRANSLATE_NOOP("LogitLens", "Logit lens")), subtitle;
    if (difference()) {
        title += say(QT_TRANSLATE_NOOP("LogitLens", ": B − A"));
        subtitle = fill(say(QT_TRANSLATE_NOOP("LogitLens", "probability of B's first token, minus what A gives it; %1")),
                        {difference()->name});
    } else {
        subtitle = say(QT_TRANSLATE_NOOP(
            "LogitLens", "what each layer's stream would already say: final norm and unembedding of every state"));
    }
    addHeading(picture, 0, 0, width, title, withSubtitle ? subtitle : std::string());
    picture.subtitle = subtitle;
    return picture;
}

void LogitLensView::draw() {
    if (m_empty->isHidden() == !sentence().empty()) arrange();
    if (!sentence().empty()) return;
    updateScrollBars();
    m_heading->setPicture(headingPicture(m_heading->availableWidth(), height() / scale() >= roomyHeight));
    drawControls();
    const std::vector<int> shownRows = rowsShown();
    LensTableInput in = tableInput(m_table->availableWidth(), m_table->availableHeight());
    in.shownRows = shownRows;
    m_table->setPicture(lensTablePicture(in));
    const int at = position(), r = row();
    const LensColumn* column = m_columns->column(at);
    LensCellInput cell;
    cell.row = &m_columns->rows()[static_cast<std::size_t>(r)];
    cell.cell = column ? &column->cells[static_cast<std::size_t>(r)] : nullptr;
    cell.position = at;
    cell.piece = at < static_cast<int>(shown()->pieces.size()) ? shown()->pieces[static_cast<std::size_t>(at)] : std::string();
    cell.word = in.piece;
    cell.token = followedToken();
    cell.unit = shown()->unit;
    cell.width = m_cell->availableWidth();
    cell.mostTokens = std::clamp(static_cast<int>((m_cell->availableHeight() - lensCellHeight(0)) / 18), 3, lensTop);
    cell.say = say;
    m_cell->setPicture(lensCellPicture(cell));
    drawChart();
}

void LogitLensView::drawControls() {
    Picture picture;
    picture.width = m_controls->availableWidth();
    picture.height = pillHeight + 2;
    std::vector<Pill> shows = {{say(QT_TRANSLATE_NOOP("LogitLens", "top token")), "show:top", !m_token || m_show == LensShow::Top,
                                say(QT_TRANSLATE_NOOP("LogitLens", "show each state's most probable token"))}};
    if (m_token) {
        const std::string word = shown()->piece(*m_token);
        shows.push_back({fill(say(QT_TRANSLATE_NOOP("LogitLens", "p of “%1”")), {word}), "show:probability",
                         m_show == LensShow::Probability,
                         say(QT_TRANSLATE_NOOP("LogitLens", "show the followed token's probability in every cell"))});
        shows.push_back({fill(say(QT_TRANSLATE_NOOP("LogitLens", "rank of “%1”")), {word}), "show:rank", m_show == LensShow::Rank,
                         say(QT_TRANSLATE_NOOP("LogitLens", "show the followed token's rank in every cell"))});
        shows.push_back({"×", "follow:-1", false, say(QT_TRANSLATE_NOOP("LogitLens", "follow no chosen token"))});
    }
    double x = addPills(picture, 1, 1, shows) + 12;
    const std::vector<Pill> rows = {{say(QT_TRANSLATE_NOOP("LogitLens", "mid rows")), "rows:mid", withMid(),
                                     say(QT_TRANSLATE_NOOP("LogitLens", "rows between attention and feed-forward too"))},
                                    {say(QT_TRANSLATE_NOOP("LogitLens", "every row")), "rows:all", m_allRows,
                                     say(QT_TRANSLATE_NOOP("LogitLens", "every row, scrolled, instead of as many as fit"))}};
    x = addPills(picture, x, 1, rows) + 10;
    if (!m_note.isEmpty() && picture.width - x > 40) {
        picture.label({.rect = {x, 1, picture.width - x, pillHeight},
                       .text = m_note.toStdString(),
                       .size = TypeSize::Small,
                       .colour = Ink::Muted});
    }
    m_controls->setPicture(std::move(picture));
}

ChartData LogitLensView::chartData() const {
    ChartData chart;
    chart.x.title = say(QT_TRANSLATE_NOOP("LogitLens", "layers passed"));
    const auto& rows = m_columns->rows();
    chart.x.low = 0;
    chart.x.high = layersBefore(rows.back());
    chart.marker = layersBefore(rows[static_cast<std::size_t>(row())]);
    const LensColumn* column = m_columns->column(position());
    if (!column) return chart;
    const bool marks = rows.size() <= 16;
    if (m_curve == LensCurve::Entropy) {
        const std::string unit(unitName(shown()->unit));
        ChartSeries entropy{
            .name = say(QT_TRANSLATE_NOOP("LogitLens", "entropy")), .points = {}, .colour = Ink::Accent, .marks = marks};
        ChartSeries kl{.name = say(QT_TRANSLATE_NOOP("LogitLens", "KL to output")),
                       .points = {},
                       .colour = Ink::Erased,
                       .dashed = true,
                       .marks = marks};
        for (std::size_t r = 0; r < rows.size(); ++r) {
            entropy.points.push_back({layersBefore(rows[r]), inUnit(column->cells[r].entropy, shown()->unit)});
            kl.points.push_back({layersBefore(rows[r]), inUnit(column->cells[r].klToFinal, shown()->unit)});
        }
        chart.y.title = unit;
        chart.y.low = 0;
        chart.series = {std::move(entropy), std::move(kl)};
        return chart;
    }
    const FollowedColumn* path = m_token ? m_columns->followed(position()) : &column->output;
    if (!path) return chart;
    const bool rank = m_curve == LensCurve::Rank;
    ChartSeries series{.name = shown()->piece(path->token), .points = {}, .colour = Ink::Accent, .marks = marks};
    for (std::size_t r = 0; r < rows.size(); ++r) {
        series.points.push_back({layersBefore(rows[r]), rank ? static_cast<double>(path->rank[r]) : path->probability[r]});
    }
    if (rank) {
        chart.y.scale = ChartScale::Log;
        chart.y.low = 1;
    } else {
        chart.y.low = 0;
        chart.y.high = 1;
    }
    chart.series.push_back(std::move(series));
    return chart;
}

void LogitLensView::drawChart() {
    const LensColumn* column = m_columns->column(position());
    Picture head;
    head.width = m_curveHead->availableWidth();
    head.height = curveHeadHeight;
    const std::vector<Pill> curves = {
        {say(QT_TRANSLATE_NOOP("LogitLens", "probability")), "curve:probability", m_curve == LensCurve::Probability, {}},
        {say(QT_TRANSLATE_NOOP("LogitLens", "rank")), "curve:rank", m_curve == LensCurve::Rank, {}},
        {say(QT_TRANSLATE_NOOP("LogitLens", "entropy")), "curve:entropy", m_curve == LensCurve::Entropy,
         say(QT_TRANSLATE_NOOP("LogitLens", "entropy, and the divergence from the output"))}};
    addPills(head, 1, 2, curves);
    std::string what;
    if (column && m_curve != LensCurve::Entropy) {
        const auto word = [this](TokenId id) { return shown()->piece(id); };
        what = m_token ? fill(say(QT_TRANSLATE_NOOP("LogitLens", "“%1” through the layers")), {word(*m_token)})
                       : stableSentence(m_columns->rows(), *column, word, say);
    }
    head.label({.rect = {0, pillHeight + 5, head.width, 14}, .text = what, .size = TypeSize::Small, .colour = Ink::Muted});
    m_curveHead->setPicture(std::move(head));
    m_chart->setData(chartData());
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

Picture LogitLensView::exportPicture() const {
    Picture picture;
    if (const std::string why = sentence(); !why.empty()) {
        picture.width = width() / scale();
        picture.height = 90;
        addHeading(picture, margin, 10, picture.width - 2 * margin, say(QT_TRANSLATE_NOOP("LogitLens", "Logit lens")), "");
        picture.label({.rect = {margin, 48, picture.width - 2 * margin, 24}, .text = why, .colour = Ink::Muted});
        return picture;
    }
    // All rows, and as many positions as are known side by side with the ones in sight.
    std::vector<int> rows;
    for (int r = static_cast<int>(m_columns->rows().size()) - 1; r >= 0; --r) rows.push_back(r);
    LensTableInput in = tableInput(0, 0);
    int first = m_firstPosition, last = m_firstPosition + columnsShown() - 1;
    while (first > 0 && m_columns->column(first - 1)) --first;
    while (last + 1 < shown()->trace->length() && m_columns->column(last + 1)) ++last;
    in.firstPosition = first;
    in.positions = std::min(last, shown()->trace->length() - 1) - first + 1;
    in.shownRows = rows;
    in.width = std::max(400.0, 64 + 56.0 * in.positions);
    in.height = 60 + 20.0 * static_cast<double>(rows.size());
    placePicture(picture, headingPicture(in.width, true), margin, 10);
    placePicture(picture, lensTablePicture(in), margin, 10 + headingHeight + 8);
    const double y = picture.height + 10;
    placePicture(picture, Picture(m_cell->picture()), margin, y);
    const Picture heading = headingPicture(in.width, true);
    picture.title = heading.title;
    picture.subtitle = heading.subtitle;
    picture.tables.push_back(m_chart->table());
    picture.width += margin;
    picture.height += margin;
    return picture;
}

QJsonObject LogitLensView::saveState() const {
    QJsonObject state{{"show", qt(showId(m_show))}, {"curve", qt(curveId(m_curve))}};
    if (m_token) state["token"] = *m_token;
    if (m_mid) state["mid"] = *m_mid;
    if (m_allRows) state["all"] = true;
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
    shownChanged();
}

}  // namespace lw
